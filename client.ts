/**
 * The client's command line: `deno task client`.
 *
 * @module
 */
import { type Command, helpText, parseCommandLine, shown } from "./lib/cli/options.ts";
import { VERSION } from "./lib/cli/version.ts";
import { Conversation } from "./lib/client/conversation.ts";
import type { View } from "./lib/client/events.ts";
import { JsonView } from "./lib/client/json_view.ts";
import { readLines } from "./lib/client/lines.ts";
import { PipeClient } from "./lib/client/pipe_client.ts";
import { PipeView } from "./lib/client/pipe_view.ts";
import { connectRelay } from "./lib/client/relay_client.ts";
import { utf8 } from "./lib/crypto/bytes.ts";
import { SigningKey } from "./lib/crypto/elgamal.ts";
import { mlKem768 } from "./lib/crypto/kem.ts";
import { systemRandom } from "./lib/crypto/random.ts";
import { EXIT, type ExitCode, ParleyError, UsageError } from "./lib/errors.ts";
import { MAX_NAME_BYTES } from "./lib/protocol/constants.ts";
import { GROUP } from "./lib/protocol/wire.ts";
import { DEFAULT_PORT, DEFAULT_ROOM, isRoomName, ROOM_NAME_RULE } from "./lib/relay/events.ts";
import { safeText } from "./lib/terminal/safe_text.ts";

const COMMAND: Command = {
  name: "deno task client",
  summary: "parley's client: one end of an end-to-end encrypted conversation.",
  options: [
    {
      name: "server",
      value: "URL",
      help: "the relay",
      default: `http://localhost:${DEFAULT_PORT}`,
    },
    { name: "room", value: "NAME", help: "the room to meet in", default: DEFAULT_ROOM },
    { name: "name", value: "NAME", help: "what the other side calls you", default: "" },
    { name: "deniable", help: "leave signatures out of messages, if both sides ask" },
    { name: "json", help: "write every event as a line of JSON" },
  ],
  notes: [
    "In a terminal, type and press Enter; exit, /exit, Ctrl-D or Ctrl-C leave. With other",
    "input each line is a message; at its end the client waits for the other side and leaves.",
    "",
    "Exit codes: 0 left normally, 1 failed, 2 wrong usage, 3 a cryptographic check failed,",
    "4 the relay can't be reached.",
    "",
    "Examples:",
    "  deno task client --name Alice",
    "  printf 'hello\\n' | deno task client --room r1",
  ],
};

interface ClientOptions {
  readonly server: string;
  readonly room: string;
  readonly name: string;
  readonly deniable: boolean;
  readonly json: boolean;
}

function readOptions(args: readonly string[]): ClientOptions | string {
  const given = parseCommandLine(COMMAND, args);
  if (given.help) return helpText(COMMAND);
  if (given.version) return VERSION;
  return {
    server: parseServer(given.server as string),
    room: parseRoom(given.room as string),
    name: parseName(given.name as string),
    deniable: given.deniable === true,
    json: given.json === true,
  };
}

function parseServer(text: string): string {
  const url = URL.parse(text);
  const isPlain = url !== null && (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "";
  if (!isPlain) {
    throw new UsageError(`--server ${shown(text)}: expected a URL like http://localhost:5000`);
  }
  return url.origin;
}

function parseRoom(text: string): string {
  if (!isRoomName(text)) throw new UsageError(`--room ${shown(text)}: expected ${ROOM_NAME_RULE}`);
  return text;
}

function parseName(text: string): string {
  const bytes = utf8(text).length;
  if (bytes > MAX_NAME_BYTES) {
    throw new UsageError(`--name: expected at most ${MAX_NAME_BYTES} bytes of UTF-8, got ${bytes}`);
  }
  return text;
}

/** Writes a line to a stream whole, before anything else happens. */
function lineWriter(stream: { writeSync(bytes: Uint8Array): number }): (line: string) => void {
  return (line) => {
    const bytes = utf8(`${line}\n`);
    for (let written = 0; written < bytes.length;) {
      written += stream.writeSync(bytes.subarray(written));
    }
  };
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

/** Makes the identity of this run, and connects. */
function converse(options: ClientOptions, view: View): Conversation {
  const { server, room, name, deniable } = options;
  const identity = SigningKey.generate(GROUP, systemRandom);
  const conversation = new Conversation({
    address: { server, room },
    handshake: { identity, name, deniable, code: null },
    environment: { random: systemRandom, kem: mlKem768, now: Date.now },
    view,
  });
  conversation.attach(connectRelay({ server, room }, (input) => conversation.post(input)));
  return conversation;
}

function runPiped(options: ClientOptions): Promise<ExitCode> {
  const out = lineWriter(Deno.stdout);
  const safe = Deno.stdout.isTerminal() ? (text: string) => safeText(text) : (text: string) => text;
  const view = options.json ? new JsonView(out) : new PipeView(out, lineWriter(Deno.stderr), safe);
  const client = new PipeClient(view);
  const conversation = converse(options, client);
  return client.run(conversation, readLines(Deno.stdin.readable), interruption());
}

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const options = readOptions(args);
    if (typeof options === "string") {
      console.log(options);
      return EXIT.ok;
    }
    return await runPiped(options);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
