/**
 * `deno task explore`: every interleaving of small runs of the protocol, where the network is the attacker.
 *
 * The code that runs is that of lib/, in memory. Each step of a single session is computed once, and the states
 * of several sessions together are made of these; every one of them is visited and checked.
 */
import {
  type Arguments,
  type Command,
  integerOf,
  parseChoice,
  textOf,
} from "../../../lib/cli/options.ts";
import { runCommand } from "../../../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../../../lib/errors.ts";
import { type Exploration, explore } from "./exploration.ts";
import { rememberCryptography } from "./remembered_cryptography.ts";
import { boundedScenarios, largeScenarios } from "./scenarios.ts";
import type { Progress } from "./search.ts";
import { tableOf } from "./table.ts";
import { traceLines } from "./trace.ts";
import { PROPERTIES } from "./violation.ts";

const COMMAND: Command = {
  name: "deno task explore",
  summary: "Explores every interleaving of small runs, where the network is the attacker.",
  options: [
    { name: "messages", value: "N", help: "texts of each side in a conversation", default: "2" },
    { name: "attacks", value: "N", help: "messages that are changed or made", default: "2" },
    { name: "depth", value: "N", help: "most steps from the beginning" },
    { name: "only", value: "NAME", help: "one scenario" },
    { name: "bounded", help: "what the tests explore, in seconds" },
  ],
  exits: [
    [EXIT.ok, "every property holds"],
    [EXIT.failed, "one does not, and here is how"],
    [EXIT.usage, "usage"],
  ],
  examples: ["", "--bounded", "--only conversation --messages 3"],
};

/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 5000;

/** Says now and then how far a search has come. */
function reporter(name: string): (progress: Progress) => void {
  let last = performance.now();
  return ({ states, visited, transitions, depth }) => {
    if (performance.now() - last < PROGRESS_INTERVAL) return;
    last = performance.now();
    console.error(
      `${name}: ${visited} of ${states} states, ${transitions} transitions, depth ${depth}`,
    );
  };
}

async function run(said: Arguments): Promise<ExitCode> {
  const messages = integerOf(said, "messages", 1, 9) ?? 2;
  const attacks = integerOf(said, "attacks", 0, 9) ?? 2;
  const depth = integerOf(said, "depth", 1, 60_000) ?? Infinity;
  const all = said.bounded ? boundedScenarios() : largeScenarios({ messages, attacks });
  const only = textOf(said, "only");
  const name = only && parseChoice("--only", only, all.map(({ name }) => name));
  const done: Exploration[] = [];
  using _ = rememberCryptography();
  for (const scenario of all.filter((one) => name === undefined || one.name === name)) {
    console.error(`${scenario.name}: ${scenario.summary}`);
    done.push(await explore(scenario, { depth, report: reporter(scenario.name) }));
  }
  for (const line of report(done)) console.log(line);
  return done.every(({ counterexample }) => counterexample === null) ? EXIT.ok : EXIT.failed;
}

/** The report: a table, what was checked, and what does not hold. */
function* report(done: readonly Exploration[]): Generator<string> {
  yield* tableOf(done);
  yield "";
  for (const [name, text] of Object.entries(PROPERTIES)) yield `${name}: ${text}`;
  for (const { scenario, counterexample } of done) {
    if (counterexample === null) continue;
    yield `\n${scenario.name} (${scenario.summary})`;
    yield* traceLines(counterexample);
  }
}

export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, run);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
