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
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";
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
   * @throws {WireError} when it is the second one, or says what can't be
   */
  resume({ stream, first, known, received }: ResumeSignal): Resumed {
    if (this.ready) throw new WireError("payload.type", "no second resume", "one");
    const most = Math.max(first, received);
    if (most > MAX_NUMBER) throw new WireError("payload.first", `at most ${MAX_NUMBER}`, "more");
    const isKnown = toHex(known) === this.#peer.stream && received >= this.#peer.first;
    this.#start = isKnown ? received : this.#peer.first;
    const { arrived, records } = this.#resumeOwn(this.#start);
    const { lost, record } = this.#resumePeer(toHex(stream), first);
    return { records: record === null ? records : [...records, record], arrived, lost };
  }

  /** They have everything below `count`, in numbers that they know. */
  #resumeOwn(count: number): { arrived: number; records: DeliveryRecord[] } {
    const { stream, first, unsaid } = this.#peer;
    const to = this.peer;
    const delivered: DeliveryRecord = { type: "delivered", to, count };
    const said = this.#lines.length - unsaid;
    if (count <= first + said) return { arrived: count - first, records: [delivered] };
    // They have more than we remember to have sent: a disk was full, or an older copy was put in its place. What we
    // remember they have, too; what was added since then has only seemed to have those numbers, and follows.
    const moved: DeliveryRecord = { type: "stream", to, stream: stream!, first: count - said };
    return { arrived: said, records: [moved, delivered] };
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

  /** Our lines that were not sent in this session yet, oldest first; none before {@link Resumption.ready}. */
  get unsent(): readonly OutboxLine[] {
    return this.#start === null ? [] : this.#lines.slice(this.#nextPlace);
  }

  /** The oldest of {@link Resumption.unsent} was sent. @returns the line as it is now */
  sent(time: number): OutboxLine {
    const { outbox } = this.#state;
    const line = outbox.sent(this.peer, this.#nextPlace, this.#start! + this.#sent, time);
    this.#sent++;
    return line;
  }

  /**
   * What a receipt of this session means: how many lines of our stream they have.
   *
   * @param count how many of the session's statements have arrived, the goodbye included
   */
  delivered(count: number): number {
    return this.#start! + Math.min(count, this.#sent);
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
