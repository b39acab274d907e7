/**
 * The rows about what a person in a terminal waits for. `script` of util-linux is the terminal.
 *
 * @module
 */
import { naiveMilliseconds } from "./crypto.ts";
import { type Measured, takeTurns } from "./measure.ts";
import { isThere, openRelay } from "./programs.ts";

const ROOT = new URL("../", import.meta.url);

/** A client in a terminal. */
class Screen implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #shown = "";
  #wake: () => void = () => {};
  #isOver = false;
  readonly #ended: Promise<void>;

  constructor(command: string) {
    this.#process = new Deno.Command("script", {
      args: ["-qfec", command, "/dev/null"],
      cwd: ROOT,
      env: { TERM: "xterm" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keyboard = this.#process.stdin.getWriter();
    this.#ended = this.#read();
  }

  async #read(): Promise<void> {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.#shown += text;
      this.#wake();
    }
    this.#isOver = true;
    this.#wake();
  }

  async type(text: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(text));
  }

  /** Resolves when this stands in what was shown since the last call. */
  async until(text: string): Promise<void> {
    while (!this.#shown.includes(text)) {
      if (this.#isOver) throw new Error(`${JSON.stringify(text)} was never shown: ${this.#shown}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    this.#shown = "";
  }

  /** Leaves as a person does, with Ctrl-C. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.type("\x03").catch(() => {});
    const late = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await this.#process.status;
    clearTimeout(late);
    await this.#ended;
    await this.#keyboard.abort().catch(() => {});
  }
}

function needsTerminal(): void {
  if (!isThere("script")) throw new Error("there is no `script` (util-linux) to be the terminal");
}

/** `deno task client` until its prompt is shown, against `deno run` of a file that imports Socket.IO's client. */
export async function measureStart(quick: boolean): Promise<Measured> {
  needsTerminal();
  await using relay = await openRelay();
  const file = new URL(".bench-empty.ts", ROOT);
  await Deno.writeTextFile(file, 'import "socket.io-client";\n');
  const ours = async () => {
    const start = performance.now();
    await using screen = new Screen(`"${Deno.execPath()}" task client --server ${relay.url}`);
    await screen.until("> ");
    return performance.now() - start;
  };
  const peer = async () => {
    const start = performance.now();
    await new Deno.Command(Deno.execPath(), { args: ["run", "--allow-env", file.pathname] })
      .output();
    return performance.now() - start;
  };
  try {
    await ours();
    await peer();
    return await takeTurns("ms", quick ? 3 : 15, ours, peer);
  } finally {
    await Deno.remove(file);
  }
}

/** How long both rest before a line, in milliseconds: they are idle, and the turn may be made early. */
const REST = 700;

/** Enter to the other screen: each says something in turn, and rests before. Against one naive power. */
export async function measureEnter(quick: boolean): Promise<Measured> {
  needsTerminal();
  await using relay = await openRelay();
  const command = `"${Deno.execPath()}" task client --server ${relay.url} --room bench`;
  await using alice = new Screen(`${command} --name alice`);
  await using bob = new Screen(`${command} --name bob`);
  await Promise.all([alice.until("to be sure"), bob.until("to be sure")]);
  const screens = [alice, bob] as const;
  let said = 0;
  const ours = async () => {
    const [from, to] = said % 2 === 0 ? screens : [...screens].reverse() as [Screen, Screen];
    const text = `line number ${said++} of the benchmark`;
    await from.type(text);
    await new Promise((resolve) => setTimeout(resolve, REST));
    const start = performance.now();
    await from.type("\r");
    await to.until(text);
    return performance.now() - start;
  };
  for (let i = 0; i < 4; i++) await ours();
  return await takeTurns("ms", quick ? 4 : 30, ours, naiveMilliseconds);
}
