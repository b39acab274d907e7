/**
 * Private keys out of signatures whose nonces were badly chosen. Each signature tells s k = m - x r (mod q): one
 * equation, two unknowns; whatever else is known of k gives x away.
 *
 * @module
 */
import { mod, modInverse } from "../../lib/crypto/modular.ts";
import { shortPair } from "./short_pair.ts";

/** What a reader learns from a signature. `m` is the number that was signed. */
export interface Equation {
  readonly m: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** x, from a signature whose nonce is known: x = (m - s k) / r mod q. */
export function keyFromNonce({ m, r, s }: Equation, k: bigint, q: bigint): bigint {
  return mod((m - s * k) * modInverse(r, q), q);
}

/**
 * x, if both signatures have one nonce: r1 and r2 are equal then, and
 * k = (m1 r2 - m2 r1) / (s1 r2 - s2 r1) mod q. `null` where there is nothing to divide by.
 */
export function keyFromRepeatedNonce(one: Equation, two: Equation, q: bigint): bigint | null {
  const divisor = mod(one.s * two.r - two.s * one.r, q);
  if (divisor === 0n) return null;
  const k = mod((one.m * two.r - two.m * one.r) * modInverse(divisor, q), q);
  return keyFromNonce(one, k, q);
}

/** x, if both nonces are much shorter than half of q: without x, k2 = a k1 + b (mod q), and that has one short solution. */
export function keyFromShortNonces(one: Equation, two: Equation, q: bigint): bigint {
  const divide = (n: bigint, d: bigint) => mod(n * modInverse(d, q), q);
  const a = divide(two.r * one.s, two.s * one.r);
  const b = mod(divide(two.m, two.s) - a * divide(one.m, one.s), q);
  const [k] = shortPair(a, b, q);
  return keyFromNonce(one, mod(k, q), q);
}
