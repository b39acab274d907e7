/**
 * Time as the proxy sees it, so that a test can hold it still.
 *
 * @module
 */

/** A clock with timers. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is given. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  wait(milliseconds, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, milliseconds));
      signal?.addEventListener("abort", end);
    });
  },
};
