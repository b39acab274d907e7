/**
 * Random text that is much nastier than any person's: the same for the same seed.
 *
 * @module
 */
import type { Dice } from "../helpers/mutants.ts";

/** Whatever once confused a terminal, an editor or a segmenter. */
const PIECES: readonly string[] = [
  ..."aZ0 #\t\n\r\x00\x07\x08\x1b\x7f\x9b\x85\xad",
  "hello",
  " ",
  "é",
  "e\u0301",
  "\u0301",
  "\u0308".repeat(9),
  "你",
  "ｆ",
  "한",
  "\u1100\u1161\u11a8",
  "\u1161",
  "क्ष",
  "\u094d",
  "می‌خواهم",
  "\u200c",
  "\u200d",
  "\ufe0e",
  "\ufe0f",
  "\u20e3",
  "👨‍👩‍👧",
  "👁‍🗨",
  "❤️",
  "👍🏽",
  "🏽",
  "🇩🇪",
  "🇩",
  "🏴\u{e0067}\u{e0062}\u{e007f}",
  "1️⃣",
  "\u202e",
  "\u2066",
  "\u2028",
  "\ufeff",
  "\ue000",
  "\ud800",
  "\udc00",
  "\uffff",
  "\u{10ffff}",
  "\u0600",
  "\u3164",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\x1b[31m",
];

/** Some pieces and some random code units or code points, at most `length` of them. */
export function randomText(dice: Dice, length: number): string {
  let text = "";
  for (let left = dice.below(length + 1); left > 0; left--) {
    const kind = dice.below(8);
    if (kind < 6) text += dice.pick(PIECES);
    else if (kind === 6) text += String.fromCharCode(dice.below(0x10000));
    else text += String.fromCodePoint(dice.below(0x110000));
  }
  return text;
}

/** What keyboards send, in one piece each. */
const KEY_PIECES: readonly string[] = [
  ..."abc \r\r\t\x01\x02\x04\x05\x06\x08\x0b\x0c\x0e\x10\x12\x14\x15\x17\x19\x1f\x7f\x7f\x07",
  ...["A", "B", "C", "D", "H", "F", "1;5C", "1;5D", "3~", "7~", "3$", "Z", "I", "O"].map((end) =>
    `\x1b[${end}`
  ),
  ..."bfdy\r\x7f".split("").map((letter) => `\x1b${letter}`),
  "\x1b",
  "\x1b[",
  "\x1b[200~pasted\r\nlines\x1b[201~",
  "\x1b[200~",
  "\x1b[201~",
  "\x1bO",
  "\x1b]x",
  "\x1b[<1;1",
];

/** Random keyboard bytes: keys, pasted and broken sequences, text, and noise. */
export function randomKeyboard(dice: Dice, length: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let left = 1 + dice.below(length); left > 0; left--) {
    const kind = dice.below(8);
    if (kind < 5) parts.push(encoder.encode(dice.pick(KEY_PIECES)));
    else if (kind < 7) parts.push(encoder.encode(randomText(dice, 2)));
    else parts.push(Uint8Array.of(dice.below(256)));
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
