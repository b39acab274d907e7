/**
 * `deno task chaos`: two real clients talk and send files through a real relay, while the network between them does
 * everything that a network can do, and each of the three is killed again and again. In the end every message has
 * to be there once and in order, and every file whole.
 *
 * What goes wrong is drawn from the seed beforehand. What comes of it depends on the machine's timing, too.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { systemRandom } from "../../../lib/crypto/random.ts";
import { EXIT, type ExitCode, ParleyError } from "../../../lib/errors.ts";
import { safeText } from "../../../lib/safe_text.ts";
import { type Choice, readChoice } from "./options.ts";
import { report } from "./report.ts";
import { type Outcome, play } from "./run.ts";
import { describe, drawSchedule, hashOf } from "./schedule.ts";
import { drawWorkload } from "./workload.ts";

/** Any seed, short enough to be typed. */
function anySeed(): number {
  return new DataView(systemRandom(4).buffer).getUint32(0) % 1_000_000;
}

/** Ends when the user wants it to. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error("interrupted"));
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  return controller.signal;
}

async function playIn(
  folder: string,
  seed: number,
  { minutes, trace }: Choice,
): Promise<Outcome> {
  const begun = performance.now();
  return await play({
    seed,
    schedule: drawSchedule(seed, 60_000 * minutes),
    workload: drawWorkload(seed, 60_000 * minutes),
    folder,
    signal: interruption(),
    tell: (line) => console.log(line),
    note: (line) => {
      const time = ((performance.now() - begun) / 1000).toFixed(3);
      if (trace) console.error(safeText(`${time} ${line}`));
    },
  });
}

async function run(choice: Choice): Promise<ExitCode> {
  const seed = choice.seed ?? anySeed();
  const schedule = drawSchedule(seed, 60_000 * choice.minutes);
  const again = `deno task chaos --seed ${seed} --minutes ${choice.minutes}`;
  console.log(`seed ${seed}, schedule ${hashOf(schedule)}`);
  if (choice.list) {
    for (const entry of schedule) console.log(describe(entry));
    return EXIT.ok;
  }
  const folder = await Deno.realPath(
    await Deno.makeTempDir({ dir: tmpdir(), prefix: "parley-chaos-" }),
  );
  try {
    const outcome = await playIn(folder, seed, choice);
    for (const line of report(outcome)) console.log(safeText(line));
    if (outcome.violations.length === 0) return EXIT.ok;
  } catch (error) {
    console.log(`the run ended early: ${error instanceof Error ? error.message : error}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`To see it again: ${again}`);
  return EXIT.failed;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const choice = readChoice(args);
    if (typeof choice !== "string") return await run(choice);
    console.log(choice);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
