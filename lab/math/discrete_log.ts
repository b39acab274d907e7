/**
 * Discrete logarithms where they are easy: short ones by baby steps and giant steps (Shanks, 1971), and any one in a
 * group whose order has only small factors (Pohlig and Hellman, 1978).
 *
 * @module
 */
import { modInverse, modPow } from "../../lib/crypto/modular.ts";
import type { TextbookGroup } from "../textbook/elgamal.ts";

/** The largest prime below 2^52. */
const LABELS = 4_503_599_627_370_449n;

/** Enough of a number to find it in a table; what is found is checked. Its low bits would not do: g may be 2. */
function label(value: bigint): bigint {
  return value % LABELS;
}

/**
 * x in [0, bound) with g^x = target, in about 2 * sqrt(bound) multiplications, or `null`: with m = sqrt(bound),
 * x = i m + j, where g^j is in the table and target * g^(-i m) meets it.
 */
export function shortLog({ p, g }: TextbookGroup, target: bigint, bound: number): bigint | null {
  const m = Math.ceil(Math.sqrt(bound));
  const babies = new Map<bigint, number>();
  for (let j = 0, power = 1n; j < m; j++, power = power * g % p) babies.set(label(power), j);
  const giant = modInverse(modPow(g, BigInt(m), p), p);
  for (let i = 0, rest = target; i < m; i++, rest = rest * giant % p) {
    const j = babies.get(label(rest));
    if (j === undefined) continue;
    const x = BigInt(i) * BigInt(m) + BigInt(j);
    if (modPow(g, x, p) === target) return x;
  }
  return null;
}

/**
 * x with g^x = target, where g has the order that is the product of `primes`, all small. With order = a b,
 * (g^b)^x = target^b tells x mod a, and what is left of the target then tells the rest: halves of halves, down to single
 * primes.
 *
 * @param primes each as often as it divides the order
 */
export function smoothLog(
  { p, g }: TextbookGroup,
  target: bigint,
  primes: readonly number[],
): bigint {
  if (primes.length === 1) return searchLog({ p, g }, target, primes[0]!);
  const middle = primes.length >> 1;
  const [first, second] = [primes.slice(0, middle), primes.slice(middle)];
  const [a, b] = [productOf(first), productOf(second)];
  const low = smoothLog({ p, g: modPow(g, b, p) }, modPow(target, b, p), first);
  const rest = target * modInverse(modPow(g, low, p), p) % p;
  return low + a * smoothLog({ p, g: modPow(g, a, p) }, rest, second);
}

/** The same where the order is one small prime: by trying. */
function searchLog({ p, g }: TextbookGroup, target: bigint, order: number): bigint {
  for (let x = 0, power = 1n; x < order; x++, power = power * g % p) {
    if (power === target) return BigInt(x);
  }
  throw new RangeError("Cannot take the logarithm: the base has another order");
}

/** The product of small numbers. */
export function productOf(numbers: readonly number[]): bigint {
  return numbers.reduce((product, n) => product * BigInt(n), 1n);
}

/** The primes whose product is n!, each as often as it divides that. */
export function factorialPrimes(n: number): number[] {
  const primes: number[] = [];
  for (let i = 2; i <= n; i++) {
    let rest = i;
    for (let d = 2; rest > 1; d++) for (; rest % d === 0; rest /= d) primes.push(d);
  }
  return primes;
}
