import { assertEquals, assertThrows } from "@std/assert";
import {
  graphemes,
  graphemeWidth,
  textWidth,
  truncate,
  wrapText,
} from "../../lib/terminal/text_width.ts";
import { Dice } from "../helpers/mutants.ts";
import { randomText } from "./random_text.ts";

Deno.test("graphemes() cuts between what a person sees as characters", () => {
  assertEquals(graphemes("ae\u0301👨‍👩‍👧🇩🇪🇫🇷\r\n한"), [
    "a",
    "e\u0301",
    "👨‍👩‍👧",
    "🇩🇪",
    "🇫🇷",
    "\r\n",
    "한",
  ]);
  assertEquals(graphemes("plain"), ["p", "l", "a", "i", "n"]);
  assertEquals(graphemes(""), []);
});

Deno.test("graphemes() loses nothing of 2,000 random texts", () => {
  const dice = new Dice(1);
  for (let run = 0; run < 2000; run++) {
    const text = randomText(dice, 12);
    assertEquals(graphemes(text).join(""), text);
  }
});

Deno.test("graphemes() bounds clusters, however many leading Jamo are in a row", () => {
  const name = "\u1100".repeat(42);
  assertEquals(textWidth(name), 84);
  assertEquals(graphemes(name).map(graphemeWidth), Array(21).fill(4));
  assertEquals(graphemes("👨‍👩‍👧".repeat(2)).length, 2);
});

const WIDTHS: [cluster: string, width: number, what: string][] = [
  ["a", 1, "ASCII"],
  ["é", 1, "a precomposed letter"],
  ["e\u0301", 1, "a letter with a combining mark"],
  ["\u0301", 0, "a combining mark alone"],
  ["你", 2, "an ideograph"],
  ["Ａ", 2, "a fullwidth letter"],
  ["ｱ", 1, "a halfwidth kana"],
  ["한", 2, "a Hangul syllable"],
  ["\u1112\u1161\u11ab", 2, "the same in Jamo"],
  ["😀", 2, "an emoji"],
  ["👨‍👩‍👧", 2, "a family"],
  ["👍🏽", 2, "an emoji with a skin tone"],
  ["❤", 1, "a heart as text"],
  ["❤\ufe0f", 2, "a heart as an emoji"],
  ["1\ufe0f\u20e3", 2, "a keycap"],
  ["1", 1, "a digit, which is an emoji base"],
  ["🇩🇪", 2, "a flag"],
  ["🇩", 1, "half a flag"],
  ["🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", 2, "the flag of England"],
  ["क्ष", 2, "a Devanagari conjunct"],
  ["ก็", 1, "a Thai letter with a mark above"],
  ["α", 1, "East Asian Ambiguous"],
  ["\u{20000}", 2, "an ideograph of plane 2"],
  ["\u200b", 0, "zero width space"],
  ["\x1b", 0, "a control, which must not get this far"],
];

for (const [cluster, width, what] of WIDTHS) {
  Deno.test(`graphemeWidth() gives ${width} to ${what}`, () => {
    assertEquals(graphemes(cluster).length, 1);
    assertEquals(graphemeWidth(cluster), width);
  });
}

Deno.test("textWidth() adds the clusters up", () => {
  assertEquals(textWidth("abc"), 3);
  assertEquals(textWidth("a你👨‍👩‍👧e\u0301"), 6);
});

Deno.test("truncate() keeps what fits and marks what went", () => {
  assertEquals(truncate("abc", 3), "abc");
  assertEquals(truncate("abcd", 3), "ab…");
  assertEquals(truncate("你好吗", 5), "你好…");
  assertEquals(truncate("你好吗", 4), "你…", "a wide character is not halved");
  assertEquals(truncate("abc", 0), "");
});

Deno.test("wrapText() breaks at spaces, and inside words only when it must", () => {
  assertEquals(wrapText("the quick brown fox", 9), ["the quick", "brown fox"]);
  assertEquals(wrapText("a incomprehensible b", 6), ["a", "incomp", "rehens", "ible b"]);
  assertEquals(wrapText("one\n\ntwo", 9), ["one", "", "two"]);
  assertEquals(wrapText("你好你好", 5), ["你好", "你好"]);
  assertEquals(wrapText("", 5), [""]);
});

Deno.test("wrapText() makes no line of 2,000 random texts too wide", () => {
  const dice = new Dice(2);
  for (let run = 0; run < 2000; run++) {
    const columns = 4 + dice.below(20);
    for (const line of wrapText(randomText(dice, 30), columns)) {
      assertEquals(textWidth(line) <= columns, true, JSON.stringify([line, columns]));
    }
  }
});

Deno.test("wrapText() refuses a width of nothing", () => {
  assertThrows(() => wrapText("a", 0), RangeError, "0 columns");
});
