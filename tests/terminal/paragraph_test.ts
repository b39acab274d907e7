import { assert, assertEquals } from "@std/assert";
import { wrapHanging } from "../../lib/terminal/paragraph.ts";
import { textWidth } from "../../lib/terminal/text_width.ts";
import { Dice } from "../helpers/mutants.ts";
import { randomText } from "./random_text.ts";

Deno.test("wrapHanging() leaves what fits as it is", () => {
  for (const text of ["", "- short", "  a\n\n    b", "exactly as wide"]) {
    assertEquals(wrapHanging(text, 15), text);
  }
});

Deno.test("wrapHanging() breaks at spaces and indents by two columns more", () => {
  assertEquals(wrapHanging("- one two three four five", 18), "- one two three\n  four five");
  assertEquals(wrapHanging("  one two three four five", 18), "  one two three\n    four five");
  assertEquals(wrapHanging("one two three four five", 18), "one two three\n  four five");
  assertEquals(wrapHanging("! 你好 你好 你好 你好 好", 18), "! 你好 你好 你好\n  你好 好");
});

Deno.test("wrapHanging() keeps a code or a path whole where it fits in a row", () => {
  const path = "transcripts/alice-and-bob.txt";
  assertEquals(
    wrapHanging(`- saved ${path}. Check it`, path.length + 1),
    `- saved\n${path}.\n  Check it`,
  );
  assertEquals(wrapHanging(`- saved ${path}`, 20), "- saved\n  transcripts/alice-\n  and-bob.txt");
});

Deno.test("wrapHanging() loses nothing but spaces, and makes nothing too wide, in 2,000 texts", () => {
  const dice = new Dice(12);
  for (let run = 0; run < 2_000; run++) {
    const columns = 4 + dice.below(40);
    const text = `${dice.pick(["- ", "! ", "", "  "])}${randomText(dice, 12)} ${
      randomText(dice, 9)
    }`;
    const wrapped = wrapHanging(text, columns);
    assertEquals(wrapped.replaceAll(/[ \n]/g, ""), text.replaceAll(/[ \n]/g, ""));
    for (const row of wrapped.split("\n")) assert(textWidth(row) <= columns, JSON.stringify(row));
  }
});
