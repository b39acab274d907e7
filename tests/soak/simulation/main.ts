/** `deno task simulate`: whole conversations with faults, in virtual time. */
import { type Command, integerOf, textOf } from "../../../lib/cli/options.ts";
import { runCommand } from "../../../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../../../lib/errors.ts";
import { failureLine, replay, simulate } from "./runner.ts";
import { drawScenario } from "./scenario.ts";

const COMMAND: Command = {
  name: "deno task simulate",
  summary: "Runs whole conversations with faults, in virtual time.",
  options: [
    { name: "seed", value: "N", help: "the first conversation's seed", default: "1" },
    { name: "count", value: "M", help: "how many conversations", default: "10000" },
    { name: "replay", value: "N", help: "show the conversation of this seed" },
    { name: "faults", value: "LIST", help: "with --replay: these faults only, as in 0,2, or none" },
  ],
  exits: [
    [EXIT.ok, "everything arrived once and in order"],
    [EXIT.failed, "something did not"],
    [EXIT.usage, "wrong usage"],
  ],
  examples: ["--seed 1 --count 1000", "--replay 7 --faults 0,2"],
};

const MOST = 1e15 - 1;

async function show(seed: number, only: string | undefined): Promise<ExitCode> {
  const all = [...drawScenario(seed).faults.keys()];
  const kept = only === undefined ? all : only === "none" ? [] : only.split(",").map(Number);
  const without = new Set(all.filter((i) => !kept.includes(i)));
  const { violation } = await replay(seed, without, console.log);
  console.log(violation === null ? "all arrived" : violation.stack);
  return violation === null ? EXIT.ok : EXIT.failed;
}

async function run(seed: number, count: number): Promise<ExitCode> {
  const { conversations, counts, faults, failures } = await simulate(seed, count, 10);
  console.log(`${conversations} conversations from seed ${seed} on`);
  console.log(`faults: ${[...faults].map(([type, n]) => `${n} ${type}`).join(", ")}`);
  console.log(`shown: ${[...counts].map(([type, n]) => `${n} ${type}`).join(", ")}`);
  for (const failure of failures) console.log(failureLine(failure));
  console.log(failures.length === 0 ? "lost 0, twice 0, out of order 0" : "FAILED");
  return failures.length === 0 ? EXIT.ok : EXIT.failed;
}

export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, (said) => {
    const one = integerOf(said, "replay", 0, MOST);
    if (one !== undefined) return show(one, textOf(said, "faults"));
    return run(integerOf(said, "seed", 0, MOST) ?? 1, integerOf(said, "count", 1, MOST) ?? 10_000);
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
