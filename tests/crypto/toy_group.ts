/**
 * A group so small that every signature, key and share there is can be tried.
 *
 * @module
 */
import type { Group } from "../../lib/crypto/groups.ts";

/**
 * p = 23 = 2 * 11 + 1, and 7 modulo 8 as the real ones are. Elements are 32 bytes wide, so that numbers
 * far above p can be encoded too.
 */
export const TOY_GROUP: Group = Object.freeze({
  name: "toy" as Group["name"],
  p: 23n,
  q: 11n,
  g: 2n,
  elementBytes: 32,
  exponentBits: 8,
});

/** A group of 128 bits, drawn by OpenSSL: a signature takes no time, and yet every algorithm takes its long way. */
export const SMALL_GROUP: Group = Object.freeze({
  name: "small" as Group["name"],
  p: 0xe857f5a2ae17160a8e0f771da0e728b7n,
  q: 0xe857f5a2ae17160a8e0f771da0e728b7n >> 1n,
  g: 2n,
  elementBytes: 16,
  exponentBits: 64,
});

/** The squares modulo 23 other than 1, which are the elements of order 11. */
export const TOY_SQUARES: ReadonlySet<bigint> = new Set(
  Array.from({ length: 22 }, (_, i) => BigInt(i + 1) ** 2n % 23n).filter((square) => square !== 1n),
);
