/**
 * How far a file is, how fast it goes, and how long it will take.
 *
 * @module
 */
import type { TransferState } from "./transfer_events.ts";

/** Least time between two reports, in milliseconds. */
const REPORT_MILLISECONDS = 250;

/** How far back the rate looks, in milliseconds: long enough to be calm, short enough to notice a change. */
const RATE_MILLISECONDS = 5000;

/** Least time between two samples, in milliseconds: a fast file has a hundred leaves a second, and more. */
const SAMPLE_MILLISECONDS = 50;

/** How far a file is. */
export type TransferProgress = Pick<TransferState, "done" | "rate" | "secondsLeft">;

/** Measures one transfer. */
export class Meter {
  readonly #bytes: number;
  #samples: { now: number; done: number }[] = [];
  #reported = -Infinity;
  #latest: TransferProgress = { done: 0, rate: 0, secondsLeft: null };

  /** A meter for a file of this length. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** What was measured last. */
  get latest(): TransferProgress {
    return this.#latest;
  }

  /** The transfer rests: the rate starts anew after the pause. */
  rest(): void {
    this.#samples = [];
    this.#reported = -Infinity;
    this.#latest = { done: this.#latest.done, rate: 0, secondsLeft: null };
  }

  /** Takes a measurement, and gives what to report: the first, the last, and about four in a second. */
  take(done: number, now: number): TransferProgress | null {
    // A file that is begun again has no rate yet.
    if (done < this.#latest.done) this.#samples = [];
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.now >= SAMPLE_MILLISECONDS) {
      this.#samples = this.#samples.filter((sample) => now - sample.now <= RATE_MILLISECONDS);
      this.#samples.push({ now, done });
    }
    const first = this.#samples[0]!;
    const rate = now > first.now ? (done - first.done) * 1000 / (now - first.now) : 0;
    const secondsLeft = rate > 0 ? (this.#bytes - done) / rate : null;
    this.#latest = { done, rate: Math.round(rate), secondsLeft };
    if (done < this.#bytes && now - this.#reported < REPORT_MILLISECONDS) return null;
    this.#reported = now;
    return this.#latest;
  }
}
