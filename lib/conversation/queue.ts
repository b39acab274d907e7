/**
 * A queue of inputs that are taken one at a time, because the cryptography behind each is asynchronous.
 *
 * @module
 */

/** Takes the inputs. */
export interface Consumer<Input> {
  /** Takes one input; the next one comes when this has resolved. */
  take(input: Input): Promise<void>;
  /** Nothing is waiting. */
  idle(): Promise<void>;
  /** Taking an input threw, which only a bug does. */
  broken(cause: unknown): void;
}

/** The queue. */
export class InputQueue<Input> {
  readonly #consumer: Consumer<Input>;
  readonly #queue: Input[] = [];
  readonly #watchers = new Set<() => void>();
  #working = false;
  #closed = false;

  /** An empty queue. */
  constructor(consumer: Consumer<Input>) {
    this.#consumer = consumer;
  }

  /** What is waiting, oldest first. */
  get waiting(): readonly Input[] {
    return this.#queue;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Queues an input. */
  post(input: Input): void {
    if (this.#closed) return;
    this.#queue.push(input);
    if (!this.#working) void this.#work();
  }

  /** Resolves as soon as `condition` holds; it is looked at after every step. */
  until(condition: () => boolean): Promise<void> {
    if (condition() || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition() && !this.#closed) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Drops what is waiting. What is posted afterwards is ignored. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#notify();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      while (!this.#closed) {
        const input = this.#queue.shift();
        await (input === undefined ? this.#consumer.idle() : this.#consumer.take(input));
        this.#notify();
        if (input === undefined && this.#queue.length === 0) break;
      }
    } catch (cause) {
      this.#consumer.broken(cause);
    } finally {
      this.#working = false;
    }
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
