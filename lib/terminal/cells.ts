/**
 * Text as a terminal holds it: cells of one or two columns, each with its style.
 *
 * @module
 */

import { safeText } from "../safe_text.ts";
import { STYLE_SEQUENCE } from "./style.ts";
import { graphemes, graphemeWidth } from "./text_width.ts";

/** One grapheme cluster on the screen. */
export interface Cell {
  /** The cluster; never a control. */
  readonly text: string;
  /** Its columns, as far as this program knows. */
  readonly width: number;
  /** The SGR sequences that it is drawn with; empty for the terminal's own style. */
  readonly style: string;
}

const ASCII_CELLS: readonly Cell[] = Array.from({ length: 0x80 }, (_, code) => ({
  text: String.fromCharCode(code),
  width: 1,
  style: "",
}));

function cell(text: string, style: string): Cell {
  const plain = style === "" && text.length === 1 ? ASCII_CELLS[text.charCodeAt(0)] : undefined;
  return plain ?? { text, width: graphemeWidth(text), style };
}

/** Cuts safe text of one line, without styles, into cells drawn with the SGR sequences `style`. */
export function plainCells(text: string, style = ""): Cell[] {
  return graphemes(text).map((cluster) => cell(cluster, style));
}

/** Which sequence of {@link STYLE_SEQUENCE} undoes which. */
function combine(active: readonly string[], sequence: string): readonly string[] {
  if (sequence === "\x1b[0m") return [];
  if (sequence === "\x1b[22m") return active.filter((one) => !/\[[12]m/.test(one));
  const withoutColor = active.filter((one) => !/\[3\dm/.test(one));
  if (sequence === "\x1b[39m") return withoutColor;
  if (/\[3\dm/.test(sequence)) return [...withoutColor, sequence];
  return [...active.filter((one) => one !== sequence), sequence];
}

/** Cuts text with styles into cells. Whatever is not a style of `style.ts` is made visible. */
export function styledCells(text: string): Cell[] {
  const sequences = text.match(STYLE_SEQUENCE) ?? [];
  let active: readonly string[] = [];
  return text.split(STYLE_SEQUENCE).flatMap((part, index) => {
    const cells = plainCells(safeText(part), active.join(""));
    active = combine(active, sequences[index] ?? "\x1b[0m");
    return cells;
  });
}

/** Makes text of one or more lines safe, save for the styles of `style.ts`, which stay, and end with it. */
export function safeStyledText(text: string): string {
  const sequences = text.match(STYLE_SEQUENCE);
  if (!sequences) return safeText(text, { lines: true });
  const parts = text.split(STYLE_SEQUENCE).map((part) => safeText(part, { lines: true }));
  return parts.map((part, index) => part + (sequences[index] ?? "\x1b[0m")).join("");
}

/** The columns of cells in a row. */
export function cellsWidth(cells: readonly Cell[]): number {
  return cells.reduce((columns, { width }) => columns + width, 0);
}

/**
 * Whether every terminal gives these cells the columns that this program does: all is ASCII. Beyond that some differ:
 * emoji sequences, ambiguous width, new characters.
 */
export function widthsAreCertain(cells: readonly Cell[]): boolean {
  return cells.every(({ text }) => text <= "\x7f");
}
