import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, utf8 } from "../../lib/crypto/bytes.ts";
import { cut, flip, join } from "../../lab/forge/envelope.ts";
import { short } from "../../lab/numbers.ts";
import { parseJson, writeJson } from "../../lab/textbook/json.ts";
import { hasEscapes, Screen } from "../../lab/textbook/screen.ts";

Deno.test("parseJson() keeps integers exact, and runs out of stack on a deep text", () => {
  const n = 2n ** 2048n + 1n;
  assertEquals(parseJson(`{"a": ${n}, "b": [1, -2, "x\\n"], "c": {}}`), {
    a: n,
    b: [1n, -2n, "x\n"],
    c: {},
  });
  assertEquals(parseJson(writeJson({ n, text: 'a "b"', list: ["c"] })), {
    n,
    text: 'a "b"',
    list: ["c"],
  });
  assertThrows(() => parseJson("["), SyntaxError);
  assertThrows(() => parseJson("[".repeat(100_000) + "]".repeat(100_000)), RangeError);
});

Deno.test("Screen obeys what the plays send", () => {
  const screen = new Screen();
  screen.write("one\ntwo\n");
  assertEquals(screen.rows, ["one", "two"]);
  screen.write("\x1b[1A\r\x1b[2Kthree\n");
  assertEquals(screen.rows, ["one", "three"]);
  screen.write("abc\rX\x1b]0;title\x07");
  assertEquals(screen.rows, ["one", "three", "Xbc"]);
  screen.write("\x1b[2J\x1b[Hnew");
  assertEquals(screen.rows, ["new"]);
});

Deno.test("hasEscapes() knows what a terminal obeys, and lets text and line breaks be", () => {
  for (const text of ["\x1b[2J", "\r", "\x07", "\x9b", "\u202e"]) {
    assertEquals(hasEscapes(text), true);
  }
  assertEquals(hasEscapes("Grüße, 你好 ␛[2J\n"), false);
});

Deno.test("cut() and join() are inverse, and flip() turns one bit over", () => {
  const bytes = Uint8Array.from({ length: 2820 }, (_, i) => i % 256);
  const parts = cut(bytes);
  const lengths = [2721, 16, 51, 32];
  assertEquals(Object.values(parts).map(({ length }) => length), lengths);
  assertEquals(join(parts), bytes);
  assertEquals(flip(utf8("N"), -1, 0x17), utf8("Y"));
  assertEquals(flip(utf8("ab"), 0), utf8("`b"));
});

Deno.test("short() shows the ends of a number, and its size", () => {
  assertEquals(short(77n), "77");
  assertEquals(short(2n ** 2047n), "0x80000000…00000000 (2048 bits)");
  assertEquals(short(fromHex("00ff")), "00ff (2 bytes)");
  assertEquals(short("text"), "text");
  assertEquals(short("1234567890".repeat(30)), "12345678…34567890 (300 characters)");
});
