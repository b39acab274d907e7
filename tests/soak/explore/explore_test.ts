/**
 * Every interleaving of two runs that are small, with a network that is the attacker, and what it finds where the code
 * is wrong. tests/soak/exploration.ts and `deno task explore` go further.
 */
import { heavyTest } from "../../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { explore } from "./exploration.ts";
import { processOf } from "./process.ts";
import { rememberCryptography } from "./remembered_cryptography.ts";
import { boundedScenarios, type Scenario } from "./scenarios.ts";
import { traceLines } from "./trace.ts";
import { SABOTAGES } from "./sabotage.ts";

heavyTest("explore() finds every property held in the smallest exploration", async () => {
  using _ = rememberCryptography();
  const scenario = boundedScenarios().find(({ name }) => name === "words")!;
  const { counterexample, complete, states, transitions, messages } = await explore(scenario);
  assertEquals(counterexample && traceLines(counterexample), null);
  assert(complete);
  // Fewer would mean that something is not explored any more, or that the attacker has become weaker.
  assertEquals([states, transitions, messages], [286, 3_404, 73]);
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
  heavyTest(`explore() finds the way to a side that ${name}`, async () => {
    using _ = rememberCryptography();
    const scenario = talk(property === "progress" ? "kept" : null);
    const { counterexample } = await explore(scenario, { code });
    assert(counterexample !== null, "there is a counterexample");
    console.log(traceLines(counterexample).join("\n"));
    assertEquals(counterexample.property, property);
  });
}
