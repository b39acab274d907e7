/**
 * Private keys out of signatures whose nonces were badly chosen. Each signature tells s k = m - x r (mod q): one
 * equation, two unknowns; whatever else is known of k gives x away.
 *
 * @module
 */
import { mod, modInverse } from "../../lib/crypto/modular.ts";

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

type Vector = readonly [bigint, bigint];

/** The integer nearest to a / b. */
function nearest(a: bigint, b: bigint): bigint {
  if (b < 0n) [a, b] = [-a, -b];
  const doubled = 2n * a + b;
  const floor = doubled / (2n * b);
  return doubled < 0n && floor * 2n * b !== doubled ? floor - 1n : floor;
}

function dot([a, b]: Vector, [c, d]: Vector): bigint {
  return a * c + b * d;
}

function subtract([a, b]: Vector, times: bigint, [c, d]: Vector): Vector {
  return [a - times * c, b - times * d];
}

/** The two shortest vectors that span the same lattice (Lagrange and Gauss: Euclid's algorithm in two dimensions). */
function reduce(u: Vector, v: Vector): [Vector, Vector] {
  for (;;) {
    if (dot(u, u) > dot(v, v)) [u, v] = [v, u];
    const times = nearest(dot(u, v), dot(u, u));
    if (times === 0n) return [u, v];
    v = subtract(v, times, u);
  }
}

/**
 * The pair (i, j) with j = a i + b (mod q) that is short, if there is one: the lattice of all (i, a i mod q) has a
 * point near (0, -b), and rounding in a reduced basis finds it (Babai).
 */
export function shortPair(a: bigint, b: bigint, q: bigint): [i: bigint, j: bigint] {
  const [u, v] = reduce([1n, a], [0n, q]);
  const determinant = u[0] * v[1] - u[1] * v[0];
  const alongU = nearest(b * v[0], determinant);
  const alongV = nearest(-b * u[0], determinant);
  return [alongU * u[0] + alongV * v[0], alongU * u[1] + alongV * v[1] + b];
}
