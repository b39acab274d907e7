/**
 * What goes on between us and whoever is in the room, over all sessions: the mailroom, its records in a journal, and
 * the exchange of the session under way.
 *
 * Whatever changes is in the journal before the outside can tell: a line before it is sent, a message before it is
 * shown and before it is acknowledged. A journal that can't be written ends nothing: it is told once, and what it
 * should have held is held in memory.
 *
 * @module
 */
import { type Bytes, toHex } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError } from "../errors.ts";
import { type ResumeSignal, STREAM_BYTES } from "../protocol/signal.ts";
import type { TransferRecord } from "../transfer/events.ts";
import { Exchange, type Resumption } from "./resumption.ts";
import { Mailroom, type Place } from "./state.ts";
import {
  encodeRecord,
  type Heard,
  type Item,
  type MailRecord,
  parseRecord,
  personTag,
  type Tag,
} from "./record.ts";

/** Keeps records, in order; lib/profile's `Journal` is one. */
export interface RecordStore {
  /** Bytes that it takes now. */
  readonly size: number;
  /** Adds records; they last when this resolves. */
  append(records: readonly Bytes[]): Promise<void>;
  /** Puts these in the place of all others. */
  rewrite(records: readonly Bytes[]): Promise<void>;
}

/** What a correspondence is made of. */
export interface CorrespondenceOptions {
  /** What is said before anybody is there is kept under this tag. */
  readonly place: Tag;
  /** Draws the names of streams. */
  readonly random: Random;
  /** Keeps the records; `null` to keep them in memory only. */
  readonly store: RecordStore | null;
  /** The records that the store has. */
  readonly records: readonly Bytes[];
  /** Is told when the store fails, once until it works again. */
  readonly warn: (error: ParleyError) => void;
}

/** Somebody who is there again, or for the first time. */
export interface Meeting {
  /** What to tell them first. */
  readonly greeting: ResumeSignal;
  /** Whether they are the same as the last who was there in this run. */
  readonly isSame: boolean;
  /** What was kept for the last one, when that was somebody else: it stays kept, and they don't get it. */
  readonly abandoned: readonly Item[];
}

/** The size from which a journal is compacted, in bytes, and how much larger than its last snapshot it may grow. */
const COMPACT_FROM = 1024 * 1024;
const COMPACT_GROWTH = 4;

/** The correspondence of one client. */
export class Correspondence {
  readonly #options: CorrespondenceOptions;
  readonly #mailroom: Mailroom;
  #tag: Tag | null = null;
  #exchange: Exchange | null = null;
  /** Who came in this run. */
  readonly #met = new Set<Tag>();
  #isFailing = false;
  #written: Promise<void> = Promise.resolve();
  #compactAt = COMPACT_FROM;

  /**
   * A correspondence that goes on from these records.
   *
   * @throws {WireError} when the records are of another version
   */
  constructor(options: CorrespondenceOptions) {
    this.#options = options;
    this.#mailroom = new Mailroom(options.records.map(parseRecord));
  }

  /** What the one who is there, or was there last, or whoever comes first, is not known to have. */
  get kept(): readonly Item[] {
    return this.keptFor(this.addressee);
  }

  /** What somebody, or whoever comes to our place, is not known to have. */
  keptFor(tag: Tag): readonly Item[] {
    return this.#boxOf(tag).items;
  }

  /** How many things are kept for those who came in this run and were not the last. */
  get setAside(): number {
    const others = [...this.#met].filter((tag) => tag !== this.#tag);
    return others.reduce((sum, tag) => sum + this.#mailroom.person(tag).items.length, 0);
  }

  /** The number of the oldest of {@link Correspondence.kept}; `null` before anybody has come. */
  get first(): number | null {
    return this.#tag === null ? null : this.#mailroom.person(this.#tag).first;
  }

  /** Whether both sides have told where they left off, so that things can be said. */
  get ready(): boolean {
    return this.#exchange?.ready ?? false;
  }

  /** How many items were said in this session and are not known to have arrived. */
  get underway(): number {
    return this.#exchange?.underway ?? 0;
  }

  /** Under which tag things are kept now: the last who was there, or the place before anybody came. */
  get addressee(): Tag {
    return this.#tag ?? this.#options.place;
  }

  /** The files under way with somebody, or at our place. */
  transfersWith(tag: Tag): readonly TransferRecord[] {
    return this.#boxOf(tag).transfers;
  }

  #boxOf(tag: Tag): Readonly<Place> {
    return tag === this.#options.place ? this.#mailroom.place(tag) : this.#mailroom.person(tag);
  }

  /** What came in an earlier run and is not known to have been shown, and the number of the first. */
  unshown(): { readonly from: Tag; readonly number: number; readonly items: readonly Heard[] }[] {
    return this.#mailroom.tags().map((from) => {
      const { received, unshown } = this.#mailroom.person(from);
      return { from, number: received - unshown.length, items: [...unshown] };
    }).filter(({ items }) => items.length > 0);
  }

  /**
   * Keeps things to bring across.
   *
   * @param tag an {@link Correspondence.addressee}, now or when it was said: whoever comes meanwhile does not get it,
   * but for the first one who comes to our place
   * @returns whom it is kept for, and the number of the first item; `null` before anybody has come
   */
  async keep(
    items: readonly Item[],
    tag: Tag = this.addressee,
  ): Promise<{ to: Tag; number: number | null }> {
    const { place } = this.#options;
    const [first] = this.#met;
    const to = tag === place ? first ?? place : tag;
    const { first: oldest, items: { length } } = this.#mailroom.person(to);
    await this.#commit(items.map((item) => ({ type: "kept", to, ...item })));
    return { to, number: to === place ? null : oldest + length };
  }

  /** Somebody is there, in a new session. */
  async meet(key: Bytes): Promise<Meeting> {
    const { place, random } = this.#options;
    const to = await personTag(key);
    const before = this.#tag;
    const abandoned = before === null || before === to ? [] : [...this.kept];
    const records: MailRecord[] = [];
    const { stream, first } = this.#mailroom.person(to);
    if (!this.#met.has(to) || stream === null) {
      const name = stream ?? toHex(random(STREAM_BYTES));
      records.push({ type: "stream", to, stream: name, first });
    }
    const { items, transfers } = this.#mailroom.place(place);
    if (before === null && items.length + transfers.length > 0) {
      records.push({ type: "claimed", place, to });
    }
    await this.#commit(records);
    this.#met.add(to);
    this.#tag = to;
    this.#exchange = new Exchange(this.#mailroom, to);
    return { greeting: this.#exchange.greeting(), isSame: before === to, abandoned };
  }

  /** The session is over; they may come back. */
  part(): void {
    this.#exchange = null;
  }

  /**
   * The other side has told where it left off.
   *
   * @returns the items of theirs that are lost, or `null`, and those of ours that turn out to have arrived
   * @throws {WireError} when it tells what can't be
   */
  async resume(
    signal: ResumeSignal,
  ): Promise<{ lost: Resumption["lost"]; arrived: readonly Item[] }> {
    const resumption = this.#exchange!.resume(signal);
    const arrived = this.kept.slice(0, resumption.arrived);
    await this.#commit(resumption.records);
    return { lost: resumption.lost, arrived };
  }

  /** The oldest items that were not said in this session yet, `most` of them. */
  next(most: number): readonly Item[] {
    return this.#exchange?.next(most).items ?? [];
  }

  /** Counts one item as said; gives its number. */
  say(): number {
    return this.#exchange!.say();
  }

  /**
   * So many statements of the session have arrived.
   *
   * @returns how many items of our stream have, and the ones of which that is news
   */
  async delivered(count: number): Promise<{ total: number; arrived: readonly Item[] }> {
    const exchange = this.#exchange!;
    const total = exchange.delivered(count);
    const arrived = this.#below(total);
    await this.#commit([{ type: "delivered", to: exchange.tag, count: total }]);
    return { total, arrived };
  }

  /** Our items below a number that are not known to have arrived yet. */
  #below(count: number): readonly Item[] {
    return this.kept.slice(0, Math.max(0, count - this.first!));
  }

  /**
   * Keeps something that came.
   *
   * @returns its number
   */
  async hear(heard: Heard): Promise<number> {
    const from = this.#exchange!.tag;
    const number = this.#mailroom.person(from).received;
    await this.#commit([{ type: "heard", from, ...heard }]);
    return number;
  }

  /** How many items of the one who is there have come. */
  get received(): number {
    return this.#tag === null ? 0 : this.#mailroom.person(this.#tag).received;
  }

  /** Everything of theirs below `count` was shown. Not waited for: what is shown twice after a fall is marked so. */
  shown(from: Tag, count: number): void {
    this.#commit([{ type: "shown", from, count }]).catch(() => {});
  }

  /** Whose items come now. */
  get tag(): Tag | null {
    return this.#tag;
  }

  /** Remembers the files under way with somebody, or at our place. Not waited for. */
  remember(tag: Tag, list: readonly TransferRecord[]): void {
    this.#commit([{ type: "transfers", with: tag, list }]).catch(() => {});
  }

  /** Resolves when everything so far lasts, or could not be kept. */
  idle(): Promise<void> {
    return this.#written;
  }

  /** Makes changes; resolves when they last. */
  #commit(records: readonly MailRecord[]): Promise<void> {
    for (const record of records) this.#mailroom.apply(record);
    const { store } = this.#options;
    if (store === null || records.length === 0) return Promise.resolve();
    const written = this.#write(store, records);
    // What is wrong is told to who made the change, and to nobody else.
    this.#written = Promise.allSettled([this.#written, written]).then(() => {});
    return written;
  }

  async #write(store: RecordStore, records: readonly MailRecord[]): Promise<void> {
    try {
      if (!this.#isFailing && store.size <= this.#compactAt) {
        await store.append(records.map(encodeRecord));
        // One that waited behind it may have failed in between, and then this one stands where that one should.
        if (!this.#isFailing) return;
      }
      // What the store missed while it failed is in a snapshot, and so is what this call adds.
      await this.#compact(store);
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      if (!this.#isFailing) this.#options.warn(error);
      this.#isFailing = true;
    }
  }

  async #compact(store: RecordStore): Promise<void> {
    await store.rewrite(this.#mailroom.snapshot().map(encodeRecord));
    this.#compactAt = Math.max(COMPACT_FROM, COMPACT_GROWTH * store.size);
  }
}
