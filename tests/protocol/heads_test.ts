import { assertEquals, assertThrows } from "@std/assert";
import {
  addHeads,
  headAt,
  type Heads,
  headsFrom,
  lastHead,
  newHeads,
} from "../../lib/protocol/heads.ts";

const hash = (count: number) => new Uint8Array(32).fill(count % 251);

/** Heads of a chain that grew by these. */
function headsOf(...lengths: number[]): Heads {
  let heads = newHeads(hash(0));
  let count = 0;
  for (const length of lengths) {
    heads = addHeads(heads, Array.from({ length }, () => hash(++count)));
  }
  return heads;
}

Deno.test("headAt() finds every head of a chain, however it grew, and none beyond it", () => {
  for (
    const lengths of [[], [1], [1, 0, 1, 1], [600], [1, 1024, 1, 1024, 3], Array(1300).fill(1)]
  ) {
    const total = lengths.reduce((sum: number, length: number) => sum + length, 0);
    const heads = headsOf(...lengths);
    for (let count = 0; count <= total; count++) assertEquals(headAt(heads, count), hash(count));
    assertEquals(lastHead(heads), { count: total, hash: hash(total) });
    assertThrows(() => headAt(heads, total + 1), RangeError);
  }
});

Deno.test("headsFrom() leaves no head before the one that was answered", () => {
  const heads = headsOf(700, 700, 700);
  for (const count of [0, 1, 512, 700, 701, 1400, 2099, 2100]) {
    const later = headsFrom(heads, count);
    assertEquals(lastHead(later), lastHead(heads));
    for (const one of [count, 2100]) assertEquals(headAt(later, one), hash(one));
    if (count > 0) assertThrows(() => headAt(later, count - 1), RangeError);
    assertEquals(headAt(addHeads(later, [hash(2101)]), 2101), hash(2101));
  }
});
