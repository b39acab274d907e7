/**
 * A queue of events for one loop that awaits them.
 *
 * @module
 */

/** Events in order. One consumer; after {@link EventQueue.end} it sees the rest and then the end. */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  #events: Event[] = [];
  #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  /** Calls of {@link EventQueue.taken} that wait. */
  #watching: (() => void)[] = [];
  #ended = false;

  /** Adds an event; after the end it is lost. */
  push(event: Event): void {
    if (this.#ended) return;
    const consumer = this.#waiting.shift();
    if (consumer) consumer({ done: false, value: event });
    else this.#events.push(event);
  }

  /** Says that no event follows. */
  end(): void {
    this.#ended = true;
    for (const consumer of this.#waiting.splice(0)) consumer({ done: true, value: undefined });
    for (const watcher of this.#watching.splice(0)) watcher();
  }

  /** Waits until the consumer has come back for the next event, and so is done with all of them, or for the end. */
  taken(): Promise<void> {
    if (this.#ended || this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#watching.push(resolve));
  }

  /** Waits for the next event, or the end. */
  next(): Promise<IteratorResult<Event>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    for (const watcher of this.#watching.splice(0)) watcher();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Makes the queue usable in `for await`. Leaving the loop early ends nothing. */
  [Symbol.asyncIterator](): this {
    return this;
  }
}
