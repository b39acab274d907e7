/**
 * `deno task chaos`: two real clients talk and send files through a real relay, while the network between them does
 * everything that a network can do, and each of the three is killed again and again. In the end every message has
 * to be there once and in order, and every file whole.
 *
 * What goes wrong is drawn from the seed beforehand. What comes of it depends on the machine's timing, too.
 */
import { tmpdir } from "node:os";
import { type Arguments, type Command, integerOf } from "../../../lib/cli/options.ts";
import { runCommand } from "../../../lib/cli/run.ts";
import { systemRandom } from "../../../lib/crypto/random.ts";
import { EXIT, type ExitCode } from "../../../lib/errors.ts";
import { safeText } from "../../../lib/safe_text.ts";
import { report } from "./report.ts";
import { play } from "./run.ts";
import { describe, drawSchedule, hashOf } from "./schedule.ts";

const COMMAND: Command = {
  name: "deno task chaos",
  summary: "Lets two real clients talk through a real relay while everything fails.",
  options: [
    { name: "seed", value: "N", help: "what goes wrong, and when; the same seed does the same" },
    { name: "minutes", value: "M", help: "how long", default: "5" },
    { name: "list", help: "print what would go wrong, and leave" },
    { name: "trace", help: "print everything that happens on the error output" },
  ],
  exits: [
    [EXIT.ok, "every message arrived once and in order, and every file whole"],
    [EXIT.failed, "something did not, or the run could not begin"],
    [EXIT.usage, "usage"],
  ],
  examples: ["", "--seed 1 --minutes 5", "--seed 1 --list"],
};

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

async function run(seed: number, minutes: number, isTraced: boolean): Promise<ExitCode> {
  const folder = await Deno.realPath(
    await Deno.makeTempDir({ dir: tmpdir(), prefix: "parley-chaos-" }),
  );
  const begun = performance.now();
  try {
    const outcome = await play({
      seed,
      duration: 60_000 * minutes,
      folder,
      signal: interruption(),
      progress: (line) => console.log(line),
      trace: (line) => {
        const time = ((performance.now() - begun) / 1000).toFixed(3);
        if (isTraced) console.error(safeText(`${time} ${line}`));
      },
    });
    for (const line of report(outcome)) console.log(safeText(line));
    if (outcome.violations.length === 0) return EXIT.ok;
  } catch (error) {
    console.log(`the run ended early: ${error instanceof Error ? error.message : error}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`To see it again: deno task chaos --seed ${seed} --minutes ${minutes}`);
  return EXIT.failed;
}

async function playOrList(said: Arguments): Promise<ExitCode> {
  const seed = integerOf(said, "seed", 0, 1e15 - 1) ?? anySeed();
  const minutes = integerOf(said, "minutes", 1, 24 * 60) ?? 5;
  const schedule = drawSchedule(seed, 60_000 * minutes);
  console.log(`seed ${seed}, schedule ${hashOf(schedule)}`);
  if (!said.list) return await run(seed, minutes, said.trace === true);
  for (const entry of schedule) console.log(describe(entry));
  return EXIT.ok;
}

export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, playOrList);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
