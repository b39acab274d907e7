/**
 * A last resort for what never comes: a test that waits for it fails and says what it was, where it would hang.
 *
 * @module
 */

/** Milliseconds after which nothing comes any more: far above what a busy machine needs. */
const DEADLINE = 60_000;

/**
 * The same promise, which rejects when it takes a minute.
 *
 * @param what is waited for, for the error
 */
export function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error(`waited in vain for ${what}`));
  const timer = setTimeout(giveUp, DEADLINE);
  // Where nothing else goes on either, Deno itself fails the test, and at once.
  Deno.unrefTimer(timer);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
