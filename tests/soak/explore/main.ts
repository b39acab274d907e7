/**
 * `deno task explore`: every interleaving of small runs of the protocol, where the network is the attacker.
 *
 * The code that runs is that of lib/, in memory. Each step of a single session is computed once, and the states
 * of several sessions together are made of these; every one of them is visited and checked.
 */
import { runCommand } from "../../../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../../../lib/errors.ts";
import { type Exploration, explore } from "./exploration.ts";
import { COMMAND, type Plan, planOf } from "./options.ts";
import { rememberCryptography } from "./remembered_cryptography.ts";
import type { Progress } from "./search.ts";
import { grouped, tableOf } from "./table.ts";
import { traceLines } from "./trace.ts";
import { PROPERTIES } from "./violation.ts";

/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 5000;

/** Says now and then how far a search has come. */
function reporter(name: string): (progress: Progress) => void {
  let last = performance.now();
  return ({ states, visited, transitions, depth }) => {
    if (performance.now() - last < PROGRESS_INTERVAL) return;
    last = performance.now();
    const of = `${grouped(visited)} of ${grouped(states)} states`;
    console.error(`${name}: ${of}, ${grouped(transitions)} transitions, depth ${depth}`);
  };
}

async function run({ scenarios, depth }: Plan): Promise<readonly Exploration[]> {
  using _ = rememberCryptography();
  const done: Exploration[] = [];
  for (const scenario of scenarios) {
    console.error(`${scenario.name}: ${scenario.summary}`);
    done.push(await explore(scenario, { depth, report: reporter(scenario.name) }));
  }
  return done;
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

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async (said) => {
    const done = await run(planOf(said));
    for (const line of report(done)) console.log(line);
    return done.every(({ counterexample }) => counterexample === null) ? EXIT.ok : EXIT.failed;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
