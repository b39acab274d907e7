import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Random,
  randomBits,
  randomNonZeroBelow,
  systemRandom,
} from "../../lib/crypto/random.ts";
import { constantRandom, seededRandom } from "../helpers/seeded_random.ts";

/** A source that counts what is drawn from it. */
function counting(random: Random): { random: Random; drawn: number[] } {
  const drawn: number[] = [];
  return {
    drawn,
    random: (length) => {
      drawn.push(length);
      return random(length);
    },
  };
}

Deno.test("systemRandom() gives the length asked for, also above WebCrypto's 65,536 bytes a call", () => {
  for (const length of [0, 1, 32, 65_535, 65_536, 65_537, 131_072, 200_001]) {
    assertEquals(systemRandom(length).length, length);
  }
});

Deno.test("systemRandom() fills every part of a long request", () => {
  const bytes = systemRandom(200_000);
  // 64 zero bytes in a row happen by chance once in 2^512.
  for (let at = 0; at < bytes.length; at += 64) {
    assert(bytes.subarray(at, at + 64).some((byte) => byte !== 0), `zeros from byte ${at}`);
  }
});

Deno.test("systemRandom() fills every byte, the first and the last of each call to WebCrypto too", () => {
  const seen = new Set<number>();
  for (let run = 0; run < 8; run++) {
    const bytes = systemRandom(65_540);
    for (const at of [0, 1, 65_535, 65_536, 65_539]) if (bytes[at] !== 0) seen.add(at);
  }
  assertEquals(seen.size, 5);
});

Deno.test("systemRandom() never gives the same 32 bytes twice", () => {
  assertNotEquals(systemRandom(32), systemRandom(32));
});

Deno.test("randomBits() stays below 2^bits and reaches both ends", () => {
  for (let bits = 0; bits <= 130; bits++) {
    assertEquals(randomBits(bits, constantRandom(0)), 0n);
    assertEquals(randomBits(bits, constantRandom(255)), (1n << BigInt(bits)) - 1n);
  }
});

Deno.test("randomBits() draws no more bytes than it needs", () => {
  for (const [bits, bytes] of [[0, 0], [1, 1], [8, 1], [9, 2], [3072, 384]]) {
    const { random, drawn } = counting(constantRandom(7));
    randomBits(bits!, random);
    assertEquals(drawn, [bytes]);
  }
});

Deno.test("randomNonZeroBelow() stays in [1, bound) with the most extreme sources", () => {
  const bounds = [2n, 3n, 4n, 255n, 256n, 257n, 1n << 320n, (1n << 3071n) - 1n];
  for (const bound of bounds) {
    for (const random of [constantRandom(0), constantRandom(255), seededRandom(`${bound}`)]) {
      for (let i = 0; i < 20; i++) {
        const n = randomNonZeroBelow(bound, random);
        assert(n >= 1n && n < bound, `${n} is not in [1, ${bound})`);
      }
    }
  }
});

Deno.test("randomNonZeroBelow() draws every value equally often", () => {
  const random = seededRandom("uniform");
  const counts = new Map<bigint, number>();
  for (let i = 0; i < 9000; i++) {
    const n = randomNonZeroBelow(10n, random);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
  // 1,000 each; five standard deviations are 150.
  for (const [n, count] of counts) assert(Math.abs(count - 1000) < 150, `${n}: ${count} times`);
});

Deno.test("randomNonZeroBelow() draws once, 128 bits more than the bound has", () => {
  for (const [bound, bytes] of [[2n, 17], [255n, 17], [256n, 18], [1n << 320n, 57]] as const) {
    const { random, drawn } = counting(seededRandom("once"));
    randomNonZeroBelow(bound, random);
    assertEquals(drawn, [bytes]);
  }
});

Deno.test("randomNonZeroBelow() refuses a bound that leaves nothing to draw", () => {
  for (const bound of [1n, 0n, -5n]) {
    assertThrows(() => randomNonZeroBelow(bound, systemRandom), RangeError, "at least 2");
  }
});
