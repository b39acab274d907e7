/**
 * Holds each handshake to its time, from its first message to its last: a peer that stalls keeps a guess at the code,
 * or a seat, for as long as it is let.
 *
 * @module
 */
import { HANDSHAKE_PATIENCE } from "../protocol/constants.ts";

/** The time of one handshake: one that ran out while its handshake ended must not end the next. */
export type HandshakeTime = Readonly<Record<"handshake", number>>;

/** What a clock works with. */
export interface HandshakeClockOptions {
  /** Calls back once, later; the result prevents that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** A handshake's time is over. */
  readonly timeOut: (time: HandshakeTime) => void;
}

/** The clock of all handshakes of a conversation, one after the other. */
export class HandshakeClock {
  readonly #options: HandshakeClockOptions;
  #count = 0;
  #cancel: (() => void) | null = null;

  /** A clock that stands. */
  constructor(options: HandshakeClockOptions) {
    this.#options = options;
  }

  /** Runs while a handshake does. */
  watch(isUnderway: boolean): void {
    if (isUnderway === (this.#cancel !== null)) return;
    if (!isUnderway) return this.stop();
    const time: HandshakeTime = { handshake: ++this.#count };
    this.#cancel = this.#options.after(HANDSHAKE_PATIENCE, () => this.#options.timeOut(time));
  }

  /** Whether this is the time of the handshake that is under way. */
  isNow({ handshake }: HandshakeTime): boolean {
    return this.#cancel !== null && handshake === this.#count;
  }

  /** Stands still. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
