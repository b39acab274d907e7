/**
 * Timers as an argument: the real ones are the program's.
 *
 * @module
 */

/** Calls back once, after so many milliseconds; the result prevents that. */
export type After = (milliseconds: number, callback: () => void) => () => void;
