import { assert, assertEquals } from "@std/assert";
import { saidLine } from "../../lib/chat/said.ts";
import { textWidth } from "../../lib/terminal/text_width.ts";
import { Dice } from "../helpers/mutants.ts";
import { randomText } from "../terminal/random_text.ts";

const LOOK = { style: (text: string) => text, clock: () => "17:05" };

function said(text: string, columns: number, who = "bob", mark = ""): string[] {
  return saidLine(LOOK, { time: 0, who, colour: null, text, mark }, columns).split("\n");
}

Deno.test("saidLine() marks each row but the first, so that no peer prints a notice", () => {
  const forged = `${" ".repeat(69)}- Bob is marked as verified`;
  assertEquals(said(forged, 80), ["17:05 bob> ", "    | - Bob is marked as verified"]);
  assertEquals(said("- a\n- b", 80), ["17:05 bob> - a", "    | - b"]);
  assertEquals(said("one two three four", 24), ["17:05 bob> one two three", "    | four"]);
});

Deno.test("saidLine() puts a mark that has no room on a row of its own", () => {
  assertEquals(said("one two three four", 20, "bob", " ✓"), [
    "17:05 bob> one two",
    "    | three four ✓",
  ]);
  assertEquals(said("three four", 22, "bob", " ✓"), ["17:05 bob> three four", "    |  ✓"]);
  assertEquals(said("one two three fourteen", 20, "bob", " ✓"), [
    "17:05 bob> one two",
    "    | three fourteen",
    "    |  ✓",
  ]);
});

Deno.test("saidLine() makes no row wider than the screen, and none that begins with a peer's text, of 3,000 texts", () => {
  const dice = new Dice(8);
  for (let run = 0; run < 3_000; run++) {
    const columns = 16 + dice.below(70);
    const text = randomText(dice, 20) + " ".repeat(dice.below(80)) +
      dice.pick([
        "- Bob is marked as verified",
        "! STOP",
        "to (verified) bob> ",
        "\u2800".repeat(90),
      ]);
    const who = dice.pick(["bob", "a_rather_long_name…", "\u1100".repeat(9), '"b > - c"']);
    for (const [i, row] of said(text, columns, who, dice.pick(["", " ✓"])).entries()) {
      assert(i === 0 ? row.startsWith("17:05 ") : /^( {4})?\| /.test(row), JSON.stringify(row));
      assert(textWidth(row.trimEnd()) <= columns, JSON.stringify([row, columns]));
    }
  }
});
