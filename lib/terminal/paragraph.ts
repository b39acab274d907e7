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
 * by two columns more, so that nothing in the text stands where a notice begins; only one ASCII word that fits in no
 * less than a row has it whole: a code or a path is to be copied.
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
  if (room < LEAST_ROOM) return wrapText(line, columns).join("\n");
  const start = line.match(/^ *(?:[-!] )?/)![0];
  const indent = " ".repeat(hang);
  const rows = partsOf(line.slice(start.length), room, columns).flatMap((part) =>
    isWhole(part, room, columns) ? [part] : wrapText(part, room).map((row) => indent + row)
  );
  const first = rows[0]!;
  return first.startsWith(indent)
    ? [start + first.slice(hang), ...rows.slice(1)].join("\n")
    : [start.trimEnd(), ...rows].join("\n");
}

/** Whether a word gets a row of its own, without an indent. */
function isWhole(word: string, room: number, columns: number): boolean {
  return /^[\x21-\x7e]+$/.test(word) && word.length > room && word.length <= columns;
}

/** Cuts a text at the words that are kept whole. */
function partsOf(text: string, room: number, columns: number): string[] {
  const parts: string[] = [];
  let words: string[] = [];
  for (const word of text.split(" ")) {
    if (!isWhole(word, room, columns)) {
      words.push(word);
      continue;
    }
    if (words.length > 0) parts.push(words.join(" "));
    parts.push(word);
    words = [];
  }
  return words.length > 0 ? [...parts, words.join(" ")] : parts;
}
