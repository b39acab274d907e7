/**
 * `deno task demo`: a relay and two clients, three real processes, and one conversation between them. It
 * shows the seven steps, checks that each side read exactly what the other said, and shows what the relay saw.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Command } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../lib/errors.ts";
import { TextLineStream } from "./text_lines.ts";

const COMMAND: Command = {
  name: "deno task demo",
  summary: "Two people talk, in one terminal: a relay and two clients, three real processes.",
  options: [],
  exits: [
    [EXIT.ok, "each read exactly what the other said, and the relay nothing"],
    [EXIT.failed, "something did not hold"],
    [EXIT.usage, "wrong usage"],
  ],
  examples: [],
};

/** What the two say, in turn. */
const ALICE = [
  "Hello Bob! Ça va? Grüße, žluťoučký kůň.",
  "你好，世界",
  "👋🏽 👨‍👩‍👧‍👦 🏳️‍🌈",
  "",
];
const BOB = ["Hi Alice, I read you.", "一切都好 😀", "long ".repeat(2_000), "Bye!"];

/** The steps as the client reports them: what they are called here, and the event that carries them. */
const STEPS: Readonly<Record<string, string>> = {
  "keys-made": step("1  each makes an ElGamal and a Diffie-Hellman key pair", ""),
  "key-exchange": step("2  two are in the room, so the relay says: begin", "KEY_EXCHANGE"),
  "identity-received": step("3  ElGamal public keys are exchanged", "ELGAMAL_PK"),
  "share-sent": step("4  Diffie-Hellman keys are hashed, signed, sent", "DEFF_HELLMAN_PK"),
  "signature-verified": step("5  each verifies the other's signature", ""),
  "secret-computed": step("6  each computes the shared secret and proves it", "SECURE"),
  "message": step("7  messages: hashed, signed, encrypted", "message"),
};

function step(what: string, event: string): string {
  return `  ${what.padEnd(56)}${event}`.trimEnd();
}

/** Anything that waits longer than this has failed, in milliseconds. */
const PATIENCE = 60_000;

interface ClientEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** One client process, its events and its keyboard. */
class Client {
  readonly received: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly finished: Promise<void>;
  #heard = Promise.withResolvers<void>();

  constructor(name: string, server: string, onEvent: (event: ClientEvent) => void) {
    const script = ["client.ts", "--server", server, "--room", "demo", "--name", name, "--json"];
    this.#process = start(script, { stdin: "piped", stderr: "inherit" });
    this.#keyboard = this.#process.stdin.getWriter();
    this.finished = this.#listen(onEvent);
  }

  async say(text: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(`${text}\n`));
  }

  /** Resolves when the next message has been read. */
  async hears(): Promise<void> {
    await this.#heard.promise;
    this.#heard = Promise.withResolvers();
  }

  async hangUp(): Promise<number> {
    await this.#keyboard.close();
    await this.finished;
    return (await this.#process.status).code;
  }

  async #listen(onEvent: (event: ClientEvent) => void): Promise<void> {
    const lines = this.#process.stdout.pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const event: ClientEvent = JSON.parse(line);
      onEvent(event);
      if (event.event !== "message") continue;
      this.received.push(String(event.text));
      this.#heard.resolve();
    }
  }
}

/** Starts one of the programs, with the permissions that it needs here. */
function start(args: string[], streams: Pick<Deno.CommandOptions, "stdin" | "stderr">) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", "--ignore-env", ...args],
    cwd: new URL("..", import.meta.url),
    stdout: "piped",
    ...streams,
  }).spawn();
}

/** A relay on a free port that shows all that it sees. */
async function startRelay(): Promise<{ url: string; saw: string[]; stop: () => Promise<void> }> {
  const script = ["server.ts", "--port", "0", "--log-level", "trace"];
  const process = start(script, { stdin: "null", stderr: "piped" });
  const saw: string[] = [];
  const logged = (async () => {
    for await (const line of process.stderr.pipeThrough(new TextLineStream())) saw.push(line);
  })();
  const output = process.stdout.pipeThrough(new TextLineStream()).getReader();
  const { value: greeting } = await output.read();
  const url = greeting?.match(/http:\S+/)?.[0];
  if (url === undefined) throw new Error(`the relay did not start: ${greeting ?? saw.join("\n")}`);
  const stop = async () => {
    process.kill("SIGTERM");
    await Promise.all([process.status, logged, output.cancel()]);
  };
  return { url, saw, stop };
}

/** A line fit for a narrow terminal. */
function short(text: string, most = 60): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters.slice(0, most).join("")}… (${characters.length} characters)`;
}

async function talk(): Promise<ExitCode> {
  const relay = await startRelay();
  console.log(`A relay at ${relay.url}, and two clients: three processes.\n`);

  const shown = new Set<string>();
  const secure = { Alice: Promise.withResolvers<void>(), Bob: Promise.withResolvers<void>() };
  const watch = (name: "Alice" | "Bob") => (event: ClientEvent) => {
    const step = STEPS[String(event.step)];
    if (step !== undefined && !shown.has(step)) {
      shown.add(step);
      console.log(step);
    }
    if (event.event === "secure") secure[name].resolve();
    if (event.event === "message") {
      console.log(`     ${name} reads: ${short(String(event.text)) || "(an empty line)"}`);
    }
    if (event.event === "error") throw new Error(`${name}: ${event.message}`);
  };
  const alice = new Client("Alice", relay.url, watch("Alice"));
  const bob = new Client("Bob", relay.url, watch("Bob"));
  await Promise.all([secure.Alice.promise, secure.Bob.promise]);
  console.log(STEPS.message);
  for (const [i, line] of ALICE.entries()) {
    await Promise.all([alice.say(line), bob.hears()]);
    await Promise.all([bob.say(BOB[i]!), alice.hears()]);
  }
  const codes = await Promise.all([alice.hangUp(), bob.hangUp()]);
  await relay.stop();
  return report(relay.saw, alice, bob, codes);
}

/** Checks everything and says so. */
function report(saw: string[], alice: Client, bob: Client, codes: number[]): ExitCode {
  const payloads = saw.flatMap((line) => line.match(/event=message base64=(\S+)/)?.[1] ?? []);
  console.log("\nWhat the relay saw of it, the ends of three of its payloads:");
  for (const payload of payloads.slice(0, 3)) console.log(`     …${payload.slice(-60)}`);
  const crossed = payloads.map(atob).join("\n") + saw.join("\n");
  const leaked = [...ALICE, ...BOB].filter((line) => line !== "" && crossed.includes(line));
  const checks: [string, boolean][] = [
    ["Bob read exactly what Alice said", isDeepStrictEqual(bob.received, ALICE)],
    ["Alice read exactly what Bob said", isDeepStrictEqual(alice.received, BOB)],
    [`the relay saw ${payloads.length} payloads and no plaintext`, leaked.length === 0],
    ["both clients left normally", codes.every((code) => code === 0)],
  ];
  console.log();
  for (const [claim, holds] of checks) console.log(`  ${holds ? "ok    " : "FAILED"} ${claim}`);
  return checks.every(([, holds]) => holds) ? EXIT.ok : EXIT.failed;
}

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async () => {
    const timer = setTimeout(() => {
      console.error("parley: the demo did not finish within a minute");
      Deno.exit(EXIT.failed);
    }, PATIENCE);
    const code = await talk();
    clearTimeout(timer);
    return code;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
