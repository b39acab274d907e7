/**
 * What is under way between us and everybody we met: what each of them still has to get, how far we have what they
 * sent, and what nobody has seen yet. It changes by records only, so whoever keeps the records keeps it.
 *
 * @module
 */
import type { TransferRecord } from "../transfer/events.ts";
import type { Heard, Item, MailRecord, Tag } from "./record.ts";

/**
 * Most people that are remembered: a relay can show us new keys for ever. Who goes is the one met longest ago of those
 * for whom nothing is kept; what they sent and we did not acknowledge may then come twice.
 */
const MAX_PEOPLE = 1000;

/** What is kept for whoever comes first. */
export interface Place {
  /** What they are to get, oldest first. */
  readonly items: Item[];
  /** The files among it. */
  transfers: readonly TransferRecord[];
}

function newPlace(): Place {
  return { items: [], transfers: [] };
}

/** What is under way with one person. Numbers count from the beginning of a stream, over all sessions. */
export interface Person extends Place {
  /** Names what we say to them; `null` before the first session. */
  stream: string | null;
  /** The number of the oldest item that they are not known to have. */
  first: number;
  /**
   * How many of the newest items can't have been said: they were kept since a run took our stream up, and in no run
   * since then was it agreed where it goes on. Their numbers may still change.
   */
  unsaid: number;
  /** Whether that is not agreed yet. */
  isTentative: boolean;
  /** Names what they say to us; `null` before their first session. */
  following: string | null;
  /** How many items of it we have. */
  received: number;
  /** The newest ones that are not known to have been shown. */
  readonly unshown: Heard[];
}

function newPerson(): Person {
  const ours = { ...newPlace(), stream: null, first: 0, unsaid: 0, isTentative: false };
  return { ...ours, following: null, received: 0, unshown: [] };
}

/** The state. */
export class Mailroom {
  /** In the order in which they were met first. */
  readonly #people = new Map<Tag, Person>();
  /** What is kept for whoever comes first. */
  readonly #places = new Map<Tag, Place>();

  /** The state that these records make. */
  constructor(records: Iterable<MailRecord> = []) {
    for (const record of records) this.apply(record);
  }

  /** What is under way with somebody; not to be changed but by {@link Mailroom.apply}. */
  person(tag: Tag): Readonly<Person> {
    return this.#people.get(tag) ?? newPerson();
  }

  /** Everybody with whom anything is under way, and everybody who is remembered. */
  tags(): readonly Tag[] {
    return [...this.#people.keys()];
  }

  /** What is kept at a place; not to be changed but by {@link Mailroom.apply}. */
  place(tag: Tag): Readonly<Place> {
    return this.#places.get(tag) ?? newPlace();
  }

  /** Makes one change. */
  apply(record: MailRecord): void {
    switch (record.type) {
      case "kept":
        return this.#keep(record.to, [{ kind: record.kind, body: record.body }]);
      case "stream": {
        const person = this.#meet(record.to);
        person.stream = record.stream;
        person.first = record.first;
        person.isTentative = true;
        return;
      }
      case "claimed": {
        const { items, transfers } = this.place(record.place);
        const person = this.#meet(record.to);
        this.#keep(record.to, items);
        person.transfers = [...person.transfers, ...transfers];
        return void this.#places.delete(record.place);
      }
      case "delivered": {
        const person = this.#meet(record.to);
        const { length } = person.items.splice(0, Math.max(0, record.count - person.first));
        person.first += length;
        person.unsaid = 0;
        person.isTentative = false;
        return;
      }
      case "following": {
        const person = this.#meet(record.from);
        person.following = record.stream;
        person.received = record.received;
        return;
      }
      case "heard": {
        const { kind, body, time, signed } = record;
        const person = this.#meet(record.from);
        person.received++;
        return void person.unshown.push({ kind, body, time, signed });
      }
      case "shown": {
        const { unshown, received } = this.#meet(record.from);
        const oldest = received - unshown.length;
        return void unshown.splice(0, Math.max(0, record.count - oldest));
      }
      case "transfers":
        this.#boxOf(record.with).transfers = record.list;
    }
  }

  /** The fewest records that make this state: what a journal is compacted to. */
  snapshot(): MailRecord[] {
    const records: MailRecord[] = [];
    for (const [tag, place] of this.#places) records.push(...boxRecords(tag, place));
    for (const [tag, person] of this.#people) records.push(...recordsOf(tag, person));
    return records;
  }

  #keep(to: Tag, items: readonly Item[]): void {
    this.#boxOf(to).items.push(...items);
    const person = this.#people.get(to);
    if (person?.isTentative) person.unsaid += items.length;
  }

  /** Where something for this person, or at this place, is put. */
  #boxOf(tag: Tag): Place {
    const box = this.#people.get(tag) ?? this.#places.get(tag);
    if (box !== undefined) return box;
    const place = newPlace();
    this.#places.set(tag, place);
    return place;
  }

  #meet(tag: Tag): Person {
    const known = this.#people.get(tag);
    if (known !== undefined) return known;
    const person = newPerson();
    this.#people.set(tag, person);
    if (this.#people.size > MAX_PEOPLE) this.#forget(person);
    return person;
  }

  #forget(newest: Person): void {
    for (const [tag, person] of this.#people) {
      const isIdle = person.items.length + person.unshown.length + person.transfers.length === 0;
      if (person !== newest && isIdle) return void this.#people.delete(tag);
    }
  }
}

function boxRecords(tag: Tag, { items, transfers }: Readonly<Place>): MailRecord[] {
  const records = keptRecords(tag, items);
  return transfers.length === 0
    ? records
    : [...records, { type: "transfers", with: tag, list: transfers }];
}

function keptRecords(to: Tag, items: readonly Item[]): MailRecord[] {
  return items.map(({ kind, body }) => ({ type: "kept", to, kind, body }));
}

function recordsOf(tag: Tag, person: Person): MailRecord[] {
  const { stream, first, items, unsaid, isTentative, transfers } = person;
  const { following, received, unshown } = person;
  const begins: MailRecord[] = stream === null ? [] : [{ type: "stream", to: tag, stream, first }];
  const said = items.length - unsaid;
  const records = [...begins, ...keptRecords(tag, items.slice(0, said))];
  records.push({ type: "delivered", to: tag, count: first });
  if (isTentative) records.push(...begins);
  records.push(...boxRecords(tag, { items: items.slice(said), transfers }));
  if (following !== null) {
    const shown = received - unshown.length;
    records.push({ type: "following", from: tag, stream: following, received: shown });
  }
  for (const heard of unshown) records.push({ type: "heard", from: tag, ...heard });
  return records;
}
