/**
 * Time: the clock and timers are arguments everywhere, and here are the real ones.
 *
 * @module
 */

/** Calls back once, after so many milliseconds; the result prevents that. */
export type After = (milliseconds: number, callback: () => void) => () => void;

/** The system's: milliseconds since 1970-01-01 UTC, and timers. */
export const systemClock: { readonly now: () => number; readonly after: After } = {
  now: Date.now,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
