/**
 * The books of one direction: what was given to the sender's client, what that has taken, what the reader's client
 * has shown. It decides whether every line that was taken arrived, once and in order.
 *
 * A line is *handed* when it is written to the client's input, and *taken* when the client says so (`queued`). When
 * a client is killed, lines that were handed and not reported are in *doubt*: usually they were not taken, but the
 * kill may have come between keeping the line and saying so. Such a line may arrive, once and in its place, and
 * nothing is owed if it does not. A line that was taken must arrive.
 *
 * @module
 */
import type { Side } from "./fault.ts";
import type { Violation, ViolationKind } from "./violation.ts";

/** A line of the sender. */
interface Line {
  readonly text: string;
  /** When it was first handed, in milliseconds. */
  readonly handedAt: number;
  /** Its number in the sender's stream, once it was taken. */
  sequence: number | null;
  /** The process that it was handed to is gone, and had not reported it. */
  isInDoubt: boolean;
}

/** A message as the reader's client shows it. */
export interface Shown {
  /** Its number in the sender's stream. */
  readonly sequence: number;
  /** What it says. */
  readonly text: string;
  /** The reader's client can't know whether it was shown before it was killed. */
  readonly again: boolean;
}

/** What the report says of one direction. */
export interface LedgerCounts {
  /** Lines that were taken. */
  readonly taken: number;
  /** Lines that arrived. */
  readonly arrived: number;
  /** Lines that a killed client had been given, and had not taken. */
  readonly notTaken: number;
  /** Lines that were kept by a client that was killed before it could say so, and arrived. */
  readonly takenUnsaid: number;
  /** Lines that were shown again after a kill, with the mark that says so. */
  readonly shownAgain: number;
}

/** The books of what one side says. */
export class Ledger {
  readonly #sender: Side;
  readonly #lines = new Map<string, Line>();
  /** Lines of the present process that it has not reported yet, in order. */
  #handed = new Set<Line>();
  readonly #bySequence = new Map<number, Line>();
  /** Numbers that the reader's client has shown, and what it showed first. */
  readonly #shown = new Map<number, string>();
  /** Numbers that the reader's present process has shown. */
  #shownByPresent = new Set<number>();
  readonly #violations: Violation[] = [];
  readonly #times: number[] = [];
  /** One more than the highest number that was taken. */
  #top = 0;
  /** One more than the highest number that was shown. */
  #next = 0;
  #delivered = 0;
  #shownAgain = 0;

  /** Empty books. */
  constructor(sender: Side) {
    this.#sender = sender;
  }

  /** A line was written to the input of the sender's client. */
  hand(text: string, now: number): void {
    const line: Line = { text, handedAt: now, sequence: null, isInDoubt: false };
    if (this.#lines.has(text)) throw new RangeError(`Cannot say a line twice: ${text}`);
    this.#lines.set(text, line);
    this.#handed.add(line);
  }

  /** The sender's client has taken a line. It may say so again, for example when it starts. */
  queued(sequence: number, text: string): void {
    const line = this.#lines.get(text);
    if (line === undefined) return this.#blame("invented", sequence, `queued ${quoted(text)}`);
    if (line.sequence === sequence) return;
    if (line.sequence !== null) {
      return this.#blame("twice", sequence, `taken as ${line.sequence}, too: ${quoted(text)}`);
    }
    const other = this.#bySequence.get(sequence);
    if (other !== undefined) {
      return this.#blame("altered", sequence, `taken for ${quoted(other.text)}`);
    }
    if (!line.isInDoubt) this.#checkOrder(line, sequence);
    line.sequence = sequence;
    line.isInDoubt = false;
    this.#bySequence.set(sequence, line);
    this.#top = Math.max(this.#top, sequence + 1);
  }

  /** A client takes lines in the order in which they were handed to it, behind all that was taken before. */
  #checkOrder(line: Line, sequence: number): void {
    const [first] = this.#handed;
    if (first !== line) {
      this.#blame("out of order", sequence, `taken before ${quoted(first?.text ?? "")}`);
    }
    if (sequence < this.#top) {
      this.#blame("out of order", sequence, `taken behind ${this.#top - 1}`);
    }
    this.#handed.delete(line);
  }

  /** All lines below `count` have arrived, says the sender's client. */
  delivered(count: number): void {
    this.#delivered = Math.max(this.#delivered, count);
  }

  /**
   * The sender's process is gone, and everything that it printed was read.
   *
   * @returns how many lines it was given and did not report
   */
  senderDied(): number {
    const count = this.#handed.size;
    for (const line of this.#handed) line.isInDoubt = true;
    this.#handed = new Set();
    return count;
  }

  /** The reader's process is gone, and everything that it printed was read. */
  readerDied(): void {
    this.#shownByPresent = new Set();
  }

  /** The reader's client shows a message. */
  shown({ sequence, text, again }: Shown, now: number): void {
    const before = this.#shown.get(sequence);
    if (before !== undefined) {
      this.#repeated(sequence, text, again && !this.#shownByPresent.has(sequence), before);
    } else {
      this.#checkPlace(sequence);
      this.#shown.set(sequence, text);
      const line = this.#lines.get(text);
      if (line !== undefined) this.#times.push(now - line.handedAt);
    }
    this.#shownByPresent.add(sequence);
  }

  #repeated(sequence: number, text: string, isMarked: boolean, before: string): void {
    if (text !== before) this.#blame("altered", sequence, `first ${quoted(before)}`);
    else if (isMarked) this.#shownAgain++;
    else this.#blame("twice", sequence, quoted(text));
  }

  #checkPlace(sequence: number): void {
    if (sequence !== this.#next) {
      this.#blame("out of order", sequence, `shown where ${this.#next} should be`);
    }
    this.#next = Math.max(this.#next, sequence + 1);
  }

  /** Whether all that was handed was taken, and all that was taken has been shown. */
  get settled(): boolean {
    return this.#handed.size === 0 && this.#shown.size >= this.#top;
  }

  /** How many lines wait: for being taken, and for being shown. */
  get waiting(): { readonly handed: number; readonly underway: number } {
    return { handed: this.#handed.size, underway: Math.max(0, this.#top - this.#shown.size) };
  }

  /** Milliseconds from a line's being handed to its being shown, for each that was. */
  get times(): readonly number[] {
    return this.#times;
  }

  /** For the report. */
  get counts(): LedgerCounts {
    const inDoubt = [...this.#lines.values()].filter(({ isInDoubt }) => isInDoubt);
    const shown = new Set(this.#shown.values());
    const takenUnsaid = inDoubt.filter(({ text }) => shown.has(text)).length;
    return {
      taken: this.#bySequence.size + takenUnsaid,
      arrived: this.#shown.size,
      notTaken: inDoubt.length - takenUnsaid,
      takenUnsaid,
      shownAgain: this.#shownAgain,
    };
  }

  /** Everything that is wrong, in the end. */
  audit(): readonly Violation[] {
    const found = new Ledger(this.#sender);
    for (let sequence = 0; sequence < Math.max(this.#top, this.#next); sequence++) {
      const line = this.#bySequence.get(sequence);
      const text = this.#shown.get(sequence);
      // A number that no client has reported was taken by one that was killed before it could.
      if (text === undefined) found.#blame("lost", sequence, quoted(line?.text ?? "not reported"));
      else if (line !== undefined && line.text !== text) {
        found.#blame("altered", sequence, `${quoted(line.text)} became ${quoted(text)}`);
      } else if (line === undefined) found.#checkUnsaid(sequence, this.#lines.get(text), text);
    }
    if (this.#delivered > this.#shown.size) {
      found.#blame("false receipt", this.#delivered, `only ${this.#shown.size} arrived`);
    }
    return [...this.#violations, ...found.#violations];
  }

  /** What arrived under a number that no client has reported must be a line in doubt, once. */
  #checkUnsaid(sequence: number, line: Line | undefined, text: string): void {
    if (line === undefined || !line.isInDoubt) {
      return this.#blame("invented", sequence, quoted(text));
    }
    if (this.#lines.has(text)) this.#blame("twice", sequence, quoted(text));
    this.#lines.set(text, line);
  }

  #blame(kind: ViolationKind, sequence: number, what: string): void {
    this.#violations.push({ kind, what: `${this.#sender}'s number ${sequence}: ${what}` });
  }
}

/** A text as one short word. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
