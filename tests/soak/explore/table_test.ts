import { assertEquals } from "@std/assert";
import type { Exploration } from "./exploration.ts";
import { boundedScenarios } from "./scenarios.ts";
import { grouped, tableOf } from "./table.ts";

Deno.test("grouped() parts thousands", () => {
  assertEquals([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
});

Deno.test("tableOf() has a line for each exploration, and one for all", () => {
  const done = boundedScenarios().map((scenario, i): Exploration => ({
    scenario,
    states: 1000 + i,
    visited: 1000 + i,
    transitions: 2000,
    depth: 10 + i,
    localStates: 20,
    localSteps: 30,
    messages: 5,
    milliseconds: 1500,
    complete: i > 0,
    counterexample: i > 1 ? null : { property: "receipts", reason: "so it is", steps: [] },
  }));
  const lines = tableOf(done);
  assertEquals(lines.length, done.length + 2);
  assertEquals(lines.at(-1)!.split(/\s{2,}/), [
    "all",
    "6,015",
    "12,000",
    "15",
    "120",
    "180",
    "30",
    "9.0",
  ]);
  assertEquals(lines[1]!.endsWith("violates receipts"), true);
  assertEquals(lines[3]!.endsWith("holds"), true);
  assertEquals(tableOf(done.slice(2, 3)).length, 2);
});
