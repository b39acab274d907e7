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
  /** A binary heap: no entry is before its parent, at half its index. */
  readonly #heap: Entry[] = [];
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
    this.#push(entry);
    return () => entry.isCancelled = true;
  }

  /** Lets the next event happen. @returns whether there was one */
  step(): boolean {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      if (entry.isCancelled) continue;
      this.#now = entry.time;
      entry.run();
      return true;
    }
    return false;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    for (
      let parent = (i - 1) >> 1;
      i > 0 && isBefore(entry, heap[parent]!);
      parent = (i - 1) >> 1
    ) {
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
