/**
 * The layout of the prompt: rows of cells, and the cursor's position.
 *
 * @module
 */

import { type Cell, cellsWidth, plainCells, styledCells } from "./cells.ts";
import { safeText } from "../safe_text.ts";
import { graphemes } from "./text_width.ts";

/** The content of the prompt block. */
export interface PromptView {
  /** What stands before the text; may have styles of `style.ts`. */
  readonly prompt: string;
  /** The text that is being edited, as it is; lines are separated by newlines. */
  readonly text: string;
  /** The cursor in the text, in UTF-16 code units. */
  readonly cursor: number;
  /** A line below the text, cut to fit; may have styles of `style.ts`. */
  readonly status?: string;
  /** Lines above the prompt, the oldest first, each cut to fit; may have styles of `style.ts`. */
  readonly pending?: readonly string[];
}

/** A position in the block: row and column from 0. */
export interface CellPosition {
  /** Rows from the top of the block. */
  readonly row: number;
  /** Columns from the left of the screen. */
  readonly column: number;
}

/** Rows of cells, none wider than the screen, and the cursor's position among them. */
export interface Layout {
  /** The rows, at least one. */
  readonly rows: readonly (readonly Cell[])[];
  /** Always left of the right margin, where a terminal can show a cursor. */
  readonly cursor: CellPosition;
}

/** Fills rows from left to right. */
class Flow {
  readonly rows: Cell[][] = [[]];
  column = 0;
  #columns: number;
  #indent: readonly Cell[] = [];

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** From here on rows begin in the column where the flow is, if that leaves half of the screen. */
  indentHere(): void {
    const indent = this.rows.length === 1 && this.column <= this.#columns / 2 ? this.column : 0;
    this.#indent = plainCells(" ".repeat(indent));
  }

  newRow(): void {
    this.rows.push([...this.#indent]);
    this.column = this.#indent.length;
  }

  /** Makes sure that something of that width fits in the row. */
  reserve(width: number): void {
    if (this.column + width > this.#columns) this.newRow();
  }

  put(one: Cell): void {
    this.reserve(one.width);
    this.rows.at(-1)!.push(one);
    this.column += one.width;
  }

  get place(): CellPosition {
    return { row: this.rows.length - 1, column: this.column };
  }
}

/** A text as it is shown, and the cursor in that. */
function shownText(text: string, cursor: number): { shown: string; shownCursor: number } {
  const shown = safeText(text, { lines: true });
  if (shown === text) return { shown, shownCursor: cursor };
  // Something is unsafe. To know what the cursor is before, each character is made safe alone, even
  // if some would be kept among their neighbours.
  const shownCharacter = (cluster: string) => safeText(cluster, { lines: true });
  const before = graphemes(text.slice(0, cursor)).map(shownCharacter).join("");
  const after = graphemes(text.slice(cursor)).map(shownCharacter).join("");
  return { shown: before + after, shownCursor: before.length };
}

/** Cuts cells into words, each with the spaces behind it. */
function words(cells: readonly Cell[]): Cell[][] {
  const found: Cell[][] = [];
  for (const [index, one] of cells.entries()) {
    if (index === 0 || (cells[index - 1]!.text === " " && one.text !== " ")) found.push([]);
    found.at(-1)!.push(one);
  }
  return found;
}

/**
 * Lays out prompt and text. The prompt, which may be a question, is broken at spaces, the text where
 * the row ends. Rows after the first are indented to where the text begins.
 */
export function layoutPrompt(view: PromptView, columns: number): Layout {
  const flow = new Flow(columns);
  for (const word of words(styledCells(view.prompt))) {
    const width = cellsWidth(word.filter(({ text }) => text !== " "));
    if (width <= columns) flow.reserve(width);
    for (const one of word) flow.put(one);
  }
  flow.indentHere();
  const { shown, shownCursor } = shownText(view.text, view.cursor);
  let cursor: CellPosition | undefined;
  let position = 0;
  for (const one of plainCells(shown)) {
    const isNewline = one.text === "\n";
    if (!cursor && position >= shownCursor) {
      // A cursor can't stand after the last column, where no character fits either.
      flow.reserve(isNewline ? 1 : one.width);
      cursor = flow.place;
    }
    if (isNewline) flow.newRow();
    else flow.put(one);
    position += one.text.length;
  }
  if (!cursor) {
    flow.reserve(1);
    cursor = flow.place;
  }
  return { rows: flow.rows, cursor };
}

/** Lays out the lines above the prompt, a row for each; of too many the newest, below a row that counts the rest. */
export function layoutPending(
  pending: readonly string[],
  columns: number,
  room: number,
): readonly Cell[][] {
  if (room < 1) return [];
  if (pending.length <= room) return pending.map((line) => layoutLine(line, columns));
  const newest = room === 1 ? [] : pending.slice(1 - room);
  const more = `… and ${pending.length - newest.length} more`;
  return [more, ...newest].map((line) => layoutLine(line, columns));
}

/** Lays out a line that has one row, such as the status, cut at the right margin with an ellipsis. */
export function layoutLine(line: string, columns: number): Cell[] {
  const cells = styledCells(line);
  if (cellsWidth(cells) <= columns) return cells;
  const kept: Cell[] = [];
  let used = 1;
  for (const one of cells) {
    used += one.width;
    if (used > columns) break;
    kept.push(one);
  }
  return [...kept, { text: "…", width: 1, style: kept.at(-1)?.style ?? "" }];
}

/** The rows that the terminal makes of one row when it becomes narrower: how many of its columns are before each. */
export function reflowRow(row: readonly Cell[], columns: number): number[] {
  const starts = [0];
  let used = 0;
  let total = 0;
  for (const { width } of row) {
    if (used + width > columns) {
      starts.push(total);
      used = 0;
    }
    used += width;
    total += width;
  }
  return starts;
}
