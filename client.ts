/**
 * The client's command line: `deno task client`.
 *
 * @module
 */
import { type ClientOptions, readClientOptions } from "./lib/cli/client_options.ts";
import {
  env,
  interruption,
  lineWriter,
  STDIO,
  type Stdio,
  type System,
  systemSources,
} from "./lib/cli/system.ts";
import { systemClock } from "./lib/timer.ts";
import { systemRandom } from "./lib/crypto/random.ts";
import { EXIT, type ExitCode, ParleyError } from "./lib/errors.ts";

/** Chance, time, the environment and the streams, for everything below. */
const SYSTEM: System = { random: systemRandom, ...systemClock, env, stdio: STDIO, interruption };

/** Whether a person sits at both ends of the conversation's streams. */
function isChat({ json, wait }: ClientOptions, { input, out }: Stdio): boolean {
  return input.isTerminal() && out.isTerminal() && !json && !wait;
}

/** Runs a client to its end. */
export async function main(args: readonly string[], system = SYSTEM): Promise<ExitCode> {
  const { stdio } = system;
  try {
    const options = readClientOptions(args, systemSources());
    if (typeof options === "string") {
      lineWriter(stdio.out)(options);
      return EXIT.ok;
    }
    if (isChat(options, stdio)) {
      return await (await import("./lib/cli/run_chat.ts")).runChat(options, system);
    }
    return await (await import("./lib/cli/run_pipe.ts")).runPipe(options, system);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    // The command line may be what is wrong, so this looks at it as it is.
    const isScript = args.includes("--json") || args.includes("--json-input");
    if (isScript) {
      const { JsonView } = await import("./lib/pipe/json_view.ts");
      new JsonView(lineWriter(stdio.out)).show({ type: "error", error });
    } else lineWriter(stdio.error)(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
