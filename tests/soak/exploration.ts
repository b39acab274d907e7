/**
 * Every interleaving of small runs, with a network that is the attacker. `deno task explore` goes further.
 */
import { assert, assertEquals } from "@std/assert";
import { explore } from "./explore/exploration.ts";
import { rememberCryptography } from "./explore/remembered_cryptography.ts";
import { boundedScenarios } from "./explore/scenarios.ts";
import { tableOf } from "./explore/table.ts";
import { traceLines } from "./explore/trace.ts";

/** How many states there are at least; fewer would mean that something is not explored any more. */
const LEAST_STATES: Readonly<Record<string, number>> = {
  "words": 286,
  "two runs": 57_920,
  "insider": 2_024,
  "middle": 18_024,
  "conversation": 888,
  "disorder": 245,
};

Deno.test("explore() finds every property held in every state within the bounds", async () => {
  using _ = rememberCryptography();
  const done = [];
  for (const scenario of boundedScenarios()) done.push(await explore(scenario));
  console.log(tableOf(done).join("\n"));
  for (const { scenario, counterexample, complete, states } of done) {
    assertEquals(counterexample && traceLines(counterexample), null);
    assert(complete, `${scenario.name}: all of it`);
    assert(states >= LEAST_STATES[scenario.name]!, `${scenario.name}: ${states} states`);
  }
  assertEquals(done.length, Object.keys(LEAST_STATES).length);
});
