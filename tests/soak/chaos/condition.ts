/**
 * A condition variable: whatever changes a state notifies it, and whatever waits for a state looks again.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** One for a whole run. */
export class ConditionVariable {
  readonly #clock: Clock;
  #listeners: (() => void)[] = [];

  /** A variable for which nothing waits. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has happened. */
  notifyAll(): void {
    for (const wake of this.#listeners.splice(0)) wake();
  }

  /**
   * Waits until `condition` holds; it is looked at after each notification.
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
      this.notifyAll();
    });
    while (!condition() && !isLate) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
    over.abort();
    await late;
    return condition();
  }
}
