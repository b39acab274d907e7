/**
 * Holds each handshake to its time, from its first message to its last: a peer that stalls keeps a guess at the code,
 * or a seat, for as long as it is let.
 *
 * @module
 */
import { HANDSHAKE_PATIENCE } from "../protocol/constants.ts";
import type { After } from "../timer.ts";

/** What the timer needs. */
export interface HandshakeTimerOptions {
  /** Starts a timer. */
  readonly after: After;
  /** The time of a handshake is over. @param handshake counts them, so that a late call can't end the next one */
  readonly timeOut: (handshake: number) => void;
}

/** Times all handshakes of a conversation, one after the other. */
export class HandshakeTimer {
  readonly #options: HandshakeTimerOptions;
  #count = 0;
  #cancel: (() => void) | null = null;

  /** A timer that stands. */
  constructor(options: HandshakeTimerOptions) {
    this.#options = options;
  }

  /** Runs while a handshake does. */
  watch(isHandshaking: boolean): void {
    if (isHandshaking === (this.#cancel !== null)) return;
    if (!isHandshaking) return this.stop();
    const handshake = ++this.#count;
    this.#cancel = this.#options.after(
      HANDSHAKE_PATIENCE,
      () => this.#options.timeOut(handshake),
    );
  }

  /** Whether this is the handshake in progress. */
  isCurrent(handshake: number): boolean {
    return this.#cancel !== null && handshake === this.#count;
  }

  /** Stands still. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
