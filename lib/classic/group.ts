/**
 * The group of the original protocol: a prime modulus q and a base a. (What it calls q, parley-1 and most books call
 * p, and a is their g. Its names are kept here.)
 *
 * @module
 */
import { MODP_2048 } from "../crypto/groups.ts";
import { bitLength } from "../crypto/integers.ts";
import { modPow } from "../crypto/modular.ts";
import { UsageError } from "../errors.ts";

/** The group of keys, shares and signatures. Both sides have to be given the same one. */
export interface ClassicGroup {
  /** The prime modulus. */
  readonly q: bigint;
  /** The base. */
  readonly a: bigint;
}

/** RFC 3526's group 14 with base 2. */
export const DEFAULT_CLASSIC_GROUP: ClassicGroup = Object.freeze({
  q: MODP_2048.p,
  a: MODP_2048.g,
});

/** Least bits of q: below, an honest client would now and then draw a value that has to be refused. */
const LEAST_GROUP_BITS = 64;

/** Most bits of q: above, an exponentiation takes seconds. */
const MOST_GROUP_BITS = 8192;

/** Below this many bits of q there is a warning of its own: RFC 3526 has no group in use that is smaller. */
const SMALL_GROUP_BITS = 2048;

/**
 * Bases of the test of primality. A composite number that passes for all of them is not met by chance, and a user
 * harms only themselves with one.
 */
const PRIMALITY_BASES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n];

const GROUP_TEXT = /^([1-9][0-9]*),([1-9][0-9]*)$/;

/** Decimal digits of the largest q that is taken. */
const MOST_DIGITS = String(1n << BigInt(MOST_GROUP_BITS)).length;

/**
 * Reads `q,a`, two decimal numbers.
 *
 * @throws {UsageError} when q is not a prime of 64 to 8192 bits, or a not above 1 and below q - 1
 */
export function parseClassicGroup(text: string): ClassicGroup {
  const [, qText = "", aText = ""] = text.match(GROUP_TEXT) ?? [];
  if (qText === "") throw wrong("q,a: two decimal numbers, the prime modulus and the base");
  if (Math.max(qText.length, aText.length) > MOST_DIGITS) throw wrong(SIZE_RULE);
  const [q, a] = [BigInt(qText), BigInt(aText)];
  const bits = bitLength(q);
  if (bits < LEAST_GROUP_BITS || bits > MOST_GROUP_BITS) throw wrong(SIZE_RULE);
  if (!isPrime(q)) throw wrong("a prime q: under no other do signatures verify");
  if (a <= 1n || a >= q - 1n) throw wrong("a base a above 1 and below q - 1");
  return { q, a };
}

const SIZE_RULE = `a prime q of ${LEAST_GROUP_BITS} to ${MOST_GROUP_BITS} bits`;

function wrong(expected: string): UsageError {
  return new UsageError(`--classic-group: expected ${expected}`);
}

/** Whether a number is prime, as far as Miller and Rabin's test can tell (Handbook of Applied Cryptography, 4.24). */
function isPrime(n: bigint): boolean {
  let odd = n - 1n;
  let twos = 0;
  while (odd % 2n === 0n) {
    odd /= 2n;
    twos++;
  }
  return PRIMALITY_BASES.every((base) => {
    let power = modPow(base, odd, n);
    if (power === 1n) return true;
    for (let i = 1; i < twos && power !== n - 1n; i++) power = power * power % n;
    return power === n - 1n;
  });
}

/** The warning about a group that is small even for this protocol, or `null`. */
export function smallGroupWarning({ q }: ClassicGroup): string | null {
  const bits = bitLength(q);
  if (bits >= SMALL_GROUP_BITS) return null;
  return `q has only ${bits} bits: discrete logarithms in such a group can be computed`;
}

/** The warnings before the first line of a session. */
export function classicWarnings(group: ClassicGroup): readonly string[] {
  const small = smallGroupWarning(group);
  return small === null ? [INSECURE] : [INSECURE, small];
}

const INSECURE =
  "--classic speaks the original protocol, which is INSECURE: whoever runs the relay can read and change " +
  "everything. It is for study and for that protocol's own clients; without --classic parley is safe";

/** Whether `n` is above 1 and below q - 1: no key or share of an honest client is 0, 1 or q - 1. */
export function isElement(n: bigint, { q }: ClassicGroup): boolean {
  return n > 1n && n < q - 1n;
}

/** The most decimal digits that a number below q has. */
export function maxDigits({ q }: ClassicGroup): number {
  return String(q).length;
}
