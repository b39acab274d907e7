/**
 * Shows how far the lines of ours have come. Those that have not arrived stand right above the prompt; when they
 * have, they go to where everything else stands, because what is there belongs to the terminal and can't be changed.
 *
 * A screen reader would read a block that changes again and again. For `--ascii` each line is printed once, and it
 * is told when all have arrived.
 *
 * @module
 */
import {
  addTyped,
  holdAll,
  markSent,
  type OwnLine,
  type OwnLines,
  type SentLine,
  takeDelivered,
  takeLost,
  takeOut,
} from "./own_lines.ts";
import { saidLine, saidRow, type SaidStyle } from "./said.ts";

/** What stands before a line that has not arrived. */
const MARKS = { waiting: "…", sent: "→" } as const;

/** What stands behind one that has. */
const ARRIVED = " ✓";

/** What the view needs. */
export interface OwnLinesOptions extends SaidStyle {
  /** Where it shows them. */
  readonly prompt: {
    print(text: string): void;
    setPending(lines: readonly string[]): void;
  };
  /** Whether there may be a block that is drawn again and again. */
  readonly draws: boolean;
}

/** The lines of ours, in a terminal. */
export class OwnLinesView {
  readonly #options: OwnLinesOptions;
  #lines: OwnLines = [];
  /** A line is laid out once, however often its neighbours change. */
  readonly #rows = new WeakMap<OwnLine, string>();
  /** Without a block: lines that were printed before they were sent. */
  readonly #told = new WeakSet<OwnLine>();

  /** A view that shows no line yet. */
  constructor(options: OwnLinesOptions) {
    this.#options = options;
  }

  /** The texts that are not known to have arrived, the oldest first. */
  get texts(): readonly string[] {
    return this.#lines.map(({ text }) => text);
  }

  /** The person has said this; `isOpen` when it leaves at once. */
  typed(text: string, isOpen: boolean): void {
    this.#update(addTyped(this.#lines, text));
    if (this.#options.draws || isOpen) return;
    this.#told.add(this.#lines.at(-1)!);
    this.#print(text, null, " (waiting)");
  }

  /** It is on its way, for the first time or again. */
  sent(line: SentLine): void {
    const { lines, before } = markSent(this.#lines, line);
    this.#update(lines);
    if (this.#options.draws) return;
    const isTold = before !== null && (this.#told.has(before) || before.sequence !== null);
    if (!isTold) this.#print(line.text, line.time, " (sent)");
  }

  /** All of ours below `count` have arrived. */
  delivered(count: number): void {
    const { lines, delivered } = takeDelivered(this.#lines, count);
    if (delivered.length === 0) return;
    this.#update(lines);
    const { draws, prompt, style } = this.#options;
    if (draws) {
      const mark = style(ARRIVED, "dim");
      // In one piece, so that a burst costs one update of the screen.
      prompt.print(delivered.map(({ text, time }) => this.#said(text, time, mark)).join("\n"));
    } else if (lines.length === 0) prompt.print(style("- delivered", "dim"));
  }

  /** Nobody is there any more: what is on its way has to wait. */
  held(): void {
    this.#update(holdAll(this.#lines));
  }

  /** These are not to be sent at all. */
  dropped(texts: readonly string[]): void {
    this.#update(takeOut(this.#lines, texts));
  }

  /**
   * The conversation has no more than `count` of the lines left.
   *
   * @returns the others
   */
  keepOnly(count: number): readonly string[] {
    const { lines, lost } = takeLost(this.#lines, this.#lines.length - count);
    this.#update(lines);
    return lost;
  }

  #update(lines: OwnLines): void {
    this.#lines = lines;
    if (this.#options.draws) this.#options.prompt.setPending(lines.map((line) => this.#row(line)));
  }

  #row(line: OwnLine): string {
    const known = this.#rows.get(line);
    if (known !== undefined) return known;
    const row = this.#options.style(saidRow(MARKS[line.state], "you", line.text), "dim");
    this.#rows.set(line, row);
    return row;
  }

  #said(text: string, time: number | null, mark: string): string {
    return saidLine(this.#options, { time, who: "you", colour: null, text, mark });
  }

  #print(text: string, time: number | null, mark: string): void {
    this.#options.prompt.print(this.#said(text, time, this.#options.style(mark, "dim")));
  }
}
