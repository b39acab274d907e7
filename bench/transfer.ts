/**
 * A file between two real clients through a real relay: how fast, against `cat` through a bare WebSocket relay in the
 * same run; how much memory each process takes at most; and with `--kills`, whether it goes on after `kill -9` of each.
 *
 *     deno task bench-transfer --mib 2048 --kills
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Command, integerOf } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../lib/errors.ts";
import { Child } from "../tests/soak/chaos/child.ts";
import {
  type Folders,
  makeFolders,
  makeProfile,
  stablePort,
  startClient,
  startRelay,
} from "../tests/soak/chaos/programs.ts";

const MIB = 1024 * 1024;

/** A file of the system's, read by `cat`: Deno itself reads none below /proc without every permission. */
async function textOf(path: string): Promise<string> {
  const command = new Deno.Command("cat", { args: [path], stderr: "null" });
  return new TextDecoder().decode((await command.output()).stdout);
}

/** The most memory that each kind of process had, in bytes. */
class Peaks {
  readonly #peaks = new Map<string, number>();

  /** Looks at a process that still runs. Linux reports it; elsewhere there is no row. */
  async look(role: string, { pid }: Child): Promise<void> {
    const status = await textOf(`/proc/${pid}/status`);
    const kib = Number(status.match(/^VmHWM:\s*(\d+) kB$/m)?.[1] ?? 0);
    this.#peaks.set(role, Math.max(this.#peaks.get(role) ?? 0, kib * 1024));
  }

  rows(): string[] {
    return Array.from(this.#peaks, ([role, peak]) => `peak memory, ${role}: ${mib(peak)} MiB`);
  }
}

const mib = (bytes: number) => (bytes / MIB).toFixed(0);

/** Fills a file with what nothing compresses. */
async function makeFile(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const block = new Uint8Array(64 * 1024);
  for (let written = 0; written < bytes; written += block.length) {
    crypto.getRandomValues(block);
    file.writeSync(block.subarray(0, Math.min(block.length, bytes - written)));
  }
}

/** SHA-256 of a file, a piece at a time. */
async function hashOf(path: string): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(MIB);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  return hash.digest("hex");
}

/** One event of a client. */
type Event = Readonly<Record<string, unknown>>;

type Role = "relay" | "receiver" | "sender";

/** A file's way, with one process after the other. */
class Transfer {
  readonly peaks = new Peaks();
  /** When the first and the last byte moved, in milliseconds. */
  started = 0;
  readonly #folders: Folders;
  readonly #port = stablePort();
  readonly #done = Promise.withResolvers<void>();
  /** Kills that are still to come, by the share of the file at which they do. */
  readonly #kills: { at: number; who: Role }[];
  readonly #children: Record<Role, Child>;

  constructor(folders: Folders, path: string, kills: boolean) {
    this.#folders = folders;
    this.#kills = kills
      ? [{ at: 0.25, who: "receiver" }, { at: 0.5, who: "relay" }, { at: 0.75, who: "sender" }]
      : [];
    this.#children = {
      relay: this.#start("relay"),
      receiver: this.#start("receiver"),
      sender: this.#start("sender", "--send-file", path),
    };
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  #take(side: "alice" | "bob", event: Event): void {
    if (event.event === "error") this.#done.reject(new Error(`${side}: ${event.message}`));
    if (event.event === "file-sent") void this.look().then(() => this.#done.resolve());
    if (event.event !== "file-progress" || side !== "alice") return;
    if (this.started === 0) this.started = performance.now();
    const [next] = this.#kills;
    if (next === undefined || Number(event.done) < next.at * Number(event.bytes)) return;
    this.#kills.shift();
    void this.#kill(next.who, Number(event.done) / MIB);
  }

  async #kill(who: Role, at: number): Promise<void> {
    await this.look();
    console.log(`kill -9 of the ${who} at ${at.toFixed(0)} MiB`);
    const child = this.#children[who];
    child.kill();
    await child.ended;
    this.#children[who] = this.#start(who);
  }

  #start(who: Role, ...more: string[]): Child {
    if (who === "relay") return startRelay(this.#folders, this.#port, () => {});
    const side = who === "receiver" ? "alice" : "bob";
    const onLine = (line: string) => this.#take(side, JSON.parse(line));
    const options = who === "receiver" ? ["--accept-files", ...more] : more;
    return startClient(this.#folders, side, { port: this.#port, onLine, more: options });
  }

  async look(): Promise<void> {
    for (const [role, child] of Object.entries(this.#children)) await this.peaks.look(role, child);
  }

  async close(): Promise<void> {
    for (const child of Object.values(this.#children).reverse()) {
      child.kill();
      await child.ended;
    }
  }
}

/** Starts one part of the bare way, and resolves with the first line that it prints. */
function startBare(...args: string[]): { child: Child; first: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const script = new URL("bare.ts", import.meta.url).pathname;
  const run = ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "-R", "-W", script];
  const child = new Child({ args: [...run, ...args], cwd: ".", onLine: resolve });
  return { child, first: promise };
}

/** Seconds that the same file takes on the bare way. */
async function bareSeconds(path: string, to: string): Promise<number> {
  const relay = startBare("relay");
  const url = await relay.first;
  const receiver = startBare("receive", url, to);
  await receiver.first;
  const start = performance.now();
  const sender = startBare("send", url, path);
  await sender.child.ended;
  await receiver.child.ended;
  const seconds = (performance.now() - start) / 1000;
  relay.child.kill();
  await relay.child.ended;
  return seconds;
}

const COMMAND: Command = {
  name: "deno task bench-transfer",
  summary: "Measures a file between two real clients: speed and memory.",
  options: [
    { name: "mib", value: "N", help: "the file's size in MiB", default: "64" },
    { name: "kills", help: "kill -9 each process on the way" },
  ],
  exits: [[EXIT.ok, "measured"], [EXIT.failed, "failed"], [EXIT.usage, "wrong usage"]],
  examples: ["--mib 2048 --kills"],
};

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async (said) => {
    await measure((integerOf(said, "mib", 1, 1_000_000) ?? 64) * MIB, said.kills === true);
    return EXIT.ok;
  });
}

async function measure(bytes: number, kills: boolean): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "parley-transfer-" });
  try {
    const folders = await makeFolders(root, ["alice", "bob"]);
    const path = `${folders.outgoing("bob")}/file.bin`;
    await makeFile(path, bytes);
    for (const side of ["alice", "bob"] as const) {
      await makeProfile(folders, side);
    }
    const transfer = new Transfer(folders, "outbox/file.bin", kills);
    try {
      await transfer.done;
      const seconds = (performance.now() - transfer.started) / 1000;
      const received = `${folders.incoming("alice")}/file.bin`;
      const isWhole = await hashOf(path) === await hashOf(received);
      console.log(`the file is ${isWhole ? "whole" : "DAMAGED"}: ${mib(bytes)} MiB`);
      console.log(`parley: ${seconds.toFixed(1)} s, ${(bytes / MIB / seconds).toFixed(1)} MiB/s`);
      for (const row of transfer.peaks.rows()) console.log(row);
      await transfer.close();
      const bare = await bareSeconds(path, `${root}/bare.bin`);
      console.log(`bare relay: ${bare.toFixed(1)} s, ${(bytes / MIB / bare).toFixed(1)} MiB/s`);
      console.log(`ratio: ${(bare / seconds).toFixed(2)} of a bare relay's throughput`);
    } finally {
      await transfer.close();
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
