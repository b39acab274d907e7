import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FFDHE_3072, MODP_2048 } from "../../lib/crypto/groups.ts";
import {
  FixedBase,
  halfSizeQuotient,
  jacobi,
  mod,
  modInverse,
  modPow,
  modPowProduct,
  oddPowers,
  publicPowProduct,
} from "../../lib/crypto/modular.ts";
import { bitLength } from "../../lib/crypto/integers.ts";
import { randomBits } from "../../lib/crypto/random.ts";
import { naiveModPow } from "../helpers/primality.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const random = seededRandom("modular");
const bits = (count: number) => randomBits(count, random);

/** The numbers where a carry, a window or a quotient estimate would go wrong first. */
function edges(modulus: bigint): bigint[] {
  return [
    0n,
    1n,
    2n,
    modulus - 2n,
    modulus - 1n,
    modulus,
    modulus + 1n,
    2n * modulus,
    -1n,
    -modulus,
  ];
}

// ---------------------------------------------------------------- mod

Deno.test("mod() gives the remainder in [0, m), for negative numbers too", () => {
  for (let a = -30n; a <= 30n; a++) {
    for (let m = 1n; m <= 12n; m++) {
      const r = mod(a, m);
      assert(r >= 0n && r < m && (a - r) % m === 0n, `${a} mod ${m} is not ${r}`);
    }
  }
});

// ---------------------------------------------------------------- modPow

heavyTest("modPow() agrees with repeated multiplication for every modulus up to 40", () => {
  for (let modulus = 2n; modulus <= 40n; modulus++) {
    for (let base = 0n; base < modulus; base++) {
      let power = 1n;
      for (let exponent = 0n; exponent < 70n; exponent++) {
        assertEquals(modPow(base, exponent, modulus), power);
        power = power * base % modulus;
      }
    }
  }
});

heavyTest("modPow() agrees with the naive method at the ends of every width", () => {
  for (let width = 2; width <= 200; width++) {
    const top = 1n << BigInt(width);
    for (const modulus of [top - 1n, top, top + 1n, top / 2n + 1n]) {
      const exponent = bits(70);
      for (const base of [...edges(modulus), bits(width)]) {
        assertEquals(
          modPow(base, exponent, modulus),
          naiveModPow(mod(base, modulus), exponent, modulus),
        );
      }
    }
  }
});

heavyTest("modPow() agrees with the naive method on random numbers of 64 to 4,096 bits", () => {
  for (const width of [64, 65, 127, 128, 192, 1000, 1024, 2048, 3072, 4096]) {
    for (let i = 0; i < 12; i++) {
      const modulus = bits(width) + 2n;
      const [base, exponent] = [bits(width + 20), bits([5, 64, 320][i % 3]!)];
      assertEquals(modPow(base, exponent, modulus), naiveModPow(base, exponent, modulus));
    }
  }
});

Deno.test("modPow() squares the largest residue of every group to 1", () => {
  for (const { p } of [MODP_2048, FFDHE_3072]) {
    assertEquals(modPow(p - 1n, 2n, p), 1n);
    assertEquals(modPow(p - 1n, p - 1n, p), 1n);
    assertEquals(modPow(p - 1n, (p - 1n) / 2n, p), p - 1n);
  }
});

Deno.test("modPow() refuses a negative exponent and a modulus below 2", () => {
  assertThrows(() => modPow(2n, -1n, 7n), RangeError, "exponent is negative");
  for (const modulus of [1n, 0n, -7n]) {
    assertThrows(() => modPow(2n, 3n, modulus), RangeError, "at least 2");
  }
});

// ---------------------------------------------------------------- modPowProduct

Deno.test("modPowProduct() agrees with the product of naive powers, however long each exponent is", () => {
  for (const width of [8, 64, 257, 1024]) {
    for (
      const lengths of [[0, 0], [1, 64], [64, 1], [0, 33], [64, 64], [5, 10], [6, 5, 31], [40]]
    ) {
      const modulus = bits(width) + 2n;
      const powers = lengths.map((length) => [bits(width + 3), bits(length)] as const);
      const expected = powers.reduce(
        (product, [base, exponent]) => product * naiveModPow(base, exponent, modulus) % modulus,
        1n,
      );
      assertEquals(modPowProduct(powers, modulus), expected);
    }
  }
});

Deno.test("modPowProduct() is a homomorphism: g^a g^b = g^(a+b), at full width", () => {
  const { p, g } = FFDHE_3072;
  const [a, b] = [bits(3071), bits(3072)];
  assertEquals(modPowProduct([[g, a], [g, b]], p), modPow(g, a + b, p));
});

Deno.test("modPowProduct() of no powers is 1", () => {
  assertEquals(modPowProduct([], 7n), 1n);
});

Deno.test("modPowProduct() refuses any negative exponent and a modulus below 2", () => {
  assertThrows(() => modPowProduct([[2n, 3n], [2n, -1n]], 7n), RangeError, "exponent is negative");
  assertThrows(() => modPowProduct([[2n, 3n]], 1n), RangeError, "at least 2");
});

// ---------------------------------------------------------------- publicPowProduct

Deno.test("oddPowers() are every second power", () => {
  for (const base of edges(1009n)) {
    for (let width = 1; width <= 8; width++) {
      const expected = Array.from(
        { length: 1 << width - 1 },
        (_, i) => naiveModPow(mod(base, 1009n), BigInt(2 * i + 1), 1009n),
      );
      assertEquals(oddPowers(base, 1009n, width), expected);
    }
  }
});

Deno.test("publicPowProduct() agrees with modPowProduct(), whatever window and exponent", () => {
  const [base, other, modulus] = [bits(100), bits(90), bits(100) + 2n];
  for (let width = 1; width <= 8; width++) {
    const [odd, otherOdd] = [oddPowers(base, modulus, width), oddPowers(other, modulus, 3)];
    const small = Array.from({ length: 70 }, (_, i) => BigInt(i));
    for (const exponent of [...small, (1n << 64n) - 1n, 1n << 64n, bits(300)]) {
      for (const second of [0n, 1n, bits(5), bits(200)]) {
        assertEquals(
          publicPowProduct([[odd, exponent], [otherOdd, second]], modulus),
          modPowProduct([[base, exponent], [other, second]], modulus),
          `${exponent}, ${second} by windows of ${width}`,
        );
      }
    }
  }
  assertEquals(publicPowProduct([], modulus), 1n);
});

Deno.test("publicPowProduct() refuses a negative exponent and a modulus below 2", () => {
  assertThrows(() => publicPowProduct([[[2n], 3n], [[2n], -1n]], 7n), RangeError, "is negative");
  assertThrows(() => publicPowProduct([], 1n), RangeError, "at least 2");
  assertThrows(() => oddPowers(3n, 1n, 2), RangeError, "at least 2");
});

// ---------------------------------------------------------------- FixedBase

heavyTest("FixedBase.pow() equals modPow() at every edge of tooth and table", () => {
  const { p, q, g } = FFDHE_3072;
  const table = new FixedBase(g, p, 385);
  const exponents = [0n, 1n, 2n, q - 1n, q, q + 1n, p - 1n, p, bits(3136), bits(385), bits(320)];
  // Beside each border between two teeth of the first table, whose columns are 49, and between two tables.
  for (const at of [...Array(9).keys()].map((i) => 49 * i).concat(2 * 392, 7 * 392, 8 * 392)) {
    exponents.push((1n << BigInt(at)) - 1n, 1n << BigInt(at));
  }
  for (const exponent of exponents) {
    assertEquals(table.pow(exponent), modPow(g, exponent, p), `exponent ${exponent}`);
  }
});

Deno.test("FixedBase.pow() equals the naive method, whatever the exponent's length and the table's", () => {
  for (let blockBits = 1; blockBits <= 40; blockBits++) {
    const [base, modulus] = [bits(50), bits(40) + 2n];
    const table = new FixedBase(base, modulus, blockBits);
    for (const length of [0, 1, blockBits, 100]) {
      for (const exponent of [0n, (1n << BigInt(length)) - 1n, bits(length), bits(length)]) {
        assertEquals(table.pow(exponent), naiveModPow(base, exponent, modulus));
      }
    }
  }
});

Deno.test("FixedBase.pow() of several exponents is the power of their sum", () => {
  const table = new FixedBase(3n, 1009n, 12);
  for (const lengths of [[], [0], [5, 5], [12, 0], [1, 40], [40, 17, 3]]) {
    const exponents = lengths.map(bits);
    const sum = exponents.reduce((sum, exponent) => sum + exponent, 0n);
    assertEquals(table.pow(...exponents), naiveModPow(3n, sum, 1009n));
  }
});

Deno.test("FixedBase reduces its base", () => {
  for (const base of edges(101n)) {
    assertEquals(new FixedBase(base, 101n, 16).pow(77n), naiveModPow(mod(base, 101n), 77n, 101n));
  }
});

Deno.test("FixedBase refuses a negative exponent and a modulus below 2", () => {
  const table = new FixedBase(3n, 101n, 16);
  assertThrows(() => table.pow(-1n), RangeError, "exponent is negative");
  assertThrows(() => table.pow(1n, -1n), RangeError, "exponent is negative");
  assertThrows(() => new FixedBase(3n, 1n, 16), RangeError, "at least 2");
});

// ---------------------------------------------------------------- modInverse

Deno.test("modInverse() inverts whatever can be inverted, and refuses the rest, up to 60", () => {
  for (let m = 2n; m <= 60n; m++) {
    for (let a = -m; a <= 2n * m; a++) {
      const inverses = Array.from({ length: Number(m) }, (_, i) => BigInt(i))
        .filter((candidate) => mod(a * candidate, m) === 1n);
      if (inverses.length === 0) {
        assertThrows(() => modInverse(a, m), RangeError, "shares a factor");
      } else assertEquals([modInverse(a, m)], inverses);
    }
  }
});

Deno.test("modInverse() works at the groups' width", () => {
  const { p, q } = FFDHE_3072;
  for (const m of [p, q]) {
    for (const a of [1n, 2n, m - 1n, m + 3n, -5n, bits(3000)]) {
      const inverse = modInverse(a, m);
      assert(inverse > 0n && inverse < m);
      assertEquals(mod(a * inverse, m), 1n);
    }
    for (const a of [0n, m, -m, 5n * m]) {
      assertThrows(() => modInverse(a, m), RangeError, "shares a factor");
    }
  }
});

Deno.test("modInverse() inverts and refuses where many steps are computed from leading digits", () => {
  for (let width = 40; width <= 400; width += 3) {
    const factor = bits(20) + 2n;
    const m = (bits(width) + 1n) * factor;
    let a = bits(width);
    assertThrows(() => modInverse(a * factor, m), RangeError, "shares a factor");
    while (gcd(a, m) !== 1n) a++;
    assertEquals(a * modInverse(a, m) % m, 1n, `${a} modulo ${m}`);
  }
});

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

// ---------------------------------------------------------------- halfSizeQuotient

/** The same, one step after the other. */
function plainHalfSizeQuotient(s: bigint, m: bigint): { w: bigint; t: bigint } {
  const bound = 1n << BigInt(Math.ceil(bitLength(m) / 2));
  let [before, below] = [{ w: m, t: 0n }, { w: s, t: 1n }];
  while (below.w >= bound) {
    const quotient = before.w / below.w;
    const next = { w: before.w - quotient * below.w, t: before.t - quotient * below.t };
    [before, below] = [below, next];
  }
  return below;
}

/** Asserts what a verifier relies on: w = s t (mod m), both short, and t no multiple of m, which would say nothing. */
function assertHalfSizeQuotient(s: bigint, m: bigint): void {
  const { w, t } = halfSizeQuotient(s, m);
  assertEquals({ w, t }, plainHalfSizeQuotient(s, m), `${s} modulo ${m}`);
  assertEquals(mod(s * t, m), w);
  const size = bitLength(m);
  assert(w >= 0n && bitLength(w) <= Math.ceil(size / 2));
  assert(t !== 0n && (t < 0n ? -t : t) <= 1n << BigInt(Math.floor(size / 2)) && t % m !== 0n);
}

Deno.test("halfSizeQuotient() is the Euclidean algorithm's, for every number below small primes", () => {
  for (const prime of [3n, 5n, 7n, 11n, 13n, 101n, 127n, 131n, 251n, 257n, 1009n]) {
    for (let s = 1n; s < prime; s++) assertHalfSizeQuotient(s, prime);
  }
});

Deno.test("halfSizeQuotient() is the Euclidean algorithm's at the groups' width, for extreme numbers too", () => {
  const { q } = FFDHE_3072;
  const half = 1n << 1536n;
  const extreme = [1n, 2n, half - 1n, half, half + 1n, q >> 1n, q / 3n, q >> 100n, q / (q >> 60n)];
  for (const s of [...extreme, ...Array.from({ length: 40 }, () => bits(3071))]) {
    assertHalfSizeQuotient(s, q);
    assertHalfSizeQuotient(q - s, q);
  }
  // All quotients are 1: the most steps that there can be.
  let [a, b] = [1n, 1n];
  while (b < q) [a, b] = [b, a + b];
  assertHalfSizeQuotient(a - 1n, b);
  assertHalfSizeQuotient(a, b);
});

Deno.test("halfSizeQuotient() is the Euclidean algorithm's around the length where leading digits count", () => {
  const { q } = FFDHE_3072;
  for (let width = 40; width <= 200; width++) {
    const m = q >> BigInt(3071 - width) | 1n;
    for (let i = 0; i < 10; i++) {
      let s = bits(width) % m;
      while (gcd(s, m) !== 1n) s++;
      assertHalfSizeQuotient(s, m);
    }
  }
});

// ---------------------------------------------------------------- jacobi

/** The symbol by its definition: the product of Legendre symbols (Euler's criterion) over the prime factors of n. */
function jacobiByDefinition(a: bigint, n: bigint): number {
  let symbol = 1n;
  for (let p = 3n; n > 1n; p += 2n) {
    for (; n % p === 0n; n /= p) {
      const power = naiveModPow(mod(a, p), (p - 1n) / 2n, p);
      symbol *= power === p - 1n ? -1n : power;
    }
  }
  return Number(symbol);
}

Deno.test("jacobi() is the product of Legendre symbols, for every odd number to 201 and long ones", () => {
  for (let n = 3n; n <= 201n; n += 2n) {
    for (let a = -n; a <= 2n * n; a++) {
      assertEquals(jacobi(a, n), jacobiByDefinition(a, n), `(${a}/${n})`);
    }
  }
  for (let i = 0n; i < 150n; i++) {
    const n = 3n ** (i % 70n) * 7n ** (i % 31n) * 101n ** (i % 17n) * 193n;
    const a = bits(200) << BigInt([0, 1, 33, 70][Number(i % 4n)]!);
    assertEquals(jacobi(a, n), jacobiByDefinition(a, n), `(${a}/${n})`);
  }
});

heavyTest("jacobi() agrees with Euler's criterion at the groups' width", () => {
  const { p, q } = FFDHE_3072;
  // Even powers of 2 that pass the 32 bits which are counted at a time, too.
  const numbers = [1n, 2n, 3n, q, p - 1n, 1n << 31n, 1n << 32n, 1n << 33n, 7n << 64n, bits(3071)];
  for (const a of numbers) {
    const expected = modPow(a, q, p) === 1n ? 1 : -1;
    assertEquals(jacobi(a, p), expected, `${a}`);
    assertEquals(jacobi(a + p, p), expected);
    assertEquals(jacobi(p - a, p), -expected, "-1 is no square modulo a prime that is 3 modulo 4");
  }
  for (const a of [0n, p, -p, 2n * p]) assertEquals(jacobi(a, p), 0);
});

Deno.test("jacobi() refuses an even or small n", () => {
  for (const n of [-3n, 0n, 1n, 2n, 4n, 100n]) {
    assertThrows(() => jacobi(5n, n), RangeError, "odd and above 2");
  }
});
