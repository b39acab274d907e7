/**
 * ElGamal signatures as textbooks print them: one equation, and no check of anything that goes into it.
 *
 *   r = g^k mod p      s = k^-1 (m - x r) mod (p - 1)      valid when g^m = y^r r^s (mod p)
 *
 * @module
 */
import { createHash } from "node:crypto";
import { MODP_2048 } from "../../lib/crypto/groups.ts";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../../lib/crypto/random.ts";

/** A signature. */
export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
}

/** A key pair. The lab shows both halves. */
export interface KeyPair {
  readonly x: bigint;
  readonly y: bigint;
}

/** A signature as the fields of the wire. */
export function asFields({ r, s }: Signature): Record<"s1" | "s2", bigint> {
  return { s1: r, s2: s };
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

/** A prime and a base. */
export interface TextbookGroup {
  /** The prime. */
  readonly p: bigint;
  /** The base. */
  readonly g: bigint;
}

/** The original protocol's: RFC 3526, group 14. */
export const MODP: TextbookGroup = MODP_2048;

/**
 * 32 bits, a safe prime: what "export grade" was, and here also what 3072 bits are to a quantum computer. A discrete
 * logarithm takes a moment.
 */
export const TOY: TextbookGroup = { p: 4_294_967_087n, g: 2n };

/** The order of {@link TOY}'s base. */
export const TOY_ORDER = Number(TOY.p - 1n) / 2;
