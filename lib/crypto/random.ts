/**
 * Randomness as an argument: the real source is WebCrypto, and tests bring a seeded one.
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";
import { bitLength, os2ip } from "./integers.ts";

/** Returns `length` fresh, unpredictable bytes at each call. */
export type Random = (length: number) => Bytes;

/** WebCrypto refuses more than this in one call (Web Cryptography API, getRandomValues). */
const QUOTA_BYTES = 65_536;

/** The operating system's generator, through WebCrypto. Used by the entry points and nowhere else. */
export const systemRandom: Random = (length: number): Bytes => {
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += QUOTA_BYTES) {
    crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA_BYTES));
  }
  return bytes;
};

/** A uniform integer in [0, 2^bits). */
export function randomBits(bits: number, random: Random): bigint {
  const excess = BigInt((8 - bits % 8) % 8);
  return os2ip(random(Math.ceil(bits / 8))) >> excess;
}

/**
 * An integer in [1, bound), uniform up to 2^-128: the "extra random bits" method of FIPS 186-5, A.2.1,
 * which takes the same time whatever it draws, unlike rejection.
 */
export function randomNonZeroBelow(bound: bigint, random: Random): bigint {
  if (bound < 2n) throw new RangeError("Cannot draw from [1, bound): bound must be at least 2");
  return randomBits(bitLength(bound) + 128, random) % (bound - 1n) + 1n;
}
