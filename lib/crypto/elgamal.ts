/**
 * ElGamal signatures in the subgroup of prime order q, in the form that Pointcheval and Stern proved secure
 * (Journal of Cryptology 13, 2000): r enters the hash.
 *
 *   r = g^k mod p      h = H(context, y, r, message)      s = k^-1 (h - x r) mod q
 *   valid when g^h = y^r r^s (mod p), 1 < r < p, (r/p) = 1, 0 < s < q
 *
 * Without (r/p) = 1 anyone forges with no key: r = (p-1)/2 makes y^r = 1, and r^s is a power of 2
 * (Bleichenbacher, EUROCRYPT 1996). Hashing y ties a signature to one key: without it, anyone makes a second
 * key under which the same r and s sign another message.
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes, utf8 } from "./bytes.ts";
import { generatorOf, type Group } from "./groups.ts";
import { taggedHash } from "./hash.ts";
import { bitLength, i2osp, os2ip } from "./integers.ts";
import {
  halfSizeQuotient,
  jacobi,
  mod,
  modInverse,
  modPow,
  oddPowers,
  publicPowProduct,
} from "./modular.ts";
import { type Random, randomBits, randomNonZeroBelow } from "./random.ts";
import { rfc6979Nonce } from "./rfc6979.ts";

/** Bits by which a multiple of q lengthens a nonce before it becomes an exponent. */
const BLINDING_BITS = 64;

/** Fresh bytes mixed into every nonce. */
const NONCE_ENTROPY_BYTES = 32;

/** Window of the exponentiation of r, whose powers serve once, in bits. */
const R_WINDOW_BITS = 6;
/** Window of the exponentiation of a key, in bits: its powers are 50 kB in a 3072-bit group, and stay. */
const KEY_WINDOW_BITS = 7;

/** Odd powers of a base b and of b^(2^half), so that an exponent can be taken in two halves at once. */
interface SplitPowers {
  /** Bits of the lower half. */
  readonly half: number;
  readonly low: readonly bigint[];
  readonly high: readonly bigint[];
}

function splitPowers(base: bigint, { p, q }: Group): SplitPowers {
  const half = Math.ceil(bitLength(q) / 2);
  const upper = modPow(base, 1n << BigInt(half), p);
  return {
    half,
    low: oddPowers(base, p, KEY_WINDOW_BITS),
    high: oddPowers(upper, p, KEY_WINDOW_BITS),
  };
}

/** Bytes of a signature in `group`: r and s, each at the width of an element. */
export function signatureBytes(group: Group): number {
  return 2 * group.elementBytes;
}

/**
 * h of the signature equation: SHA-256 over context, group, key, r and message.
 *
 * @param context what the signature is for: the same bytes signed for another purpose do not verify
 */
export async function challenge(
  group: Group,
  context: string,
  y: bigint,
  r: bigint,
  message: Uint8Array,
): Promise<bigint> {
  const width = group.elementBytes;
  const fields = [utf8(context), utf8(group.name), i2osp(y, width), i2osp(r, width), message];
  return os2ip(await taggedHash("parley-1 elgamal", ...fields));
}

/** A public key that has passed every check: a square mod p other than 0, 1 and p - 1. */
export class VerifyingKey {
  /** The group, by name. */
  readonly group: Group;
  /** The key as a number. */
  readonly y: bigint;
  /** The key as `group.elementBytes` bytes. */
  readonly bytes: Bytes;
  /** Made at the first verification, which it makes no slower. */
  #powers: SplitPowers | null = null;

  private constructor(group: Group, y: bigint) {
    this.group = group;
    this.y = y;
    this.bytes = i2osp(y, group.elementBytes);
  }

  /**
   * Parses a public key from outside, and accepts only a safe one.
   *
   * @param bytes exactly `group.elementBytes`
   * @returns the key, or `null` when it is 0, 1, p - 1, p or more, not a square, or of another length
   */
  static parse(group: Group, bytes: Uint8Array): VerifyingKey | null {
    if (bytes.length !== group.elementBytes) return null;
    const y = os2ip(bytes);
    if (y <= 1n || y >= group.p - 1n) return null;
    return jacobi(y, group.p) === 1 ? new VerifyingKey(group, y) : null;
  }

  /**
   * Whether `signature` is this key's over `message` in `context`.
   *
   * @param signature r || s, any bytes at all: whatever is not a signature is `false`
   */
  async verify(context: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const { p, q, elementBytes } = this.group;
    if (signature.length !== signatureBytes(this.group)) return false;
    const r = os2ip(signature.subarray(0, elementBytes));
    const s = os2ip(signature.subarray(elementBytes));
    if (r <= 1n || r >= p) return false;
    if (s <= 0n || s >= q) return false;
    if (jacobi(r, p) !== 1) return false;
    const h = await challenge(this.group, context, this.y, r, message);
    return this.#equationHolds(r, s, h);
  }

  /**
   * g^h = y^r r^s, for r and y of order q and 0 < s < q, with half the squarings (Antipa and others, SAC 2005): for a t
   * that makes w = s t mod q half as long as q, as t is, the equation to the power of t is g^(h t) = y^(r t) r^w. It says
   * the same, because t is not 0 mod q.
   */
  #equationHolds(r: bigint, s: bigint, h: bigint): boolean {
    const { p, q } = this.group;
    const { w, t } = halfSizeQuotient(s, q);
    const e = mod(r * t, q);
    this.#powers ??= splitPowers(this.y, this.group);
    const { half, low, high } = this.#powers;
    const product = publicPowProduct([
      [oddPowers(r, p, R_WINDOW_BITS), w],
      [low, BigInt.asUintN(half, e)],
      [high, e >> BigInt(half)],
    ], p);
    // The tables have no powers of 1/g.
    const power = generatorOf(this.group).pow(h * (t < 0n ? -t : t));
    return t > 0n ? product === power : product * power % p === 1n;
  }
}

/** A key pair for signatures. The private key can't be read, printed or serialized by accident. */
export class SigningKey {
  readonly #x: bigint;
  /** The public half. */
  readonly publicKey: VerifyingKey;

  private constructor(x: bigint, publicKey: VerifyingKey) {
    this.#x = x;
    this.publicKey = publicKey;
  }

  /** A fresh key pair: x uniform in [1, q). */
  static generate(group: Group, random: Random): SigningKey {
    return SigningKey.#of(group, randomNonZeroBelow(group.q, random), random);
  }

  /**
   * The key pair that {@link SigningKey.exportSecret} exported. Only for bytes that were authenticated: a private
   * key that somebody else chose is no secret.
   *
   * @param secret exactly `group.elementBytes`
   * @returns `null` when they are not a number in [1, q) of that width
   */
  static restore(group: Group, secret: Uint8Array, random: Random): SigningKey | null {
    if (secret.length !== group.elementBytes) return null;
    const x = os2ip(secret);
    return x >= 1n && x < group.q ? SigningKey.#of(group, x, random) : null;
  }

  /** The private key, as `group.elementBytes` bytes: to be sealed at once, and shown to nobody. */
  exportSecret(): Bytes {
    return i2osp(this.#x, this.publicKey.group.elementBytes);
  }

  static #of(group: Group, x: bigint, random: Random): SigningKey {
    const y = generatorOf(group).pow(blinded(x, group, random));
    const publicKey = VerifyingKey.parse(group, i2osp(y, group.elementBytes));
    if (publicKey === null) throw new RangeError("Cannot use this private key: its y is 1");
    return new SigningKey(x, publicKey);
  }

  /**
   * Signs `message` for one purpose.
   *
   * The nonce is derived as RFC 6979 derives it, with fresh entropy as its additional data (section 3.6): a
   * broken generator repeats no nonce, and a fault injected into the same message twice meets two nonces.
   *
   * @param context what the signature is for
   * @returns r || s, {@link signatureBytes} long
   */
  async sign(context: string, message: Uint8Array, random: Random): Promise<Bytes> {
    const { group, y } = this.publicKey;
    const { q, elementBytes } = group;
    // A copy, because the nonce and the challenge must see one message, whatever the caller writes into
    // its buffer meanwhile: one nonce under two challenges gives the private key away.
    const content = copyBytes(message);
    const digest = await taggedHash("parley-1 elgamal nonce", utf8(context), content);
    for (;;) {
      const k = rfc6979Nonce(q, this.#x, digest, random(NONCE_ENTROPY_BYTES));
      const r = generatorOf(group).pow(blinded(k, group, random));
      const h = await challenge(group, context, y, r, content);
      const s = this.#solve(k, r, h, random);
      // A verifier would refuse it; it happens once in 2^3071. (r is no 1, because 0 < k < q.)
      if (s === 0n) continue;
      return concatBytes(i2osp(r, elementBytes), i2osp(s, elementBytes));
    }
  }

  /** k^-1 (h - x r) mod q, with k and x multiplied by a fresh number before they meet anything else. */
  #solve(k: bigint, r: bigint, h: bigint, random: Random): bigint {
    const { q } = this.publicKey.group;
    const blind = randomNonZeroBelow(q, random);
    const inverse = modInverse(k * blind % q, q);
    const blindX = this.#x * blind % q;
    return mod(h * blind - blindX * r, q) * inverse % q;
  }
}

/** An exponent plus a random multiple of q: the same power, another sequence of bits at each call. */
function blinded(exponent: bigint, group: Group, random: Random): bigint {
  return exponent + randomBits(BLINDING_BITS - 1, random) * group.q;
}
