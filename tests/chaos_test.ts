/**
 * A short run of the chaos with real processes. `deno task chaos` goes further; tests/chaos/ has its parts.
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { report } from "../tools/chaos/report.ts";
import { play } from "../tools/chaos/run.ts";
import { drawSchedule } from "../tools/chaos/schedule.ts";
import { drawWorkload } from "../tools/chaos/workload.ts";
import { canRun, canWriteTemp, tempDir } from "./helpers/permissions.ts";

/** Milliseconds in which everything goes wrong: two or three kills, and some twenty faults. */
const DURATION = 10_000;

const SEED = 1;

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
    assertGreaterOrEqual(kills.relay + kills.alice + kills.bob, 2);
    assert([...faults.values()].some(({ felt }) => felt > 0));
    for (const { lines } of Object.values(sides)) assertGreaterOrEqual(lines.arrived, 150);
  },
});
