/**
 * How much of a file is in flight at a time. Each answer of the receiver makes both sides take a step of the
 * Diffie-Hellman ratchet, so answers are rare; and whatever is in flight stands before a text that is typed
 * meanwhile, so it is little on a slow line.
 *
 * One loop rules both. The receiver measures how fast leaves come and answers after a quarter of a second's worth of
 * them. The sender has twice as many in flight as the last answer was for: half a second's worth. The receiver never
 * waits for more than that, so the two can't wait for each other, and neither needs a clock that rings.
 *
 * @module
 */

/** Leaves for which the first answer is. */
export const FIRST_INTERVAL = 2;

/** Most leaves for which one answer is: 4 MiB. */
export const MAX_INTERVAL = 32;

/** Most leaves in flight: 8 MiB. */
export const MAX_WINDOW: number = 2 * MAX_INTERVAL;

/** For how long the receiver lets the sender wait for an answer, in milliseconds. */
export const ANSWER_MILLISECONDS = 250;

/** How many leaves a sender may have in flight after an answer for so many. */
export function windowAfter(answered: number): number {
  return Math.min(MAX_WINDOW, Math.max(2, 2 * answered));
}

/** When a receiver answers. */
export interface Pace {
  /** After so many leaves. */
  readonly interval: number;
  /** When the first leaf since the last answer was due, or `null` when none has come since we asked. */
  readonly since: number | null;
}

/** The pace of a receiver that has just asked. */
export const FIRST_PACE: Pace = { interval: FIRST_INTERVAL, since: null };

/** Whether so many unanswered leaves are worth an answer. */
export function isDue({ interval, since }: Pace, unanswered: number, now: number): boolean {
  return unanswered >= interval || (since !== null && now - since >= ANSWER_MILLISECONDS);
}

/** The pace after an answer for so many leaves, at least one. */
export function paceAfter({ since }: Pace, answered: number, now: number): Pace {
  const elapsed = Math.max(1, now - (since ?? now));
  const fitting = Math.round(answered * ANSWER_MILLISECONDS / elapsed);
  // At most what the sender has in flight after this answer, or both would wait.
  const most = Math.min(MAX_INTERVAL, windowAfter(answered));
  return { interval: Math.min(most, Math.max(1, fitting)), since: now };
}
