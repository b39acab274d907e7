/**
 * Envelopes that overtook the end of the handshake: they are held, unopened, until the session is secure.
 *
 * @module
 */
import { type Bytes, copyBytes } from "../crypto/bytes.ts";

/** Most envelopes that are held. */
const MAX_ENVELOPES = 16;

/** Most bytes of them together: 1 MiB. */
const MAX_BYTES = 1024 * 1024;

/** The envelopes of one handshake. */
export class EarlyEnvelopes {
  #held: Bytes[] = [];

  /** Holds what came. @returns whether there is room for it */
  hold(payload: unknown): boolean {
    if (!(payload instanceof Uint8Array || payload instanceof ArrayBuffer)) return false;
    const bytes = this.#held.reduce((sum, { length }) => sum + length, payload.byteLength);
    if (this.#held.length === MAX_ENVELOPES || bytes > MAX_BYTES) return false;
    this.#held.push(copyBytes(payload));
    return true;
  }

  /** Takes what was held, in the order in which it came. */
  take(): readonly Bytes[] {
    return this.#held.splice(0);
  }
}
