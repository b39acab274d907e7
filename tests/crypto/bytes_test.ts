import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compareBytes,
  concatBytes,
  copyBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  toHex,
  utf8,
  xorBytes,
  xorInto,
} from "../../lib/crypto/bytes.ts";
import { os2ip } from "../../lib/crypto/integers.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const random = seededRandom("bytes");

/** Byte strings of many lengths: each up to 40, and some around the borders of blocks. */
const samples = [...Array(41).keys(), 63, 64, 65, 255, 256, 1000].map((length) => random(length));

Deno.test("copyBytes() gives memory of its own", () => {
  const source = Uint8Array.of(1, 2, 3);
  const copy = copyBytes(source);
  assert(copy.buffer !== source.buffer);
  source[0] = 9;
  assertEquals(copy, Uint8Array.of(1, 2, 3));
});

Deno.test("copyBytes() copies a view's own part only, and a whole ArrayBuffer", () => {
  const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  assertEquals(copyBytes(view), Uint8Array.of(2, 3));
  assertEquals(copyBytes(view).buffer.byteLength, 2);

  const buffer = Uint8Array.of(5, 6).buffer;
  const copy = copyBytes(buffer);
  new Uint8Array(buffer)[0] = 0;
  assertEquals(copy, Uint8Array.of(5, 6));
});

Deno.test("concatBytes() joins in order, whatever the lengths", () => {
  assertEquals(concatBytes(), new Uint8Array());
  assertEquals(concatBytes(new Uint8Array(), Uint8Array.of(1)), Uint8Array.of(1));
  const joined = concatBytes(...samples);
  let offset = 0;
  for (const sample of samples) {
    assertEquals(joined.slice(offset, offset + sample.length), sample);
    offset += sample.length;
  }
  assertEquals(joined.length, offset);
});

Deno.test("equalBytes() is true for copies and false after any one bit flips", () => {
  for (const sample of samples) {
    assert(equalBytes(sample, sample.slice()));
    for (let i = 0; i < sample.length; i++) {
      const other = sample.slice();
      other[i]! ^= 1 << (i % 8);
      assert(!equalBytes(sample, other), `byte ${i} of ${sample.length}`);
    }
  }
});

Deno.test("equalBytes() is false for a prefix, also when zeros are missing", () => {
  assert(!equalBytes(Uint8Array.of(1, 0), Uint8Array.of(1)));
  assert(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)));
  assert(!equalBytes(new Uint8Array(), new Uint8Array(1)));
  assert(equalBytes(new Uint8Array(), new Uint8Array()));
});

Deno.test("compareBytes() orders as the big-endian integers do", () => {
  const narrow = seededRandom("compare");
  for (let i = 0; i < 500; i++) {
    // Two bits a byte, so that common prefixes and equal strings come up.
    const [a, b] = [narrow(3), narrow(3)].map((bytes) => bytes.map((byte) => (byte & 3) * 85));
    const [x, y] = [os2ip(a!), os2ip(b!)];
    assertEquals(compareBytes(a!, b!), x < y ? -1 : x > y ? 1 : 0);
    assertEquals(compareBytes(a!, a!.slice()), 0);
  }
});

Deno.test("compareBytes() refuses two lengths", () => {
  assertThrows(() => compareBytes(new Uint8Array(1), new Uint8Array(2)), RangeError, "1 and 2");
});

Deno.test("xorBytes() is its own inverse and leaves the rest of the mask alone", () => {
  for (const sample of samples) {
    const mask = random(sample.length + 5);
    const masked = xorBytes(sample, mask);
    assertEquals(masked.length, sample.length);
    assertEquals(xorBytes(masked, mask), sample);
    masked.forEach((byte, i) => assertEquals(byte, sample[i]! ^ mask[i]!));
  }
});

Deno.test("xorInto() is XOR byte by byte, wherever in its words target, mask and their ends lie", () => {
  for (const length of [0, 1, 3, 4, 5, 15, 16, 17, 100]) {
    for (let at = 0; at < 4; at++) {
      for (let maskAt = 0; maskAt < 4; maskAt++) {
        const [memory, maskMemory] = [random(120), random(120)];
        const mask = maskMemory.subarray(maskAt, maskAt + length + at);
        const expected = memory.map((byte, i) =>
          i >= at && i < at + length ? byte ^ maskMemory[i - at + maskAt]! : byte
        );
        const unchanged = maskMemory.slice();
        xorInto(memory.subarray(at, at + length), mask);
        assertEquals([memory, maskMemory], [expected, unchanged], `${length} at ${at}, ${maskAt}`);
        assertEquals(xorBytes(memory.subarray(at, at + length), mask).buffer.byteLength, length);
      }
    }
  }
});

Deno.test("xorBytes() refuses a mask that is too short", () => {
  assertThrows(() => xorBytes(new Uint8Array(3), new Uint8Array(2)), RangeError, "too short");
});

Deno.test("utf8() and fromUtf8() are inverse for text", () => {
  for (const text of ["", "wörld", "你好", "👋🏽", "a\u0000b", "\ufeffBOM stays", "e\u0301"]) {
    assertEquals(fromUtf8(utf8(text)), text);
  }
  assertEquals(utf8("é€👋"), fromHex("c3a9e282acf09f918b"));
});

Deno.test("utf8() writes U+FFFD for a lone surrogate", () => {
  assertEquals(utf8("\ud800"), fromHex("efbfbd"));
});

Deno.test("fromUtf8() refuses whatever is not well-formed", () => {
  const malformed = {
    "a lone continuation byte": "80",
    "a truncated sequence": "e282",
    "an overlong NUL": "c080",
    "an overlong slash": "e080af",
    "a surrogate": "eda080",
    "above U+10FFFF": "f4908080",
    "a byte that UTF-8 never has": "ff",
    "text and then a stray byte": "6f6bfe",
  };
  for (const [what, hex] of Object.entries(malformed)) {
    assertThrows(() => fromUtf8(fromHex(hex)), TypeError, undefined, what);
  }
});

Deno.test("toHex() and fromHex() are inverse, in lower case", () => {
  for (const sample of samples) {
    const hex = toHex(sample);
    assert(/^[0-9a-f]*$/.test(hex));
    assertEquals(hex.length, 2 * sample.length);
    assertEquals(fromHex(hex), sample);
    assertEquals(fromHex(hex.toUpperCase()), sample);
  }
  assertEquals(toHex(Uint8Array.of(0, 1, 0xab, 0xff)), "0001abff");
});

Deno.test("fromHex() refuses an odd length and whatever is no digit", () => {
  for (
    const text of [
      "0",
      "abc",
      "0g",
      "0x00",
      " 00",
      "00 ",
      "0 0",
      "00\n",
      "-1",
      "é0",
      "\uff10\uff10",
    ]
  ) {
    assertThrows(() => fromHex(text), SyntaxError, undefined, JSON.stringify(text));
  }
});
