/**
 * The statements of each session with the current peer, for exported transcripts: a signature covers one session,
 * so a conversation that went on in several is exported as several transcripts.
 *
 * @module
 */
import type { SigningKey } from "../crypto/elgamal.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError } from "../errors.ts";
import { otherRole, type Role } from "../protocol/key_schedule.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { Statement } from "../protocol/statement.ts";
import { coveredEntries, type TranscriptEntry, writeTranscript } from "../protocol/transcript.ts";

/** One session. */
interface ArchivedSession {
  readonly ownName: string;
  readonly facts: SecureFacts;
  readonly entries: TranscriptEntry[];
}

/** An exported transcript. */
export interface Exported {
  /** Its text. */
  readonly text: string;
  /** How many of its newest statements no signature covers yet; they are left out. */
  readonly omitted: number;
}

/** Most bytes of statements that are stored: a longer conversation is exported up to there. */
const MAX_ARCHIVE_BYTES: number = 256 * 1024 * 1024;

/** What a statement takes beside its body, about, in bytes. */
const STATEMENT_BYTES = 1024;

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
    const before = isSame ? this.#sessions.filter(({ entries }) => entries.length > 0) : [];
    if (!isSame) this.#bytes = 0;
    this.#sessions = [...before, { ownName, facts, entries: [] }];
  }

  /** A statement was made in the current session. */
  record(who: "own" | "peer", statement: Statement): void {
    const { facts, entries } = this.#sessions.at(-1)!;
    this.#bytes += statement.body.length + STATEMENT_BYTES;
    // What can't be exported is not stored. A transcript may leave out the end of what was said, and no more.
    if (facts.deniable || this.#bytes > this.#most) return;
    const sender: Role = who === "own" ? facts.role : otherRole(facts.role);
    entries.push({ sender, statement });
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
    const spoken = signed.filter(({ entries }) => entries.length > 0);
    const worth = spoken.length > 0 ? spoken : signed.slice(-1);
    return await Promise.all(worth.map((session) => exportSession(session, identity, random)));
  }
}

async function exportSession(
  { ownName, facts, entries }: ArchivedSession,
  identity: SigningKey,
  random: Random,
): Promise<Exported> {
  const names = facts.role === "low"
    ? { low: ownName, high: facts.peerName }
    : { low: facts.peerName, high: ownName };
  const snapshot = [...entries];
  const text = await writeTranscript(
    { handshake: facts.transcript, exporter: facts.role, names, entries: snapshot },
    identity,
    random,
  );
  return { text, omitted: snapshot.length - coveredEntries(snapshot).length };
}
