/** Waiting: for a while, and for a condition that something else makes true. */
import { setTimeout as timeout } from "node:timers/promises";

/** Resolves after so many milliseconds, or at once when the signal is given. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return timeout(Math.max(0, milliseconds), undefined, { signal }).catch(() => {});
}

/** A condition variable: whatever changes a state notifies it, and whatever waits for a state looks again. */
export class ConditionVariable {
  #listeners: (() => void)[] = [];

  notifyAll(): void {
    for (const wake of this.#listeners.splice(0)) wake();
  }

  /**
   * Waits until `condition` holds, so many milliseconds at most; it is looked at after each notification.
   *
   * @returns whether it held
   */
  async until(
    condition: () => boolean,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const over = new AbortController();
    let isLate = false;
    void wait(milliseconds, AbortSignal.any([signal, over.signal])).then(() => {
      isLate = true;
      this.notifyAll();
    });
    while (!condition() && !isLate) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
    over.abort();
    return condition();
  }
}
