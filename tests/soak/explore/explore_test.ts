/**
 * Every interleaving of small runs, with a network that is the attacker. `deno task explore` goes further.
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { explore } from "./exploration.ts";
import { processOf } from "./process.ts";
import { rememberCryptography } from "./remembered_cryptography.ts";
import { boundedScenarios, type Scenario } from "./scenarios.ts";
import { tableOf } from "./table.ts";
import { traceLines } from "./trace.ts";
import { SABOTAGES } from "./sabotage.ts";

/** How many states there are at least; fewer would mean that something is not explored any more. */
const LEAST_STATES: Readonly<Record<string, number>> = {
  "words": 290,
  "two runs": 57_920,
  "insider": 2_024,
  "middle": 18_024,
  "conversation": 3_012,
  "disorder": 794,
};

Deno.test("explore() finds every property held in every state within the bounds", async () => {
  using _ = rememberCryptography();
  const done = [];
  for (const scenario of boundedScenarios()) done.push(await explore(scenario));
  console.log(tableOf(done).join("\n"));
  for (const { scenario, counterexample, complete, states } of done) {
    assertEquals(counterexample && traceLines(counterexample), null);
    assert(complete, `${scenario.name}: all of it`);
    assertGreaterOrEqual(states, LEAST_STATES[scenario.name]!, `${scenario.name}: states`);
  }
  assertEquals(done.length, Object.keys(LEAST_STATES).length);
});

/** Two who say something; where somebody is to settle, a little less. */
function talk(patient: Scenario["patient"]): Scenario {
  const common = { goodbye: patient !== null, receipts: true };
  const [more, less] = patient === null ? [2, 1] : [1, 0];
  return {
    name: "talk",
    summary: "a short conversation",
    processes: [
      processOf("alice", { expects: ["bob"], texts: more, ...common }),
      processOf("bob", { expects: ["alice"], texts: less, ...common }),
    ],
    patient,
    attacks: 0,
    insider: null,
  };
}

for (const { name, property, code } of SABOTAGES) {
  Deno.test(`explore() finds the way to a side that ${name}`, async () => {
    using _ = rememberCryptography();
    const scenario = talk(property === "progress" ? "kept" : null);
    const { counterexample } = await explore(scenario, { code });
    assert(counterexample !== null, "there is a counterexample");
    console.log(traceLines(counterexample).join("\n"));
    assertEquals(counterexample.property, property);
  });
}
