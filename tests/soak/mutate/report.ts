/** The rates: how many mutants of each folder were caught. */
import { describe, type Mutant } from "./mutant.ts";
import { folderOf } from "./sample.ts";
import type { Verdict } from "./trial.ts";

/** A mutant, and what came of it. */
export interface Result {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

/** The folders whose mistakes cost most: what anybody would notice too late. */
const STRICT = ["crypto", "protocol", "delivery", "transfer", "relay", "profile"];

/** How many of a hundred mutants of a folder have to be caught. */
export function targetOf(folder: string): number {
  return STRICT.some((name) => folder === `lib/${name}`) ? 95 : 90;
}

/** Every survivor, then a line for each folder; and whether each reached its target. */
export function report(results: readonly Result[]): { lines: string[]; good: boolean } {
  const survivors = results.filter(({ verdict }) => verdict.type === "survived");
  const lines = survivors.map(({ mutant }) => `survived: ${describe(mutant)}`).sort();
  let good = true;
  for (const folder of [...new Set(results.map(({ mutant }) => folderOf(mutant)))].sort()) {
    const own = results.filter(({ mutant }) => folderOf(mutant) === folder);
    const count = (type: Verdict["type"]) =>
      own.filter(({ verdict }) => verdict.type === type).length;
    const [caught, survived, untyped] = [count("caught"), count("survived"), count("no types")];
    const rate = caught + survived === 0 ? 100 : 100 * caught / (caught + survived);
    good &&= rate >= targetOf(folder);
    lines.push(
      `${folder}: ${caught} of ${caught + survived} caught, ${rate.toFixed(1)} %` +
        ` (at least ${targetOf(folder)} %)` +
        (untyped > 0 ? `; ${untyped} more that only the compiler refuses` : ""),
    );
  }
  return { lines, good };
}
