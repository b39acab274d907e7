/**
 * One direction of one proxied connection: reads, waits as the impairments say, writes.
 *
 * @module
 */
import type { Corruption } from "./corruption.ts";
import type { Impairments } from "./impairments.ts";

/** Most bytes that are taken off a connection at once. */
const CHUNK_BYTES = 16 * 1024;

/** What a flow is made of. */
export interface FlowParts {
  /** Where bytes come from. */
  readonly source: Deno.TcpConn;
  /** Where they go. */
  readonly sink: Deno.TcpConn;
  /** What they have to wait for. */
  readonly impairments: Impairments;
  /** What happens to them. */
  readonly corruption: Corruption;
  /** Is shown what came, before anything happens to it. */
  readonly tap: (bytes: Uint8Array) => void;
  /** The connection is gone. */
  readonly signal: AbortSignal;
}

/** One direction. */
export class Flow {
  readonly #parts: FlowParts;
  #isClosed = false;
  #isSilent = false;

  /** A flow that does not run yet. */
  constructor(parts: FlowParts) {
    this.#parts = parts;
  }

  /**
   * Runs until the source has ended and everything has passed.
   *
   * @throws {Error} when the connection breaks
   */
  async run(): Promise<void> {
    const { source, impairments, corruption, tap, signal } = this.#parts;
    const buffer = new Uint8Array(CHUNK_BYTES);
    const stream = corruption.stream();
    for (;;) {
      const length = await source.read(buffer);
      if (length === null) break;
      const bytes = buffer.subarray(0, length);
      tap(bytes);
      stream.apply(bytes);
      let passing = await impairments.pass(length, signal);
      for (let sent = 0; sent < length;) {
        await this.#write(bytes.subarray(sent, sent + passing));
        sent += passing;
        if (sent < length) passing = await impairments.next(length - sent, signal);
      }
    }
    await this.close();
  }

  /** From now on nothing passes, not even the end. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends this direction: the sink sees the end, and what still comes is dropped. */
  async close(): Promise<void> {
    if (this.#isClosed || this.#isSilent) return;
    this.#isClosed = true;
    await this.#parts.sink.closeWrite();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isClosed && !this.#isSilent;) {
      at += await this.#parts.sink.write(bytes.subarray(at));
    }
  }
}
