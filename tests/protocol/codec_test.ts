import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { WireError } from "../../lib/errors.ts";
import { Reader, u32, u64, u8 } from "../../lib/protocol/codec.ts";

/** The field that an error names. */
function faultOf(read: () => unknown): Pick<WireError, "field" | "expected" | "got"> {
  const { field, expected, got } = assertThrows(read, WireError);
  return { field, expected, got };
}

const WIDTHS = [
  { write: u8, read: (reader: Reader) => reader.u8("n"), bytes: 1, max: 0xff },
  { write: u32, read: (reader: Reader) => reader.u32("n"), bytes: 4, max: 0xffff_ffff },
  { write: u64, read: (reader: Reader) => reader.u64("n"), bytes: 8, max: Number.MAX_SAFE_INTEGER },
] as const;

Deno.test("u8(), u32() and u64() write big-endian integers of fixed width", () => {
  assertEquals(u8(0xab), Uint8Array.of(0xab));
  assertEquals(u32(0x01020304), Uint8Array.of(1, 2, 3, 4));
  assertEquals(u64(0x0001_0203_0405_0607), Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
});

Deno.test("u8(), u32() and u64() are what Reader reads, over their whole range", () => {
  for (const { write, read, bytes, max } of WIDTHS) {
    fc.assert(fc.property(fc.integer({ min: 0, max }), (n) => {
      assertEquals(write(n).length, bytes);
      assertEquals(read(new Reader("m", write(n))), n);
    }));
    for (const n of [0, 1, max - 1, max]) assertEquals(read(new Reader("m", write(n))), n);
  }
});

Deno.test("u8(), u32() and u64() refuse what they can't write", () => {
  for (const { write, max } of WIDTHS) {
    for (const n of [-1, max + 1, 0.5, NaN, Infinity, -Infinity]) {
      assertThrows(() => write(n), RangeError, "Cannot encode");
    }
  }
});

Deno.test("Reader takes fields from the front, each once", () => {
  const reader = new Reader("m", Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assertEquals(reader.u8("a"), 1);
  assertEquals(reader.bytes("b", 2), Uint8Array.of(2, 3));
  assertEquals(reader.bytes("c", 0), new Uint8Array());
  assertEquals(reader.u32("d"), 0x04050607);
  assertEquals(reader.rest("e", 1), Uint8Array.of(8));
  assertEquals(reader.rest("f", 0), new Uint8Array());
  reader.end();
});

Deno.test("Reader reads a view of a larger buffer at its own place", () => {
  const view = Uint8Array.of(9, 9, 0, 0, 0, 7, 9).subarray(2, 6);
  const reader = new Reader("m", view);
  assertEquals(reader.u32("n"), 7);
  reader.end();
});

Deno.test("Reader gives copies: whoever changes the message afterwards changes nothing", () => {
  const message = Uint8Array.of(1, 2, 3, 4);
  const reader = new Reader("m", message);
  const [some, rest] = [reader.bytes("a", 2), reader.rest("b", 0)];
  message.fill(0);
  assertEquals([some, rest], [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
});

Deno.test("Reader names the field that is too short, with what it needs and what is there", () => {
  const short = () => new Reader("m", new Uint8Array(3));
  const got = "3";
  assertEquals(faultOf(() => short().u32("n")), { field: "m.n", expected: "4 bytes", got });
  assertEquals(faultOf(() => short().u64("n")), { field: "m.n", expected: "8 bytes", got });
  assertEquals(faultOf(() => short().bytes("b", 4)), { field: "m.b", expected: "4 bytes", got });
  assertEquals(faultOf(() => short().rest("r", 4)), { field: "m.r", expected: "4 bytes", got });
  const empty = new Reader("m", new Uint8Array());
  assertEquals(faultOf(() => empty.u8("n")), { field: "m.n", expected: "1 bytes", got: "0" });
});

Deno.test("Reader refuses an integer that a number does not hold exactly", () => {
  const above = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0);
  assertEquals(faultOf(() => new Reader("m", above).u64("n")), {
    field: "m.n",
    expected: "at most 2^53 - 1",
    got: "a larger number",
  });
  assertThrows(() => new Reader("m", new Uint8Array(8).fill(0xff)).u64("n"), WireError);
});

Deno.test("Reader.end() refuses what is left over, and says how much", () => {
  const reader = new Reader("m", new Uint8Array(3));
  reader.u8("n");
  assertEquals(faultOf(() => reader.end()), {
    field: "m",
    expected: "its end",
    got: "2 more bytes",
  });
});
