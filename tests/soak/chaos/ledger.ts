/**
 * The ledger of one direction: what was given to the sender's client, what that has taken, what the reader's client
 * has shown. They tell whether every line that was taken arrived, once and in order.
 *
 * A line is *handed* when it is written to the client's input, and *taken* when the client says so (`queued`). When
 * a client is killed, lines that were handed and not reported are in *doubt*: usually they were not taken, but the
 * kill may have come between keeping the line and saying so. Such a line may arrive, once and in its place, and
 * nothing is owed if it does not. A line that was taken must arrive.
 */
import type { Side } from "./schedule.ts";

/** What must not happen, whatever dies: the kinds, and what each means. */
export const VIOLATIONS = {
  "lost": "was taken by its client, and never arrived",
  "twice": "was shown more than once",
  "out of order": "was shown before one that was said earlier, or was taken so",
  "altered": "is not what was said under this number",
  "invented": "was said by nobody, or was surely not taken",
  "false receipt": "was reported as delivered, and had not arrived",
  "file": "is not whole, is there twice, or left something behind",
  "stuck": "did not come to its end in time",
  "process": "ended by itself",
} as const satisfies Record<string, string>;

export type ViolationKind = keyof typeof VIOLATIONS;

/** One that was found, and a line about it. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
}

/** A line of the sender. */
interface Line {
  readonly text: string;
  /** Its place among all lines that were handed. */
  readonly place: number;
  /** When it was handed, in milliseconds. */
  readonly handedAt: number;
  isTaken: boolean;
  /** The process that it was handed to is gone, and had not reported it. */
  isInDoubt: boolean;
  /** Its number in the sender's stream, as the sender's client reports it; files have numbers there, too. */
  number: number | null;
  /** The number under which the reader's client showed it. */
  shownAs: number | null;
}

/** A message as the reader's client shows it. */
export interface Shown {
  /** Its number in the sender's stream. */
  readonly sequence: number;
  readonly text: string;
  /** The reader's client can't know whether it was shown before it was killed. */
  readonly again: boolean;
}

/** What the report says of one direction. */
export interface LedgerCounts {
  readonly taken: number;
  readonly arrived: number;
  /** Lines that a killed client had been given, and had not taken. */
  readonly notTaken: number;
  /** Lines that were kept by a client that was killed before it could say so, and arrived. */
  readonly takenUnsaid: number;
  /** Lines that were shown again after a kill, with the mark that says so. */
  readonly shownAgain: number;
}

/** The ledger of what one side says. */
export class Ledger {
  readonly #sender: Side;
  readonly #lines = new Map<string, Line>();
  /** Lines of the present process that it has not reported yet, in order. */
  #handed = new Set<Line>();
  /** Lines that were taken and not shown. */
  readonly #owed = new Set<Line>();
  readonly #numbers = new Map<number, Line>();
  /** What the reader's client showed under each number. */
  readonly #shown = new Map<number, string>();
  /** Numbers that the reader's present process has shown. */
  #shownByPresent = new Set<number>();
  readonly #violations: Violation[] = [];
  /** Milliseconds from a line's being handed to its being shown, for each that was. */
  readonly times: number[] = [];
  /** The line that was shown last, but for those that were shown again. */
  #last = { place: -1, number: -1 };
  #delivered = 0;
  #shownAgain = 0;

  constructor(sender: Side) {
    this.#sender = sender;
  }

  /** A line, unlike every other, was written to the input of the sender's client. */
  hand(text: string, now: number): void {
    if (this.#lines.has(text)) throw new RangeError(`Cannot say a line twice: ${text}`);
    const line: Line = {
      text,
      place: this.#lines.size,
      handedAt: now,
      isTaken: false,
      isInDoubt: false,
      number: null,
      shownAs: null,
    };
    this.#lines.set(text, line);
    this.#handed.add(line);
  }

  /**
   * The sender's client has taken a line. It may say so again, for example when it sends it.
   *
   * @param number `null` where it is not known yet
   */
  taken(number: number | null, text: string): void {
    const line = this.#lines.get(text);
    if (line === undefined) {
      return this.blame("invented", `taken, and never said: ${quoted(text)}`);
    }
    if (!line.isTaken) this.#take(line);
    if (number === null || number === line.number) return;
    const other = this.#numbers.get(number);
    if (line.number !== null) {
      this.blame("twice", `taken as ${line.number} and ${number}: ${quoted(text)}`);
    } else if (other !== undefined) {
      this.blame("altered", `${number} is ${quoted(other.text)} and ${quoted(text)}`);
    } else {
      line.number = number;
      this.#numbers.set(number, line);
    }
  }

  /** A client takes lines in the order in which they were handed to it. */
  #take(line: Line): void {
    const [first] = this.#handed;
    if (!line.isInDoubt && first !== line) {
      this.blame("out of order", `${quoted(line.text)} taken before ${quoted(first!.text)}`);
    }
    this.#handed.delete(line);
    line.isTaken = true;
    line.isInDoubt = false;
    if (line.shownAs === null) this.#owed.add(line);
  }

  /** Everything with a number below `count` has arrived, says the sender's client. */
  delivered(count: number): void {
    this.#delivered = Math.max(this.#delivered, count);
  }

  /**
   * The sender's process is gone, and everything that it printed was read.
   *
   * @returns how many lines it was given and did not report
   */
  senderCrashed(): number {
    const count = this.#handed.size;
    for (const line of this.#handed) line.isInDoubt = true;
    this.#handed = new Set();
    return count;
  }

  /** The reader's process is gone, and everything that it printed was read. */
  readerCrashed(): void {
    this.#shownByPresent = new Set();
  }

  /** The reader's client shows a message. */
  shown({ sequence, text, again }: Shown, now: number): void {
    const before = this.#shown.get(sequence);
    if (before === undefined) this.#showFirst(sequence, text, now);
    else this.#showAgain(sequence, text, again && !this.#shownByPresent.has(sequence), before);
    this.#shownByPresent.add(sequence);
  }

  #showFirst(number: number, text: string, now: number): void {
    this.#shown.set(number, text);
    const line = this.#lines.get(text);
    if (line === undefined) return this.blame("invented", `${number} is ${quoted(text)}`);
    if (line.shownAs !== null) {
      return this.blame("twice", `shown as ${line.shownAs} and ${number}: ${quoted(text)}`);
    }
    line.shownAs = number;
    this.#owed.delete(line);
    this.times.push(now - line.handedAt);
    const { place } = line;
    if (number <= this.#last.number || place <= this.#last.place) {
      const last = `${this.#last.number}, ${quoted(this.#shown.get(this.#last.number) ?? "")}`;
      this.blame("out of order", `${number}, ${quoted(text)}, behind ${last}`);
    }
    this.#last = {
      place: Math.max(place, this.#last.place),
      number: Math.max(number, this.#last.number),
    };
  }

  #showAgain(number: number, text: string, isMarked: boolean, before: string): void {
    if (text !== before) {
      this.blame("altered", `${number} is ${quoted(before)} and ${quoted(text)}`);
    } else if (isMarked) this.#shownAgain++;
    else this.blame("twice", `${number} was shown again: ${quoted(text)}`);
  }

  /** How many lines wait: for being taken, and for being shown. */
  get waiting(): { readonly handed: number; readonly inFlight: number } {
    return { handed: this.#handed.size, inFlight: this.#owed.size };
  }

  /** For the report. */
  get counts(): LedgerCounts {
    const lines = [...this.#lines.values()];
    const arrived = lines.filter(({ shownAs }) => shownAs !== null);
    const takenUnsaid = arrived.filter(({ isInDoubt }) => isInDoubt).length;
    return {
      taken: lines.filter(({ isTaken }) => isTaken).length + takenUnsaid,
      arrived: arrived.length,
      notTaken: lines.filter(({ isInDoubt }) => isInDoubt).length - takenUnsaid,
      takenUnsaid,
      shownAgain: this.#shownAgain,
    };
  }

  /** Everything that is wrong, in the end. */
  audit(): readonly Violation[] {
    const ledger = new Ledger(this.#sender);
    for (const line of this.#lines.values()) ledger.#check(line, this.#delivered);
    return [...this.#violations, ...ledger.#violations];
  }

  #check({ text, isTaken, isInDoubt, number, shownAs }: Line, delivered: number): void {
    if (isTaken && shownAs === null) {
      this.blame("lost", `${number ?? "without a number"}, ${quoted(text)}`);
      if (number !== null && number < delivered) this.blame("false receipt", `of ${number}`);
    }
    if (shownAs === null) return;
    if (number !== null && number !== shownAs) {
      this.blame("altered", `sent as ${number} and shown as ${shownAs}: ${quoted(text)}`);
    }
    if (!isTaken && !isInDoubt) {
      this.blame("invented", `${shownAs} was shown, and not taken: ${quoted(text)}`);
    }
  }

  /** Something is wrong. */
  blame(kind: ViolationKind, what: string): void {
    this.#violations.push({ kind, what: `from ${this.#sender}: ${what}` });
  }
}

/** A text as one short word. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
