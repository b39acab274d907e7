/** A program that is started again whenever its process is gone. */
import type { Child, Ended } from "./child.ts";
import { wait } from "./condition.ts";

/** Milliseconds until a process that ended by itself is started again. */
const PAUSE_AFTER_END = 500;

/** What a service is made of. */
export interface ServiceOptions {
  /** Starts a process. */
  readonly start: () => Child;
  readonly onStart?: () => void;
  /** Is told that a process is gone, and whether it was killed; everything that it printed has been read. */
  readonly onGone: (ended: Ended, wasKilled: boolean) => void;
}

/** The program, which runs from now on. */
export class Service implements AsyncDisposable {
  /** How often it was killed. */
  killed = 0;
  readonly #options: ServiceOptions;
  readonly #stop = new AbortController();
  readonly #life: Promise<void>;
  #current: Child | null = null;
  /** Kills that have not met a process yet: how long each lets it be away. */
  #kills: number[] = [];
  #isDying = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#life = this.#live();
  }

  /** Its process; `null` between two. */
  get current(): Child | null {
    return this.#isDying ? null : this.#current;
  }

  /**
   * Kills its process; one that is away is killed soon after it is back.
   *
   * @param pause milliseconds until it is started again
   */
  kill(pause: number): void {
    this.#kills.push(pause);
    if (this.current !== null) this.#killNow();
  }

  /** The process that is there is the last one; resolves when it is gone. */
  async last(): Promise<void> {
    this.#stop.abort();
    await this.#life;
  }

  /** Kills it for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDying = true;
    this.#current?.kill();
    await this.last();
  }

  #killNow(): void {
    this.#isDying = true;
    this.killed++;
    this.#current!.kill();
  }

  async #live(): Promise<void> {
    const { start, onStart, onGone } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#isDying = false;
      const child = start();
      this.#current = child;
      onStart?.();
      void this.#killSoon(child);
      const ended = await child.ended;
      this.#current = null;
      const wasKilled = this.#isDying;
      onGone(ended, wasKilled);
      await wait(wasKilled ? this.#kills.shift() ?? 0 : PAUSE_AFTER_END, signal);
    }
  }

  /** A kill that found nobody there lets the next process live for as long as it would have been away. */
  async #killSoon(child: Child): Promise<void> {
    const [pause] = this.#kills;
    if (pause === undefined) return;
    await wait(pause, this.#stop.signal);
    if (this.#current === child && !this.#isDying && !this.#stop.signal.aborted) this.#killNow();
  }
}
