/** Chaos with real processes, for a bounded time. */
import { assertEquals } from "@std/assert";
import { tempDir } from "../../helpers/permissions.ts";
import { LEAST_COST } from "../../profile/people.ts";
import { report } from "./report.ts";
import { type Outcome, play } from "./run.ts";

/** A seed whose first seconds kill each of the three, and leave time in which work gets done. */
const SEED = 22;

/** Plays so many milliseconds, and asserts that every message came once and in order, and every file whole. */
export async function playFor(duration: number): Promise<Outcome> {
  await using folder = await tempDir();
  const lines: string[] = [];
  const outcome = await play({
    seed: SEED,
    duration,
    cost: LEAST_COST,
    folder: folder.path,
    signal: new AbortController().signal,
    progress: (line) => console.log(line),
    trace: (line) => lines.push(line),
  });
  console.log([...report(outcome)].join("\n"));
  if (outcome.violations.length > 0) console.log(lines.join("\n"));
  assertEquals(outcome.violations, []);
  return outcome;
}
