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
  /** Names what they say to us; `null` before their first session. */
  following: string | null;
  /** How many items of it we have. */
  received: number;
  /** The newest ones that are not known to have been shown. */
  readonly unshown: Heard[];
}

function newPerson(): Person {
  return { ...newPlace(), stream: null, first: 0, following: null, received: 0, unshown: [] };
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
        return void this.#boxOf(record.to).items.push({ kind: record.kind, body: record.body });
      case "stream": {
        const person = this.#meet(record.to);
        person.stream = record.stream;
        person.first = record.first;
        return;
      }
      case "claimed": {
        const { items, transfers } = this.place(record.place);
        const person = this.#meet(record.to);
        person.items.push(...items);
        person.transfers = [...person.transfers, ...transfers];
        return void this.#places.delete(record.place);
      }
      case "delivered": {
        const person = this.#meet(record.to);
        const { length } = person.items.splice(0, Math.max(0, record.count - person.first));
        person.first += length;
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

function boxRecords(to: Tag, { items, transfers }: Readonly<Place>): MailRecord[] {
  const kept = items.map(({ kind, body }): MailRecord => ({ type: "kept", to, kind, body }));
  return transfers.length === 0
    ? kept
    : [...kept, { type: "transfers", with: to, list: transfers }];
}

function recordsOf(tag: Tag, person: Person): MailRecord[] {
  const { stream, first, following, received, unshown } = person;
  const records: MailRecord[] = [];
  if (stream !== null) records.push({ type: "stream", to: tag, stream, first });
  records.push(...boxRecords(tag, person));
  if (following !== null) {
    const shown = received - unshown.length;
    records.push({ type: "following", from: tag, stream: following, received: shown });
  }
  for (const heard of unshown) records.push({ type: "heard", from: tag, ...heard });
  return records;
}
