/**
 * One proxied connection: two flows, and what can be done to both.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Corruption } from "./corruption.ts";
import type { Direction } from "./fault.ts";
import { Flow } from "./flow.ts";
import type { Impairments } from "./impairments.ts";

/** Most bytes of a connection's beginning that are kept to be said again. */
const KEPT_BYTES = 4096;

/** What a link is made of. */
export interface LinkParts {
  /** From the client. */
  readonly client: Deno.TcpConn;
  /** To the relay. */
  readonly relay: Deno.TcpConn;
  /** The impairments of each direction. */
  readonly impairments: Readonly<Record<Direction, Impairments>>;
  /** What is changed in each direction. */
  readonly corruption: Readonly<Record<Direction, Corruption>>;
}

/** One connection. */
export class Link {
  readonly #parts: LinkParts;
  readonly #flows: Readonly<Record<Direction, Flow>>;
  readonly #gone = new AbortController();
  /** What the client said first. */
  #first = new Uint8Array();

  /** A link that does not run yet. */
  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { client, relay, impairments, corruption } = parts;
    const { signal } = this.#gone;
    const keep = (bytes: Uint8Array) => this.#keep(bytes);
    const up = { impairments: impairments.up, corruption: corruption.up, signal };
    const down = { impairments: impairments.down, corruption: corruption.down, signal };
    this.#flows = {
      up: new Flow({ ...up, source: client, sink: relay, tap: keep }),
      down: new Flow({ ...down, source: relay, sink: client, tap: () => {} }),
    };
  }

  /** Runs until both directions have ended, or one has broken. */
  async run(): Promise<void> {
    const flows = Object.values(this.#flows).map((flow) => flow.run().catch(() => this.cut()));
    await Promise.all(flows);
    this.cut();
  }

  /** Ends it at once, with whatever is on its way; bytes that were not read yet make a reset of it. */
  cut(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort();
    for (const connection of [this.#parts.client, this.#parts.relay]) connection.close();
  }

  /** Lets nothing pass any more, and lets both ends believe that it does. */
  silence(): void {
    for (const flow of Object.values(this.#flows)) flow.silence();
  }

  /** Ends one direction. */
  async halfClose(direction: Direction): Promise<void> {
    await this.#flows[direction].close();
  }

  /**
   * Opens another connection, says there what the client said first, and closes it after a while.
   *
   * @param lasts milliseconds
   */
  async repeat(lasts: number, clock: Clock, signal: AbortSignal): Promise<void> {
    const { hostname, port } = this.#parts.relay.remoteAddr;
    const first = this.#first;
    const double = await Deno.connect({ hostname, port });
    for (let at = 0; at < first.length;) at += await double.write(first.subarray(at));
    const over = new AbortController();
    const heard = readToEnd(double).catch(() => {}).finally(() => over.abort());
    await clock.wait(lasts, AbortSignal.any([signal, over.signal]));
    double.close();
    await heard;
  }

  #keep(bytes: Uint8Array): void {
    const more = bytes.subarray(0, KEPT_BYTES - this.#first.length);
    if (more.length === 0) return;
    const kept = new Uint8Array(this.#first.length + more.length);
    kept.set(this.#first);
    kept.set(more, this.#first.length);
    this.#first = kept;
  }
}

/** Reads and forgets. */
async function readToEnd(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(KEPT_BYTES);
  while (await connection.read(buffer) !== null);
}
