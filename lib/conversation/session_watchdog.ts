/**
 * Replaces a session by a fresh one although nobody left: something was lost or damaged on the way, and only a new
 * session sends it again. A relay that drops or damages messages can so be waited for, not be beaten; that is why each
 * replacement without progress waits twice as long as the one before.
 *
 * @module
 */
import type { After } from "../timer.ts";

/** How long what was sent may go unacknowledged while the connection lives, in milliseconds. */
export const RECEIPT_PATIENCE = 20_000;

/** How long a gap may be explained by mere disorder, in milliseconds. */
export const DISORDER_PATIENCE = 2_000;

/** The pause before a session takes the place of one that was flooded with what is refused, in milliseconds. */
export const FLOOD_PAUSE = 500;

/** The longest pause before a replacement, in milliseconds. */
const LONGEST_PAUSE = 300_000;

/** What the watchdog needs. */
export interface WatchdogOptions {
  /** Starts a timer. */
  readonly after: After;
  /** Begins a fresh session. */
  readonly renew: () => void;
  /** Whether what may be missed has come, and waits to be looked at: then it is we who are late. */
  readonly isBusy: () => boolean;
}

/** Watches the sessions of one conversation. */
export class SessionWatchdog {
  readonly #options: WatchdogOptions;
  #cancel: (() => void) | null = null;
  #hasGap = false;
  /** Replacements since anything arrived. */
  #fruitless = 0;

  /** A watchdog that has seen nothing yet. */
  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Something is owed to us in this session, or nothing is. */
  watch(isOwed: boolean): void {
    if (!isOwed && !this.#hasGap) return this.#clear();
    if (isOwed && this.#cancel === null) this.#schedule(RECEIPT_PATIENCE);
  }

  /** Something of ours has arrived. */
  progress(): void {
    this.#fruitless = 0;
    if (!this.#hasGap) this.#clear();
  }

  /**
   * Something of the peer's is missing, or the session was given up.
   *
   * @param patience how long to wait for what is missing, in milliseconds
   */
  gapSeen(patience: number = DISORDER_PATIENCE): void {
    if (this.#hasGap) return;
    this.#clear();
    this.#hasGap = true;
    this.#schedule(patience);
  }

  /** What was missing has come. */
  gapClosed(): void {
    if (this.#hasGap) this.stop();
  }

  /** The session is over, for whatever reason. */
  stop(): void {
    this.#hasGap = false;
    this.#clear();
  }

  #schedule(patience: number): void {
    const pause = Math.min(LONGEST_PAUSE, patience * 2 ** Math.min(this.#fruitless, 16));
    this.#cancel = this.#options.after(pause, () => {
      if (this.#options.isBusy()) return this.#schedule(patience);
      this.stop();
      this.#fruitless++;
      this.#options.renew();
    });
  }

  #clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
