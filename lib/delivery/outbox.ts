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
  /** When it was sent last, in milliseconds since 1970-01-01 UTC; `null` before the first time. */
  readonly time: number | null;
}

/** The lines of each addressee, oldest first. */
export class Outbox {
  readonly #lines = new Map<Addressee, OutboxLine[]>();
  #nextId = 0;
  /** Lines with an id from here on are not in the journal yet. */
  #saved = 0;

  /** The id that the next line gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The lines for one addressee, oldest first; not to be changed. */
  lines(addressee: Addressee): readonly OutboxLine[] {
    return this.#lines.get(addressee) ?? [];
  }

  /** Every addressee there is, or was, a line for. */
  addressees(): readonly Addressee[] {
    return [...this.#lines.keys()];
  }

  /** Adds lines behind those that are there. @param sequence of the first one, if there is a stream */
  add(addressee: Addressee, items: readonly Item[], sequence: number | null): void {
    const lines = this.#lines.get(addressee) ?? [];
    for (const [i, { kind, body: text }] of items.entries()) {
      lines.push({
        id: this.#nextId++,
        kind,
        addressee,
        text,
        state: "waiting",
        sequence: sequence === null ? null : sequence + i,
        time: null,
      });
    }
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
    return this.#lines.get(addressee)?.splice(0, Math.max(0, count)).length ?? 0;
  }

  /** The line at a place was sent. @returns the line as it is now */
  sent(addressee: Addressee, place: number, sequence: number, time: number): OutboxLine {
    const lines = this.#lines.get(addressee)!;
    return lines[place] = { ...lines[place]!, state: "sent", sequence, time };
  }

  /** The session is over: what was sent and is not acknowledged waits again. */
  hold(addressee: Addressee): void {
    const lines = this.#lines.get(addressee) ?? [];
    for (const [i, line] of lines.entries()) {
      if (line.state === "sent") lines[i] = { ...line, state: "waiting" };
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

/** The texts before the first file. */
export function leadingTexts(lines: readonly OutboxLine[]): string[] {
  const end = lines.findIndex((line) => !isText(line));
  return textsOf(end < 0 ? lines : lines.slice(0, end));
}

/** The offer of a file, as an item. */
export function offerItem(offer: Offer): Item {
  return { kind: "file", body: encodeOffer(offer) };
}
