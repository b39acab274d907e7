/**
 * A queue of inputs that are taken one at a time, because the cryptography behind each is asynchronous.
 *
 * @module
 */

/** Takes the inputs. */
export interface Consumer<Input> {
  /** Takes one input; the next one comes when this has resolved. */
  take(input: Input): Promise<void>;
  /** Nothing is waiting, or much was taken since the last time. */
  idle(): Promise<void>;
  /** Taking an input threw, which only a bug does. */
  broken(cause: unknown): void;
}

/** Most inputs between two moments of idleness, so that a steady stream of them does not hold receipts up. */
const MAX_BUSY = 32;

/** The queue. */
export class InputQueue<Input> {
  readonly #consumer: Consumer<Input>;
  #queue: Input[] = [];
  /** Inputs at the head of the queue that were taken: shifting a long array costs its length each time. */
  #taken = 0;
  readonly #watchers = new Set<() => void>();
  #working = false;
  #closed = false;

  /** An empty queue. */
  constructor(consumer: Consumer<Input>) {
    this.#consumer = consumer;
  }

  /** What is waiting, oldest first. */
  get waiting(): Input[] {
    return this.#queue.slice(this.#taken);
  }

  /** How many are waiting. */
  get length(): number {
    return this.#queue.length - this.#taken;
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

  /** Queues an input before all that wait: a timer is not to wait for data. */
  postFirst(input: Input): void {
    if (this.#closed) return;
    this.#queue = [input, ...this.waiting];
    this.#taken = 0;
    if (!this.#working) void this.#work();
  }

  /** Takes those inputs out of the queue that are `unwanted`; it is asked once for each, oldest first. */
  drop(unwanted: (input: Input) => boolean): void {
    this.#queue = this.waiting.filter((input) => !unwanted(input));
    this.#taken = 0;
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
    this.#queue = [];
    this.#taken = 0;
    this.#notify();
  }

  #shift(): Input | undefined {
    if (this.length === 0) return undefined;
    const input = this.#queue[this.#taken++];
    if (2 * this.#taken > this.#queue.length) {
      this.#queue = this.waiting;
      this.#taken = 0;
    }
    return input;
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let busy = 0; !this.#closed;) {
        const input = busy < MAX_BUSY ? this.#shift() : undefined;
        busy = input === undefined ? 0 : busy + 1;
        await (input === undefined ? this.#consumer.idle() : this.#consumer.take(input));
        this.#notify();
        if (input === undefined && this.length === 0) break;
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
