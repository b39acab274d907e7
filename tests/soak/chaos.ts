/**
 * A short run of the chaos with real processes. `deno task chaos` goes further; tests/soak/chaos/ has its parts.
 */
import { assert } from "@std/assert";
import { playFor } from "./chaos/short_run.ts";
import { canRun, canWriteTemp } from "../helpers/permissions.ts";

/** Milliseconds in which everything goes wrong: three kills, and some twenty faults. */
const DURATION = 12_000;

Deno.test({
  name: "play() brings every message across once and in order, and every file whole",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    const { kills, faults, sides } = await playFor(DURATION);
    assert(Object.values(kills).every((count) => count > 0), JSON.stringify(kills));
    assert([...faults.values()].some(({ hit }) => hit > 0));
    for (const { lines } of Object.values(sides)) assert(lines.arrived >= 150);
  },
});
