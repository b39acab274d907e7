/**
 * Waiting for what happens instead of for a time: whoever changes something says so, and whoever waits looks again.
 *
 * @module
 */

/** How long nothing may come of something before the play counts as broken, in milliseconds. */
const PATIENCE = 30_000;

/** What was waited for did not happen. */
export class NothingHappened extends Error {
  override readonly name = "NothingHappened";
}

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
   * @throws {NothingHappened} when patience ends
   */
  until(condition: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const done = (settle: () => void) => {
      clearTimeout(timer);
      this.#watchers.delete(look);
      settle();
    };
    const look = () => {
      if (this.#fault !== null) done(() => reject(this.#fault!.cause));
      else if (condition()) done(resolve);
    };
    const timer = setTimeout(
      () => done(() => reject(new NothingHappened(`waited in vain: ${what}`))),
      PATIENCE,
    );
    this.#watchers.add(look);
    look();
    return promise;
  }
}
