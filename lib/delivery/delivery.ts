/**
 * Delivery: the outbox and what was received, over all sessions, kept by a journal.
 *
 * Whatever changes is in the journal before the outside can tell: a line before it is sent, a message before it is
 * shown and before it is acknowledged. A journal that can't be written ends nothing: it is reported once, and what it
 * should have held is held in memory.
 *
 * @module
 */
import { type Bytes, toHex } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError } from "../errors.ts";
import { type ResumeSignal, STREAM_BYTES } from "../protocol/signal.ts";
import type { TransferRecord } from "../transfer/transfer_events.ts";
import type { OutboxLine } from "./outbox.ts";
import {
  type Addressee,
  type ConversationId,
  type DeliveryRecord,
  encodeRecord,
  type Item,
  parseRecord,
  type PeerId,
  peerId,
  type ReceivedItem,
} from "./record.ts";
import { type Resumed, Resumption } from "./resumption.ts";
import { DeliveryState } from "./state.ts";

/** Keeps records, in order; lib/profile's `Journal` is one. */
export interface RecordStore {
  /** Bytes that it takes now. */
  readonly size: number;
  /** Adds records; they last when this resolves. */
  append(records: readonly Bytes[]): Promise<void>;
  /** Puts these in the place of all others. */
  rewrite(records: readonly Bytes[]): Promise<void>;
}

/** What delivery needs. */
export interface DeliveryOptions {
  /** Addressee of what is said before anybody has come. */
  readonly conversation: ConversationId;
  /** Draws the names of streams. */
  readonly random: Random;
  /** Keeps the records; `null` to keep them in memory only. */
  readonly store: RecordStore | null;
  /** The records that the store has. */
  readonly records: readonly Bytes[];
  /** Called when the store fails, once until it works again. */
  readonly warn: (error: ParleyError) => void;
}

/** Lines that were added together. */
export interface AddedLines {
  /** Ids of the first one, and behind the last one. */
  readonly ids: readonly [first: number, end: number];
  /** Resolves when the journal has them. */
  readonly saved: Promise<void>;
}

/** An encounter with a peer, the first one or a later one. */
export interface Meeting {
  /** What to tell them first. */
  readonly greeting: ResumeSignal;
  /** Whether they are the same as the last who was there in this run. */
  readonly isSame: boolean;
  /** What was for the last one, when that was somebody else: it stays in the outbox, and they don't get it. */
  readonly abandoned: readonly OutboxLine[];
}

/** What the other side's `resume` brings about. */
export interface ResumedDelivery extends Pick<Resumed, "lost" | "restored"> {
  /** How many lines of our stream have arrived. */
  readonly count: number;
  /** Those of our lines of which that is news. */
  readonly arrived: readonly OutboxLine[];
}

/** The size from which a journal is compacted, in bytes, and how much larger than its last snapshot it may grow. */
const COMPACT_FROM = 1024 * 1024;
const COMPACT_GROWTH = 4;

/** The delivery of one client. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #state: DeliveryState;
  #peer: PeerId | null = null;
  #resumption: Resumption | null = null;
  /** The peers of this run, in the order in which they came first. */
  readonly #met = new Set<PeerId>();
  #isFailing = false;
  #written: Promise<void> = Promise.resolve();
  #compactAt = COMPACT_FROM;

  /**
   * Goes on from these records.
   *
   * @throws {WireError} when the records are of another version
   */
  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#state = new DeliveryState(options.records.map(parseRecord));
  }

  /** The current peer, or the last one; `null` before the first one of this run. */
  get peer(): PeerId | null {
    return this.#peer;
  }

  /** The addressee of a line that is said now: {@link Delivery.peer}, or the first that comes. */
  get addressee(): Addressee {
    return this.#peer ?? this.#options.conversation;
  }

  /** Our lines for the current addressee that are not known to have arrived, oldest first. */
  get lines(): readonly OutboxLine[] {
    return this.linesFor(this.addressee);
  }

  /** Our lines for an addressee that are not known to have arrived, oldest first. */
  linesFor(addressee: Addressee): readonly OutboxLine[] {
    return this.#state.outbox.lines(addressee);
  }

  /** Bytes of the texts of all lines that are not known to have arrived. */
  get bytes(): number {
    return this.#state.outbox.bytes;
  }

  /** How many lines are for peers who came in this run and were not the last. */
  get setAside(): number {
    const others = [...this.#met].filter((peer) => peer !== this.#peer);
    return others.reduce((sum, peer) => sum + this.linesFor(peer).length, 0);
  }

  /** Whether both sides have told where they left off, so that lines can be sent. */
  get ready(): boolean {
    return this.#resumption?.ready ?? false;
  }

  /** The unfinished transfers with an addressee. */
  transfersWith(addressee: Addressee): readonly TransferRecord[] {
    return this.#state.transfers(addressee);
  }

  /** What came in an earlier run and is not known to have been shown, and the number of the first. */
  unshown(): {
    readonly from: PeerId;
    readonly number: number;
    readonly items: readonly ReceivedItem[];
  }[] {
    return this.#state.peers().map((from) => {
      const { received, unshown } = this.#state.peer(from);
      return { from, number: received - unshown.length, items: [...unshown] };
    }).filter(({ items }) => items.length > 0);
  }

  /**
   * Adds lines to the outbox, at once; the journal's write begins here.
   *
   * @param seen how many statements of the session that stands their author had before him
   * @param addressee of now, or of when it was said: whoever comes meanwhile does not get it, but for the first one
   */
  add(
    items: readonly Item[],
    seen: number,
    addressee: Addressee = this.addressee,
  ): AddedLines {
    const { outbox } = this.#state;
    // The first peer is there already where only the journal is waited for.
    const [first] = this.#met;
    const to = addressee === this.#options.conversation ? first ?? addressee : addressee;
    const answers = to === this.#resumption?.peer ? seen : 0;
    const before = outbox.nextId;
    for (const item of items) this.#state.add(to, item, answers);
    const end = outbox.nextId;
    const written = this.#save(items.map((item) => ({ type: "kept", to, ...item })));
    return { ids: [before, end], saved: written.then(() => outbox.saved(end)) };
  }

  /** Those of some lines that were added for the current addressee and are still in the outbox. */
  added({ ids: [from, end] }: AddedLines): readonly OutboxLine[] {
    const { lines } = this;
    let first = lines.length;
    while (first > 0 && lines[first - 1]!.id >= from) first--;
    return lines.slice(first).filter(({ id }) => id < end);
  }

  /** Somebody is there, in a new session. */
  async meet(key: Bytes): Promise<Meeting> {
    const { conversation, random } = this.#options;
    const to = await peerId(key);
    const before = this.#peer;
    const records: DeliveryRecord[] = [];
    const { stream, first } = this.#state.peer(to);
    if (stream === null) records.push(newStream(to, random, first));
    const waiting = this.linesFor(conversation).length + this.transfersWith(conversation).length;
    if (before === null && waiting > 0) records.push({ type: "claimed", place: conversation, to });
    const written = this.#commit(records);
    this.#met.add(to);
    await written;
    // Only now, so that what was said meanwhile is for the one who was shown then.
    const abandoned = before === null || before === to ? [] : [...this.lines];
    this.#peer = to;
    this.#resumption = new Resumption(this.#state, to);
    return { greeting: this.#resumption.greeting(), isSame: before === to, abandoned };
  }

  /** The session is over; the peer may come back. */
  part(): void {
    this.#resumption = null;
    this.#state.outbox.hold(this.addressee);
  }

  /**
   * The other side has told where it left off.
   *
   * @throws {WireError} when it says what can't be
   */
  async resume(signal: ResumeSignal): Promise<ResumedDelivery> {
    const resumption = this.#resumption!;
    const { arrived: length, records, ...rest } = resumption.resume(signal);
    const arrived = this.lines.slice(0, length);
    const { random } = this.#options;
    const restored = rest.restored === "ours" ? [newStream(resumption.peer, random, 0)] : [];
    const written = this.#commit([...records, ...restored]);
    const count = this.#state.peer(resumption.peer).first;
    await written;
    return { ...rest, count, arrived };
  }

  /** Takes the unsent texts out that are longer than this, in bytes. @returns them */
  async withdraw(longest: number): Promise<readonly OutboxLine[]> {
    const to = this.#resumption!.peer;
    const withdrawn = this.#resumption!.unsent(Infinity).filter(({ bytes }) => bytes > longest);
    await this.#commit(withdrawn.map(({ sequence }, i) => (
      { type: "withdrawn", to, number: sequence! - i }
    )));
    return withdrawn;
  }

  /** The lines that may be sent now: the oldest ones that were not sent in this session, and are in the journal. */
  next(most: number): readonly OutboxLine[] {
    const { outbox } = this.#state;
    const lines = this.#resumption?.unsent(most) ?? [];
    const end = lines.findIndex((line) => !outbox.isSaved(line));
    return end < 0 ? lines : lines.slice(0, end);
  }

  /** How many lines were not sent in this session yet, those included that are not in the journal yet. */
  get unsent(): number {
    return this.#resumption?.unsentCount ?? 0;
  }

  /** Bytes of the lines that were sent in this session and are not acknowledged. */
  get inFlight(): number {
    return this.#resumption?.inFlight ?? 0;
  }

  /** The next `count` lines are going to be sealed: what was sealed is remembered before it is. */
  async sealing(count: number): Promise<void> {
    const resumption = this.#resumption!;
    const record = { type: "sealed", to: resumption.peer, count: resumption.numberAfter(count) };
    await this.#commit([record as DeliveryRecord]);
  }

  /** The oldest unsent line was sent. @returns the line as it is now */
  sent(): OutboxLine {
    return this.#resumption!.sent();
  }

  /**
   * So many statements of the session have arrived.
   *
   * @returns how many lines of our stream have, and the ones of which that is news
   */
  async delivered(count: number): Promise<{ count: number; arrived: readonly OutboxLine[] }> {
    const news = this.#resumption!.delivered(count);
    await this.#commit([{ type: "delivered", to: this.#resumption!.peer, count: news.count }]);
    return news;
  }

  /**
   * Takes what the peer said in one bundle.
   *
   * @returns the number of the first
   */
  async receive(items: readonly ReceivedItem[]): Promise<number> {
    const from = this.#resumption!.peer;
    const number = this.#state.peer(from).received;
    await this.#commit(items.map((item) => ({ type: "heard", from, ...item })));
    return number;
  }

  /** How many items of the peer have come. */
  get received(): number {
    return this.#peer === null ? 0 : this.#state.peer(this.#peer).received;
  }

  /** Everything of a peer's below `count` was shown. Not waited for: what is shown twice after a crash is marked so. */
  shown(from: PeerId, count: number): void {
    this.#commit([{ type: "shown", from, count }]).catch(() => {});
  }

  /** Remembers the unfinished transfers with an addressee. Not waited for. */
  remember(addressee: Addressee, list: readonly TransferRecord[]): void {
    this.#commit([{ type: "transfers", with: addressee, list }]).catch(() => {});
  }

  /** Resolves when everything so far is in the journal, or could not be written. */
  idle(): Promise<void> {
    return this.#written;
  }

  /** Makes changes, at once; resolves when the journal has them. */
  #commit(records: readonly DeliveryRecord[]): Promise<void> {
    for (const record of records) this.#state.apply(record);
    return this.#save(records);
  }

  /** Writes changes that were made to the journal; resolves when it has them. */
  #save(records: readonly DeliveryRecord[]): Promise<void> {
    const { store } = this.#options;
    if (store === null || records.length === 0) return Promise.resolve();
    const written = this.#write(store, records);
    // What is wrong is reported to the caller that made the change, and to nobody else.
    this.#written = Promise.allSettled([this.#written, written]).then(() => {});
    return written;
  }

  async #write(store: RecordStore, records: readonly DeliveryRecord[]): Promise<void> {
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
    await store.rewrite(this.#state.snapshot().map(encodeRecord));
    this.#compactAt = Math.max(COMPACT_FROM, COMPACT_GROWTH * store.size);
  }
}

/** Another stream to a peer. @param first the number of the oldest line in it */
function newStream(to: PeerId, random: Random, first: number): DeliveryRecord {
  return { type: "stream", to, stream: toHex(random(STREAM_BYTES)), first, sealed: first };
}
