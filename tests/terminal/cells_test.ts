import { assertEquals } from "@std/assert";
import { safeStyledText, styledCells } from "../../lib/terminal/cells.ts";

/** Cells in short: the text of each with its style, without `ESC [`. */
function shown(text: string): string[] {
  return styledCells(text).map((cell) => cell.text + cell.style.replaceAll("\x1b", ""));
}

Deno.test("styledCells() gives each cell the styles that are on", () => {
  assertEquals(shown("a\x1b[1mb\x1b[31mc\x1b[39md\x1b[22me"), [
    "a",
    "b[1m",
    "c[1m[31m",
    "d[1m",
    "e",
  ]);
  assertEquals(shown("\x1b[1m\x1b[31ma\x1b[0mb"), ["a[1m[31m", "b"]);
  assertEquals(shown("\x1b[31ma\x1b[32mb\x1b[32mc"), ["a[31m", "b[32m", "c[32m"]);
});

Deno.test("styledCells() makes any other control visible", () => {
  assertEquals(shown("\x1b[2J"), ["␛", "[", "2", "J"]);
});

Deno.test("styledCells() measures its cells", () => {
  assertEquals(styledCells("a你👨‍👩‍👧").map(({ width }) => width), [1, 2, 2]);
});

Deno.test("safeStyledText() ends the styles of a text with it", () => {
  assertEquals(safeStyledText("\x1b[31mred\n\x1b[2J"), "\x1b[31mred\n␛[2J\x1b[0m");
  assertEquals(safeStyledText("plain"), "plain");
});
