/**
 * Random sources for tests: one that gives the same bytes for the same seed, and one that is broken.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { Random } from "../../lib/crypto/random.ts";

/** SHA-256 in counter mode over the seed: unpredictable enough to test with, the same in every run. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (length): Bytes => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256").update(`${counter++} ${seed}`).digest();
      bytes.set(block.subarray(0, length - offset), offset);
    }
    return bytes;
  };
}

/** A generator that has failed: every byte is `value`. */
export function constantRandom(value: number): Random {
  return (length) => new Uint8Array(length).fill(value);
}
