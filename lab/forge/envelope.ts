/**
 * The parts of a message of `parley-1`, so that an attacker can change one and leave the others.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../../lib/crypto/bytes.ts";

/** docs/PROTOCOL.md, 11.4: suite, type, outer tag, IV of the header, encrypted header. */
const HEADER_BYTES = 2721;
/** docs/PROTOCOL.md, section 10. */
const IV_BYTES = 16;
const TAG_BYTES = 32;

/** A message, cut at its seams. */
export interface Parts {
  /** What stands before the box. Its first bytes are public, the last 2,664 encrypted. */
  readonly header: Bytes;
  /** The IV. */
  readonly iv: Bytes;
  /** The ciphertext. */
  readonly ciphertext: Bytes;
  /** The MAC of the box. */
  readonly tag: Bytes;
}

/** Cuts a message. */
export function cut(bytes: Uint8Array): Parts {
  const own = Uint8Array.from(bytes);
  return {
    header: own.slice(0, HEADER_BYTES),
    iv: own.slice(HEADER_BYTES, HEADER_BYTES + IV_BYTES),
    ciphertext: own.slice(HEADER_BYTES + IV_BYTES, -TAG_BYTES),
    tag: own.slice(-TAG_BYTES),
  };
}

/** Joins the parts again. */
export function join({ header, iv, ciphertext, tag }: Parts): Bytes {
  return concatBytes(header, iv, ciphertext, tag);
}

/** A copy in which the bits of `mask` are turned over in one byte; a negative place counts from the end. */
export function flip(bytes: Uint8Array, at: number, mask = 1): Bytes {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= mask;
  return copy;
}
