/**
 * Whole conversations in virtual time, over everything that can go wrong. `deno task simulate` runs more of them, and
 * shows one.
 */
import { assertEquals } from "@std/assert";
import { failureLine, simulate } from "./runner.ts";

/** The first thousand are thousand_test.ts's. */
const FIRST = 1001;
const COUNT = 9000;

Deno.test("9,000 more simulated conversations with faults: lost 0, twice 0, out of order 0", async () => {
  const { conversations, failures } = await simulate(FIRST, COUNT);
  assertEquals(failures.map(failureLine), []);
  assertEquals(conversations, COUNT);
});
