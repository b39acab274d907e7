import { assertEquals, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../../lib/cli/options.ts";
import { UsageError } from "../../../lib/errors.ts";
import { COMMAND, planOf } from "./options.ts";

const plan = (...args: string[]) => planOf(parseCommandLine(COMMAND, args));

Deno.test("planOf() scales the large exploration", () => {
  const { scenarios, depth } = plan("--messages=3", "--attacks", "1", "--depth", "7");
  assertEquals(depth, 7);
  const conversation = scenarios.find(({ name }) => name === "conversation")!;
  assertEquals(conversation.processes.map(({ script }) => script.length), [3, 3]);
  assertEquals(Math.max(...scenarios.map(({ attacks }) => attacks)), 1);
  assertEquals(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
});

Deno.test("planOf() takes one scenario by its name", () => {
  assertEquals(plan("--only=two runs").scenarios.map(({ name }) => name), ["two runs"]);
  assertEquals(plan("--bounded").scenarios.length, 6);
});

Deno.test("planOf() refuses what it does not know", () => {
  for (const args of [["--only=nonsense"], ["--depth=0"], ["--attacks=x"], ["--fast"], ["x"]]) {
    assertThrows(() => plan(...args), UsageError);
  }
});
