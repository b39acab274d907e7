/**
 * Draws screens of a terminal, side by side, as one SVG.
 *
 * @module
 */
import { textWidth } from "../lib/terminal/text_width.ts";

/** One screen: what tmux captures with its colours. */
export interface Picture {
  /** What stands above it. */
  readonly title: string;
  /** Its lines, with the sequences that set colours (ECMA-48 SGR). */
  readonly screen: string;
}

/** A character cell, the margin round a screen and the height of its title, in pixels. */
const CELL = { width: 7.8, height: 18 };
const MARGIN = 12;
const TITLE = 26;

/** The colours that the client uses, by the parameter that sets them. */
const COLOURS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
};
const [PAPER, INK, FAINT] = ["#0d1117", "#e6edf3", "#8b949e"];

interface Pen {
  readonly bold: boolean;
  readonly faint: boolean;
  readonly colour: string | null;
}

const PLAIN: Pen = { bold: false, faint: false, colour: null };

/** The pen after one parameter of SGR. */
function set(pen: Pen, parameter: number): Pen {
  if (parameter === 0) return PLAIN;
  if (parameter === 1) return { ...pen, bold: true };
  if (parameter === 2) return { ...pen, faint: true };
  if (parameter === 22) return { ...pen, bold: false, faint: false };
  if (parameter === 39) return { ...pen, colour: null };
  return { ...pen, colour: COLOURS[parameter] ?? pen.colour };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** The text of one screen. Each run of one style is as long as its columns, whatever the font. */
function drawLines(screen: string): string[] {
  let pen = PLAIN;
  return screen.split("\n").flatMap((line, row) => {
    let column = 0;
    // deno-lint-ignore no-control-regex -- what a capture consists of
    return line.split(/\x1b\[([\d;]*)m/).flatMap((part, i) => {
      if (i % 2 === 1) {
        for (const parameter of part.split(";")) pen = set(pen, Number(parameter));
        return [];
      }
      const [x, length] = [column * CELL.width, textWidth(part) * CELL.width];
      column += textWidth(part);
      if (part.trim() === "") return [];
      const place = `x="${x.toFixed(1)}" y="${(row + 1) * CELL.height}"`;
      const colour = pen.colour ?? (pen.faint ? FAINT : INK);
      const weight = pen.bold ? ' font-weight="bold"' : "";
      return [
        `<text ${place} textLength="${length.toFixed(1)}" fill="${colour}"${weight}>` +
        `${escaped(part)}</text>`,
      ];
    });
  });
}

/**
 * Draws screens side by side.
 *
 * @param columns how wide each is
 * @param rows how high each is
 * @param label what the picture shows, for those who can't see it
 */
export function drawScreens(
  pictures: readonly Picture[],
  [columns, rows]: readonly [number, number],
  label: string,
): string {
  const width = columns * CELL.width + 2 * MARGIN;
  const height = rows * CELL.height + TITLE + 2 * MARGIN;
  const total = pictures.length * width + (pictures.length - 1) * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height}" role="img"` +
    ` aria-label="${escaped(label)}" font-family="ui-monospace, Menlo, Consolas, monospace"` +
    ` font-size="13" xml:space="preserve">`,
    ...pictures.flatMap(({ title, screen }, i) => [
      `<g transform="translate(${i * (width + MARGIN)} 0)">`,
      `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`,
      `<text x="${width / 2}" y="20" text-anchor="middle" fill="${FAINT}">${escaped(title)}</text>`,
      `<g transform="translate(${MARGIN} ${TITLE})">`,
      ...drawLines(screen),
      "</g></g>",
    ]),
    "</svg>",
    "",
  ].join("\n");
}
