/**
 * ElGamal signatures as textbooks print them: one equation, and no check of anything that goes into it.
 *
 *   r = g^k mod p      s = k^-1 (m - x r) mod (p - 1)      valid when g^m = y^r r^s (mod p)
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../../lib/crypto/random.ts";
import type { TextbookGroup } from "./group.ts";

/** A signature. */
export interface Signature {
  /** The commitment. */
  readonly r: bigint;
  /** The answer. */
  readonly s: bigint;
}

/** A key pair. The lab shows both halves. */
export interface KeyPair {
  /** Private. */
  readonly x: bigint;
  /** Public. */
  readonly y: bigint;
}

/** SHA-1 of a text, as a number: the original protocol's m. */
export function digest(text: string): bigint {
  return BigInt(`0x${createHash("sha1").update(text).digest("hex")}`);
}

/** A fresh key pair. */
export function generateKey({ p, g }: TextbookGroup, random: Random): KeyPair {
  const x = randomNonZeroBelow(p - 1n, random);
  return { x, y: modPow(g, x, p) };
}

/** A nonce that has an inverse modulo p - 1 = 2q: odd. */
export function drawNonce({ p }: TextbookGroup, random: Random): bigint {
  return randomNonZeroBelow(p - 1n, random) | 1n;
}

/** Signs m with a given nonce. */
export function sign({ p, g }: TextbookGroup, x: bigint, m: bigint, k: bigint): Signature {
  const r = modPow(g, k, p);
  return { r, s: mod(modInverse(k, p - 1n) * (m - x * r), p - 1n) };
}

/** The equation. */
export function verify(
  { p, g }: TextbookGroup,
  y: bigint,
  m: bigint,
  { r, s }: Signature,
): boolean {
  return modPow(g, m, p) === modPow(y, r, p) * modPow(r, s, p) % p;
}
