/**
 * Virtual time: what is to happen, and when. Nothing waits; the clock jumps to the next event. Events of one instant
 * come in an order that the seed draws.
 */
import type { Dice } from "../../helpers/mutants.ts";

interface Entry {
  readonly time: number;
  readonly tie: number;
  readonly run: () => void;
  isCancelled: boolean;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time !== b.time ? a.time < b.time : a.tie < b.tie;
}

export class Timeline {
  readonly #dice: Dice;
  /** What is to happen, the next one last. */
  readonly #entries: Entry[] = [];
  #now = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Calls back after so many milliseconds; the result prevents that. */
  after(milliseconds: number, run: () => void): () => void {
    return this.at(this.#now + milliseconds, run);
  }

  /** Calls back at that time, or now when it is over. */
  at(time: number, run: () => void): () => void {
    const entry: Entry = {
      time: Math.max(time, this.#now),
      tie: this.#dice.below(2 ** 32),
      run,
      isCancelled: false,
    };
    let [from, to] = [0, this.#entries.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(entry, this.#entries[middle]!)) from = middle + 1;
      else to = middle;
    }
    this.#entries.splice(from, 0, entry);
    return () => entry.isCancelled = true;
  }

  /** Lets the next event happen. @returns whether there was one */
  step(): boolean {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      if (entry.isCancelled) continue;
      this.#now = entry.time;
      entry.run();
      return true;
    }
    return false;
  }
}
