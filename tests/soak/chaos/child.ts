/** One process: what is written to it, what it prints, and its end. */
import { TextLineStream } from "../../../tools/text_lines.ts";

/** How a process is started, with `args` for `deno`. */
export interface ChildOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside this process's environment. */
  readonly env?: Record<string, string>;
  /** Is called for each line that it prints. */
  readonly onLine: (line: string) => void;
}

/** What a process left behind. */
export interface Ended {
  readonly code: number;
  /** The last of its error output. */
  readonly stderr: string;
}

/** Characters of the error output that are kept. */
const KEPT_STDERR = 2000;

/** A running process. */
export class Child {
  /** Resolves when it is gone and everything that it printed has been handed to `onLine`. */
  readonly ended: Promise<Ended>;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor({ args, cwd, env, onLine }: ChildOptions) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.ended = this.#watch(onLine);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Writes to its input, behind what is being written. What a process that is gone did not read is dropped. */
  write(text: string): void {
    this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** SIGKILL: it can do nothing about it. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async #watch(onLine: (line: string) => void): Promise<Ended> {
    const stderr = new Response(this.#process.stderr).text();
    for await (const line of this.#process.stdout.pipeThrough(new TextLineStream())) onLine(line);
    const { code } = await this.#process.status;
    await this.#input.abort().catch(() => {});
    return { code, stderr: (await stderr).slice(-KEPT_STDERR) };
  }
}
