/**
 * Waiting for what happens instead of for a time: whoever changes something says so, and whoever waits looks again.
 *
 * @module
 */

/**
 * How long nothing at all may happen in the lab before a wait ends, in milliseconds. A busy machine is slow, but what
 * hangs is still.
 */
const STILLNESS = 60_000;

/** One for the whole lab. */
export class Watch {
  readonly #watchers = new Set<() => void>();
  #fault: { readonly cause: unknown } | null = null;

  /** Something has changed. */
  notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Something in the lab itself is broken: every wait ends with it. */
  fail(cause: unknown): void {
    this.#fault ??= { cause };
    this.notify();
  }

  /** Forgets a fault: the next play begins. */
  reset(): void {
    this.#fault = null;
  }

  /**
   * Resolves as soon as `condition` holds.
   *
   * @param what said in the error when it never does
   */
  until(condition: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = (settle: () => void) => {
      clearTimeout(timer);
      this.#watchers.delete(look);
      settle();
    };
    const look = () => {
      clearTimeout(timer);
      if (this.#fault !== null) return done(() => reject(this.#fault!.cause));
      if (condition()) return done(resolve);
      timer = setTimeout(
        () => done(() => reject(new Error(`waited in vain: ${what}`))),
        STILLNESS,
      );
    };
    this.#watchers.add(look);
    look();
    return promise;
  }
}
