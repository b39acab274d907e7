/**
 * Exported transcripts: proof of every statement and its author, for a verifier with nothing but the file.
 *
 * A transcript is text, one JSON object a line in one exact spelling. Line 1 holds the handshake's four messages:
 * they carry both public keys and both signatures, and their hash is the session's id. Then come the statements,
 * each under its number, with its hash and, where its sender signed there, a signature that covers all before it.
 * The last line counts them and carries the exporter's signature over every byte above.
 *
 * @module
 */
import { type Bytes, compareBytes, equalBytes, fromUtf8, utf8 } from "../crypto/bytes.ts";
import { type SigningKey, VerifyingKey } from "../crypto/elgamal.ts";
import { parseShare } from "../crypto/diffie_hellman.ts";
import { sha256 } from "../crypto/hash.ts";
import type { Group } from "../crypto/groups.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError, WireError } from "../errors.ts";
import { MAX_TIME, MAX_UNSIGNED } from "./constants.ts";
import { verifyShare } from "./handshake.ts";
import { type HandshakeTranscript, otherRole, type Role, sessionIdOf } from "./key_schedule.ts";
import { parseOffer } from "./offer.ts";
import {
  hashStatement,
  isStatementKind,
  maxBodyBytes,
  type Statement,
  verifyStatement,
} from "./statement.ts";
import { GROUP, parseHello, parseShareMessage } from "./wire.ts";

/** The first line's `parley`: the name and version of the format. */
const FORM = "transcript 1";

/** The context of the exporter's signature. */
const EXPORT_CONTEXT = "parley-1 export signature";

/** A statement and the side that made it. */
export interface TranscriptEntry {
  /** The side that made it. */
  readonly sender: Role;
  /** What it said. The statement before it is the one that stands before it. */
  readonly statement: Omit<Statement, "previous">;
}

/** The content of an exported transcript. */
export interface TranscriptContent {
  /** The handshake's messages. */
  readonly handshake: HandshakeTranscript;
  /** The exporter's side. */
  readonly exporter: Role;
  /** Each side's name for itself: a claim, covered by the exporter's signature only. */
  readonly names: Readonly<Record<Role, string>>;
  /** Both sides' statements, in the order in which the exporter saw them: whole bundles, so all of it is signed. */
  readonly entries: readonly TranscriptEntry[];
}

/** The result of a valid transcript. */
export interface TranscriptVerdict {
  /** Both identities. */
  readonly identities: Readonly<Record<Role, VerifyingKey>>;
  /** Their names, as the exporter claims. */
  readonly names: Readonly<Record<Role, string>>;
  /** The side that exported it. */
  readonly exporter: Role;
  /** How many statements each side made. */
  readonly counts: Readonly<Record<Role, number>>;
}

/** A transcript does not hold. Exit code 3. */
export class TranscriptError extends ParleyError {
  /** The first line at fault, from 1. */
  readonly line: number;

  /**
   * A fault in one line, code `bad-transcript`.
   *
   * @param line from 1
   * @param reason what does not hold
   */
  constructor(line: number, reason: string) {
    super("bad-transcript", `line ${line}: ${reason}`, 3);
    this.line = line;
  }
}

/**
 * Writes a transcript.
 *
 * @param key the exporter's identity
 * @returns the file's text, each line with its end
 */
export async function writeTranscript(
  conversation: TranscriptContent,
  key: SigningKey,
  random: Random,
): Promise<string> {
  const { handshake, exporter, names, entries } = conversation;
  const sessionId = await sessionIdOf(handshake);
  const keys = identitiesOf(handshake, key.publicKey.group);
  const lines = [await header(handshake, exporter, names)];
  const heads: Record<Role, Bytes[]> = { low: [sessionId], high: [sessionId] };
  for (const entry of entries) {
    const { sender, statement } = entry;
    const answered = heads[otherRole(sender)][statement.seen]!;
    const linked = { ...statement, previous: heads[sender].at(-1)! };
    const hash = await hashStatement(sessionId, keys[sender]!, linked, answered);
    heads[sender].push(hash);
    lines.push(statementLine(lines.length + 1, entry, hash));
  }
  const body = lines.map((line) => `${line}\n`).join("");
  const signature = await key.sign(EXPORT_CONTEXT, await sha256(utf8(body)), random);
  return `${body}${sealLine(entries.length, signature)}\n`;
}

/** The first line. Its hash proves nothing: it lets an error name this line and not the seal far below. */
async function header(
  handshake: HandshakeTranscript,
  exporter: Role,
  names: TranscriptVerdict["names"],
): Promise<string> {
  const fields = {
    parley: FORM,
    exporter,
    names: { low: names.low, high: names.high },
    helloLow: handshake.helloLow.toBase64(),
    helloHigh: handshake.helloHigh.toBase64(),
    shareLow: handshake.shareLow.toBase64(),
    shareHigh: handshake.shareHigh.toBase64(),
  };
  const hash = await sha256(utf8(JSON.stringify(fields)));
  return JSON.stringify({ ...fields, hash: hash.toBase64() });
}

function statementLine(line: number, { sender, statement }: TranscriptEntry, hash: Bytes): string {
  const { sequence, seen, time, kind, body, signature } = statement;
  return JSON.stringify({
    line,
    sender,
    sequence,
    seen,
    time: new Date(time).toISOString(),
    kind,
    text: fromUtf8(body),
    hash: hash.toBase64(),
    signature: signature === null ? null : signature.toBase64(),
  });
}

function sealLine(statements: number, signature: Bytes): string {
  return JSON.stringify({ statements, signature: signature.toBase64() });
}

/** The keys of a handshake, `null` where the bytes are none. */
function identitiesOf(
  { helloLow, helloHigh }: HandshakeTranscript,
  group: Group,
): Record<Role, VerifyingKey | null> {
  return {
    low: VerifyingKey.parse(group, parseHello(helloLow).identity),
    high: VerifyingKey.parse(group, parseHello(helloHigh).identity),
  };
}

/**
 * Checks a transcript from its first line to its last, with nothing but the file.
 *
 * @param bytes the file
 * @param group for tests only: a group of less than the suite's size proves nothing
 * @throws {TranscriptError} at the first line that does not hold
 */
export async function verifyTranscript(
  bytes: Uint8Array,
  group: Group = GROUP,
): Promise<TranscriptVerdict> {
  const lines = splitLines(bytes);
  if (lines.length < 2) throw new TranscriptError(lines.length, "the transcript is cut short");
  const opening = await checkHeader(lines[0]!, group);
  const sides = { low: newSide(opening.sessionId), high: newSide(opening.sessionId) };
  for (const [i, line] of lines.slice(1, -1).entries()) {
    await checkStatement(i + 2, line, opening, sides);
  }
  checkCovered(sides);
  await checkSeal(lines, opening);
  const { identities, names, exporter } = opening;
  const counts = { low: sides.low.heads.length - 1, high: sides.high.heads.length - 1 };
  return { identities, names, exporter, counts };
}

/** Lines without their ends; every line must have one, and be UTF-8. */
function splitLines(bytes: Uint8Array): string[] {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new TranscriptError(lineOfBadUtf8(bytes), "it is not UTF-8");
  }
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new TranscriptError(lines.length + 1, "it has no end");
  return lines;
}

function lineOfBadUtf8(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      fromUtf8(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop + 1;
  }
  return line;
}

/** What the first line establishes. */
interface Opening {
  readonly sessionId: Bytes;
  readonly identities: Record<Role, VerifyingKey>;
  readonly names: Record<Role, string>;
  readonly exporter: Role;
}

async function checkHeader(line: string, group: Group): Promise<Opening> {
  const fields = parseFields(1, line);
  const [exporter, names] = [fields.exporter, fields.names as Record<Role, string>];
  const handshake = {
    helloLow: base64(1, fields.helloLow),
    helloHigh: base64(1, fields.helloHigh),
    shareLow: base64(1, fields.shareLow),
    shareHigh: base64(1, fields.shareHigh),
  };
  if (exporter !== "low" && exporter !== "high") throw new TranscriptError(1, "no exporter");
  if (typeof names?.low !== "string" || typeof names.high !== "string") {
    throw new TranscriptError(1, "no names");
  }
  sameSpelling(1, line, await header(handshake, exporter, names));
  const identities = await checkHandshake(handshake, group);
  return { sessionId: await sessionIdOf(handshake), identities, names, exporter };
}

/** Both signatures on the key exchange: each side agreed to talk to the other, in this session. */
async function checkHandshake(
  handshake: HandshakeTranscript,
  group: Group,
): Promise<Record<Role, VerifyingKey>> {
  const { helloLow, helloHigh } = handshake;
  try {
    // Nothing is signed in such a session, so whoever shows signatures of one has made them up.
    if ([helloLow, helloHigh].every((hello) => parseHello(hello).deniable)) {
      throw new TranscriptError(1, "both sides asked for a session without signatures");
    }
    const { low, high } = identitiesOf(handshake, group);
    const shareLow = parseShareMessage(handshake.shareLow);
    const shareHigh = parseShareMessage(handshake.shareHigh);
    if (
      low !== null && high !== null &&
      compareBytes(helloLow, helloHigh) < 0 &&
      [shareLow, shareHigh].every(({ share }) => parseShare(group, share) !== null) &&
      await verifyShare(low, helloLow, helloHigh, shareLow) &&
      await verifyShare(high, helloHigh, helloLow, shareHigh)
    ) return { low, high };
  } catch (error) {
    if (!(error instanceof ParleyError) || error instanceof TranscriptError) throw error;
  }
  throw new TranscriptError(1, "the handshake's keys or signatures do not verify");
}

/** How far one side's chain has been followed. */
interface Side {
  /** The hash after 0, 1, 2, … statements. */
  heads: Bytes[];
  /** How much of the other side's chain its last statement answered. */
  seen: number;
  /** The lines that wait for a signature. */
  uncovered: number[];
  ended: boolean;
}

function newSide(sessionId: Bytes): Side {
  return { heads: [sessionId], seen: 0, uncovered: [], ended: false };
}

async function checkStatement(
  number: number,
  line: string,
  { sessionId, identities }: Opening,
  sides: Record<Role, Side>,
): Promise<void> {
  const fields = parseFields(number, line);
  const { sender, sequence, seen, kind } = fields;
  const time = Date.parse(String(fields.time));
  if (fields.line !== number) throw new TranscriptError(number, "a line is missing or moved");
  if (sender !== "low" && sender !== "high") throw new TranscriptError(number, "no sender");
  if (!isStatementKind(kind)) throw new TranscriptError(number, "no kind");
  if (typeof fields.text !== "string" || !(time >= 0 && time <= MAX_TIME)) {
    throw new TranscriptError(number, "no text, or no time");
  }
  const [side, other] = [sides[sender], sides[otherRole(sender)]];
  if (sequence !== side.heads.length - 1 || side.ended) {
    throw new TranscriptError(number, "a statement of this side is missing, repeated or moved");
  }
  // What a statement answers stands above it, and a later one answers no less.
  const answered = typeof seen === "number" && seen >= side.seen ? other.heads[seen] : undefined;
  if (answered === undefined) {
    throw new TranscriptError(number, "it answers what does not stand above it");
  }
  const signature = fields.signature === null ? null : base64(number, fields.signature);
  const body = utf8(fields.text);
  if (body.length > maxBodyBytes(kind)) {
    throw new TranscriptError(number, "its text is longer than a statement's may be");
  }
  if (kind === "file") checkOffer(number, fields.text);
  const previous = side.heads.at(-1)!;
  const place = { sequence, seen: seen as number, time, kind, body, previous } as const;
  const statement: Statement = { ...place, signature };
  const hash = await hashStatement(sessionId, identities[sender], statement, answered);
  if (!equalBytes(hash, base64(number, fields.hash))) {
    throw new TranscriptError(number, "the statement does not match its hash");
  }
  sameSpelling(number, line, statementLine(number, { sender, statement }, hash));
  if (signature === null) {
    side.uncovered.push(number);
    if (side.uncovered.length >= MAX_UNSIGNED) {
      throw new TranscriptError(number, "it should have been signed");
    }
  } else {
    if (!await verifyStatement(identities[sender], hash, signature)) {
      throw new TranscriptError(number, "the signature does not verify");
    }
    side.uncovered = [];
  }
  side.heads.push(hash);
  side.seen = seen as number;
  side.ended = kind === "end";
}

/** An offer that a receiver would refuse is refused here, too. */
function checkOffer(number: number, text: string): void {
  try {
    parseOffer(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new TranscriptError(number, "no offer of a file");
  }
}

function checkCovered(sides: Record<Role, Side>): void {
  const uncovered = [...sides.low.uncovered, ...sides.high.uncovered];
  if (uncovered.length > 0) {
    throw new TranscriptError(Math.min(...uncovered), "no signature covers this statement");
  }
}

/** The last line: how many statements there are, and the exporter's signature over all before it. */
async function checkSeal(lines: string[], { identities, exporter }: Opening): Promise<void> {
  const number = lines.length;
  const line = lines.at(-1)!;
  const fields = parseFields(number, line);
  if (fields.statements !== lines.length - 2) {
    throw new TranscriptError(number, "the last line is not this transcript's seal");
  }
  const signature = base64(number, fields.signature);
  sameSpelling(number, line, sealLine(fields.statements, signature));
  const body = lines.slice(0, -1).map((line) => `${line}\n`).join("");
  const digest = await sha256(utf8(body));
  if (!await identities[exporter].verify(EXPORT_CONTEXT, digest, signature)) {
    throw new TranscriptError(number, "the exporter's signature over the whole does not verify");
  }
}

function parseFields(number: number, line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // The same answer as for any other value.
  }
  throw new TranscriptError(number, "it is not a JSON object");
}

function base64(number: number, text: unknown): Bytes {
  try {
    if (typeof text === "string") {
      return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    }
  } catch {
    // The same answer as for what is no text.
  }
  throw new TranscriptError(number, "a field is not base64");
}

/** One exact spelling: a byte that means nothing can't be changed either. */
function sameSpelling(number: number, line: string, canonical: string): void {
  if (line !== canonical) throw new TranscriptError(number, "it was changed");
}
