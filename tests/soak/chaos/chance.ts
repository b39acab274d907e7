/** Chance that comes from a seed: the same label gives the same draws, on every machine. */
import { createHash } from "node:crypto";

/** One sequence of draws. */
export class Chance {
  readonly #state: Uint32Array;

  /**
   * The sequence of a label. Each purpose has a label of its own, so that one that draws more leaves the others
   * as they were.
   */
  constructor(label: string) {
    const digest = createHash("sha256").update(label).digest();
    const view = new DataView(digest.buffer, digest.byteOffset);
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => view.getUint32(offset));
  }

  /** A number from 0 up to, but not including, 1: `sfc32` of PractRand, which is fast and not for secrets. */
  next(): number {
    const [a, b, c, counter] = this.#state as unknown as [number, number, number, number];
    const sum = (a + b + counter) >>> 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    this.#state[3] = counter + 1;
    return sum / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of these. */
  pick<T>(these: readonly T[]): T {
    return these[this.between(0, these.length - 1)]!;
  }

  /** So many bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.between(0, 255));
  }
}
