/**
 * When a session is replaced by a fresh one although nobody left: something was lost or damaged on the way, and only
 * a new session sends it again. A relay that drops or damages messages can so be waited for, not be beaten; that is
 * why each renewal without progress waits twice as long as the one before.
 *
 * @module
 */

/** How long what was said may go unacknowledged while the connection lives, in milliseconds. */
export const RECEIPT_PATIENCE = 20_000;

/** How long a gap may be explained by mere disorder, in milliseconds. */
export const DISORDER_PATIENCE = 2_000;

/** The longest pause before a renewal, in milliseconds. */
const LONGEST_PAUSE = 300_000;

/** What a renewal works with. */
export interface RenewalOptions {
  /** Calls back once, later; the result prevents that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** Begins a fresh session. */
  readonly renew: () => void;
}

/** Watches one conversation. */
export class Renewal {
  readonly #options: RenewalOptions;
  #cancel: (() => void) | null = null;
  #isSuspicious = false;
  /** Renewals since anything arrived. */
  #fruitless = 0;

  /** A watch that has seen nothing yet. */
  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Something of ours is under way, or nothing is. */
  watch(isUnderway: boolean): void {
    if (!isUnderway && !this.#isSuspicious) return this.#clear();
    if (isUnderway && this.#cancel === null) this.#schedule(RECEIPT_PATIENCE);
  }

  /** Something of ours has arrived. */
  progress(): void {
    this.#fruitless = 0;
    if (!this.#isSuspicious) this.#clear();
  }

  /** Something of theirs is missing, or a handshake failed. */
  suspect(): void {
    if (this.#isSuspicious) return;
    this.#clear();
    this.#isSuspicious = true;
    this.#schedule(DISORDER_PATIENCE);
  }

  /** What was missing has come. */
  trust(): void {
    if (this.#isSuspicious) this.stop();
  }

  /** The session is over, for whatever reason. */
  stop(): void {
    this.#isSuspicious = false;
    this.#clear();
  }

  #schedule(patience: number): void {
    const pause = Math.min(LONGEST_PAUSE, patience * 2 ** Math.min(this.#fruitless, 16));
    this.#cancel = this.#options.after(pause, () => {
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
