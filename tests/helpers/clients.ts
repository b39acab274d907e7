/**
 * Clients in the test's own process: the whole command line, on streams that the test holds.
 *
 * @module
 */
import { main } from "../../client.ts";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { systemClock } from "../../lib/timer.ts";
import { inTime } from "./deadline.ts";
import type { Finished, Running } from "./processes.ts";

/** A client that runs in this process. */
export type RunningClient = Omit<Running, "kill">;

/** Starts `deno task client`, without a process of its own. */
export function startClient(...args: string[]): RunningClient {
  const strategy = new CountQueuingStrategy({ highWaterMark: 1000 });
  const input = new TransformStream<Uint8Array, Uint8Array>({}, strategy, strategy);
  const keyboard = input.writable.getWriter();
  const [out, error] = [new Output(), new Output()];
  const stopped = Promise.withResolvers<void>();
  const isTerminal = () => false;
  const status = main(args, {
    random: systemRandom,
    ...systemClock,
    env: () => undefined,
    stdio: { input: { readable: input.readable, isTerminal }, out, error },
    interruption: () => stopped.promise,
  }).finally(() => out.end());
  const name = args.slice(-8).join(" ");
  const ended = async (): Promise<Finished> => {
    const code = await inTime(`the end of ${name}`, status);
    return { code, stdout: out.text, stderr: error.text };
  };
  return {
    lines: { next: () => inTime(`a line of ${name}`, out.next()) },
    ended,
    write: (text) => keyboard.write(utf8(text)),
    finish() {
      void keyboard.close().catch(() => {});
      return ended();
    },
    async [Symbol.asyncDispose]() {
      stopped.resolve();
      void keyboard.close().catch(() => {});
      await status;
    },
  };
}

/** Runs a client to its end with this on its stdin. */
export async function runClient(args: string[], stdin = ""): Promise<Finished> {
  const client = startClient(...args);
  await client.write(stdin);
  return await client.finish();
}

/** What a client wrote, and its lines as they come. */
class Output {
  text = "";
  readonly #decoder = new TextDecoder();
  #at = 0;
  #isOver = false;
  #wake = () => {};

  isTerminal(): boolean {
    return false;
  }

  writeSync(bytes: Uint8Array): number {
    this.text += this.#decoder.decode(bytes, { stream: true });
    this.#wake();
    return bytes.length;
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const end = this.text.indexOf("\n", this.#at);
      if (end >= 0) {
        const value = this.text.slice(this.#at, end);
        this.#at = end + 1;
        return { done: false, value };
      }
      if (this.#isOver) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
