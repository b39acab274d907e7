/**
 * How long a conversation waits for a connection that was lost, on either side.
 *
 * @module
 */
import type { After } from "../timer.ts";

/** How long we wait for a peer who has said goodbye and lacks nothing, in milliseconds: it may just have left. */
const LAST_WORD_PATIENCE = 5_000;

/** What the wait needs. */
export interface PatienceOptions {
  /** Starts a timer. */
  readonly after: After;
  /** The longest wait, in milliseconds; `null` for as long as it takes. */
  readonly longest: number | null;
  /** Whether the peer has said goodbye and nothing of ours is owed to it. */
  readonly isDone: () => boolean;
  /** The peer has most likely left: everything was said and has arrived. */
  readonly left: () => void;
  /** The connection did not come back within so many milliseconds. */
  readonly giveUp: (milliseconds: number) => void;
}

/** One wait at a time. */
export class Patience {
  readonly #options: PatienceOptions;
  #cancel: (() => void) | null = null;

  /** Nothing is lost yet. */
  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** The connection is lost. */
  lost(): void {
    const { after, longest, isDone, left, giveUp } = this.#options;
    if (this.#cancel !== null) return;
    if (isDone()) this.#cancel = after(LAST_WORD_PATIENCE, left);
    else if (longest !== null) this.#cancel = after(longest, () => giveUp(longest));
  }

  /** It is there again, or nobody waits for it any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
