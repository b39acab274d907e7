/**
 * What an attacker does with the signatures of `parley-1`, docs/PROTOCOL.md, section 6: the equation without its
 * checks, and signatures with any nonce.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../../lib/crypto/bytes.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import type { Signature } from "../textbook/elgamal.ts";

const { p, q, g, elementBytes } = GROUP;

/** An element, or anything else of its width. */
export function element(n: bigint): Bytes {
  return i2osp(n, elementBytes);
}

/** r and s as they stand on the wire. */
export function encodeSignature({ r, s }: Signature): Bytes {
  return concatBytes(element(r), element(s));
}

/** The inverse, with no check at all. */
export function decodeSignature(bytes: Uint8Array): Signature {
  return { r: os2ip(bytes.subarray(0, elementBytes)), s: os2ip(bytes.subarray(elementBytes)) };
}

/** Whether g^h = y^r r^s (mod p): what a verifier without any other check would ask. */
export function equationHolds(y: bigint, h: bigint, { r, s }: Signature): boolean {
  return modPow(g, h, p) === modPow(y, r, p) * modPow(r, s, p) % p;
}

/** s = k^-1 (h - x r) mod q, for a nonce and an r that the caller picks. */
export function solve(x: bigint, k: bigint, h: bigint, r: bigint): bigint {
  return mod(modInverse(k, q) * (h - x * r), q);
}
