/**
 * Numbers short enough for a line: their first and last digits, and their size.
 *
 * @module
 */

/** What a play may show. */
export type Shown = bigint | Uint8Array | string | number | boolean;

/** Digits shown at each end. */
const ENDS = 8;

/** A text that is shown whole has at most so many characters: a safety number has 71, an error somewhat more. */
const LONGEST_TEXT = 200;

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
  if (typeof value === "string" && value.length > LONGEST_TEXT) {
    return `${ends(value)} (${value.length} characters)`;
  }
  if (typeof value !== "bigint") return String(value);
  if (value < 1n << 64n) return String(value);
  const bits = value.toString(2).length;
  return `0x${ends(value.toString(16))} (${bits} bits)`;
}

function ends(text: string): string {
  return text.length <= 2 * ENDS + 4 ? text : `${text.slice(0, ENDS)}…${text.slice(-ENDS)}`;
}
