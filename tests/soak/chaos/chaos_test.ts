/**
 * A short run of the chaos with real processes. `deno task chaos` goes further; its parts have tests of their own beside it.
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { report } from "./report.ts";
import { play } from "./run.ts";
import { drawSchedule } from "./schedule.ts";
import { drawWorkload } from "./workload.ts";
import { canRun, canWriteTemp, tempDir } from "../../helpers/permissions.ts";

/** Milliseconds in which everything goes wrong: three kills, and some twenty faults. */
const DURATION = 12_000;

/** One in which each of the three is killed, and work gets done in between. */
const SEED = 22;

Deno.test({
  name: "play() brings every message across once and in order, and every file whole",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    const notes: string[] = [];
    const outcome = await play({
      seed: SEED,
      schedule: drawSchedule(SEED, DURATION),
      workload: drawWorkload(SEED, DURATION),
      folder: folder.path,
      signal: new AbortController().signal,
      tell: (line) => console.log(line),
      note: (line) => notes.push(line),
    });
    console.log([...report(outcome)].join("\n"));
    if (outcome.violations.length > 0) console.log(notes.join("\n"));
    assertEquals(outcome.violations, []);
    const { kills, faults, sides } = outcome;
    assert(Object.values(kills).every((count) => count > 0), JSON.stringify(kills));
    assert([...faults.values()].some(({ felt }) => felt > 0));
    for (const { lines } of Object.values(sides)) assertGreaterOrEqual(lines.arrived, 150);
  },
});
