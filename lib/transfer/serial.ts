/**
 * Takes things one after the other, because what is done about each is asynchronous and must not overlap.
 *
 * @module
 */

/** A queue with one worker. */
export class Serial<T> {
  readonly #take: (item: T) => Promise<void>;
  readonly #broken: (cause: unknown) => void;
  readonly #waiting: T[] = [];
  readonly #beside = new Set<Promise<void>>();
  #working: Promise<void> | null = null;

  /**
   * An empty queue.
   *
   * @param take works on one item
   * @param broken is told what `take` threw; the rest of the queue goes on
   */
  constructor(take: (item: T) => Promise<void>, broken: (cause: unknown) => void) {
    this.#take = take;
    this.#broken = broken;
  }

  /** How many wait, without the one that is worked on. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Queues an item. */
  post(item: T): void {
    this.#waiting.push(item);
    this.#working ??= this.#work();
  }

  /** Something that goes on beside the queue, and may post to it at its end: {@link Serial.idle} waits for it, too. */
  follow(work: Promise<void>): void {
    const followed = work.catch(() => {}).then(() => void this.#beside.delete(followed));
    this.#beside.add(followed);
  }

  /** Resolves when nothing waits, nothing is worked on, and nothing goes on beside. */
  async idle(): Promise<void> {
    while (this.#working !== null || this.#beside.size > 0) {
      await Promise.all([this.#working, ...this.#beside]);
    }
  }

  async #work(): Promise<void> {
    // Never in the middle of whoever posts.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#take(next);
      } catch (cause) {
        this.#broken(cause);
      }
    }
    this.#working = null;
  }
}
