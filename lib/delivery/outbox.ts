/**
 * The outbox: every line and file offer of ours, from Enter to receipt, in one record each.
 *
 *     waiting --sent in a session--> sent --receipt--> (gone)
 *        \<------session over---------/
 *
 * A record is never changed: a new one with the same id takes its place.
 *
 * @module
 */
import { encodeOffer, type Offer } from "../protocol/offer.ts";
import { utf8 } from "../crypto/bytes.ts";
import type { Addressee, Item } from "./record.ts";

/** A line or a file offer that is not known to have arrived. */
export interface OutboxLine {
  /** Names it in this run. */
  readonly id: number;
  /** A text, or the offer of a file. */
  readonly kind: Item["kind"];
  /** The peer it is for; before any peer has come, the conversation. */
  readonly addressee: Addressee;
  /** What was typed; an offer as its statement's text. */
  readonly text: string;
  /** Whether it was sent in the session that stands. */
  readonly state: "waiting" | "sent";
  /** Its number in our stream to the addressee; `null` as long as there is no stream. */
  readonly sequence: number | null;
  /** When it was said, in milliseconds since 1970-01-01 UTC; `null` for a line that the first edition kept. */
  readonly time: number | null;
  /** How many statements of the session that stands its author had before him when he said it. */
  readonly seen: number;
  /** Bytes of its text as UTF-8. */
  readonly bytes: number;
}

/** The lines of each addressee, oldest first. */
export class Outbox {
  readonly #lines = new Map<Addressee, OutboxLine[]>();
  #nextId = 0;
  #bytes = 0;
  /** Lines with an id from here on are not in the journal yet. */
  #saved = 0;

  /** The id that the next line gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Bytes of the texts of all lines. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The lines for one addressee, oldest first; not to be changed. */
  lines(addressee: Addressee): readonly OutboxLine[] {
    return this.#lines.get(addressee) ?? [];
  }

  /** Every addressee there is, or was, a line for. */
  addressees(): readonly Addressee[] {
    return [...this.#lines.keys()];
  }

  /**
   * Adds a line behind those that are there.
   *
   * @param sequence its number, if there is a stream
   * @param seen how many statements of the session that stands its author had before him
   */
  add(addressee: Addressee, item: Item, sequence: number | null, seen: number): void {
    const { kind, body: text, time = null } = item;
    const bytes = utf8(text).length;
    const place = { id: this.#nextId++, kind, addressee, text, state: "waiting" } as const;
    const lines = this.#lines.get(addressee) ?? [];
    lines.push({ ...place, sequence, time, seen, bytes });
    this.#bytes += bytes;
    this.#lines.set(addressee, lines);
  }

  /** The journal holds all lines with an id below this. */
  saved(below: number): void {
    this.#saved = Math.max(this.#saved, below);
  }

  /** Whether the journal holds a line: only then may it leave. */
  isSaved({ id }: OutboxLine): boolean {
    return id < this.#saved;
  }

  /** What was for `from` is for `to`, behind what was for `to` already. */
  claim(from: Addressee, to: Addressee, sequence: number | null): void {
    const claimed = this.lines(from).map((line, i) => ({
      ...line,
      addressee: to,
      sequence: sequence === null ? null : sequence + i,
    }));
    this.#lines.delete(from);
    this.#lines.set(to, [...this.lines(to), ...claimed]);
  }

  /** The oldest `count` lines have arrived. @returns how many there were */
  acknowledge(addressee: Addressee, count: number): number {
    const arrived = this.#lines.get(addressee)?.splice(0, Math.max(0, count)) ?? [];
    for (const { bytes } of arrived) this.#bytes -= bytes;
    return arrived.length;
  }

  /** Takes the line at a place out; those behind it move up. */
  withdraw(addressee: Addressee, place: number): void {
    const lines = this.#lines.get(addressee)!;
    const { sequence, bytes } = lines[place]!;
    lines.splice(place, 1);
    this.#bytes -= bytes;
    if (sequence !== null) this.renumber(addressee, sequence, place);
  }

  /** Numbers the lines from a place on anew. @param sequence of the first of them */
  renumber(addressee: Addressee, sequence: number, from = 0): void {
    const lines = this.#lines.get(addressee) ?? [];
    for (let i = from; i < lines.length; i++) {
      lines[i] = { ...lines[i]!, sequence: sequence + i - from };
    }
  }

  /** The line at a place was sent. @returns the line as it is now */
  sent(addressee: Addressee, place: number, sequence: number): OutboxLine {
    const lines = this.#lines.get(addressee)!;
    return lines[place] = { ...lines[place]!, state: "sent", sequence };
  }

  /** The session is over: what was sent and is not acknowledged waits again, and nothing of the session was answered. */
  hold(addressee: Addressee): void {
    const lines = this.#lines.get(addressee) ?? [];
    for (const [i, line] of lines.entries()) {
      if (line.state === "sent" || line.seen > 0) lines[i] = { ...line, state: "waiting", seen: 0 };
    }
  }
}

/** Whether a line is a text, and not the offer of a file. */
export function isText({ kind }: OutboxLine): boolean {
  return kind === "text";
}

/** The texts among some lines. */
export function textsOf(lines: readonly OutboxLine[]): string[] {
  return lines.filter(isText).map(({ text }) => text);
}

/** The offer of a file, as an item. */
export function offerItem(offer: Offer): Item {
  return { kind: "file", body: encodeOffer(offer) };
}
