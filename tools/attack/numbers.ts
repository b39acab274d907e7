/**
 * Numbers short enough for a line: their first and last digits, and their size.
 *
 * @module
 */

/** What a play may show. */
export type Shown = bigint | Uint8Array | string | number | boolean;

/** Hexadecimal digits shown at each end. */
const ENDS = 8;

/**
 * A number or a text in a few characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(short(2n ** 2047n), "0x80000000…00000000 (2048 bits)");
 * assertEquals(short(77n), "77");
 * ```
 */
export function short(value: Shown): string {
  if (value instanceof Uint8Array) return `${ends(value.toHex())} (${value.length} bytes)`;
  if (typeof value !== "bigint") return String(value);
  if (value < 1n << 64n) return String(value);
  const bits = value.toString(2).length;
  return `0x${ends(value.toString(16))} (${bits} bits)`;
}

function ends(hex: string): string {
  return hex.length <= 2 * ENDS + 4 ? hex : `${hex.slice(0, ENDS)}…${hex.slice(-ENDS)}`;
}
