import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  addTyped,
  holdAll,
  markSent,
  type OwnLines,
  takeDelivered,
  takeLost,
  takeOut,
} from "../../lib/chat/own_lines.ts";

/** Lines that were typed. */
function typed(...texts: string[]): OwnLines {
  return texts.reduce<OwnLines>(addTyped, []);
}

/** The same, after these were sent with the numbers 0, 1 and so on. */
function sent(lines: OwnLines, ...texts: string[]): OwnLines {
  return texts.reduce(
    (all, text, sequence) => markSent(all, { text, sequence, time: 1_000 + sequence }).lines,
    lines,
  );
}

/** Short: text, state and number. */
function show(lines: OwnLines): string[] {
  return lines.map(({ text, state, sequence }) => `${text} ${state} ${sequence}`);
}

Deno.test("markSent() takes lines with the same text in the order in which they were typed", () => {
  const lines = sent(typed("a", "b", "a"), "a");
  assertEquals(show(lines), ["a sent 0", "b waiting null", "a waiting null"]);
  assertEquals(show(sent(lines, "a", "b", "a")), ["a sent 0", "b sent 1", "a sent 2"]);
});

Deno.test("markSent() takes a line that is sent again under its number for the same one", () => {
  const held = holdAll(sent(typed("a", "a", "new"), "a", "a"));
  assertEquals(show(held), ["a waiting 0", "a waiting 1", "new waiting null"]);
  const { lines, before } = markSent(held, { text: "a", sequence: 1, time: 5 });
  assertEquals(show(lines), ["a waiting 0", "a sent 1", "new waiting null"]);
  assertStrictEquals(before, held[1]);
});

Deno.test("markSent() puts a line that it does not know where its number belongs", () => {
  const lines = sent(typed("typed"), "a", "b", "c").filter(({ text }) => text !== "b");
  const { lines: all, before } = markSent(lines, { text: "b", sequence: 1, time: 5 });
  assertEquals(show(all), ["a sent 0", "b sent 1", "c sent 2", "typed waiting null"]);
  assertEquals(before, null);
});

Deno.test("markSent() does not take another text with a number of an earlier session for the same", () => {
  const { lines } = markSent(sent(typed("a", "b"), "a"), { text: "b", sequence: 0, time: 5 });
  assertEquals(show(lines), ["a sent 0", "b sent 0"]);
});

Deno.test("takeDelivered() takes what is below the count, also when its session is over", () => {
  const lines = sent(typed("a", "b", "c", "d"), "a", "b", "c");
  const { lines: rest, delivered } = takeDelivered(holdAll(lines), 2);
  assertEquals(delivered.map(({ text, time }) => [text, time]), [["a", 1_000], ["b", 1_001]]);
  assertEquals(show(rest), ["c waiting 2", "d waiting null"]);
  assertStrictEquals(takeDelivered(rest, 2).lines, rest);
});

Deno.test("holdAll() leaves a line that waits already as it is", () => {
  const lines = sent(typed("a", "b"), "a");
  const held = holdAll(lines);
  assertEquals(show(held), ["a waiting 0", "b waiting null"]);
  assertStrictEquals(held[1], lines[1]);
});

Deno.test("takeOut() takes one line for each text", () => {
  assertEquals(show(takeOut(typed("a", "a", "b"), ["a", "b", "c"])), ["a waiting null"]);
});

Deno.test("takeLost() takes the oldest that were on their way, and none that was not", () => {
  const lines = sent(typed("a", "b", "c"), "a", "b");
  assertEquals(takeLost(lines, -1), { lines, lost: [] });
  const one = takeLost(lines, 1);
  assertEquals([show(one.lines), one.lost], [["b sent 1", "c waiting null"], ["a"]]);
  assertEquals(takeLost(lines, 9).lost, ["a", "b"]);
});
