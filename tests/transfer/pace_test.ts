import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ANSWER_MILLISECONDS,
  FIRST_PACE,
  isDue,
  MAX_INTERVAL,
  MAX_WINDOW,
  paceAfter,
  windowAfter,
} from "../../lib/transfer/pace.ts";
import { Meter } from "../../lib/transfer/progress.ts";

Deno.test("pace: the receiver never waits for more than the sender has in flight", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(MAX_INTERVAL), fc.nat(1000)), { maxLength: 30 }),
    (answers) => {
      let pace = FIRST_PACE;
      let window = windowAfter(pace.interval);
      let now = 0;
      for (const [leaves, elapsed] of answers) {
        assert(pace.interval <= window && window <= MAX_WINDOW, `${pace.interval} of ${window}`);
        now += elapsed;
        // As many as came, or as many as it waited for.
        const answered = Math.min(Math.max(1, leaves), pace.interval);
        pace = paceAfter({ ...pace, since: pace.since ?? now }, answered, now);
        window = windowAfter(answered);
      }
    },
  ));
});

/** The interval on which answers settle when one leaf takes so long. */
function settled(millisecondsPerLeaf: number): number {
  let pace = FIRST_PACE;
  let now = 0;
  for (let answers = 0; answers < 20; answers++) {
    pace = { ...pace, since: pace.since ?? now };
    let count = 0;
    do now += millisecondsPerLeaf; while (!isDue(pace, ++count, now));
    pace = paceAfter(pace, count, now);
  }
  return pace.interval;
}

Deno.test("pace: an answer is for a quarter of a second's worth of leaves", () => {
  assertEquals([1, 10, 25, 50, 125, 250, 2000].map(settled), [32, 25, 10, 5, 2, 1, 1]);
});

Deno.test("isDue() waits for nothing before the first leaf", () => {
  assert(!isDue(FIRST_PACE, 0, 10 * ANSWER_MILLISECONDS));
});

Deno.test("Meter reports the first, the last and four in a second, with rate and time left", () => {
  const meter = new Meter(10_000);
  assertEquals(meter.take(0, 0), { done: 0, rate: 0, secondsLeft: null });
  assertEquals(meter.take(100, 100), null);
  assertEquals(meter.take(250, 250), { done: 250, rate: 1000, secondsLeft: 9.75 });
  assertEquals(meter.take(300, 300), null);
  assertEquals(meter.take(10_000, 310)?.secondsLeft, 0);
});

Deno.test("Meter looks back five seconds, and not beyond a rest or a new beginning", () => {
  const meter = new Meter(1_000_000);
  for (let s = 0; s <= 10; s++) meter.take(s * 1000, s * 1000);
  assertEquals(meter.take(60_000, 15_000)?.rate, 10_000);
  meter.rest();
  assertEquals(meter.latest, { done: 60_000, rate: 0, secondsLeft: null });
  assertEquals(meter.take(60_000, 90_000)?.rate, 0);
  assertEquals(meter.take(61_000, 91_000)?.rate, 1000);
  assertEquals(meter.take(0, 92_000)?.rate, 0);
});
