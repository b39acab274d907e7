/**
 * A queue between whoever makes events and one loop that awaits them.
 *
 * @module
 */

/** Events in order. One consumer; after {@link EventQueue.end} it sees the rest and then the end. */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  #events: Event[] = [];
  #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  #ended = false;

  /**
   * Adds an event; after the end it is lost.
   *
   * @param event the event
   */
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
  }

  /**
   * Waits for the next event.
   *
   * @returns the event, or the end
   */
  next(): Promise<IteratorResult<Event>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Makes the queue usable in `for await`. Leaving the loop early ends nothing.
   *
   * @returns the queue itself
   */
  [Symbol.asyncIterator](): this {
    return this;
  }
}
