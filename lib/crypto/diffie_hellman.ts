/**
 * Diffie-Hellman in the subgroup of squares of a safe-prime group, with short exponents (RFC 7919).
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";
import { generatorOf, type Group, MASK_EXCESS_BITS } from "./groups.ts";
import { i2osp, os2ip } from "./integers.ts";
import { jacobi, modInverse, modPowProduct } from "./modular.ts";
import { type Random, randomBits, randomNonZeroBelow } from "./random.ts";

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
 * base^exponent mod p, without ever running through the exponent itself: base^(e + r) * base^-r for a fresh r, 64 bits
 * longer than e. Both exponents are new at each call, so that timings of many calls can't be averaged into the bits of
 * one e.
 */
function maskedPow(group: Group, base: bigint, exponent: bigint, random: Random): bigint {
  const { g, p, exponentBits } = group;
  const maskBits = exponentBits + MASK_EXCESS_BITS;
  const mask = randomBits(maskBits, random);
  if (base === g) {
    // The tables have no powers of 1/g, so that it is -r + 2^maskBits, and then back again.
    const end = 1n << BigInt(maskBits);
    return generatorOf(group).pow(exponent + mask, end - mask) * endInverse(group, end) % p;
  }
  return modPowProduct([[base, exponent + mask], [modInverse(base, p), mask]], p);
}

const endInverses = new Map<Group, bigint>();

/** g^-end mod p, computed once. */
function endInverse(group: Group, end: bigint): bigint {
  let inverse = endInverses.get(group);
  if (inverse === undefined) {
    inverse = modInverse(generatorOf(group).pow(end), group.p);
    endInverses.set(group, inverse);
  }
  return inverse;
}
