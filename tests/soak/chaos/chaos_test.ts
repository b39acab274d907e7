/**
 * A second of chaos with real processes. tests/soak/chaos.ts and `deno task chaos` go further.
 */
import { assert } from "@std/assert";
import { playFor } from "./short_run.ts";
import { canRun, canWriteTemp } from "../../helpers/permissions.ts";

/** Milliseconds in which everything goes wrong: a kill and some faults. */
const DURATION = 1_000;

Deno.test({
  name: "play() brings messages across a kill once and in order",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    const { kills, faults, sides } = await playFor(DURATION);
    assert(Object.values(kills).some((count) => count > 0));
    assert([...faults.values()].some(({ hit }) => hit > 0));
    for (const { lines } of Object.values(sides)) assert(lines.arrived > 0);
  },
});
