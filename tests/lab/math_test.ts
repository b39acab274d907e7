import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { modPow } from "../../lib/crypto/modular.ts";
import { factorialPrimes, productOf, shortLog, smoothLog } from "../../lab/math/discrete_log.ts";
import { keyFromNonce, keyFromRepeatedNonce, keyFromShortNonces } from "../../lab/math/nonces.ts";
import { shortPair } from "../../lab/math/nonces.ts";
import { TOY, TOY_ORDER } from "../../lab/textbook/elgamal.ts";
import { sign, verify } from "../../lab/textbook/elgamal.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { randomBits } from "../../lib/crypto/random.ts";

Deno.test("shortLog() finds every exponent below its bound, and says when there is none", () => {
  for (const x of [0n, 1n, 2n, 63n, 64n, 4095n]) {
    assertEquals(shortLog(TOY, modPow(TOY.g, x, TOY.p), 4096), x);
  }
  assertEquals(shortLog(TOY, modPow(TOY.g, 5000n, TOY.p), 4096), null);
});

Deno.test("shortLog() takes any logarithm of the small group", () => {
  const x = BigInt(TOY_ORDER) - 12_345n;
  assertEquals(shortLog(TOY, modPow(TOY.g, x, TOY.p), TOY_ORDER), x);
});

Deno.test("the small group is a safe prime, 7 modulo 8, so 2 has the order that is written down", () => {
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
    return true;
  };
  assert(isPrime(Number(TOY.p)) && isPrime(TOY_ORDER) && TOY.p % 8n === 7n);
  assertEquals(modPow(TOY.g, BigInt(TOY_ORDER), TOY.p), 1n);
});

Deno.test("factorialPrimes() multiply to n!", () => {
  assertEquals(factorialPrimes(6), [2, 3, 2, 2, 5, 2, 3]);
  assertEquals(productOf(factorialPrimes(20)), 2_432_902_008_176_640_000n);
});

heavyTest("320! + 1, of peer-supplied-group, is prime, and 367 generates all of it (Lucas)", () => {
  const primes = factorialPrimes(320);
  const order = productOf(primes);
  const p = order + 1n;
  assertEquals(modPow(367n, order, p), 1n);
  for (const prime of new Set(primes)) assert(modPow(367n, order / BigInt(prime), p) !== 1n);
});

Deno.test("smoothLog() finds any exponent where the order has small factors only", () => {
  const primes = factorialPrimes(11); // 11! + 1 = 39916801 is prime, and 26 generates it
  const p = productOf(primes) + 1n;
  const isGenerator = primes.every((prime) => modPow(26n, (p - 1n) / BigInt(prime), p) !== 1n);
  assert(isGenerator);
  for (const x of [0n, 1n, 2n, 12_345_678n, p - 2n]) {
    assertEquals(smoothLog({ p, g: 26n }, modPow(26n, x, p), primes), x);
  }
  assertThrows(() => smoothLog({ p, g: 1n }, 26n, primes), RangeError);
});

Deno.test("shortPair() finds the one short pair under an equation, whatever its signs", () => {
  const q = 2n ** 127n - 1n;
  for (const [i, j] of [[1n, 1n], [123_456n, 654_321n], [7n, 0n], [0n, 9n], [-5n, 40n]] as const) {
    const a = 3n ** 70n % q;
    const b = ((j - a * i) % q + q) % q;
    assertEquals(shortPair(a, b, q), [i, j]);
  }
});

Deno.test("keyFrom…() find the key of a textbook's bad nonces", () => {
  const p = 2n ** 127n - 1n; // a prime; what matters is the equation modulo p - 1's part q below
  const q = 77_158_673_929n; // a prime factor of p - 1
  const g = modPow(3n, (p - 1n) / q, p);
  const random = seededRandom("nonces");
  const x = randomBits(36, random) % q;
  const equation = (k: bigint) => {
    const [m, r] = [randomBits(160, random) % q, modPow(g, k, p)];
    let inverse = modPow(k % q, q - 2n, q);
    inverse = inverse * ((((m - x * r) % q) + q) % q) % q;
    return { m, r, s: inverse };
  };
  assertEquals(keyFromNonce(equation(99n), 99n, q), x);
  assertEquals(keyFromRepeatedNonce(equation(1234n), equation(1234n), q), x);
  assertEquals(keyFromShortNonces(equation(1001n), equation(2002n), q), x);
  const same = equation(5n);
  assertEquals(keyFromRepeatedNonce(same, same, q), null);
});

Deno.test("the textbook's verifier asks one equation: a real signature holds, a changed one does not", () => {
  const [x, k, m] = [123_456_789n, 987_654_321n, 42n];
  const y = modPow(TOY.g, x, TOY.p);
  const signature = sign(TOY, x, m, k);
  assert(verify(TOY, y, m, signature));
  assert(!verify(TOY, y, m + 1n, signature));
  assert(!verify(TOY, y, m, { ...signature, s: signature.s + 1n }));
});
