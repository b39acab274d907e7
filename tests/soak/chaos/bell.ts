/**
 * Rings whenever something has happened, for who waits for a state of things.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** The bell. */
export class Bell {
  readonly #clock: Clock;
  #listeners: (() => void)[] = [];

  /** A bell that nobody has rung yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has happened. */
  ring(): void {
    for (const wake of this.#listeners.splice(0)) wake();
  }

  /**
   * Waits until `condition` holds; it is looked at whenever the bell rings.
   *
   * @param milliseconds how long at most
   * @param signal ends it, too
   * @returns whether it held
   */
  async until(
    condition: () => boolean,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const over = new AbortController();
    const ended = AbortSignal.any([signal, over.signal]);
    let isLate = false;
    const late = this.#clock.wait(milliseconds, ended).then(() => {
      isLate = true;
      this.ring();
    });
    while (!condition() && !isLate) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
    over.abort();
    await late;
    return condition();
  }
}
