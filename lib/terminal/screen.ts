/**
 * Draws an inline prompt: a block of rows at the bottom of what the terminal shows. Everything above
 * it is the terminal's own, scrollback and all; there is no alternate screen.
 *
 * Each function returns what to write. Nothing is sent when nothing changed, a typed character
 * usually costs one byte, and longer updates are wrapped in synchronized output
 * (`CSI ? 2026 h` to `CSI ? 2026 l`), so that no terminal shows a half-drawn prompt; terminals that
 * do not know that mode ignore it.
 *
 * @module
 */

import { type Cell, cellsWidth, safeStyledText, widthsAreCertain } from "./cells.ts";
import {
  type CellPosition,
  type Layout,
  layoutLine,
  layoutPending,
  layoutPrompt,
  type PromptView,
  reflowRow,
} from "./layout.ts";
import { ERASE_BELOW, Pen } from "./pen.ts";

export type { PromptView } from "./layout.ts";

/** The size of a terminal. */
export interface Size {
  /** Its width in characters. */
  readonly columns: number;
  /** Its height in lines. */
  readonly rows: number;
}

type CellRow = readonly Cell[];

/** The block as it is drawn. */
interface Block {
  readonly rows: readonly CellRow[];
  readonly cursor: CellPosition;
}

/** A block that is not drawn: the cursor is at the beginning of an empty row. */
const NOTHING: Block = { rows: [[]], cursor: { row: 0, column: 0 } };

/** What part of the screen's height the lines above the prompt may take. */
const PENDING_SHARE = 1 / 3;

/** Terminals that don't know their size say 0. */
function usable({ columns, rows }: Size): Size {
  return { columns: columns > 0 ? Math.max(2, columns) : 80, rows: rows > 0 ? rows : 24 };
}

/** Wraps output that a terminal could show in the middle. */
function synchronized(output: string): string {
  return output.includes("\x1b") ? `\x1b[?2026h${output}\x1b[?2026l` : output;
}

function sameCell(one: Cell | undefined, other: Cell | undefined): boolean {
  return one === other || (one?.text === other?.text && one?.style === other?.style);
}

/** Brings one row from what is drawn to what should be. */
function redrawRow(pen: Pen, row: number, old: CellRow, next: CellRow): void {
  let same = 0;
  while (same < next.length && sameCell(old[same], next[same])) same++;
  if (same === next.length && same === old.length) return;
  if (widthsAreCertain(old) && widthsAreCertain(next)) {
    pen.moveTo(row, cellsWidth(next.slice(0, same)));
    pen.write(next.slice(same));
    if (cellsWidth(next) < cellsWidth(old)) pen.eraseRight();
  } else {
    pen.moveTo(row, 0);
    // Before the write: after a full row, EL would erase the last column.
    if (old.length > 0) pen.eraseRight();
    pen.write(next);
  }
}

/** Brings the screen from one block to another. */
function redraw(old: Block, next: Block): string {
  const pen = new Pen(old.cursor, old.rows.length - 1);
  for (const [index, row] of next.rows.entries()) {
    const before = old.rows[index];
    if (before === undefined) pen.moveTo(index, 0);
    redrawRow(pen, index, before ?? [], row);
  }
  if (next.rows.length < old.rows.length) {
    pen.moveTo(next.rows.length, 0);
    pen.eraseBelow();
  }
  pen.moveAlong(next.cursor, next.rows[next.cursor.row] ?? []);
  return pen.output;
}

/** The renderer of one prompt. It holds what the terminal shows, and returns what to write. */
export class Screen {
  #size: Size;
  #view: PromptView = { prompt: "", text: "", cursor: 0 };
  #drawn: Block = NOTHING;
  /** The rows of the lines above the prompt, and what they were made of. */
  #pending: { of: readonly string[]; size: Size | null; rows: readonly CellRow[] } = {
    of: [],
    size: null,
    rows: [],
  };
  /** The first row that is shown when there are more rows than the screen has. */
  #top = 0;

  /** Makes a renderer that has drawn nothing; the cursor must be at the beginning of an empty row. */
  constructor(size: Size) {
    this.#size = usable(size);
  }

  /** The size that the prompt is drawn for. */
  get size(): Size {
    return this.#size;
  }

  /** Shows a prompt, or what changed of it. */
  draw(view: PromptView): string {
    this.#view = view;
    return synchronized(this.#redraw());
  }

  /**
   * Writes lines above the prompt, as if they had been there before it. The terminal wraps them, so that they can be
   * selected and copied as they are. Styles of `style.ts` stay, other controls are made visible. With another view, a
   * line moves from the prompt to above it in one step.
   */
  printAbove(text: string, view: PromptView = this.#view): string {
    this.#view = view;
    const lines = safeStyledText(text).replaceAll("\n", "\r\n");
    return synchronized(`${this.#erase()}${lines}\r\n${this.#redraw()}`);
  }

  /**
   * Draws again for another size. The terminal has broken long rows anew, which nearly all do; xterm and the Linux
   * console do not.
   */
  resize(size: Size): string {
    const old = this.#drawn;
    this.#size = usable(size);
    const { row, column } = old.cursor;
    const rowsOf = (cells: CellRow) => reflowRow(cells, this.#size.columns);
    const above = old.rows.slice(0, row).reduce((sum, cells) => sum + rowsOf(cells).length, 0);
    const within = rowsOf(old.rows[row] ?? []).findLastIndex((start) => start <= column);
    const up = Math.min(above + within, this.#size.rows - 1);
    this.#drawn = NOTHING;
    const home = `\r${up > 0 ? `\x1b[${up}A` : ""}`;
    return synchronized(home + ERASE_BELOW + this.#redraw());
  }

  /** Clears the screen (C-l): what it showed goes to the scrollback, and the prompt to the top. */
  clear(): string {
    const { rows } = this.#size;
    const erased = this.#erase();
    const scrolled = `\x1b[${rows};1H${"\n".repeat(rows)}\x1b[1;1H`;
    return synchronized(erased + scrolled + this.#redraw());
  }

  /**
   * Ends the prompt: the cursor is at the beginning of an empty row after it, and the next {@link draw} begins there.
   * Unless it is erased, the prompt stays, in full, without its status and without the lines above it.
   */
  leave(options: { readonly erase?: boolean } = {}): string {
    if (this.#drawn === NOTHING) return "";
    const erased = this.#erase();
    this.#top = 0;
    if (options.erase) return synchronized(erased);
    const { rows } = layoutPrompt(this.#view, this.#size.columns);
    const pen = new Pen(NOTHING.cursor, 0);
    for (const [index, row] of rows.entries()) {
      pen.moveTo(index, 0);
      pen.write(row);
    }
    pen.moveTo(rows.length, 0);
    return synchronized(erased + pen.output);
  }

  /** Draws again where the cursor is, after something else has used the terminal. */
  resume(size: Size): string {
    this.#size = usable(size);
    this.#drawn = NOTHING;
    return synchronized(`\r${ERASE_BELOW}${this.#redraw()}`);
  }

  /** Removes the block; the cursor is where its first row began. */
  #erase(): string {
    const pen = new Pen(this.#drawn.cursor, this.#drawn.rows.length - 1);
    if (this.#drawn !== NOTHING) {
      pen.moveTo(0, 0);
      pen.eraseBelow();
    }
    this.#drawn = NOTHING;
    return pen.output;
  }

  #redraw(): string {
    const next = this.#block();
    const output = redraw(this.#drawn, next);
    this.#drawn = next;
    return output;
  }

  /** The rows that fit on the screen, around the cursor, and what is above and below them if there is room. */
  #block(): Block {
    const { columns, rows: height } = this.#size;
    const layout: Layout = layoutPrompt(this.#view, columns);
    const status = this.#view.status !== undefined && height >= 3
      ? [layoutLine(this.#view.status, columns)]
      : [];
    const pending = this.#pendingRows();
    const room = height - status.length - pending.length;
    const { row, column } = layout.cursor;
    const last = Math.max(0, layout.rows.length - room);
    this.#top = Math.min(Math.max(this.#top, row - room + 1), row, last);
    const rows = layout.rows.slice(this.#top, this.#top + room);
    return {
      rows: [...pending, ...rows, ...status],
      cursor: { row: pending.length + row - this.#top, column },
    };
  }

  /** The same rows for the same lines, so that a key that is pressed below them costs no layout. */
  #pendingRows(): readonly CellRow[] {
    const { columns, rows: height } = this.#size;
    const { pending = [] } = this.#view;
    const before = this.#pending;
    if (before.of !== pending || before.size !== this.#size) {
      const rows = layoutPending(pending, columns, Math.floor(height * PENDING_SHARE));
      this.#pending = { of: pending, size: this.#size, rows };
    }
    return this.#pending.rows;
  }
}
