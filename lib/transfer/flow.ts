/**
 * How much of a peer's files may be in flight. The receiver alone decides: it asks for windows of leaves, and the sender
 * only obeys.
 *
 * What is in flight stands before a text that is typed meanwhile, so it is to be about a third of a second's worth, and
 * never less than the line carries in a round trip. Both show in the delay of a window, from its `file-get` to its first
 * frame: a round trip, and however long the leaves that were asked for before it took.
 *
 * @module
 */
import { MAX_WINDOW_LEAVES } from "../protocol/constants.ts";

/** Least leaves in flight: one to be written, and one on the slowest line. */
const MIN_LEAVES = 2;

/** The longest that a round trip is believed to take, in milliseconds. */
const LONGEST_TRIP = 1000;

/** Delays beyond the round trip, in milliseconds: below the first more is asked for, above the last less. */
const [SHORT, GOOD, LONG] = [250, 375, 500];

/** The flow of one session. */
export interface Flow {
  /** How many leaves may be asked for and not written. */
  readonly leaves: number;
  /** The shortest delay of a window so far, in milliseconds. */
  readonly trip: number;
}

/** The flow when a session begins. */
export const FIRST_FLOW: Flow = { leaves: 4, trip: LONGEST_TRIP };

/** The flow after the delay, in milliseconds, of a window that was asked for since `leaves` has last changed. */
export function flowAfter({ leaves, trip: before }: Flow, delay: number): Flow {
  const trip = Math.min(before, delay);
  // Over all files no more than one window may ask for: well below the backlog at which a relay hangs up.
  if (delay < trip + SHORT) return { leaves: Math.min(2 * leaves, MAX_WINDOW_LEAVES), trip };
  if (delay <= trip + LONG) return { leaves, trip };
  const fitting = Math.floor(leaves * (trip + GOOD) / delay);
  return { leaves: Math.max(MIN_LEAVES, fitting), trip };
}

/** How many leaves to ask for, when so many are in flight and so many are left; 0 while too few fit. */
export function windowSize({ leaves }: Flow, inFlight: number, left: number): number {
  const room = Math.min(leaves - inFlight, left);
  return room >= Math.min(Math.ceil(leaves / 4), left) ? room : 0;
}

/** A delay that is short whatever is in flight, in milliseconds. */
const QUICK = 50;

/**
 * Whether this delay of a window tells something of the line, when so many leaves were in flight when it was asked for:
 * with little before it, it comes soon enough on a slow one, too.
 */
export function isTelling({ leaves }: Flow, inFlight: number, delay: number): boolean {
  return delay < QUICK || 2 * inFlight >= leaves;
}
