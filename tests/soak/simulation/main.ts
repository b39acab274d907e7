/**
 * `deno task simulate [--seed N] [--count M]`: runs M simulated conversations with faults, from seed N on, in virtual
 * time. `--replay N [--faults 0,2]` shows one, with these faults only. Exit code 1 when something arrives twice, out
 * of order, or not at all.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { failureLine, replay, simulate } from "./runner.ts";
import { drawScenario } from "./scenario.ts";

async function show(seed: number, only: string | undefined): Promise<number> {
  const all = [...drawScenario(seed).faults.keys()];
  const kept = only === undefined ? all : only === "none" ? [] : only.split(",").map(Number);
  const without = new Set(all.filter((i) => !kept.includes(i)));
  const { violation } = await replay(seed, without, console.log);
  console.log(violation === null ? "all arrived" : violation.stack);
  return violation === null ? 0 : 1;
}

async function run(seed: number, count: number): Promise<number> {
  const { conversations, counts, faults, failures } = await simulate(seed, count, 10);
  console.log(`${conversations} conversations from seed ${seed} on`);
  console.log(`faults: ${[...faults].map(([type, n]) => `${n} ${type}`).join(", ")}`);
  console.log(`shown: ${[...counts].map(([type, n]) => `${n} ${type}`).join(", ")}`);
  for (const failure of failures) console.log(failureLine(failure));
  console.log(failures.length === 0 ? "lost 0, twice 0, out of order 0" : "FAILED");
  return failures.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { string: ["seed", "count", "replay", "faults"] });
  const { seed = "1", count = "10000", replay: one, faults } = options;
  Deno.exit(
    one === undefined ? await run(Number(seed), Number(count)) : await show(Number(one), faults),
  );
}
