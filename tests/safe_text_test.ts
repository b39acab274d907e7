import { heavyTest } from "./helpers/permissions.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { asciiText, safeText } from "../lib/safe_text.ts";
import { Dice } from "./helpers/mutants.ts";
import { randomText } from "./terminal/random_text.ts";

const SHOWN: [what: string, text: string, shown: string][] = [
  ["an escape sequence", "\x1b[2J", "␛[2J"],
  ["NUL, BEL, BS, US and DEL", "\0\x07\x08\x1f\x7f", "␀␇␈␟␡"],
  ["newline, return and tab", "a\nb\rc\td", "a␊b␍c␉d"],
  ["C1 controls", "\x9b31m\x85", "<U+009B>31m<U+0085>"],
  ["bidi overrides", "\u202eevil\u202c", "<U+202E>evil<U+202C>"],
  ["bidi isolates and marks", "\u2066\u2069\u200f\u061c", "<U+2066><U+2069><U+200F><U+061C>"],
  ["zero-width characters", "a\u200bb\u2060\ufeff", "a<U+200B>b<U+2060><U+FEFF>"],
  ["a soft hyphen", "co\u00adop", "co<U+00AD>op"],
  ["line and paragraph separators", "\u2028\u2029", "<U+2028><U+2029>"],
  ["tags outside a flag", "a\u{e0061}", "a<U+E0061>"],
  ["Hangul fillers", "\u3164\u115f", "<U+3164><U+115F>"],
  ["symbols that look blank", "photo.jpg\u2800\u{1d159}.exe", "photo.jpg<U+2800><U+1D159>.exe"],
  ["private use", "\ue0b0\u{f0000}", "<U+E0B0><U+F0000>"],
  ["unassigned and noncharacters", "\u0378\uffff\u{1fffe}", "<U+0378><U+FFFF><U+1FFFE>"],
  ["lone surrogates", "\ud800x\udc00", "<U+D800>x<U+DC00>"],
  ["ZWJ between letters", "a\u200db", "a<U+200D>b"],
  ["ZWJ between emoji that make none", "😀\u200d😀", "😀<U+200D>😀"],
  ["ZWNJ between Latin letters", "a\u200cb", "a<U+200C>b"],
  ["a second ZWNJ", "ی\u200c\u200cخ", "ی<U+200C><U+200C>خ"],
  ["a variation selector after a letter", "a\ufe0f", "a<U+FE0F>"],
  ["an ideographic variation selector", "葛\u{e0100}", "葛<U+E0100>"],
  ["a mark without a base", "\u0301a", "◌\u0301a"],
  ["a Jamo without a beginning", "\u1161a", "◌\u1161a"],
  ["a stack of marks", "a" + "\u0308".repeat(10), "a" + "\u0308".repeat(6) + "<+4 marks>"],
];

for (const [what, text, shown] of SHOWN) {
  Deno.test(`safeText() shows ${what}`, () => assertEquals(safeText(text), shown));
}

const KEPT: [what: string, text: string][] = [
  ["plain text", "Hello, it's 5 o'clock! <U+202E>"],
  ["letters with marks", "Việt Nam, naïve, e\u0301, שָׁלוֹם"],
  ["right-to-left letters", "שלום عليكم"],
  ["Chinese, Japanese, Korean", "你好　こんにちは 안녕"],
  ["Tibetan stacks", "བསྒྲུབས"],
  ["emoji", "😀 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ 1️⃣ 🇩🇪"],
  ["the flag of Scotland", "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}"],
  ["an emoji sequence without its U+FE0F", "👁\u200d🗨 👩\u200d❤\u200d👨"],
  ["ZWNJ in Persian", "می\u200cخواهم"],
  ["ZWJ and ZWNJ after a virama", "क्\u200dष क्\u200cष ක්\u200dර"],
  ["the text selector after a character that is text", "✔\ufe0e"],
  ["symbols and spaces", "€ → ∑ ½ \u00a0\u3000"],
];

for (const [what, text] of KEPT) {
  Deno.test(`safeText() keeps ${what}`, () => assertEquals(safeText(text), text));
}

Deno.test("safeText() with lines keeps the blanks of braille, and shows a text of nothing else", () => {
  assertEquals(safeText("⠓⠊⠀⠽⠕⠥", { lines: true }), "⠓⠊⠀⠽⠕⠥");
  assertEquals(safeText("\u2800 \u2800", { lines: true }), "<U+2800> <U+2800>");
});

Deno.test("safeText() with lines keeps newlines and spaces tabs out", () => {
  assertEquals(safeText("a\r\nb\n\tc\rd\x0b", { lines: true }), "a\nb\n    c␍d␋");
  assertEquals(safeText("a\n\u0301", { lines: true }), "a\n◌\u0301");
});

/** Everything that may come out, told apart from the implementation's own rules. */
const ALLOWED =
  /^(?:[\x20-\x7e\n]|(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]|[\u200c\u200d\ufe0e\ufe0f]|[\u{e0020}-\u{e007f}])*$/u;
/** Joiners and selectors where no emoji and no script needs them. */
const OUT_OF_PLACE = [
  /(?<!\p{L}\p{M}*)\u200c/u,
  /(?<![\p{Emoji}\ufe0f\u{e007f}]|\p{M})\u200d/u,
  /(?<!\p{Emoji})[\ufe0e\ufe0f]/u,
  /(?<!\u{1f3f4}[\u{e0061}-\u{e007a}]{0,6})[\u{e0020}-\u{e007f}]/u,
];
const RANDOM_TEXTS = 100_000;

heavyTest(`safeText() lets nothing else through in ${RANDOM_TEXTS} random texts`, () => {
  const dice = new Dice(3);
  let changed = 0;
  for (let run = 0; run < RANDOM_TEXTS; run++) {
    const text = randomText(dice, 8);
    const lines = dice.below(2) === 0;
    const safe = safeText(text, { lines });
    if (safe !== text) changed++;
    const isClean = ALLOWED.test(safe) && (lines || !safe.includes("\n")) &&
      OUT_OF_PLACE.every((pattern) => !pattern.test(safe)) && !/[\p{Mn}\p{Me}]{10}/u.test(safe) &&
      !/^\p{M}/mu.test(safe);
    if (!isClean) throw new Error(`${JSON.stringify(text)} became ${JSON.stringify(safe)}`);
    if (safeText(safe, { lines }) !== safe) throw new Error(`Not stable: ${JSON.stringify(text)}`);
  }
  assert(changed > RANDOM_TEXTS / 2, "the texts must be nasty");
});

/** The shortest of some runs, in milliseconds: a busy machine makes some longer, never all. */
function shortest(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return Math.min(...times);
}

heavyTest("safeText() takes linear time for texts that invite backtracking", () => {
  const attacks = ["👩\u200d", "ا\u0301\u200c", "a\u0301", "\u094d\u200d", "1\ufe0f", "\u200d"];
  for (const attack of attacks) {
    const [once, eightTimes] = [4_000, 32_000].map((n) =>
      shortest(() => safeText(attack.repeat(n)))
    );
    // Quadratic time would be 64 times as long.
    assert(eightTimes! < 24 * once! + 5, `${JSON.stringify(attack)}: ${once} and ${eightTimes} ms`);
  }
});

Deno.test("asciiText() shows all but printable ASCII and newlines by number", () => {
  assertEquals(asciiText("你 é😀\n~"), "<U+4F60> <U+00E9><U+1F600>\n~");
  assertEquals(asciiText("\x1b\t\x7f\ud800"), "<U+001B><U+0009><U+007F><U+D800>");
  const dice = new Dice(4);
  for (let run = 0; run < 2000; run++) {
    assertMatch(asciiText(randomText(dice, 10)), /^[\x20-\x7e\n]*$/);
  }
});
