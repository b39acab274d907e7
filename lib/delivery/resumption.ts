/**
 * The resumption of one session: where each side's stream goes on, and which number a line of this session has in it.
 *
 * Each side first sends where it left off (a `resume` signal). From the two signals both compute the same:
 *
 *     start of a stream = received   when its reader knows this stream, and has not lost what its writer let go
 *                         first      otherwise: the oldest line that its writer still has
 *
 * A line of the session has the number start + its place among the session's lines. So nothing is sent that has
 * arrived, what did not arrive is sent again, and no line needs a number of its own on the wire.
 *
 * A reader that has received more than was ever sealed here shows that an older copy of our disk was put back: what
 * is numbered here are not the lines that it has. Then nothing counts as arrived, and another stream takes the place
 * of this one.
 *
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";
import { STATEMENT_BYTES } from "../protocol/bundle.ts";
import type { ResumeSignal } from "../protocol/signal.ts";
import type { OutboxLine } from "./outbox.ts";
import { type DeliveryRecord, type PeerId, streamBytes } from "./record.ts";
import type { DeliveryState, PeerState } from "./state.ts";

/** The largest number of a line that is believed: nobody says so much, and it can be counted on from there. */
const MAX_NUMBER = 2 ** 48;

/** The name of no stream. */
const UNKNOWN: string = "00".repeat(16);

/** What the other side's signal means. */
export interface Resumed {
  /** The changes that it makes, to be applied in this order. */
  readonly records: readonly DeliveryRecord[];
  /** How many of our unacknowledged lines they turn out to have: the oldest ones. */
  readonly arrived: number;
  /**
   * Whose disk was put back, as far as that shows. Ours: they have what was never sealed here, so the session must end,
   * and another stream begins with the next one. Theirs: another stream of theirs has begun, and may repeat the last one.
   */
  readonly restored: "ours" | "theirs" | null;
  /** Items of theirs, from the first to before the second, that are lost: neither they nor we have them. */
  readonly lost: readonly [from: number, to: number] | null;
}

/** The resumption of one session with one peer. */
export class Resumption {
  /** The peer. */
  readonly peer: PeerId;
  readonly #state: DeliveryState;
  /** The number of the first line that we send in this session; `null` until their signal is here. */
  #start: number | null = null;
  /** How many lines we have sent in it. */
  #sent = 0;
  /** Bytes of those that are not acknowledged. */
  #inFlight = 0;

  /** The resumption of a session that begins. */
  constructor(state: DeliveryState, peer: PeerId) {
    this.#state = state;
    this.peer = peer;
  }

  /** Whether the other side has told where it left off: only then is anything said. */
  get ready(): boolean {
    return this.#start !== null;
  }

  /** What we tell the other side first. Our stream must have begun. */
  greeting(): ResumeSignal {
    const { stream, first, following, received } = this.#peer;
    return {
      type: "resume",
      stream: streamBytes(stream!),
      first,
      known: streamBytes(following ?? UNKNOWN),
      received,
    };
  }

  /**
   * Takes the peer's `resume`.
   *
   * @throws {WireError} when it says what can't be
   */
  resume({ stream, first, known, received }: ResumeSignal): Resumed {
    const most = Math.max(first, received);
    if (most > MAX_NUMBER) throw new WireError("payload.first", `at most ${MAX_NUMBER}`, "more");
    const { following } = this.#peer;
    const { lost, record } = this.#resumePeer(toHex(stream), first);
    const records = record === null ? [] : [record];
    const isOurs = toHex(known) === this.#peer.stream;
    if (isOurs && received > this.#peer.sealed) {
      return { records, arrived: 0, lost, restored: "ours" };
    }
    const isTheirs = following !== null && following !== toHex(stream);
    const to = this.peer;
    const start = Math.max(this.#peer.first, isOurs ? received : 0);
    this.#start = start;
    const arrived = start - this.#peer.first;
    if (arrived > 0) records.push({ type: "delivered", to, count: start });
    if (this.#peer.sealed !== start) records.push({ type: "sealed", to, count: start });
    return { records, arrived, lost, restored: isTheirs ? "theirs" : null };
  }

  #resumePeer(
    stream: string,
    first: number,
  ): { lost: Resumed["lost"]; record: DeliveryRecord | null } {
    const { following, received } = this.#peer;
    const isSame = stream === following;
    if (isSame && received >= first) return { lost: null, record: null };
    const record: DeliveryRecord = { type: "following", from: this.peer, stream, received: first };
    return { lost: isSame ? [received, first] : null, record };
  }

  /** The oldest of our lines that were not sent in this session; none before {@link Resumption.ready}. */
  unsent(most: number): readonly OutboxLine[] {
    if (this.#start === null) return [];
    return this.#lines.slice(this.#nextPlace, this.#nextPlace + most);
  }

  /** How many of our lines were not sent in this session. */
  get unsentCount(): number {
    return this.#start === null ? 0 : this.#lines.length - this.#nextPlace;
  }

  /** Bytes of the lines that were sent in this session and are not acknowledged. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The number of the line behind the next `count` that will be sent. */
  numberAfter(count: number): number {
    return this.#start! + this.#sent + count;
  }

  /** The oldest unsent line was sent. @returns the line as it is now */
  sent(): OutboxLine {
    const { outbox } = this.#state;
    const line = outbox.sent(this.peer, this.#nextPlace, this.numberAfter(0));
    this.#sent++;
    this.#inFlight += STATEMENT_BYTES + line.bytes;
    return line;
  }

  /**
   * What a receipt of this session means: how many lines of our stream they have.
   *
   * @param count how many of the session's statements have arrived, the goodbye included
   */
  delivered(count: number): { readonly count: number; readonly arrived: readonly OutboxLine[] } {
    const total = this.#start! + Math.min(count, this.#sent);
    const arrived = this.#lines.slice(0, Math.max(0, total - this.#peer.first));
    for (const { bytes } of arrived) this.#inFlight -= STATEMENT_BYTES + bytes;
    return { count: total, arrived };
  }

  /** The place in the outbox of the next line to be sent. */
  get #nextPlace(): number {
    return this.#start! + this.#sent - this.#peer.first;
  }

  get #lines(): readonly OutboxLine[] {
    return this.#state.outbox.lines(this.peer);
  }

  get #peer(): Readonly<PeerState> {
    return this.#state.peer(this.peer);
  }
}
