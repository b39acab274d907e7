/**
 * Bytes that are changed on their way, on one line in one direction.
 *
 * The request and the response that open a WebSocket are spared: what they carry is checked by nobody above them,
 * and they come once a connection. Everything behind them may be hit: frames, Socket.IO's packets, what is sealed.
 *
 * @module
 */

/** What is to be hit. */
interface Shot {
  /** Bytes that still pass before it. */
  skip: number;
  readonly mask: number;
  readonly hit: () => void;
}

/** What ends the head of an HTTP message. */
const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a];

/** Finds what may be hit in the bytes of one connection. */
export interface Head {
  /** Changes those bytes of a chunk whose turn it is, in place. */
  strike(bytes: Uint8Array): void;
}

/** The shots of one direction; whichever connection's byte comes next is hit. */
export class Damage {
  #shots: Shot[] = [];

  /**
   * Another byte is to be changed.
   *
   * @param skip bytes that pass before it
   * @param mask bits of it that are turned over
   * @param hit is called when it has happened
   */
  aim(skip: number, mask: number, hit: () => void = () => {}): void {
    this.#shots.push({ skip, mask, hit });
  }

  /** Nothing is to be changed any more. */
  clear(): void {
    this.#shots = [];
  }

  /** The beginning of a connection. */
  head(): Head {
    let matched = 0;
    return {
      strike: (bytes) => {
        let at = 0;
        for (; at < bytes.length && matched < HEAD_END.length; at++) {
          if (bytes[at] === HEAD_END[matched]) matched++;
          else matched = bytes[at] === HEAD_END[0] ? 1 : 0;
        }
        this.#strike(bytes.subarray(at));
      },
    };
  }

  #strike(bytes: Uint8Array): void {
    const later: Shot[] = [];
    for (const shot of this.#shots) {
      if (shot.skip >= bytes.length) {
        shot.skip -= bytes.length;
        later.push(shot);
      } else {
        bytes[shot.skip]! ^= shot.mask;
        shot.hit();
      }
    }
    this.#shots = later;
  }
}
