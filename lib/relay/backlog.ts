/**
 * How much waits in the relay for one slow client. Nobody slows a sender down here, so this is what bounds the
 * relay's memory.
 *
 * @module
 */

/** An Engine.IO connection, by the two events that a backlog counts. */
export interface PacketSource {
  /** Calls back with each packet that is queued, and with all that are queued when they are handed on. */
  on(event: "packetCreate" | "flush", listener: (subject: unknown) => void): unknown;
}

/** What a queued packet costs beside its data, in bytes: objects and framing, so that empty ones count, too. */
const PACKET_OVERHEAD_BYTES = 256;

/**
 * The bytes that a connection has not written yet. Engine.IO hands all queued packets to the transport at once, and
 * only after the transport has written those before (`writable`); so two numbers hold everything.
 */
export class Backlog {
  /** In Engine.IO's queue. */
  #queued = 0;
  /** In the transport. It is known to be written only when the next is handed on. */
  #writing = 0;

  /** Counts from now on. */
  constructor(connection: PacketSource) {
    connection.on("packetCreate", (packet) => this.#queued += packetBytes(packet));
    connection.on("flush", () => {
      this.#writing = this.#queued;
      this.#queued = 0;
    });
  }

  /** Bytes that wait, exact right after something was sent; later at most the last ones too many. */
  get bytes(): number {
    return this.#queued + this.#writing;
  }
}

function packetBytes(packet: unknown): number {
  const { data } = packet as { data?: string | ArrayBuffer | ArrayBufferView };
  const bytes = typeof data === "string" ? data.length : data?.byteLength ?? 0;
  return bytes + PACKET_OVERHEAD_BYTES;
}
