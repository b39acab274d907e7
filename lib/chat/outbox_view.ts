/**
 * Shows the outbox. Lines that have not arrived stand right above the prompt; when they have, they go to where
 * everything else stands, because what is there belongs to the terminal and can't be changed.
 *
 * A screen reader would read a block that changes again and again. For `--ascii` each line is printed once, and it is
 * said when all have arrived.
 *
 * @module
 */
import type { OutboxLine } from "../delivery/outbox.ts";
import { saidLine, saidRow, type SaidStyle } from "./said.ts";

/** The mark before a line that has not arrived. */
const MARKS = { waiting: "…", sent: "→" } as const;

/** The mark after a line that has. */
const ARRIVED = " ✓";

/** Options of an {@link OutboxView}. */
export interface OutboxViewOptions extends SaidStyle {
  /** Where it shows the lines. */
  readonly prompt: {
    print(text: string): void;
    setPending(lines: readonly string[]): void;
    readonly columns: number;
  };
  /** Whether there may be a block that is drawn again and again. */
  readonly draws: boolean;
  /** Whether a line leaves at once. */
  readonly isOpen: () => boolean;
}

/** The outbox, in a terminal. */
export class OutboxView {
  readonly #options: OutboxViewOptions;
  #lines: readonly OutboxLine[] = [];
  /** A line is laid out once, however often its neighbours change. */
  readonly #rows = new WeakMap<OutboxLine, string>();
  /** Without a block: the newest line that was printed. */
  #printed = -1;

  /** A view of an empty outbox. */
  constructor(options: OutboxViewOptions) {
    this.#options = options;
  }

  /** The texts that are not known to have arrived, the oldest first. */
  get texts(): readonly string[] {
    return this.#lines.map(({ text }) => text);
  }

  /** The outbox has changed. */
  update(lines: readonly OutboxLine[]): void {
    this.#lines = lines.filter(({ kind }) => kind === "text");
    const { draws, prompt, isOpen } = this.#options;
    if (draws) return prompt.setPending(this.#lines.map((line) => this.#row(line)));
    if (!isOpen()) { for (const line of this.#lines) this.#printOnce(line, " (waiting)"); }
  }

  /** A line was sent, for the first time or again. */
  sent(line: OutboxLine): void {
    if (!this.#options.draws) this.#printOnce(line, " (sent)");
  }

  /** Lines have arrived. */
  delivered(lines: readonly OutboxLine[]): void {
    const { draws, prompt, style } = this.#options;
    if (lines.length === 0) return;
    if (!draws) {
      if (this.#lines.length === 0) prompt.print(style("- delivered", "dim"));
      return;
    }
    const mark = style(ARRIVED, "dim");
    // In one piece, so that a burst costs one update of the screen.
    prompt.print(lines.map((line) => this.#said(line, mark)).join("\n"));
  }

  #row(line: OutboxLine): string {
    const known = this.#rows.get(line);
    if (known !== undefined) return known;
    const row = this.#options.style(saidRow(MARKS[line.state], "you", line.text), "dim");
    this.#rows.set(line, row);
    return row;
  }

  #said({ text, time }: OutboxLine, mark: string): string {
    const said = { time, who: "you", colour: null, text, mark };
    return saidLine(this.#options, said, this.#options.prompt.columns);
  }

  /** Ids grow with each line, so the newest that was printed stands for all before it. */
  #printOnce(line: OutboxLine, mark: string): void {
    if (line.id <= this.#printed) return;
    this.#printed = line.id;
    const { prompt, style } = this.#options;
    prompt.print(this.#said(line, style(mark, "dim")));
  }
}
