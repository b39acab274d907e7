/**
 * Naive arithmetic for the tests, which shares nothing with lib/crypto/modular.ts.
 *
 * @module
 */

/**
 * The test of Miller and Rabin. The first twelve primes are certain below 2^64; above it three are sure enough for a
 * number that nobody has chosen to pass them, such as an RFC's.
 */
export function isPrime(n: bigint): boolean {
  for (const p of SMALL_PRIMES) {
    if (n % p === 0n) return n === p;
  }
  const bases = n < 1n << 64n ? SMALL_PRIMES : SMALL_PRIMES.slice(0, 3);
  return n > 1n && bases.every((base) => isStrongProbablePrime(n, base));
}

const SMALL_PRIMES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];

/** One round, for an odd n above the base. */
function isStrongProbablePrime(n: bigint, base: bigint): boolean {
  let [odd, twos] = [n - 1n, 0];
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  let x = naiveModPow(base, odd, n);
  if (x === 1n) return true;
  for (let i = 0; i < twos; i++) {
    if (x === n - 1n) return true;
    x = x * x % n;
  }
  return false;
}

/** base^exponent mod modulus, bit by bit, with nothing clever. */
export function naiveModPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result < 0n ? result + modulus : result;
}
