/**
 * Keys that can't be printed or serialized by accident.
 *
 * @module
 */
import { type Bytes, copyBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, hmacSha256, SHA256_BYTES, verifyHmacSha256 } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";

/** Bytes of a {@link MacKey}. */
export const MAC_KEY_BYTES: number = SHA256_BYTES;

/** Least length of what is sealed in a profile's files, padded, in bytes. */
export const MIN_SEALED_BYTES = 1024;

/** A key for HMAC-SHA-256. */
export class MacKey {
  readonly #bytes: Bytes;

  /** A key of {@link MAC_KEY_BYTES}. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== MAC_KEY_BYTES) {
      throw new RangeError(`Cannot use ${bytes.length} bytes as a MAC key of ${MAC_KEY_BYTES}`);
    }
    this.#bytes = copyBytes(bytes);
  }

  /** A fresh key. */
  static generate(random: Random): MacKey {
    return new MacKey(random(MAC_KEY_BYTES));
  }

  /** The key itself, to be sealed. */
  exportSecret(): Bytes {
    return copyBytes(this.#bytes);
  }

  /**
   * Other keys, by HKDF, each under a label that is unique in docs/PROFILES.md. They say nothing about this one, or
   * about those of another salt or label.
   */
  derive(salt: Uint8Array, label: string, length: number): Promise<Bytes> {
    return hkdf(this.#bytes, salt, utf8(label), length);
  }

  /** The tag of a message. */
  tag(message: Uint8Array): Promise<Bytes> {
    return hmacSha256(this.#bytes, message);
  }

  /** Whether this is the message's tag. */
  verify(message: Uint8Array, tag: Uint8Array): Promise<boolean> {
    return verifyHmacSha256(this.#bytes, message, tag);
  }
}
