/**
 * A few simulated conversations, which are enough to notice most changes of a line. tests/soak/simulation.ts has more.
 */
import { heavyTest } from "../../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { failureLine, replay, simulate } from "./runner.ts";

const COUNT = 150;

heavyTest(`${COUNT} simulated conversations with faults: lost, twice, out of order 0`, async () => {
  const { conversations, failures, counts, faults } = await simulate(1, COUNT);
  assertEquals(failures.map(failureLine), []);
  assertEquals(conversations, COUNT);
  // They are no conversations in which nothing happens.
  for (const type of ["cut", "relay", "kill", "sleep", "full", "noise"]) {
    assert(faults.get(type)! > COUNT / 10, type);
  }
  for (const type of ["message", "delivered", "disconnected", "peer-away", "gap", "not-sent"]) {
    assert(counts.get(type)! > 0, type);
  }
});

Deno.test("a simulated conversation is the same each time, event for event", async () => {
  for (const seed of [3, 6, 9]) {
    const [once, again]: [string[], string[]] = [[], []];
    await replay(seed, new Set(), (line) => once.push(line));
    await replay(seed, new Set(), (line) => again.push(line));
    assert(once.length > 20);
    assertEquals(again, once);
  }
});
