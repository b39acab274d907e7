/**
 * Whole conversations in virtual time, over everything that can go wrong. `deno task simulate` runs more of them, and
 * shows one.
 */
import { assertEquals } from "@std/assert";
import { failureLine, simulate } from "./simulation/runner.ts";

const COUNT = 5_000;

Deno.test(`${COUNT} simulated conversations with faults: lost 0, twice 0, out of order 0`, async () => {
  const { conversations, failures } = await simulate(1, COUNT);
  assertEquals(failures.map(failureLine), []);
  assertEquals(conversations, COUNT);
});
