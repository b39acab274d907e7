/**
 * Diffie-Hellman in the subgroup of squares of a safe-prime group, with short exponents (RFC 7919).
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";
import type { Group } from "./groups.ts";
import { i2osp, os2ip } from "./integers.ts";
import { jacobi, modInverse, modPow } from "./modular.ts";
import { type Random, randomBits, randomNonZeroBelow } from "./random.ts";

/** How much longer than the exponent its mask is, in bits: what shows of the sum is 2^-64 from uniform. */
const MASK_EXCESS_BITS = 64;

/**
 * A share that is safe to use: a square mod p other than 1, so an element of order q. With p = 2q + 1 that
 * leaves a hostile peer no small subgroup to push us into.
 *
 * @param group the group that both sides know
 * @param bytes exactly `group.elementBytes`
 * @returns the share, or `null` when it is 0, 1, p - 1, p or more, not a square, or of another length
 */
export function parseShare(group: Group, bytes: Uint8Array): bigint | null {
  if (bytes.length !== group.elementBytes) return null;
  const share = os2ip(bytes);
  if (share <= 1n || share >= group.p - 1n) return null;
  return jacobi(share, group.p) === 1 ? share : null;
}

/** An ephemeral Diffie-Hellman key pair. The exponent can't be read, printed or serialized. */
export class DiffieHellmanKeyPair {
  readonly #exponent: bigint;
  /** The group both sides agreed on by name. */
  readonly group: Group;
  /** The public share, base^exponent mod p, as `group.elementBytes` bytes. */
  readonly share: Bytes;

  private constructor(group: Group, exponent: bigint, share: bigint) {
    this.group = group;
    this.#exponent = exponent;
    this.share = i2osp(share, group.elementBytes);
  }

  /**
   * A fresh key pair.
   *
   * @param base generator of the subgroup of order q, the group's own unless a protocol derives another
   */
  static generate(group: Group, random: Random, base: bigint = group.g): DiffieHellmanKeyPair {
    const exponent = randomNonZeroBelow(1n << BigInt(group.exponentBits), random);
    const share = maskedPow(group, base, exponent, random);
    return new DiffieHellmanKeyPair(group, exponent, share);
  }

  /**
   * The secret shared with the owner of `peerShare`, at full width: leading zero bytes stay.
   *
   * @param peerShare what {@link parseShare} returned
   * @param random for blinding only; the result does not depend on it
   */
  sharedSecret(peerShare: bigint, random: Random): Bytes {
    return i2osp(
      maskedPow(this.group, peerShare, this.#exponent, random),
      this.group.elementBytes,
    );
  }
}

/**
 * base^exponent mod p, without ever running through the exponent itself: base^(e + r) * (base^r)^-1 for a
 * fresh r, 64 bits longer than e. Both exponents are new at each call, so that timings of many calls
 * can't be averaged into the bits of one e.
 */
function maskedPow(group: Group, base: bigint, exponent: bigint, random: Random): bigint {
  const mask = randomBits(group.exponentBits + MASK_EXCESS_BITS, random);
  const masked = modPow(base, exponent + mask, group.p);
  return masked * modInverse(modPow(base, mask, group.p), group.p) % group.p;
}
