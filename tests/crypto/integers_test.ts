import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { bitLength, i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const random = seededRandom("integers");

Deno.test("bitLength() counts bits, around every power of two up to 2^300", () => {
  assertEquals(bitLength(0n), 0);
  for (let bits = 1; bits <= 300; bits++) {
    assertEquals(bitLength(1n << BigInt(bits - 1)), bits);
    assertEquals(bitLength((1n << BigInt(bits)) - 1n), bits);
  }
});

Deno.test("os2ip() reads big-endian bytes", () => {
  assertEquals(os2ip(new Uint8Array()), 0n);
  assertEquals(os2ip(Uint8Array.of(0)), 0n);
  assertEquals(os2ip(Uint8Array.of(1, 2, 3)), 66051n);
  for (let length = 0; length < 100; length++) {
    const bytes = random(length);
    assertEquals(os2ip(bytes), bytes.reduce((n, byte) => n * 256n + BigInt(byte), 0n));
  }
});

Deno.test("os2ip() does not see leading zero bytes", () => {
  for (let zeros = 0; zeros < 5; zeros++) {
    assertEquals(os2ip(concatBytes(new Uint8Array(zeros), Uint8Array.of(7, 0))), 1792n);
  }
});

Deno.test("i2osp() is the inverse of os2ip() at every width from 0 to 600", () => {
  for (let length = 0; length <= 600; length++) {
    const bytes = random(length);
    if (length % 3 === 0) bytes.fill(0, 0, length / 2); // Leading zeros stay.
    assertEquals(i2osp(os2ip(bytes), length), bytes);
  }
});

Deno.test("i2osp() takes the largest integer that fits, and no larger one", () => {
  for (const length of [0, 1, 2, 16, 384]) {
    const bound = 1n << BigInt(8 * length);
    assert(i2osp(bound - 1n, length).every((byte) => byte === 255));
    for (const n of [bound, bound + 1n, bound << 4n, bound << 8n]) {
      assertThrows(() => i2osp(n, length), RangeError, `${bitLength(n)} bits in ${length} bytes`);
    }
  }
});

Deno.test("i2osp() refuses negative integers", () => {
  assertThrows(() => i2osp(-1n, 4), RangeError, "negative");
});
