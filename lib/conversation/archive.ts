/**
 * The statements of each session with the current peer, for exported transcripts: a signature covers one session,
 * so a conversation that went on in several is exported as several transcripts.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { SigningKey } from "../crypto/elgamal.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError } from "../errors.ts";
import { encodeBundle, isStatement, parseBundle } from "../protocol/bundle.ts";
import { otherRole, type Role } from "../protocol/key_schedule.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { Statement } from "../protocol/statement.ts";
import { type TranscriptEntry, writeTranscript } from "../protocol/transcript.ts";

/** The statements under one signature, encoded as a bundle has them: they take no more memory than on the wire. */
interface Signed {
  readonly sender: Role;
  readonly bundle: Bytes;
}

/** One session. */
interface ArchivedSession {
  readonly ownName: string;
  readonly facts: SecureFacts;
  /** In the order in which they were made or accepted. */
  readonly bundles: Signed[];
  /** How many statements there was no room for. */
  omitted: number;
}

/** An exported transcript. */
export interface Exported {
  /** Its text. */
  readonly text: string;
  /** How many of its newest statements there was no room for; they are left out. */
  readonly omitted: number;
}

/** Most bytes of statements that are stored: a longer conversation is exported up to there. */
const MAX_ARCHIVE_BYTES: number = 256 * 1024 * 1024;

/** The sessions with one person, oldest first. */
export class Archive {
  #sessions: ArchivedSession[] = [];
  #bytes = 0;
  readonly #most: number;

  /** An empty one. */
  constructor(most: number = MAX_ARCHIVE_BYTES) {
    this.#most = most;
  }

  /** A session begins; with another peer than the last one, what was before is dropped. */
  begin(ownName: string, facts: SecureFacts, isSame: boolean): void {
    const before = isSame ? this.#sessions.filter(isSpoken) : [];
    if (!isSame) this.#bytes = 0;
    this.#sessions = [...before, { ownName, facts, bundles: [], omitted: 0 }];
  }

  /** Statements were made in the current session, in whole bundles. */
  record(who: "own" | "peer", statements: readonly Statement[]): void {
    const session = this.#sessions.at(-1)!;
    const { facts, bundles } = session;
    // What can't be exported is not stored.
    if (facts.deniable) return;
    const sender: Role = who === "own" ? facts.role : otherRole(facts.role);
    let together: Statement[] = [];
    for (const statement of statements) {
      together.push(statement);
      if (statement.signature === null) continue;
      const bundle = bundleOf(together);
      this.#bytes += bundle.length;
      // A transcript may leave out the end of what was said, and no more.
      if (this.#bytes > this.#most) session.omitted += together.length;
      else bundles.push({ sender, bundle });
      together = [];
    }
  }

  /**
   * The signed transcripts of all sessions with the current peer, or the last one: of each in which something
   * was said, or of the only one.
   *
   * @throws {ParleyError} `nothing-to-export` before the first, or when they are deniable
   */
  async export(identity: SigningKey, random: Random): Promise<Exported[]> {
    if (this.#sessions.length === 0) {
      throw new ParleyError("nothing-to-export", "there is no conversation to export yet");
    }
    const signed = this.#sessions.filter(({ facts }) => !facts.deniable);
    if (signed.length === 0) {
      throw new ParleyError(
        "nothing-to-export",
        "this conversation is deniable: it has no signatures, so a transcript would prove nothing",
      );
    }
    const spoken = signed.filter(isSpoken);
    const worth = spoken.length > 0 ? spoken : signed.slice(-1);
    return await Promise.all(worth.map((session) => exportSession(session, identity, random)));
  }
}

function isSpoken({ bundles, omitted }: ArchivedSession): boolean {
  return bundles.length + omitted > 0;
}

/** Statements under one signature, in a form that takes little. */
function bundleOf(statements: readonly Statement[]): Bytes {
  const items = statements.map(({ kind, seen, time, body }) => ({ type: kind, seen, time, body }));
  const { signature } = statements.at(-1)!;
  return encodeBundle({ number: 0, received: 0, items, signature });
}

function* entriesOf(bundles: readonly Signed[]): Generator<TranscriptEntry> {
  const sequence: Record<Role, number> = { low: 0, high: 0 };
  for (const { sender, bundle } of bundles) {
    const { items, signature } = parseBundle(bundle);
    const statements = items.filter(isStatement);
    for (const [i, { type: kind, seen, time, body }] of statements.entries()) {
      const isLast = i === statements.length - 1;
      const place = { sequence: sequence[sender]++, seen, time, kind, body };
      yield { sender, statement: { ...place, signature: isLast ? signature : null } };
    }
  }
}

async function exportSession(
  { ownName, facts, bundles, omitted }: ArchivedSession,
  identity: SigningKey,
  random: Random,
): Promise<Exported> {
  const names = facts.role === "low"
    ? { low: ownName, high: facts.peerName }
    : { low: facts.peerName, high: ownName };
  const entries = [...entriesOf(bundles)];
  const text = await writeTranscript(
    { handshake: facts.transcript, exporter: facts.role, names, entries },
    identity,
    random,
  );
  return { text, omitted };
}
