/**
 * What is under way between us and everybody we met: what each of them still has to get, how far we have what they
 * sent, and what nobody has seen yet. It changes by records only, so whoever keeps the records keeps it.
 *
 * @module
 */
import type { Heard, Item, MailRecord, Tag, TransferRecord } from "./record.ts";

/**
 * Most people that are remembered: a relay can show us new keys for ever. Who goes is the one met longest ago of those
 * for whom nothing is kept; what they sent and we did not acknowledge may then come twice.
 */
const MAX_PEOPLE = 1000;

/** What is under way with one person. Numbers count from the beginning of a stream, over all sessions. */
export interface Person {
  /** Names what we say to them; `null` before the first session. */
  stream: string | null;
  /** The number of the oldest item that they are not known to have. */
  first: number;
  /** What they are not known to have, oldest first. */
  readonly items: Item[];
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
  /** The files under way. */
  transfers: readonly TransferRecord[];
}

function newPerson(): Person {
  return {
    stream: null,
    first: 0,
    items: [],
    unsaid: 0,
    isTentative: false,
    following: null,
    received: 0,
    unshown: [],
    transfers: [],
  };
}

/** The state. */
export class Mailroom {
  /** In the order in which they were met first. */
  readonly #people = new Map<Tag, Person>();
  /** What is kept for whoever comes first. */
  readonly #places = new Map<Tag, Item[]>();

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

  /** What is kept at a place. */
  place(tag: Tag): readonly Item[] {
    return this.#places.get(tag) ?? [];
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
      case "claimed":
        this.#meet(record.to);
        this.#keep(record.to, this.place(record.place));
        return void this.#places.delete(record.place);
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
        this.#meet(record.with).transfers = record.list;
    }
  }

  /** The fewest records that make this state: what a journal is compacted to. */
  snapshot(): MailRecord[] {
    const records: MailRecord[] = [];
    for (const [to, items] of this.#places) records.push(...items.map((item) => kept(to, item)));
    for (const [tag, person] of this.#people) records.push(...recordsOf(tag, person));
    return records;
  }

  /** Puts something where what is for this person, or at this place, waits. */
  #keep(to: Tag, items: readonly Item[]): void {
    const person = this.#people.get(to);
    if (person === undefined) return void this.#places.set(to, [...this.place(to), ...items]);
    person.items.push(...items);
    if (person.isTentative) person.unsaid += items.length;
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

function kept(to: Tag, { kind, body }: Item): MailRecord {
  return { type: "kept", to, kind, body };
}

function recordsOf(tag: Tag, person: Person): MailRecord[] {
  const { stream, first, items, unsaid, isTentative, following, received, unshown, transfers } =
    person;
  const records: MailRecord[] = [];
  const begins: MailRecord[] = stream === null ? [] : [{ type: "stream", to: tag, stream, first }];
  const said = items.length - unsaid;
  records.push(...begins, ...items.slice(0, said).map((item) => kept(tag, item)));
  records.push({ type: "delivered", to: tag, count: first });
  if (isTentative) records.push(...begins);
  records.push(...items.slice(said).map((item) => kept(tag, item)));
  if (following !== null) {
    const shown = received - unshown.length;
    records.push({ type: "following", from: tag, stream: following, received: shown });
  }
  for (const heard of unshown) records.push({ type: "heard", from: tag, ...heard });
  if (transfers.length > 0) records.push({ type: "transfers", with: tag, list: transfers });
  return records;
}
