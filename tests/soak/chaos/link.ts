/** One proxied connection: two flows, and what can be done to both. */
import { wait } from "./condition.ts";
import type { Impairments } from "./impairments.ts";
import type { Direction } from "./schedule.ts";

/** Most bytes that are taken off a connection at once. */
const CHUNK_BYTES = 16 * 1024;

/** Most bytes of a connection's beginning that are kept to be said again. */
const KEPT_BYTES = 4096;

/** One connection: `client` is from the client, `relay` to the relay. */
export class Link {
  readonly #client: Deno.TcpConn;
  readonly #relay: Deno.TcpConn;
  readonly #impairments: Readonly<Record<Direction, Impairments>>;
  readonly #gone = new AbortController();
  /** Directions in which nothing passes any more: the sink has seen the end. */
  readonly #closed = new Set<Direction>();
  #isSilent = false;
  /** What the client said first. */
  #first: number[] = [];

  constructor(
    client: Deno.TcpConn,
    relay: Deno.TcpConn,
    impairments: Readonly<Record<Direction, Impairments>>,
  ) {
    this.#client = client;
    this.#relay = relay;
    this.#impairments = impairments;
  }

  /** Runs until both directions have ended, or one has broken. */
  async run(): Promise<void> {
    const flows = [this.#flow("up"), this.#flow("down")];
    await Promise.all(flows.map((flow) => flow.catch(() => this.cut())));
    this.cut();
  }

  /** Ends it at once, with whatever is on its way; bytes that were not read yet make a reset of it. */
  cut(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort();
    for (const connection of [this.#client, this.#relay]) connection.close();
  }

  /** Lets nothing pass any more, not even the end, and lets both ends believe that it does. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends one direction: the sink sees the end, and what still comes is dropped. */
  async halfClose(direction: Direction): Promise<void> {
    if (this.#closed.has(direction) || this.#isSilent) return;
    this.#closed.add(direction);
    await (direction === "up" ? this.#relay : this.#client).closeWrite();
  }

  /** Opens another connection, says there what the client said first, and closes it after so many milliseconds. */
  async repeat(lasts: number, signal: AbortSignal): Promise<void> {
    const { hostname, port } = this.#relay.remoteAddr;
    const first = Uint8Array.from(this.#first);
    const double = await Deno.connect({ hostname, port });
    for (let at = 0; at < first.length;) at += await double.write(first.subarray(at));
    const over = new AbortController();
    const heard = new Response(double.readable).bytes().catch(() => {}).finally(() => over.abort());
    await wait(lasts, AbortSignal.any([signal, over.signal]));
    try {
      double.close();
    } catch {
      // Its end was read, which has closed it.
    }
    await heard;
  }

  /** Reads, waits as the impairments say, and writes, until the source has ended. */
  async #flow(direction: Direction): Promise<void> {
    const [source, sink] = direction === "up"
      ? [this.#client, this.#relay]
      : [this.#relay, this.#client];
    const impairments = this.#impairments[direction];
    const corrupt = impairments.corruption();
    const { signal } = this.#gone;
    const buffer = new Uint8Array(CHUNK_BYTES);
    const read = () => source.read(buffer);
    for (let length = await read(); length !== null; length = await read()) {
      const bytes = buffer.subarray(0, length);
      if (direction === "up") {
        this.#first.push(...bytes.subarray(0, KEPT_BYTES - this.#first.length));
      }
      corrupt(bytes);
      await impairments.delay(signal);
      for (let sent = 0; sent < length;) {
        const end = sent + await impairments.pass(length - sent, signal);
        while (sent < end && !this.#closed.has(direction) && !this.#isSilent) {
          sent += await sink.write(bytes.subarray(sent, end));
        }
        sent = end;
      }
    }
    await this.halfClose(direction);
  }
}
