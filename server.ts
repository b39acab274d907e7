/**
 * The relay's command line: `deno task server`.
 *
 * @module
 */
import { readServerOptions } from "./lib/cli/server_options.ts";
import { systemSources } from "./lib/cli/system.ts";
import { systemClock } from "./lib/timer.ts";
import { EXIT, type ExitCode, ParleyError } from "./lib/errors.ts";
import { lineLog } from "./lib/relay/log.ts";
import { startRelay } from "./lib/relay/relay.ts";

/** Resolves at the first signal to stop. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals: Deno.Signal[] = Deno.build.os === "windows"
      ? ["SIGINT", "SIGBREAK"]
      : ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const options = readServerOptions(args, systemSources());
    if (typeof options === "string") {
      console.log(options);
      return EXIT.ok;
    }
    const stopped = stopSignal();
    const { logLevel, ...address } = options;
    const log = lineLog(logLevel, (line) => console.error(line), systemClock.now);
    const relay = await startRelay({ ...address, log });
    console.log(`parley relay listening on ${relay.url}`);
    await stopped;
    await relay.close();
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
