/** Tries mutants with the tests that are to notice them. */
import type { Mutant } from "./mutant.ts";
import type { Outcome, ProjectCopy } from "./project_copy.ts";

/** What came of a mutant: a test noticed, the compiler did, or nobody. */
export type Verdict =
  | { readonly type: "caught"; readonly by: string }
  | { readonly type: "no types" }
  | { readonly type: "survived" };

/** How many tests run at once: the nearest, which mostly notice, by themselves. */
const BATCHES = [[0, 2], [2, 8], [8, Infinity]] as const;

/** How much longer tests may take than without a mutant: a factor, and milliseconds for the machine's moods. */
const PATIENCE = { factor: 3, constant: 5_000 };

/** How long one test file may take without a mutant, in milliseconds. */
const LONGEST = 300_000;

/** How long each test file takes without a mutant, measured when it is first needed. */
export class Baseline {
  readonly #times = new Map<string, Promise<number | null>>();
  readonly #report: (line: string) => void;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** The time of a test file in milliseconds; `null` where it fails without a mutant, and so says nothing. */
  timeOf(test: string, copy: ProjectCopy): Promise<number | null> {
    let time = this.#times.get(test);
    if (time === undefined) this.#times.set(test, time = this.#measure(test, copy));
    return time;
  }

  async #measure(test: string, copy: ProjectCopy): Promise<number | null> {
    const begin = performance.now();
    const outcome = await copy.runTests([test], LONGEST);
    if (outcome.type === "passed") return performance.now() - begin;
    this.#report(`${test} fails without a mutant, and is left out: ${outcome.by}`);
    return null;
  }
}

/** Tries one mutant. Whether the types of a survivor hold is asked last: it takes longer than most tests. */
export async function tryMutant(
  mutant: Mutant,
  tests: readonly string[],
  copy: ProjectCopy,
  baseline: Baseline,
): Promise<Verdict> {
  for (const [from, to] of BATCHES) {
    const outcome = await runWith(mutant, tests.slice(from, to), copy, baseline);
    if (outcome.type === "caught") return outcome;
  }
  const hold = await copy.withMutant(mutant, () => copy.typesHold(mutant.file));
  return { type: hold ? "survived" : "no types" };
}

async function runWith(
  mutant: Mutant,
  tests: readonly string[],
  copy: ProjectCopy,
  baseline: Baseline,
): Promise<Outcome> {
  const usable: string[] = [];
  let limit = PATIENCE.constant;
  for (const test of tests) {
    const time = await baseline.timeOf(test, copy);
    if (time === null) continue;
    usable.push(test);
    limit += PATIENCE.factor * time;
  }
  if (usable.length === 0) return { type: "passed" };
  return await copy.withMutant(mutant, () => copy.runTests(usable, limit));
}
