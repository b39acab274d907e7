/**
 * Time: the system's clock and timers. Everything below the entry points takes them as arguments.
 *
 * @module
 */

/** Calls back once, after so many milliseconds; the result prevents that. */
export type After = (milliseconds: number, callback: () => void) => () => void;

/** The real clock, in milliseconds since 1970-01-01 UTC, and real timers. */
export const systemClock: { readonly now: () => number; readonly after: After } = {
  now: Date.now,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
