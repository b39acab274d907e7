/**
 * Bounds the messages that wait to be looked at: a peer that sends faster than we work, or while the user is asked
 * something, fills memory otherwise.
 *
 * @module
 */

/** Most bytes of messages that wait. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What a message takes beside its payload, about, in bytes. */
const MESSAGE_BYTES = 256;

/** The bytes that wait. */
export class InboxBudget {
  #bytes = 0;

  /** A message comes. @returns whether there is room for it */
  reserve(payload: unknown): boolean {
    const bytes = sizeOf(payload);
    if (this.#bytes + bytes > MAX_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }

  /** A message that had room does not wait any more. */
  release(payload: unknown): void {
    this.#bytes -= sizeOf(payload);
  }
}

function sizeOf(payload: unknown): number {
  if (payload instanceof Uint8Array || payload instanceof ArrayBuffer) {
    return payload.byteLength + MESSAGE_BYTES;
  }
  return (typeof payload === "string" ? payload.length : 0) + MESSAGE_BYTES;
}
