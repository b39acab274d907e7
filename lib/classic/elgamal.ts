/**
 * ElGamal signatures as in the textbook (ElGamal, IEEE Transactions on Information Theory 31, 1985), over the whole
 * multiplicative group modulo q, and with SHA-1:
 *
 *   y = a^x mod q      m = SHA-1(text) mod q      s1 = a^k mod q      s2 = k^-1 (m - x s1) mod (q - 1)
 *   valid when a^m = y^s1 s1^s2 (mod q)
 *
 * The original protocol's description has that equation and no more. Three ranges are added here, none of which an
 * honest client leaves: 1 < y < q - 1, 0 < s1 < q, 0 < s2 < q - 1. Without s1 < q, one signature lets its holder sign any
 * text (Handbook of Applied Cryptography, 11.66); under y = 1 or q - 1 anyone signs; s2 = 0 would give x away.
 *
 * What is not added, because the original's clients would fail it: the order of the elements is not looked at, so
 * that in the default group, whose base divides q - 1, anyone forges with no key (Bleichenbacher, EUROCRYPT 1996;
 * the tests do it). Nothing is blinded either. lib/crypto/elgamal.ts is how to do it right.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { sha1 } from "../crypto/hash.ts";
import { os2ip } from "../crypto/integers.ts";
import { mod, modInverse, modPow, modPowProduct } from "../crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../crypto/random.ts";
import { type ClassicGroup, isElement } from "./group.ts";

/** A signature: two numbers. */
export interface ClassicSignature {
  /** a^k mod q. */
  readonly s1: bigint;
  /** k^-1 (m - x s1) mod (q - 1). */
  readonly s2: bigint;
}

/** m: the SHA-1 digest of a text as a big-endian number, modulo q. */
export async function messageNumber({ q }: ClassicGroup, text: string): Promise<bigint> {
  return os2ip(await sha1(utf8(text))) % q;
}

/** A key pair for signatures. The private key can't be read, printed or serialized by accident. */
export class ClassicSigningKey {
  readonly #x: bigint;
  /** Its group. */
  readonly group: ClassicGroup;
  /** The public key. */
  readonly y: bigint;

  private constructor(group: ClassicGroup, x: bigint, y: bigint) {
    this.group = group;
    this.#x = x;
    this.y = y;
  }

  /** A fresh key pair. */
  static generate(group: ClassicGroup, random: Random): ClassicSigningKey {
    const { q, a } = group;
    for (;;) {
      const x = randomNonZeroBelow(q - 1n, random);
      const y = modPow(a, x, q);
      if (isElement(y, group)) return new ClassicSigningKey(group, x, y);
    }
  }

  /** Signs a text. */
  async sign(text: string, random: Random): Promise<ClassicSignature> {
    const { q, a } = this.group;
    const m = await messageNumber(this.group, text);
    for (;;) {
      const k = randomUnit(q - 1n, random);
      const s1 = modPow(a, k, q);
      const s2 = mod(modInverse(k, q - 1n) * (m - this.#x * s1), q - 1n);
      if (s2 !== 0n) return { s1, s2 };
    }
  }
}

/** A number in [1, n) that has an inverse modulo n. */
function randomUnit(n: bigint, random: Random): bigint {
  for (;;) {
    const k = randomNonZeroBelow(n, random);
    if (gcd(k, n) === 1n) return k;
  }
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Whether the signature over `text` is the key's, as far as this protocol can tell. */
export async function verifyClassic(
  group: ClassicGroup,
  y: bigint,
  text: string,
  { s1, s2 }: ClassicSignature,
): Promise<boolean> {
  const { q, a } = group;
  if (!isElement(y, group)) return false;
  if (s1 <= 0n || s1 >= q) return false;
  if (s2 <= 0n || s2 >= q - 1n) return false;
  const m = await messageNumber(group, text);
  return modPow(a, m, q) === modPowProduct([[y, s1], [s1, s2]], q);
}
