/**
 * The relay's command line: `deno task server`.
 *
 * @module
 */
import {
  type Command,
  helpText,
  parseChoice,
  parseCommandLine,
  parseInteger,
} from "./lib/cli/options.ts";
import { VERSION } from "./lib/cli/version.ts";
import { EXIT, type ExitCode, ParleyError } from "./lib/errors.ts";
import { DEFAULT_MAX_PAYLOAD_BYTES, DEFAULT_PORT } from "./lib/relay/events.ts";
import { lineLog, LOG_LEVELS } from "./lib/relay/log.ts";
import { type RelayOptions, startRelay } from "./lib/relay/relay.ts";

const COMMAND: Command = {
  name: "deno task server",
  summary: "parley's relay: it brings two clients together and can read nothing.",
  options: [
    { name: "host", value: "ADDRESS", help: "listen on this address", default: "127.0.0.1" },
    {
      name: "port",
      value: "PORT",
      help: "listen on this port; 0 takes a free one",
      default: String(DEFAULT_PORT),
    },
    {
      name: "max-payload",
      value: "BYTES",
      help: "refuse longer payloads",
      default: String(DEFAULT_MAX_PAYLOAD_BYTES),
    },
    {
      name: "log-level",
      value: "LEVEL",
      help: `what to write on stderr: ${LOG_LEVELS.join(", ")}`,
      default: "error",
    },
  ],
  notes: [
    "Exit codes: 0 stopped by SIGINT or SIGTERM, 1 failed, 2 wrong usage.",
    "",
    "Examples:",
    "  deno task server",
    "  deno task server --host 0.0.0.0 --port 8080 --log-level info",
  ],
};

/** The least cap that lets a handshake through, in bytes, with room to spare. */
const LEAST_PAYLOAD_BYTES = 16 * 1024;

function readOptions(args: readonly string[]): RelayOptions | string {
  const given = parseCommandLine(COMMAND, args) as Record<string, string>;
  if (given.help) return helpText(COMMAND);
  if (given.version) return VERSION;
  const level = parseChoice("log-level", given["log-level"]!, LOG_LEVELS);
  return {
    host: given.host!,
    port: parseInteger("port", given.port!, 0, 65_535),
    maxPayloadBytes: parseInteger(
      "max-payload",
      given["max-payload"]!,
      LEAST_PAYLOAD_BYTES,
      256 * 1024 * 1024,
    ),
    log: lineLog(level, (line) => console.error(line), Date.now),
  };
}

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
    const options = readOptions(args);
    if (typeof options === "string") {
      console.log(options);
      return EXIT.ok;
    }
    const stopped = stopSignal();
    const relay = await startRelay(options);
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
