/**
 * A last resort for tests that wait: one that hangs fails, with what it waited for.
 *
 * @module
 */

/** No machine is so busy. */
const DEADLINE = 60_000;

/** The same promise, which fails when nothing comes of it for a minute. */
export async function withDeadline<T>(what: string, wait: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), DEADLINE);
  try {
    return await Promise.race([wait(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
