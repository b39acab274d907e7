import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import {
  FFDHE_2048,
  FFDHE_3072,
  FFDHE_4096,
  type Group,
  MODP_2048,
} from "../../lib/crypto/groups.ts";
import { isPrime, naiveModPow } from "../helpers/primality.ts";

/** Bits of precision beyond what is asked for: each of some thousand divisions below loses less than one. */
const GUARD_BITS = 64n;

/** floor(2^bits * e), by the sum of 1/n!. */
function scaledE(bits: number): bigint {
  let sum = 0n;
  let term = 1n << (BigInt(bits) + GUARD_BITS);
  for (let n = 1n; term > 0n; n++) {
    sum += term;
    term /= n;
  }
  return sum >> GUARD_BITS;
}

/** floor(2^bits * pi), by Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
function scaledPi(bits: number): bigint {
  const one = 1n << (BigInt(bits) + GUARD_BITS);
  const arctanOfInverse = (x: bigint) => {
    let sum = 0n;
    let [power, sign] = [one / x, 1n];
    for (let n = 1n; power > 0n; n += 2n) {
      sum += sign * power / n;
      power /= x * x;
      sign = -sign;
    }
    return sum;
  };
  return (16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)) >> GUARD_BITS;
}

/**
 * The form that both RFCs share: 2^n - 2^(n-64) + ([2^(n-130) * constant] + increment) * 2^64 - 1, for the
 * least increment that makes it a safe prime.
 */
function rfcPrime(n: number, constant: (bits: number) => bigint, increment: bigint): bigint {
  const power = (bits: number) => 1n << BigInt(bits);
  return power(n) - power(n - 64) + (constant(n - 130) + increment) * power(64) - 1n;
}

interface Expected {
  readonly group: Group;
  readonly rfc: string;
  readonly bits: number;
  readonly constant: (bits: number) => bigint;
  readonly increment: bigint;
  /** The least length of a Diffie-Hellman exponent that the RFC gives. */
  readonly leastExponentBits: number;
  /** The length that both sides use. */
  readonly exponentBits: number;
}

const EXPECTED: readonly Expected[] = [
  {
    group: MODP_2048,
    rfc: "RFC 3526, section 3 (and 8)",
    bits: 2048,
    constant: scaledPi,
    increment: 124476n,
    leastExponentBits: 220,
    exponentBits: 256,
  },
  {
    group: FFDHE_2048,
    rfc: "RFC 7919, A.1",
    bits: 2048,
    constant: scaledE,
    increment: 560316n,
    leastExponentBits: 225,
    exponentBits: 256,
  },
  {
    group: FFDHE_3072,
    rfc: "RFC 7919, A.2",
    bits: 3072,
    constant: scaledE,
    increment: 2625351n,
    leastExponentBits: 275,
    exponentBits: 320,
  },
  {
    group: FFDHE_4096,
    rfc: "RFC 7919, A.3",
    bits: 4096,
    constant: scaledE,
    increment: 5736041n,
    leastExponentBits: 325,
    exponentBits: 384,
  },
];

Deno.test("scaledE() and scaledPi(), which the next tests stand on, give the first digits", () => {
  const digits = (scaled: bigint, bits: number) =>
    ((scaled * 10n ** 30n) >> BigInt(bits)).toString();
  assertEquals(digits(scaledE(200), 200), "2718281828459045235360287471352");
  assertEquals(digits(scaledPi(200), 200), "3141592653589793238462643383279");
});

for (const { group, rfc, bits, constant, increment, ...exponent } of EXPECTED) {
  const { name, p, q, g, elementBytes, exponentBits } = group;

  Deno.test(`${name}: p is the prime of ${rfc}, recomputed from its formula`, () => {
    assertEquals(p, rfcPrime(bits, constant, increment));
    assertEquals(elementBytes, bits / 8);
  });

  heavyTest(`${name}: p and q = (p - 1) / 2 are prime`, () => {
    assertEquals(p, 2n * q + 1n);
    assert(isPrime(q));
    assert(isPrime(p));
  });

  Deno.test(`${name}: p is 7 modulo 8, and g has order q`, () => {
    assertEquals(p % 8n, 7n);
    // q is prime, so an element other than 1 with g^q = 1 has order q.
    assert(g > 1n && g < p);
    assertEquals(naiveModPow(g, q, p), 1n);
  });

  Deno.test(`${name}: exponents are at least as long as the RFC asks, and shorter than q`, () => {
    assertEquals(exponentBits, exponent.exponentBits);
    assert(exponentBits >= exponent.leastExponentBits);
    assert(exponentBits < bits - 1);
  });

  Deno.test(`${name}: the group can't be changed`, () => {
    assert(Object.isFrozen(group));
  });
}
