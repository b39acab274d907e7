// deno-lint-ignore-file no-control-regex -- control characters are what this file obeys
/**
 * A terminal in memory. It obeys exactly the control functions that `lib/terminal` writes and throws
 * on any other, on text that no terminal should get, and on movements whose result depends on the
 * terminal (after the last column, before a CR).
 *
 * @module
 */

import { graphemes, graphemeWidth } from "../../lib/terminal/text_width.ts";

/** A cell that nothing was written to. Reflow keeps written spaces and drops these, as terminals do. */
const BLANK = "\0";

/** One row: a string for each column; the second column of a wide character holds "". */
interface Row {
  cells: string[];
  /** Whether the next row continues this one, because text ran over the margin. */
  wrapped: boolean;
}

/** What may never reach a terminal: controls, bidi controls, separators, invisible fillers. */
const FORBIDDEN =
  /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}\p{Co}\p{Cn}]/u;
const CONTROL = /\x1b\[(\?\d+[hl]|\d*[ABG]|\d+;\d+H|[JK]|\d+m)|[\r\n\x07]/y;
const TEXT = /[^\x00-\x1f\x7f]+/y;
const MODES = ["2026", "2004", "1004"];
const STYLES = ["0", "1", "2", "22", "31", "32", "33", "34", "35", "36", "39"];

export class VirtualTerminal {
  columns: number;
  rows: number;
  /** Rows that have left the screen at its top, the oldest first. */
  scrollback: Row[] = [];
  screen: Row[] = [];
  row = 0;
  column = 0;
  bells = 0;
  /** Private modes that are on. */
  modes: Set<string> = new Set();
  /** Everything that was written. */
  log = "";
  #pendingWrap = false;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.screen = Array.from({ length: rows }, () => this.#emptyRow());
  }

  write(output: string): void {
    this.log += output;
    for (let at = 0; at < output.length;) {
      CONTROL.lastIndex = TEXT.lastIndex = at;
      const control = CONTROL.exec(output);
      const token = control?.[0] ?? TEXT.exec(output)?.[0];
      if (token === undefined) {
        throw new Error(`Unknown: ${JSON.stringify(output.slice(at, at + 12))}`);
      }
      if (!control) graphemes(token).forEach((cluster) => this.#put(cluster));
      else if (control[1] !== undefined) this.#csi(control[1].slice(0, -1), control[1].slice(-1));
      else this.#control(token);
      at += token.length;
    }
  }

  /** The rows on the screen, without trailing spaces and trailing empty rows. */
  get lines(): string[] {
    const lines = this.screen.map(textOf);
    while (lines.length > 0 && lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** Scrollback and screen, with the rows joined that the terminal itself had wrapped. */
  get transcript(): string[] {
    const lines: string[] = [];
    let joins = false;
    for (const row of [...this.scrollback, ...this.screen]) {
      const text = row.wrapped ? visible(row.cells) : textOf(row);
      if (joins) lines[lines.length - 1] += text;
      else lines.push(text);
      joins = row.wrapped;
    }
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** All rows of the screen. */
  get allLines(): string[] {
    return this.screen.map(textOf);
  }

  get cursor(): [row: number, column: number] {
    return [this.row, this.column];
  }

  /** Changes the size, and breaks long rows anew as most terminals do. */
  resize(columns: number, rows: number): void {
    const all = [...this.scrollback, ...this.screen];
    const cursorRow = this.scrollback.length + this.row;
    while (all.length > cursorRow + 1 && textOf(all.at(-1)!) === "") all.pop();
    const next: Row[] = [];
    let place = [0, 0];
    for (let index = 0; index < all.length;) {
      let line: string[] = [];
      let offset = -1;
      for (let more = true; more && index < all.length; index++) {
        if (index === cursorRow) offset = line.length + this.column;
        more = all[index]!.wrapped;
        line = line.concat(more ? all[index]!.cells : trimmed(all[index]!.cells));
      }
      const broken = breakLine(line, columns);
      if (offset >= 0) {
        const within = broken.starts.findLastIndex((start) => start <= offset);
        place = [next.length + within, Math.min(offset - broken.starts[within]!, columns - 1)];
      }
      next.push(...broken.rows);
    }
    this.columns = columns;
    this.rows = rows;
    const top = Math.max(0, Math.min(next.length - rows, place[0]!));
    this.scrollback = next.slice(0, top);
    this.screen = next.slice(top, top + rows);
    while (this.screen.length < rows) this.screen.push(this.#emptyRow());
    for (const row of this.screen) row.cells = pad(row.cells, columns);
    this.row = place[0]! - top;
    this.column = place[1]!;
    this.#pendingWrap = false;
  }

  #emptyRow(): Row {
    return { cells: pad([], this.columns), wrapped: false };
  }

  #control(control: string): void {
    if (control === "\x07") this.bells++;
    else if (control === "\r") {
      this.column = 0;
      this.#pendingWrap = false;
    } else {
      this.#certain("LF");
      this.#lineFeed();
    }
  }

  #lineFeed(): void {
    if (this.row < this.rows - 1) this.row++;
    else {
      this.scrollback.push(this.screen.shift()!);
      this.screen.push(this.#emptyRow());
    }
  }

  /** Terminals differ in what follows the last column; this program must not depend on it. */
  #certain(what: string): void {
    if (this.#pendingWrap) throw new Error(`${what} after the last column`);
  }

  #csi(parameters: string, final: string): void {
    const number = Number(parameters || "1");
    if (final === "h" || final === "l") return this.#mode(parameters.slice(1), final === "h");
    if (final === "m") {
      if (!STYLES.includes(parameters)) throw new Error(`Unknown style ${parameters}`);
      return;
    }
    if (final !== "G" && final !== "H") this.#certain(`CSI ${final}`);
    this.#pendingWrap = false;
    if (final === "A") this.row = Math.max(0, this.row - number);
    else if (final === "B") this.row = Math.min(this.rows - 1, this.row + number);
    else if (final === "G") this.column = this.#checkedColumn(number - 1);
    else if (final === "H") this.#home(parameters);
    else this.#erase(final);
  }

  #checkedColumn(column: number): number {
    if (column < 0 || column >= this.columns) throw new Error(`Column ${column}`);
    return column;
  }

  #home(parameters: string): void {
    const [row, column] = parameters.split(";").map(Number);
    this.row = Math.min(this.rows, row!) - 1;
    this.column = this.#checkedColumn(column! - 1);
  }

  #erase(final: string): void {
    if (final === "J" && this.row === 0 && this.column === 0) {
      throw new Error("ED in the top left corner: tmux puts what it erases into the scrollback");
    }
    const row = this.screen[this.row]!;
    row.cells = pad(row.cells.slice(0, this.column), this.columns);
    row.wrapped = false;
    if (final === "K") return;
    for (let below = this.row + 1; below < this.rows; below++) {
      this.screen[below] = this.#emptyRow();
    }
  }

  #mode(name: string, on: boolean): void {
    if (!MODES.includes(name)) throw new Error(`Unknown mode ${name}`);
    if (on) this.modes.add(name);
    else this.modes.delete(name);
  }

  #put(cluster: string): void {
    if (FORBIDDEN.test(cluster)) throw new Error(`Unsafe text: ${JSON.stringify(cluster)}`);
    const width = graphemeWidth(cluster);
    if (width === 0) return this.#join(cluster);
    if (this.#pendingWrap || this.column + width > this.columns) this.#wrap();
    const { cells } = this.screen[this.row]!;
    cells[this.column] = cluster;
    if (width === 2) cells[this.column + 1] = "";
    this.column += width;
    if (this.column < this.columns) return;
    this.column = this.columns - 1;
    this.#pendingWrap = true;
  }

  /** Something without a width, such as a lone medial Hangul Jamo, belongs to what is before it. */
  #join(cluster: string): void {
    const { cells } = this.screen[this.row]!;
    const before = this.#pendingWrap ? this.column : this.column - 1;
    if (before < 0) {
      throw new Error(`Zero-width text in the first column: ${JSON.stringify(cluster)}`);
    }
    cells[before] += cluster;
  }

  #wrap(): void {
    this.screen[this.row]!.wrapped = true;
    this.#pendingWrap = false;
    this.#lineFeed();
    this.column = 0;
  }
}

function visible(cells: string[]): string {
  return cells.join("").replaceAll(BLANK, " ");
}

function textOf(row: Row): string {
  return visible(row.cells).trimEnd();
}

function pad(cells: string[], columns: number): string[] {
  return [...cells, ...Array.from({ length: Math.max(0, columns - cells.length) }, () => BLANK)];
}

function trimmed(cells: string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== BLANK) + 1);
}

function breakLine(cells: string[], columns: number): { rows: Row[]; starts: number[] } {
  const rows: Row[] = [];
  const starts: number[] = [];
  let at = 0;
  do {
    let end = Math.min(at + columns, cells.length);
    if (cells[end] === "") end--;
    rows.push({ cells: pad(cells.slice(at, end), columns), wrapped: end < cells.length });
    starts.push(at);
    at = end;
  } while (at < cells.length);
  return { rows, starts };
}
