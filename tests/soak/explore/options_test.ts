import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/errors.ts";
import { type Plan, readPlan } from "./options.ts";

function planOf(...args: string[]): Plan {
  const plan = readPlan(args);
  assert(typeof plan !== "string");
  return plan;
}

Deno.test("readPlan() scales the large exploration", () => {
  const { scenarios, depth } = planOf("--messages=3", "--attacks", "1", "--depth", "7");
  assertEquals(depth, 7);
  const conversation = scenarios.find(({ name }) => name === "conversation")!;
  assertEquals(conversation.processes.map(({ script }) => script.length), [3, 3]);
  assertEquals(Math.max(...scenarios.map(({ attacks }) => attacks)), 1);
  assertEquals(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
});

Deno.test("readPlan() takes one scenario by its name", () => {
  assertEquals(planOf("--only=two runs").scenarios.map(({ name }) => name), ["two runs"]);
  assertEquals(planOf("--bounded").scenarios.length, 6);
});

Deno.test("readPlan() refuses what it does not know", () => {
  for (const args of [["--only=nonsense"], ["--depth=0"], ["--attacks=x"], ["--fast"], ["x"]]) {
    assertThrows(() => readPlan(args), UsageError);
  }
  assert(String(readPlan(["--help"])).includes("deno task explore"));
});
