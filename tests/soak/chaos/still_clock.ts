/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** Something that waits. */
interface Waiting {
  readonly until: number;
  readonly resolve: () => void;
}

/** The clock. */
export class StillClock implements Clock {
  #now = 0;
  #waiting: Waiting[] = [];
  #arrivals: (() => void)[] = [];

  /** Milliseconds since it was made. */
  now(): number {
    return this.#now;
  }

  /** Resolves when it has been moved so far; at once where there is nothing to wait for. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds <= 0 || signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ until: this.#now + milliseconds, resolve });
    signal?.addEventListener("abort", () => resolve());
    for (const tell of this.#arrivals.splice(0)) tell();
    return promise;
  }

  /** Resolves when somebody waits. */
  async someoneWaits(): Promise<void> {
    while (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => this.#arrivals.push(resolve));
    }
  }

  /** Moves it on. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#waiting.filter(({ until }) => until <= this.#now);
    this.#waiting = this.#waiting.filter(({ until }) => until > this.#now);
    for (const { resolve } of due) resolve();
  }
}
