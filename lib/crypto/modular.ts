/**
 * Arithmetic modulo an integer, over native bigint.
 *
 * JavaScript promises nothing about the time that a bigint operation takes. What handles a secret here
 * is therefore blinded by its caller (see elgamal.ts and diffie_hellman.ts), and SECURITY.md says what is
 * left.
 *
 * @module
 */
import { bitLength } from "./integers.ts";

/** Window of the exponentiations below, in bits: 32 table entries pay off from 500-bit exponents on. */
const WINDOW_BITS = 5;

/** a mod m in [0, m), for negative `a` too. */
export function mod(a: bigint, m: bigint): bigint {
  const r = a % m;
  return r < 0n ? r + m : r;
}

/**
 * base^exponent mod modulus, by fixed windows of 5 bits (Handbook of Applied Cryptography, 14.82): the
 * sequence of squarings and multiplications depends on the exponent's length only.
 *
 * @throws {RangeError} when the exponent is negative or the modulus is below 2
 */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  return modPowProduct([[base, exponent]], modulus);
}

/**
 * The product of several powers, base^exponent each, mod modulus: the windows of {@link modPow} with the
 * squarings shared (Straus, American Mathematical Monthly 71, 1964). Two powers cost little more than one.
 *
 * @throws {RangeError} when an exponent is negative or the modulus is below 2
 */
export function modPowProduct(
  powers: readonly (readonly [base: bigint, exponent: bigint])[],
  modulus: bigint,
): bigint {
  if (powers.some(([, exponent]) => exponent < 0n)) {
    throw new RangeError("Cannot exponentiate: the exponent is negative");
  }
  const reduce = reducer(modulus);
  const tables = powers.map(([base]) => powersOf(mod(base, modulus), reduce));
  const digits = powers.map(([, exponent]) => windows(exponent));
  const length = Math.max(0, ...digits.map((list) => list.length));
  let result = 1n;
  for (let left = length; left > 0; left--) {
    for (let i = 0; i < WINDOW_BITS; i++) result = reduce(result * result);
    for (const [which, list] of digits.entries()) {
      // A shorter exponent joins late, at its own first digit.
      if (left <= list.length) result = reduce(result * tables[which]![list[list.length - left]!]!);
    }
  }
  return result;
}

/** base^0 .. base^31, reduced. */
function powersOf(base: bigint, reduce: Reduce): bigint[] {
  const table = [1n];
  for (let i = 1; i < 1 << WINDOW_BITS; i++) table.push(reduce(table[i - 1]! * base));
  return table;
}

/** The exponent's digits to the base 2^5, most significant first. */
function windows(exponent: bigint): number[] {
  // Text in base 32 is exactly that list, and V8 makes it in one pass.
  return Array.from(exponent.toString(32), (digit) => parseInt(digit, 32));
}

/**
 * The odd powers of a base, b, b^3, .. , b^(2^bits - 1), mod modulus: what {@link publicPowProduct} takes.
 *
 * @throws {RangeError} when the modulus is below 2
 */
export function oddPowers(base: bigint, modulus: bigint, bits: number): bigint[] {
  const reduce = reducer(modulus);
  const powers = [mod(base, modulus)];
  const square = reduce(powers[0]! * powers[0]!);
  while (powers.length < 1 << bits - 1) powers.push(reduce(powers.at(-1)! * square));
  return powers;
}

/**
 * {@link modPowProduct} in fewer steps, by sliding windows (Handbook of Applied Cryptography, 14.85): which steps they
 * are depends on the exponents, so for public ones only.
 *
 * @param powers each base as its {@link oddPowers}, of at most 8 bits
 * @throws {RangeError} when an exponent is negative or the modulus is below 2
 */
export function publicPowProduct(
  powers: readonly (readonly [odd: readonly bigint[], exponent: bigint])[],
  modulus: bigint,
): bigint {
  const reduce = reducer(modulus);
  const terms = powers.map(([odd, exponent]) => ({
    odd,
    digits: slidingWindows(exponent, Math.log2(odd.length) + 1),
  }));
  let result = 1n;
  for (let at = Math.max(...terms.map(({ digits }) => digits.length)) - 1; at >= 0; at--) {
    result = reduce(result * result);
    for (const { odd, digits } of terms) {
      // Of a digit beyond the end there is nothing.
      const digit = digits[at] ?? 0;
      if (digit !== 0) result = reduce(result * odd[digit >> 1]!);
    }
  }
  return result;
}

/** The exponent as a sum of odd digits below 2^width, each times 2^i at index i, with at least width - 1 zeros between. */
function slidingWindows(exponent: bigint, width: number): Uint8Array {
  if (exponent < 0n) throw new RangeError("Cannot exponentiate: the exponent is negative");
  const bits = exponent.toString(2);
  const digits = new Uint8Array(bits.length);
  for (let end = bits.length; end > 0;) {
    if (bits[end - 1] === "0") {
      end--;
      continue;
    }
    digits[bits.length - end] = parseInt(bits.slice(Math.max(0, end - width), end), 2);
    end -= width;
  }
  return digits;
}

/** A product of two numbers in [0, m), mod m. */
type Reduce = (product: bigint) => bigint;

/**
 * Reduction modulo one m, in three fifths of the time that V8's `%` takes on a 6144-bit product: fold the top quarter
 * in, and the top sixth of what is left, then estimate the quotient from m's reciprocal (Barrett, CRYPTO '86, in the
 * form of Hasenplaugh, Gaubatz and Gopal, ARITH 2007).
 *
 * With k the bits of m, f = ceil(3k/2) and h = ceil(5k/4): a product is below 2^2k, folded once it is below 2^(f+1),
 * twice below 2^(h+2), and the estimate is at most 3 below the true quotient and never above it, which the last loop
 * makes up for.
 *
 * @throws {RangeError} when the modulus is below 2
 */
function reducer(m: bigint): Reduce {
  if (m < 2n) throw new RangeError("Cannot reduce: the modulus must be at least 2");
  const k = bitLength(m);
  const [f, h] = [Math.ceil(3 * k / 2), Math.ceil(5 * k / 4)];
  const [firstAt, secondAt] = [BigInt(f), BigInt(h)];
  const [first, second] = [(1n << firstAt) % m, (1n << secondAt) % m];
  const reciprocal = (1n << BigInt(h + 2)) / m;
  const [low, high] = [BigInt(k - 1), BigInt(h + 3 - k)];
  return (product) => {
    const x = BigInt.asUintN(f, product) + (product >> firstAt) * first;
    const y = BigInt.asUintN(h, x) + (x >> secondAt) * second;
    let rest = y - ((y >> low) * reciprocal >> high) * m;
    while (rest >= m) rest -= m;
    return rest;
  };
}

/**
 * The inverse of `a` modulo `m`, by the extended Euclidean algorithm. Its time depends on `a`: blind a
 * secret before it comes here.
 *
 * @throws {RangeError} when `a` has no inverse
 */
export function modInverse(a: bigint, m: bigint): bigint {
  const [divisor, inverse] = euclid(mod(a, m), m, 1n)[0];
  if (divisor !== 1n) {
    throw new RangeError("Cannot invert: the number shares a factor with the modulus");
  }
  return mod(inverse, m);
}

/**
 * `s` as a quotient of two numbers of half the modulus's length: w = s t (mod m), for a modulus of k bits with
 * 0 <= w < 2^ceil(k/2) and 0 < |t| <= 2^floor(k/2). For a prime modulus and 0 < s < m, w is not 0.
 *
 * @param s in [0, m)
 */
export function halfSizeQuotient(s: bigint, m: bigint): { w: bigint; t: bigint } {
  const [, [w, t]] = euclid(s, m, 1n << BigInt(Math.ceil(bitLength(m) / 2)));
  return { w, t };
}

/** A remainder of the Euclidean algorithm, and what it is a multiple of s by, mod m. */
type Remainder = readonly [r: bigint, t: bigint];

/**
 * The extended Euclidean algorithm for m and s < m, up to the first remainder below `bound` (at least 1): that one, and
 * the one before it. Several steps at a time are computed from leading digits alone (Lehmer's algorithm, in the form of
 * Cohen, A Course in Computational Algebraic Number Theory, 1.3.7).
 */
function euclid(s: bigint, m: bigint, bound: bigint): [before: Remainder, below: Remainder] {
  let [r0, r1] = [m, s];
  let [t0, t1] = [0n, 1n];
  let shift = Math.max(0, bitLength(m) - LEADING_BITS);
  while (r1 >= bound) {
    // Both numbers have shrunk, and so does what is cut off them.
    const spare = LEADING_BITS - Math.ceil(Math.log2(Number(r0 >> BigInt(shift)) + 1));
    shift = Math.max(0, shift - spare);
    const [x, y] = [Number(r0 >> BigInt(shift)), Number(r1 >> BigInt(shift))];
    const steps = shift > 0 ? leadingSteps(x, y) : null;
    if (steps !== null) {
      const [a, b, c, d] = steps;
      const next = c * r0 + d * r1;
      if (next >= bound) {
        [r0, r1] = [a * r0 + b * r1, next];
        [t0, t1] = [a * t0 + b * t1, c * t0 + d * t1];
        continue;
      }
    }
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return [[r0, t0], [r1, t1]];
}

/** Leading bits that Lehmer's steps compute with: doubles are exact up to 2^53. */
const LEADING_BITS = 50;

/**
 * As many steps of the Euclidean algorithm as are certain when only the leading bits of both numbers are known, as a
 * matrix: the new ones are a r0 + b r1 and c r0 + d r1. `null` when not even one step is certain.
 */
function leadingSteps(x: number, y: number): [bigint, bigint, bigint, bigint] | null {
  let [a, b, c, d] = [1, 0, 0, 1];
  for (;;) {
    // The true quotient lies between these two. At most one divisor is 0, and then they differ.
    const quotient = Math.floor((x + a) / (y + c));
    if (quotient !== Math.floor((x + b) / (y + d))) break;
    [a, c] = [c, a - quotient * c];
    [b, d] = [d, b - quotient * d];
    [x, y] = [y, x - quotient * y];
  }
  return b === 0 ? null : [BigInt(a), BigInt(b), BigInt(c), BigInt(d)];
}

/**
 * The Jacobi symbol (a/n): 1, -1, or 0 when a and n share a factor. For a prime n it is 1 exactly when a
 * is a non-zero square (Handbook of Applied Cryptography, algorithm 2.149).
 *
 * @throws {RangeError} when `n` is even or below 3
 */
export function jacobi(a: bigint, n: bigint): -1 | 0 | 1 {
  if (n < 3n || (n & 1n) === 0n) {
    throw new RangeError("Cannot take (a/n): n must be odd and above 2");
  }
  let top = mod(a, n);
  let bottom = n;
  let negative = false;
  while (top !== 0n) {
    const twos = trailingZeros(top);
    top >>= BigInt(twos);
    const bottomMod8 = bottom & 7n;
    if (twos % 2 === 1 && (bottomMod8 === 3n || bottomMod8 === 5n)) negative = !negative;
    if ((top & 3n) === 3n && (bottom & 3n) === 3n) negative = !negative;
    [top, bottom] = [bottom % top, top];
  }
  if (bottom !== 1n) return 0;
  return negative ? -1 : 1;
}

/** How often 2 divides a positive integer. */
function trailingZeros(n: bigint): number {
  for (let at = 0;; at += 32) {
    const word = Number(BigInt.asUintN(32, n >> BigInt(at)));
    if (word !== 0) return at + 31 - Math.clz32(word & -word);
  }
}

/**
 * Powers of one base by tables: the comb of Lim and Lee (CRYPTO 1994) with eight teeth, and one table for each
 * stretch of `blockBits` bits of the exponent. A power takes blockBits / 8 squarings, which all stretches share, and a
 * multiplication for each eight bits; a table costs about blockBits squarings and is made when first needed.
 */
export class FixedBase {
  readonly #reduce: Reduce;
  readonly #columns: number;
  readonly #tables: bigint[][] = [];
  /** What the last tooth of the last table stands for; the base, as long as there is none. */
  #tooth: bigint;

  /**
   * Computes no table yet.
   *
   * @param base the base; it is reduced
   * @param modulus at least 2
   * @param blockBits bits of the exponent that one table covers, at least 1: as many as the shortest exponents have
   * @throws {RangeError} when the modulus is below 2
   */
  constructor(base: bigint, modulus: bigint, blockBits: number) {
    this.#reduce = reducer(modulus);
    this.#columns = Math.ceil(blockBits / TEETH);
    this.#tooth = mod(base, modulus);
  }

  /**
   * base^exponent mod modulus; of several exponents, the power of their sum, which is never computed.
   *
   * @throws {RangeError} when an exponent is negative
   */
  pow(...exponents: readonly bigint[]): bigint {
    if (exponents.some((exponent) => exponent < 0n)) {
      throw new RangeError("Cannot exponentiate: the exponent is negative");
    }
    const columns = this.#columns;
    const reduce = this.#reduce;
    const combs = exponents.flatMap((exponent) => this.#combs(exponent));
    let result = 1n;
    for (let column = 0; column < columns; column++) {
      result = reduce(result * result);
      for (const { table, bits } of combs) {
        let index = 0;
        // Tooth 0 is the lowest run of bits, so it is the last run of the text.
        for (let at = column; at < bits.length; at += columns) {
          index = index << 1 | bits.charCodeAt(at) & 1;
        }
        result = reduce(result * table[index]!);
      }
    }
    return result;
  }

  /** The exponent in stretches as binary text, each with its table. */
  #combs(exponent: bigint): { table: readonly bigint[]; bits: string }[] {
    const width = this.#columns * TEETH;
    const count = Math.ceil(bitLength(exponent) / width);
    const text = exponent.toString(2).padStart(count * width, "0");
    while (this.#tables.length < count) this.#tables.push(this.#nextTable());
    return Array.from({ length: count }, (_, i) => ({
      table: this.#tables[i]!,
      bits: text.slice((count - 1 - i) * width, (count - i) * width),
    }));
  }

  /** The products of every choice of teeth. */
  #nextTable(): bigint[] {
    const table = [1n];
    for (let i = 0; i < TEETH; i++) {
      const isFirst = this.#tables.length === 0 && i === 0;
      for (let j = isFirst ? this.#columns : 0; j < this.#columns; j++) {
        this.#tooth = this.#reduce(this.#tooth * this.#tooth);
      }
      for (const product of table.slice()) table.push(this.#reduce(product * this.#tooth));
    }
    return table;
  }
}

/** Teeth of the comb: 256 table entries of 384 bytes are 96 KiB for a 3072-bit group. */
const TEETH = 8;
