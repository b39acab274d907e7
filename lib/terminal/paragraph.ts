/**
 * Paragraphs of the program's own words, for screens of any width.
 *
 * @module
 */
import { textWidth, wrapText } from "./text_width.ts";

/** Columns by which the rows of a line after its first are indented more than that. */
const HANG = 2;

/** The narrowest room for text; with less there is no indent. */
const LEAST_ROOM = 12;

/**
 * Breaks each line of a text without styles that is wider than the screen at spaces. Rows after its first are indented
 * by two columns more. Only a word that is wider than a row is broken.
 *
 * What a peer wrote is better left to the terminal, so that it can be copied as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(wrapHanging("- what is said", 14), "- what is said");
 * assertEquals(wrapHanging("- what is said here", 14), "- what is said\n  here");
 * ```
 */
export function wrapHanging(text: string, columns: number): string {
  return text.split("\n").map((line) => wrapLine(line, columns)).join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  const hang = line.match(/^ */)![0].length + HANG;
  const room = columns - hang;
  const longest = Math.max(...line.split(" ").map(textWidth));
  // A code or a path is worth more whole than indented.
  if (room < LEAST_ROOM || longest > room) return wrapText(line, columns).join("\n");
  const start = line.match(/^ *(?:[-!] )?/)![0];
  const [first, ...rest] = wrapText(line.slice(start.length), room);
  return [start + first, ...rest.map((row) => " ".repeat(hang) + row)].join("\n");
}
