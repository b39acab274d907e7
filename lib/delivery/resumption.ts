/**
 * One session's part of what goes on between two people: where each side's stream goes on, and which number an item
 * of this session has in it.
 *
 * Each side first tells the other where it left off (a `resume` signal). From the two signals both compute the same:
 *
 *     start of a stream = received   when its reader knows this stream, and has not lost what its writer has let go
 *                         first      otherwise: the oldest item that its writer still has
 *
 * An item of the session has the number start + its place among the session's items. So nothing is sent that has
 * arrived, what did not arrive is sent again, and no item needs a number of its own on the wire.
 *
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";
import type { ResumeSignal } from "../protocol/signal.ts";
import type { Mailroom, Person } from "./state.ts";
import { type Item, type MailRecord, streamBytes, type Tag } from "./record.ts";

/** The largest number of an item that is believed: nobody says so much, and it can be counted on from there. */
const MAX_NUMBER = 2 ** 48;

/** A stream that is none. */
const UNKNOWN: string = "00".repeat(16);

/** What the other side's signal means. */
export interface Resumption {
  /** The changes that it makes, to be applied in this order. */
  readonly records: readonly MailRecord[];
  /** How many of the items that we still keep they turn out to have: the oldest ones. */
  readonly arrived: number;
  /** Items of theirs, from the first to before the second, that are lost: they no longer have them, nor do we. */
  readonly lost: readonly [from: number, to: number] | null;
}

/** One session with one person. */
export class Exchange {
  readonly #mailroom: Mailroom;
  /** Whom it is with. */
  readonly tag: Tag;
  /** The number of the first item that we say in this session; `null` until their signal is here. */
  #start: number | null = null;
  /** How many items we have said in it. */
  #said = 0;

  /** The exchange of a session that begins. */
  constructor(mailroom: Mailroom, tag: Tag) {
    this.#mailroom = mailroom;
    this.tag = tag;
  }

  /** Whether the other side has told where it left off: only then is anything said. */
  get ready(): boolean {
    return this.#start !== null;
  }

  /** How many items were said in this session and are not known to have arrived. */
  get underway(): number {
    return this.#start === null ? 0 : Math.max(0, this.#start + this.#said - this.#person.first);
  }

  /** What we tell the other side first. Our stream must have begun. */
  greeting(): ResumeSignal {
    const { stream, first, following, received } = this.#person;
    return {
      type: "resume",
      stream: streamBytes(stream!),
      first,
      known: streamBytes(following ?? UNKNOWN),
      received,
    };
  }

  /**
   * Takes what the other side tells first.
   *
   * @throws {WireError} when it tells it twice, or what can't be
   */
  resume({ stream, first, known, received }: ResumeSignal): Resumption {
    if (this.ready) throw new WireError("payload.type", "no second resume", "one");
    const most = Math.max(first, received);
    if (most > MAX_NUMBER) throw new WireError("payload.first", `at most ${MAX_NUMBER}`, "more");
    const isKnown = toHex(known) === this.#person.stream && received >= this.#person.first;
    this.#start = isKnown ? received : this.#person.first;
    const { arrived, records } = this.#resumeOwn(this.#start);
    const { lost, record } = this.#resumePeer(toHex(stream), first);
    return { records: record === null ? records : [...records, record], arrived, lost };
  }

  /** They have everything below `count`, in numbers that they know. */
  #resumeOwn(count: number): { arrived: number; records: MailRecord[] } {
    const { stream, first, items, unsaid } = this.#person;
    const to = this.tag;
    const delivered: MailRecord = { type: "delivered", to, count };
    const said = items.length - unsaid;
    if (count <= first + said) return { arrived: count - first, records: [delivered] };
    // They have more than we remember to have said: a disk was full, or an older copy was put in its place. What we
    // remember they have, too; what was kept since then has only seemed to have those numbers, and follows.
    const moved: MailRecord = { type: "stream", to, stream: stream!, first: count - said };
    return { arrived: said, records: [moved, delivered] };
  }

  #resumePeer(
    stream: string,
    first: number,
  ): { lost: Resumption["lost"]; record: MailRecord | null } {
    const { following, received } = this.#person;
    const isSame = stream === following;
    if (isSame && received >= first) return { lost: null, record: null };
    const record: MailRecord = { type: "following", from: this.tag, stream, received: first };
    return { lost: isSame ? [received, first] : null, record };
  }

  /** The oldest items that were not said in this session yet, `most` of them, and the number of the first. */
  next(most: number): { readonly number: number; readonly items: readonly Item[] } {
    if (this.#start === null) return { number: 0, items: [] };
    const number = this.#start + this.#said;
    const { first, items } = this.#person;
    return { number, items: items.slice(number - first, number - first + most) };
  }

  /**
   * Counts one item as said.
   *
   * @returns its number
   */
  say(): number {
    return this.#start! + this.#said++;
  }

  /**
   * What a receipt of this session means: how many items of our stream they have.
   *
   * @param count how many of the session's statements have arrived, the goodbye included
   */
  delivered(count: number): number {
    return this.#start! + Math.min(count, this.#said);
  }

  get #person(): Readonly<Person> {
    return this.#mailroom.person(this.tag);
  }
}
