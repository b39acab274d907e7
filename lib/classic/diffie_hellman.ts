/**
 * Diffie-Hellman of the original protocol: over the whole multiplicative group modulo q, with exponents of full width,
 * and SHA-256 of the secret's decimal text as the key.
 *
 * @module
 */
import { type Bytes, utf8 } from "../crypto/bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { modPow } from "../crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../crypto/random.ts";
import { type ClassicGroup, isElement } from "./group.ts";

/** A key pair for one session. The exponent can't be read, printed or serialized by accident. */
export class ClassicKeyPair {
  readonly #exponent: bigint;
  /** Its group. */
  readonly group: ClassicGroup;
  /** The public half. */
  readonly share: bigint;

  private constructor(group: ClassicGroup, exponent: bigint, share: bigint) {
    this.group = group;
    this.#exponent = exponent;
    this.share = share;
  }

  /** A fresh key pair. */
  static generate(group: ClassicGroup, random: Random): ClassicKeyPair {
    const { q, a } = group;
    for (;;) {
      const exponent = randomNonZeroBelow(q - 1n, random);
      const share = modPow(a, exponent, q);
      if (isElement(share, group)) return new ClassicKeyPair(group, exponent, share);
    }
  }

  /**
   * The AES-256 key shared with the owner of `peerShare`. Leading zeros of the secret are lost in its decimal text, so
   * the time of hashing shows, rarely, how short it is: that is how the original does it.
   *
   * @param peerShare above 1 and below q - 1
   */
  messageKey(peerShare: bigint): Promise<Bytes> {
    const secret = modPow(peerShare, this.#exponent, this.group.q);
    return sha256(utf8(String(secret)));
  }
}
