/**
 * Statements: a text, an offer or a goodbye.
 *
 * A statement has its place in the conversation and names the hash of the statement before it, so that the
 * statements of one side form a chain; and how much of the other side's chain it answers, so that nobody can put
 * another question before a true answer. One ElGamal signature in a bundle (bundle.ts) covers all of the bundle's
 * statements and every one before them.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { SigningKey, VerifyingKey } from "../crypto/elgamal.ts";
import { sha256, taggedHash } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import { u64, u8 } from "./codec.ts";
import { MAX_TEXT_BYTES } from "./constants.ts";

/** The kind of a statement: a text, a goodbye, or the offer of a file. */
export type StatementKind = "text" | "end" | "file";

/** One link of one side's chain. */
export interface Statement {
  /** Place in the chain, from 0. */
  readonly sequence: number;
  /** How many of the peer's statements in this session its author had before him when he made it. */
  readonly seen: number;
  /** When it was made, by the sender's clock, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  /** Its kind. */
  readonly kind: StatementKind;
  /** UTF-8 of a text or of an offer (offer.ts); empty for an end. */
  readonly body: Bytes;
  /** Hash of the statement before it; the session's id for the first. */
  readonly previous: Bytes;
  /** Signature over this statement's hash: the last one of a bundle has it, and none of a deniable session. */
  readonly signature: Bytes | null;
}

const KIND: Readonly<Record<StatementKind, number>> = { text: 1, end: 2, file: 3 };

/** The number of a kind, in a bundle and in the hash. */
export function kindByte(kind: StatementKind): number {
  return KIND[kind];
}

/** The kind that has this number, or `null`. */
export function kindOf(byte: number): StatementKind | null {
  for (const [kind, value] of Object.entries(KIND)) {
    if (value === byte) return kind as StatementKind;
  }
  return null;
}

/** Whether this is the name of a statement's kind. */
export function isStatementKind(kind: unknown): kind is StatementKind {
  return typeof kind === "string" && Object.hasOwn(KIND, kind);
}

/** The longest body of a statement of this kind. */
export function maxBodyBytes(kind: StatementKind): number {
  return kind === "end" ? 0 : MAX_TEXT_BYTES;
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
