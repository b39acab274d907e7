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

/** The squares modulo 23 other than 1, which are the elements of order 11. */
export const TOY_SQUARES: ReadonlySet<bigint> = new Set(
  Array.from({ length: 22 }, (_, i) => BigInt(i + 1) ** 2n % 23n).filter((square) => square !== 1n),
);
