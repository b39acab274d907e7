/**
 * Integers as bytes: I2OSP and OS2IP of RFC 8017, fixed width and big-endian.
 *
 * Fixed width matters: a shared secret that happens to begin with zero bytes keeps them, so its length
 * says nothing about its value and two implementations hash the same bytes.
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";

/** The number of bits of a non-negative integer; 0 for 0. */
export function bitLength(n: bigint): number {
  return n === 0n ? 0 : n.toString(2).length;
}

/**
 * I2OSP (RFC 8017, section 4.1): an integer as exactly `length` bytes.
 *
 * @param n integer, 0 <= n < 256^length
 * @param length bytes
 * @throws {RangeError} when `n` is negative or does not fit
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(i2osp(258n, 4), new Uint8Array([0, 0, 1, 2]));
 * ```
 */
export function i2osp(n: bigint, length: number): Bytes {
  if (n < 0n) throw new RangeError("Cannot encode a negative integer");
  const hex = n.toString(16).padStart(2 * length, "0");
  if (n > 0n && hex.length > 2 * length) {
    throw new RangeError(`Cannot encode an integer of ${bitLength(n)} bits in ${length} bytes`);
  }
  return length === 0 ? new Uint8Array() : Uint8Array.fromHex(hex);
}

/** OS2IP (RFC 8017, section 4.2): the integer that big-endian bytes stand for; 0 for no bytes. */
export function os2ip(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt("0x" + bytes.toHex());
}
