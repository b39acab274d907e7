/**
 * Writes cells at places relative to the top of the prompt block, with few control functions, all
 * of them in ECMA-48 and in every terminal: CR, LF, CUU, CUD, CHA, EL, ED, SGR.
 *
 * @module
 */

import { type Cell, cellsWidth, widthsAreCertain } from "./cells.ts";
import type { CellPosition } from "./layout.ts";

/**
 * Erases from the first column to the end of the screen, and is back in the first column (EL, CHA,
 * ED, CR). Not simply ED: in the top left corner tmux takes that for a cleared screen and puts what
 * was on it, half-drawn prompts too, into the scrollback.
 */
export const ERASE_BELOW = "\x1b[K\x1b[2G\x1b[J\r";

/** Collects output and knows where it leaves the cursor. */
export class Pen {
  /** What was written so far. */
  output = "";
  #row: number;
  #column: number;
  /** The last row that is known to exist; the terminal scrolls to make more. */
  #lowest: number;

  /** Takes up the cursor where the terminal has it. */
  constructor(at: CellPosition, lowest: number) {
    this.#row = at.row;
    this.#column = at.column;
    this.#lowest = lowest;
  }

  /** Moves the cursor; below the last row by making new ones. */
  moveTo(row: number, column: number): void {
    if (row > this.#lowest) {
      this.moveTo(this.#lowest, 0);
      this.output += "\r\n".repeat(row - this.#lowest);
      this.#lowest = this.#row = row;
    }
    // After the last column the cursor's column is uncertain until CR: it may wrap before it moves.
    if (row !== this.#row) this.#carriageReturn();
    if (row < this.#row) this.output += `\x1b[${this.#row - row}A`;
    if (row > this.#row) this.output += `\x1b[${row - this.#row}B`;
    this.#row = row;
    if (column === this.#column) return;
    if (column === 0) this.#carriageReturn();
    else this.output += `\x1b[${column + 1}G`;
    this.#column = column;
  }

  #carriageReturn(): void {
    if (this.#column > 0) this.output += "\r";
    this.#column = 0;
  }

  /**
   * Moves the cursor to a column of a row that has been drawn. Where terminals may disagree about
   * widths, it writes the cells before that column again instead of counting them.
   */
  moveAlong(place: CellPosition, cells: readonly Cell[]): void {
    if (widthsAreCertain(cells)) return this.moveTo(place.row, place.column);
    this.moveTo(place.row, 0);
    let used = 0;
    this.write(cells.filter(({ width }) => (used += width) <= place.column));
    this.moveTo(place.row, place.column);
  }

  /** Writes cells from the cursor on, which must not pass the right margin. */
  write(cells: readonly Cell[]): void {
    let style = "";
    for (const cell of cells) {
      if (cell.style !== style) this.output += (style === "" ? "" : "\x1b[0m") + cell.style;
      style = cell.style;
      this.output += cell.text;
    }
    if (style !== "") this.output += "\x1b[0m";
    this.#column += cellsWidth(cells);
  }

  /** Erases from the cursor to the end of the row (EL); the cursor must not be past its end. */
  eraseRight(): void {
    this.output += "\x1b[K";
  }

  /** Erases from the beginning of the cursor's row to the end of the screen. */
  eraseBelow(): void {
    this.#carriageReturn();
    this.output += ERASE_BELOW;
  }
}
