import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_WINDOW_LEAVES } from "../../lib/protocol/constants.ts";
import {
  FIRST_FLOW,
  type Flow,
  flowAfter,
  isTelling,
  windowSize,
} from "../../lib/transfer/flow.ts";

Deno.test("flowAfter() doubles what is in flight while windows come quickly, and takes less when they are late", () => {
  const after = (leaves: number, delay: number, trip = 20) =>
    flowAfter({ leaves, trip }, delay).leaves;
  assertEquals([after(4, 20), after(4, 269), after(64, 30)], [8, 8, 96]);
  assertEquals([after(40, 270), after(40, 520)], [40, 40]);
  // To what would have been there after the round trip and 375 ms.
  assertEquals([after(40, 521), after(96, 1580), after(4, 60_000)], [30, 24, 2]);
});

Deno.test("flowAfter() takes the shortest delay for the round trip, and none over a second", () => {
  const trips = [5000, 300, 700].reduce<Flow[]>(
    (flows, delay) => [...flows, flowAfter(flows.at(-1)!, delay)],
    [FIRST_FLOW],
  ).map(({ trip }) => trip);
  assertEquals(trips, [1000, 1000, 300, 300]);
});

Deno.test("windowSize() waits until a quarter fits, or the rest of the file", () => {
  const size = (inFlight: number, left = 1000, leaves = 40) =>
    windowSize({ leaves, trip: 0 }, inFlight, left);
  assertEquals([size(0), size(30), size(31), size(40), size(60)], [40, 10, 0, 0, 0]);
  assertEquals([size(31, 9), size(31, 10), size(0, 3), size(0, 0)], [9, 0, 3, 0]);
  assertEquals([size(1, 9, 2), size(2, 9, 2)], [1, 0]);
});

/**
 * A line that carries a leaf in so many milliseconds, both ways with a delay: which share of the time it is busy, and
 * how long a text that is typed at the end waits behind leaves.
 */
function simulate(perLeaf: number, trip: number): { busy: number; wait: number } {
  let flow = FIRST_FLOW;
  let [inFlight, changes, free, sent] = [0, 0, 0, 0];
  // When something arrives: of windows their first leaf, too.
  const arrivals: { at: number; asked: number | null; changes: number; before: number }[] = [];
  let now = 0;
  const ask = () => {
    const count = windowSize(flow, inFlight, Infinity);
    const before = inFlight;
    for (let i = 0; i < count; i++) {
      free = Math.max(free, now + trip / 2) + perLeaf;
      arrivals.push({ at: free + trip / 2, asked: i === 0 ? now : null, changes, before });
    }
    inFlight += count;
  };
  ask();
  const end = 600 * (perLeaf + 10) + 60 * trip;
  const half = end / 2;
  while (now < end) {
    const arrival = arrivals.shift()!;
    now = arrival.at;
    inFlight--;
    if (now > half) sent++;
    const delay = now - (arrival.asked ?? NaN);
    const isCounted = changes === 0 || isTelling(flow, arrival.before, delay);
    if (arrival.asked !== null && arrival.changes === changes && isCounted) {
      const next = flowAfter(flow, delay);
      if (next.leaves !== flow.leaves) changes++;
      flow = next;
    }
    ask();
  }
  return { busy: sent * perLeaf / (now - half), wait: Math.max(0, free - now) };
}

Deno.test("flowAfter() and windowSize() keep a line full, with half a second of leaves before a text", () => {
  fc.assert(
    fc.property(
      // From 64 KiB to 80 MiB a second.
      fc.integer({ min: 0, max: 100 }).map((step) => 1.6 * (2000 / 1.6) ** (step / 100)),
      fc.integer({ min: 1, max: 400 }),
      (perLeaf, trip) => {
        const { busy, wait } = simulate(perLeaf, trip);
        const most = Math.min(1, MAX_WINDOW_LEAVES * perLeaf / (trip + 2 * perLeaf));
        assert(busy > 0.8 * most, `busy ${busy} of ${most}`);
        assert(wait <= 500 + trip + 3 * perLeaf, `${wait} ms`);
      },
    ),
    { numRuns: 150, seed: 1 },
  );
});
