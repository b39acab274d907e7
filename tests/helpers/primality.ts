/**
 * The test of Baillie, Pomerance, Selfridge and Wagstaff (Mathematics of Computation 35, 1980): no composite
 * number is known that passes it. It is written here for the tests, on naive arithmetic of its own.
 *
 * @module
 */

/** Whether `n` is prime, as far as anyone knows how to tell fast. */
export function isPrime(n: bigint): boolean {
  for (const p of SMALL_PRIMES) {
    if (n % p === 0n) return n === p;
  }
  return n > 1n && isStrongProbablePrime(n, 2n) && isStrongLucasProbablePrime(n);
}

const SMALL_PRIMES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n];

/** One round of Miller and Rabin's test, for an odd n above the base. */
function isStrongProbablePrime(n: bigint, base: bigint): boolean {
  const { odd, twos } = withoutTwos(n - 1n);
  let x = naiveModPow(base, odd, n);
  if (x === 1n) return true;
  for (let i = 0; i < twos; i++) {
    if (x === n - 1n) return true;
    x = x * x % n;
  }
  return false;
}

/** The strong Lucas test with Selfridge's parameters (method A: P = 1, Q = (1 - D) / 4), for an odd n. */
function isStrongLucasProbablePrime(n: bigint): boolean {
  if (isSquare(n)) return false; // No D would ever fit.
  let d = 5n;
  while (naiveJacobi(d, n) !== -1) {
    if (naiveJacobi(d, n) === 0 && abs(d) % n !== 0n) return false;
    d = d > 0n ? -d - 2n : -d + 2n; // 5, -7, 9, -11, ..
  }
  const q = (1n - d) / 4n;
  const { odd, twos } = withoutTwos(n + 1n);
  const half = (x: bigint) => positive((x & 1n) === 0n ? x / 2n : (x + n) / 2n, n);
  // U, V and Q^k for k = 1, and from there along the bits of `odd`.
  let [u, v, power] = [1n, 1n, positive(q, n)];
  for (const bit of odd.toString(2).slice(1)) {
    [u, v] = [u * v % n, positive(v * v - 2n * power, n)];
    power = power * power % n;
    if (bit === "1") {
      [u, v] = [half(positive(u + v, n)), half(positive(d * u + v, n))];
      power = positive(power * q, n);
    }
  }
  if (u === 0n) return true;
  for (let i = 0; i < twos; i++) {
    if (v === 0n) return true;
    v = positive(v * v - 2n * power, n);
    power = power * power % n;
  }
  return false;
}

/** base^exponent mod modulus, bit by bit, with nothing clever. */
export function naiveModPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = positive(result * base, modulus);
  }
  return result;
}

/** The Jacobi symbol by the rules of the schoolbook, one factor of 2 at a time. */
function naiveJacobi(a: bigint, n: bigint): number {
  let [top, bottom, sign] = [positive(a, n), n, 1];
  while (top !== 0n) {
    for (; top % 2n === 0n; top /= 2n) {
      if (bottom % 8n === 3n || bottom % 8n === 5n) sign = -sign;
    }
    if (top % 4n === 3n && bottom % 4n === 3n) sign = -sign;
    [top, bottom] = [bottom % top, top];
  }
  return bottom === 1n ? sign : 0;
}

function withoutTwos(n: bigint): { odd: bigint; twos: number } {
  let twos = 0;
  for (; (n & 1n) === 0n; n >>= 1n) twos++;
  return { odd: n, twos };
}

/** Newton's method, from above. */
function isSquare(n: bigint): boolean {
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root * root === n;
    root = next;
  }
}

function positive(x: bigint, n: bigint): bigint {
  const r = x % n;
  return r < 0n ? r + n : r;
}

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}
