/**
 * The payloads of the ratchet: statements, receipts and signals (signal.ts).
 *
 * A statement is a text, an offer or a goodbye. It names its place in the conversation and the hash of the statement
 * before it, so that the statements of one side form a chain; and how much of the other side's chain it
 * answers, so that nobody can put another question before a true answer. An ElGamal signature over one link
 * covers it and every unsigned one before it. A receipt says how many statements have arrived, and is part of no chain.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../crypto/bytes.ts";
import { signatureBytes, type SigningKey, type VerifyingKey } from "../crypto/elgamal.ts";
import { sha256, SHA256_BYTES, taggedHash } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { Reader, u32, u64, u8 } from "./codec.ts";
import { MAX_TEXT_BYTES, MAX_TIME } from "./constants.ts";
import { checkSignal, encodeSignal, parseSignal, type Signal } from "./signal.ts";
import { GROUP } from "./wire.ts";

/** The kind of a statement: a text, a goodbye, or the offer of a file. */
export type StatementKind = "text" | "end" | "file";

/** One link of one side's chain. */
export interface Statement {
  /** Place in the chain, from 0. */
  readonly sequence: number;
  /** How many of the peer's statements the sender had accepted when it made this one. */
  readonly seen: number;
  /** When it was made, by the sender's clock, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  /** Its kind. */
  readonly kind: StatementKind;
  /** UTF-8 of a text or of an offer (offer.ts); empty for an end. */
  readonly body: Bytes;
  /** Hash of the statement before it; the session's id for the first. */
  readonly previous: Bytes;
  /** Signature over this statement's hash, or `null` when a later one will cover it, or none. */
  readonly signature: Bytes | null;
}

/** The plaintext of a sealed message. */
export type Payload =
  | { readonly type: "statement"; readonly statement: Statement }
  /** `count`: how many of the peer's statements have arrived, in order. */
  | { readonly type: "receipt"; readonly count: number }
  | { readonly type: "signal"; readonly signal: Signal };

const TYPE = { statement: 1, receipt: 2 } as const;
const KIND: Readonly<Record<StatementKind, number>> = { text: 1, end: 2, file: 3 };
const SIGNATURE_BYTES = signatureBytes(GROUP);

/** Encodes a payload, before padding. */
export function encodePayload(payload: Payload): Bytes {
  if (payload.type === "receipt") return concatBytes(u8(TYPE.receipt), u64(payload.count));
  if (payload.type === "signal") {
    const { type, content } = encodeSignal(payload.signal);
    return concatBytes(u8(type), content);
  }
  const { sequence, seen, time, kind, body, previous, signature } = payload.statement;
  return concatBytes(
    u8(TYPE.statement),
    u64(sequence),
    u64(seen),
    u64(time),
    u8(KIND[kind]),
    previous,
    u8(signature === null ? 0 : 1),
    signature ?? new Uint8Array(),
    u32(body.length),
    body,
  );
}

/**
 * Parses a payload without its padding.
 *
 * @throws {WireError} when the bytes are not exactly one payload
 */
export function parsePayload(bytes: Uint8Array): Payload {
  const reader = new Reader("payload", bytes);
  const type = reader.u8("type");
  if (type === TYPE.receipt) {
    const count = reader.u64("count");
    reader.end();
    return { type: "receipt", count };
  }
  const signal = parseSignal(type, bytes.subarray(1));
  if (signal !== null) {
    checkSignal(signal);
    return { type: "signal", signal };
  }
  if (type !== TYPE.statement) throw new WireError("payload.type", "1 to 8", String(type));
  const sequence = reader.u64("sequence");
  const seen = reader.u64("seen");
  const time = reader.u64("time");
  if (time > MAX_TIME) throw new WireError("payload.time", `at most ${MAX_TIME}`, String(time));
  const kind = parseKind(reader.u8("kind"));
  const previous = reader.bytes("previous", SHA256_BYTES);
  const signed = reader.u8("signed");
  if (signed > 1) throw new WireError("payload.signed", "0 or 1", String(signed));
  const signature = signed === 1 ? reader.bytes("signature", SIGNATURE_BYTES) : null;
  const length = reader.u32("length");
  const most = maxBodyBytes(kind);
  if (length > most) throw new WireError("payload.length", `at most ${most}`, String(length));
  const body = reader.bytes("body", length);
  reader.end();
  const statement = { sequence, seen, time, kind, previous, signature, body };
  return { type: "statement", statement };
}

/** Whether this is the name of a statement's kind. */
export function isStatementKind(kind: unknown): kind is StatementKind {
  return typeof kind === "string" && Object.hasOwn(KIND, kind);
}

/** The longest body of a statement of this kind. */
export function maxBodyBytes(kind: StatementKind): number {
  return kind === "end" ? 0 : MAX_TEXT_BYTES;
}

function parseKind(byte: number): StatementKind {
  for (const [kind, value] of Object.entries(KIND)) {
    if (value === byte) return kind as StatementKind;
  }
  throw new WireError("payload.kind", "1 to 3", String(byte));
}

/**
 * The hash that names a statement: over its session, its sender, all of it but the signature, and what it answers.
 *
 * @param answered hash of the peer's statement number `seen - 1`; the session's id when `seen` is 0
 */
export async function hashStatement(
  sessionId: Bytes,
  sender: VerifyingKey,
  statement: Omit<Statement, "signature">,
  answered: Bytes,
): Promise<Bytes> {
  return await taggedHash(
    "parley-1 statement",
    sessionId,
    sender.bytes,
    u64(statement.sequence),
    u64(statement.time),
    u8(KIND[statement.kind]),
    await sha256(statement.body),
    statement.previous,
    u64(statement.seen),
    answered,
  );
}

/** The context of a signature over a statement. */
const STATEMENT_CONTEXT = "parley-1 statement signature";

/** Signs a statement's hash. */
export function signStatement(key: SigningKey, hash: Bytes, random: Random): Promise<Bytes> {
  return key.sign(STATEMENT_CONTEXT, hash, random);
}

/** Whether a signature over a statement's hash is its sender's. */
export function verifyStatement(
  key: VerifyingKey,
  hash: Bytes,
  signature: Bytes,
): Promise<boolean> {
  return key.verify(STATEMENT_CONTEXT, hash, signature);
}
