import { assertEquals } from "@std/assert";
import { Meter } from "../../lib/transfer/progress.ts";

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
