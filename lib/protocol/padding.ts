/**
 * Padded lengths: Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
 * with PURBs", PETS 2019, section 4) above a least length.
 *
 * Every payload of up to 1,279 bytes looks the same from outside. Above that only the first five
 * or six bits of a length show, for at most 6.25 % more bytes.
 *
 * padded = payload || 0x80 || zeros (ISO/IEC 7816-4), so that the end is found without a length field.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";
import { MAX_PADDED_BYTES, MIN_PADDED_BYTES } from "./constants.ts";

/** The byte behind a payload. */
export const MARK = 0x80;

/**
 * The padded length for at least `length` bytes: its significant bits are as many as log2(log2) allows.
 *
 * @param least the shortest there is, in bytes: a message's, unless what is padded is something else
 */
export function padmeLength(length: number, least: number = MIN_PADDED_BYTES): number {
  if (length <= least) return least;
  const unit = unitOf(length);
  return Math.ceil(length / unit) * unit;
}

/** What padded lengths near `length` are multiples of. */
function unitOf(length: number): number {
  const exponent = Math.floor(Math.log2(length));
  const significant = Math.floor(Math.log2(exponent)) + 1;
  return 2 ** (exponent - significant);
}

/** The longest payload that is padded to at most so many bytes; negative when there is none. */
export function longestPayload(most: number): number {
  if (most < MIN_PADDED_BYTES) return -1;
  const unit = unitOf(most);
  return Math.floor(most / unit) * unit - 1;
}

/** Whether a payload of a message can have this length when it is padded: one of 190. */
export function isPaddedLength(length: number): boolean {
  return length <= MAX_PADDED_BYTES && padmeLength(length) === length;
}

/** Pads a payload, to at least `least` bytes. */
export function pad(payload: Uint8Array, least?: number): Bytes {
  const padded = new Uint8Array(padmeLength(payload.length + 1, least));
  padded.set(payload);
  padded[payload.length] = MARK;
  return padded;
}

/**
 * Removes padding, strictly: the length and every byte of it must be what {@link pad} makes.
 *
 * @throws {WireError} when they are not
 */
export function unpad(padded: Uint8Array, least?: number): Bytes {
  return padded.slice(0, payloadLength(padded, least)) as Bytes;
}

/**
 * How many of padded bytes are the payload. {@link unpad} copies them.
 *
 * @throws {WireError} when the padding is not what {@link pad} makes
 */
export function payloadLength(padded: Uint8Array, least?: number): number {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (padded[end] === MARK && padmeLength(end + 1, least) === padded.length) return end;
  throw new WireError("payload.padding", "0x80, then zeros to a padded length", "something else");
}
