/**
 * A transcript of `parley-1`, changed by its exporter: every hash is made again, and every signature of its own, the
 * seal among them. The one thing that it can't make is the other side's signature.
 *
 * @module
 */
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import type { SigningKey, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import { sha256 } from "../../lib/crypto/hash.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import { hashStatement, type Statement } from "../../lib/protocol/statement.ts";
import { EXPORT_CONTEXT, STATEMENT_CONTEXT } from "./messages.ts";

/** What the exporter has: his side and key, the other's public key, and the session. */
export interface Exporter {
  readonly role: Role;
  readonly identity: SigningKey;
  readonly peerIdentity: VerifyingKey;
  readonly sessionId: Bytes;
}

/** A line of a transcript, as far as this needs it. The order of its members is that of the file. */
export interface Line extends Pick<Statement, "sequence" | "seen" | "kind"> {
  readonly line: number;
  readonly sender: Role;
  readonly time: string;
  text: string;
  hash: string;
  signature: string | null;
}

/**
 * Makes a transcript say something else.
 *
 * @param change what becomes of its lines; numbers, hashes and the exporter's signatures follow by themselves
 */
export async function changeTranscript(
  text: string,
  change: (lines: Line[]) => Line[],
  { role, identity, peerIdentity, sessionId }: Exporter,
): Promise<string> {
  const [head, ...rest] = text.trimEnd().split("\n");
  const lines = change(rest.slice(0, -1).map((line) => JSON.parse(line)));
  const hashes: Record<Role, Bytes[]> = { low: [], high: [] };
  for (const line of lines) {
    const { sender, sequence, seen, kind } = line;
    const previous = hashes[sender].at(-1) ?? sessionId;
    const answered = seen === 0 ? sessionId : hashes[otherRole(sender)][seen - 1]!;
    const speaker = sender === role ? identity.publicKey : peerIdentity;
    const time = Date.parse(line.time);
    const statement = { sequence, seen, time, kind, body: utf8(line.text), previous };
    const hash = await hashStatement(sessionId, speaker, statement, answered);
    hashes[sender].push(hash);
    line.hash = hash.toBase64();
    if (sender === role && line.signature !== null) {
      const signature = await identity.sign(STATEMENT_CONTEXT, hash, systemRandom);
      line.signature = signature.toBase64();
    }
  }
  const above = [head, ...lines.map((line) => JSON.stringify(line))];
  const body = above.map((line) => `${line}\n`).join("");
  const seal = await identity.sign(EXPORT_CONTEXT, await sha256(utf8(body)), systemRandom);
  return `${body}${JSON.stringify({ statements: lines.length, signature: seal.toBase64() })}\n`;
}
