/**
 * Real programs for the benchmark: relays and clients with the permissions that their tasks have, and the peers where
 * they are installed.
 *
 * @module
 */
import { scriptArguments } from "../tests/helpers/processes.ts";
import { Child, type Ended } from "../tests/soak/chaos/child.ts";

/** One event of a client, as `--json` writes it. */
export type Event = Readonly<Record<string, unknown>>;

/** A process that waits for what another one prints; `Child` says the rest. */
export class Program implements AsyncDisposable {
  /** The process. */
  readonly child: Child;
  readonly #unread: string[] = [];
  #wake: () => void = () => {};
  #ended: Ended | null = null;

  /** Starts Deno with these arguments. */
  constructor(args: readonly string[], cwd = ".") {
    this.child = new Child({
      args,
      cwd,
      onLine: (line) => {
        this.#unread.push(line);
        this.#wake();
      },
    });
    void this.child.ended.then((ended) => {
      this.#ended = ended;
      this.#wake();
    });
  }

  /** The next line that it prints. @throws {Error} when it has ended */
  async line(): Promise<string> {
    while (this.#unread.length === 0) {
      if (this.#ended !== null) throw new Error(`a program ended early: ${this.#ended.stderr}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this.#unread.shift()!;
  }

  /** The next event with one of these names; the ones between are dropped. */
  async event(...names: string[]): Promise<Event> {
    for (;;) {
      const event: Event = JSON.parse(await this.line());
      if (names.includes(String(event.event))) return event;
      if (event.event === "error") throw new Error(`a client failed: ${event.message}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill();
    await this.child.ended;
  }
}

/** A folder for the time of a row. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "parley-bench-" });
  await Deno.mkdir(`${path}/outbox`);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Starts a relay on a free port. */
export async function openRelay(): Promise<Program & { readonly url: string }> {
  const program = new Program([...scriptArguments("server"), "--port", "0"]);
  const url = (await program.line()).match(/http:\S+/)?.[0];
  if (url === undefined) throw new Error("the relay did not start");
  return Object.assign(program, { url });
}

/** Starts a client that reads and writes JSON. */
export function openClient(url: string, folder: string, ...more: string[]): Program {
  const args = [...scriptArguments("client"), "--server", url, "--json-input", ...more];
  return new Program(args, folder);
}

/** The path of a script beside this file. */
export function script(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

/** Starts `bare.ts`, a part of the bare way. */
export function openBare(...args: string[]): Program {
  const run = ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "-R", "-W"];
  return new Program([...run, script("bare.ts"), ...args]);
}

/** Whether a program is installed here. */
export function isThere(name: string): boolean {
  const folders = Deno.env.get("PATH")?.split(":") ?? [];
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

/** Clock ticks in a second, as Linux counts them for every process. */
const TICKS = 100;

/** A file of Linux's /proc, which Deno itself reads with every permission there is only; `null` where there is none. */
export function processFile(path: string): string | null {
  const cat = new Deno.Command("cat", { args: [`/proc/${path}`], stderr: "null" });
  const { success, stdout } = cat.outputSync();
  return success ? new TextDecoder().decode(stdout) : null;
}

/** Milliseconds of processor time that a process took so far (Linux). */
export function processorTime(pid: number): number {
  const fields = processFile(`${pid}/stat`)!.split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}

/** The most memory that a process had so far, in MiB (Linux). */
export function peakMemory(pid: number): number {
  const status = processFile(`${pid}/status`);
  return Math.round(Number(status?.match(/^VmHWM:\s*(\d+) kB$/m)?.[1] ?? 0) / 1024);
}
