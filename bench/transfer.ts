/**
 * The rows about files between two real clients through a real relay: against magic-wormhole through its own relay,
 * against `cat` through a bare one, and with `kill -9` of each of the three processes on the way.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { launcherArguments } from "../tests/helpers/processes.ts";
import type { Child } from "../tests/soak/chaos/child.ts";
import {
  type Folders,
  makeFolders,
  makeProfile,
  stablePort,
  startClient,
  startRelay,
} from "../tests/soak/chaos/programs.ts";
import { type Measured, milliseconds, takeTurns } from "./measure.ts";
import { isThere, openBare, openRelay, peakMemory, Program, scratch } from "./programs.ts";

const MIB = 1024 * 1024;

/** The most memory that each kind of process had, in MiB. */
class Peaks {
  readonly #peaks = new Map<string, number>();

  /** Looks at a process that still runs. */
  look(role: string, { pid }: Child): void {
    this.#peaks.set(role, Math.max(this.#peaks.get(role) ?? 0, peakMemory(pid)));
  }

  note(): string {
    const all = Array.from(this.#peaks, ([role, peak]) => `${role} ${peak} MiB`);
    return `most memory: ${all.join(", ")}`;
  }
}

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
  /** When the first byte had moved, in milliseconds. */
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
    if (event.event === "file-sent") {
      this.look();
      this.#done.resolve();
    }
    if (event.event !== "file-progress" || side !== "alice") return;
    if (this.started === 0) this.started = performance.now();
    const [next] = this.#kills;
    if (next === undefined || Number(event.done) < next.at * Number(event.bytes)) return;
    this.#kills.shift();
    void this.#kill(next.who);
  }

  async #kill(who: Role): Promise<void> {
    this.look();
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

  look(): void {
    for (const [role, child] of Object.entries(this.#children)) this.peaks.look(role, child);
  }

  async close(): Promise<void> {
    for (const child of Object.values(this.#children).reverse()) {
      child.kill();
      await child.ended;
    }
  }
}

/** A folder with a file of so many MiB in the `outbox` of each side, and `use` of it. */
async function withFile<T>(
  mebibytes: number,
  use: (folders: Folders, path: string) => Promise<T>,
): Promise<T> {
  await using root = await scratch();
  const folders = await makeFolders(root.path, ["alice", "bob"]);
  const path = `${folders.outgoing("bob")}/file.bin`;
  await makeFile(path, mebibytes * MIB);
  return await use(folders, path);
}

/** Milliseconds from the first byte to the last, between two profiles, and what else was seen. */
async function transferMilliseconds(
  folders: Folders,
  path: string,
  kills: boolean,
): Promise<{ took: number; notes: string[] }> {
  const transfer = new Transfer(folders, "outbox/file.bin", kills);
  const received = `${folders.incoming("alice")}/file.bin`;
  try {
    await transfer.done;
    const took = performance.now() - transfer.started;
    if (await hashOf(path) !== await hashOf(received)) throw new Error("the file is damaged");
    return { took, notes: [transfer.peaks.note()] };
  } finally {
    await transfer.close();
    await Deno.remove(received).catch(() => {});
  }
}

async function makeProfiles(folders: Folders): Promise<void> {
  for (const side of ["alice", "bob"] as const) {
    await makeProfile(folders, side);
  }
}

/** Milliseconds that the same file takes with `cat` through a bare relay, from when all three are there. */
async function bareMilliseconds(path: string, to: string): Promise<number> {
  await using relay = openBare("relay");
  const url = await relay.line();
  await using receiver = openBare("receive", url, to);
  await receiver.line();
  await using sender = openBare("send", url, path);
  await sender.line();
  const took = await milliseconds(() => receiver.child.ended);
  await Deno.remove(to);
  return took;
}

/** A file's rate against `cat` through a bare relay. */
export function measureBareFile(quick: boolean): Promise<Measured> {
  const mebibytes = quick ? 8 : 128;
  return withFile(mebibytes, async (folders, path) => {
    await makeProfiles(folders);
    const rate = (took: number) => mebibytes * 1000 / took;
    let notes: string[] = [];
    const ours = async () => {
      const found = await transferMilliseconds(folders, path, false);
      notes = found.notes;
      return rate(found.took);
    };
    const peer = async () => rate(await bareMilliseconds(path, `${folders.root}/bare.bin`));
    return { ...await takeTurns("MiB/s", quick ? 1 : 3, ours, peer), notes };
  });
}

/** A file with `kill -9` of the receiver, of the relay and of the sender on the way. */
export function measureKills(quick: boolean): Promise<Measured> {
  const mebibytes = quick ? 16 : 2048;
  return withFile(mebibytes, async (folders, path) => {
    await makeProfiles(folders);
    const { took, notes } = await transferMilliseconds(folders, path, true);
    return { ours: took / 1000, peer: null, ratio: null, unit: "s", notes };
  });
}

/** Milliseconds of a file from the start of two clients, as `deno task client` starts them, to the end of the sender. */
export async function clientMilliseconds(url: string, folder: string): Promise<number> {
  const launch = [...launcherArguments("client"), "--server", url, "--room", "bench"];
  const start = performance.now();
  const send = ["--send-file", "outbox/file.bin", "--wait", "--json"];
  await using receiver = new Program([...launch, "--json-input", "--accept-files"], folder);
  await using sender = new Program([...launch, ...send], folder);
  const [{ path }] = await Promise.all([receiver.event("file-received"), sender.child.ended]);
  const took = performance.now() - start;
  receiver.child.write('{"finish":true}\n');
  await receiver.child.ended;
  await Deno.remove(`${folder}/${path}`);
  return took;
}

/** The servers of magic-wormhole. */
interface Wormhole extends AsyncDisposable {
  /** Milliseconds of a file from the start of both of its clients to the end of both. */
  milliseconds(path: string, folder: string): Promise<number>;
}

/** Starts its servers; `null` where it is not installed. `--no-listen` sends the file through its relay. */
async function openWormhole(): Promise<Wormhole | null> {
  if (!isThere("wormhole") || !isThere("twist3")) return null;
  // Its servers take no port 0.
  const [mailbox, transit] = [stablePort() + 1, stablePort() + 2];
  const server = (args: string[]) =>
    new Deno.Command("twist3", { args, stdout: "null", stderr: "null" }).spawn();
  const at = (port: number) => ["--port", `tcp:${port}:interface=127.0.0.1`];
  const servers = [
    server(["wormhole-mailbox", ...at(mailbox), "--channel-db", ":memory:"]),
    server(["transitrelay", ...at(transit)]),
  ];
  for (const port of [mailbox, transit]) await listening(port);
  let code = 1;
  return {
    async milliseconds(path, folder) {
      const words = `${code++}-bench-mark`;
      const relay = ["--relay-url", `ws://127.0.0.1:${mailbox}/v1`];
      const common = [...relay, "--transit-helper", `tcp:127.0.0.1:${transit}`];
      const run = async (...args: string[]) => {
        const { success, stderr } = await new Deno.Command("wormhole", {
          args: [...common, ...args],
          cwd: folder,
        }).output();
        if (!success) throw new Error(`wormhole: ${new TextDecoder().decode(stderr)}`);
      };
      const quiet = ["--no-listen", "--hide-progress"];
      const took = await milliseconds(() =>
        Promise.all([
          run("send", ...quiet, "--code", words, path),
          run("receive", ...quiet, "--accept-file", "--output-file", "wormhole.bin", words),
        ])
      );
      await Deno.remove(`${folder}/wormhole.bin`);
      return took;
    },
    async [Symbol.asyncDispose]() {
      for (const child of servers) {
        child.kill();
        await child.status;
      }
    },
  };
}

/** Resolves when somebody listens. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`nobody listens on ${port}`);
}

/** Seconds of a file, start-up included, against magic-wormhole. */
export async function measureFile(
  mebibytes: number,
  rounds: number,
): Promise<Measured> {
  await using wormhole = await openWormhole();
  await using relay = await openRelay();
  return await withFile(mebibytes, async (folders, path) => {
    const seconds = async (took: Promise<number>) => await took / 1000;
    const ours = () => seconds(clientMilliseconds(relay.url, folders.home("bob")));
    const peer = wormhole === null
      ? null
      : () => seconds(wormhole.milliseconds(path, folders.home("alice")));
    return await takeTurns("s", rounds, ours, peer);
  });
}
