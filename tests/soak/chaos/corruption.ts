/**
 * Corruption of one line in one direction: bits that are flipped on their way.
 *
 * The request and the response that open a WebSocket are spared: what they carry is checked by nobody above them,
 * and they come once a connection. Everything behind them may be hit: frames, Socket.IO's packets, what is sealed.
 *
 * @module
 */

/** A byte that is to be changed. */
interface BitFlip {
  /** Bytes that still pass before it. */
  skip: number;
  readonly mask: number;
  readonly hit: () => void;
}

/** What ends the head of an HTTP message. */
const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a];

/** The bytes of one connection, as far as they may be hit. */
export interface CorruptedStream {
  /** Changes those bytes of a chunk whose turn it is, in place. */
  apply(bytes: Uint8Array): void;
}

/** The flips of one direction; whichever connection's byte comes next is hit. */
export class Corruption {
  #flips: BitFlip[] = [];

  /**
   * Another byte is to be changed.
   *
   * @param skip bytes that pass before it
   * @param mask bits of it that are turned over
   * @param hit is called when it has happened
   */
  add(skip: number, mask: number, hit: () => void = () => {}): void {
    this.#flips.push({ skip, mask, hit });
  }

  /** No byte is to be changed any more. */
  clear(): void {
    this.#flips = [];
  }

  /** A connection begins. */
  stream(): CorruptedStream {
    let matched = 0;
    return {
      apply: (bytes) => {
        let at = 0;
        for (; at < bytes.length && matched < HEAD_END.length; at++) {
          if (bytes[at] === HEAD_END[matched]) matched++;
          else matched = bytes[at] === HEAD_END[0] ? 1 : 0;
        }
        this.#flip(bytes.subarray(at));
      },
    };
  }

  #flip(bytes: Uint8Array): void {
    const later: BitFlip[] = [];
    for (const flip of this.#flips) {
      if (flip.skip >= bytes.length) {
        flip.skip -= bytes.length;
        later.push(flip);
      } else {
        bytes[flip.skip]! ^= flip.mask;
        flip.hit();
      }
    }
    this.#flips = later;
  }
}
