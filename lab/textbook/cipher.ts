/**
 * The textbook's cipher: AES-256-CFB with 8-bit segments under the hash of the shared secret, and no MAC. Whatever
 * comes decrypts to something.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { decryptCfb8, encryptCfb8 } from "../../lib/crypto/aes_cfb8.ts";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";

/** SHA-256 of the secret's decimal text. */
export function keyOf(secret: bigint, ...more: Uint8Array[]): Bytes {
  const hash = createHash("sha256").update(String(secret));
  for (const part of more) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** One encrypted text on the wire. */
export interface Sealed {
  /** Ciphertext, base64. */
  readonly message: string;
  /** IV, base64. */
  readonly iv: string;
}

/** Encrypts a text. */
export function seal(key: Bytes, iv: Bytes, text: string): Sealed {
  return { message: encryptCfb8(key, iv, utf8(text)).toBase64(), iv: iv.toBase64() };
}

/** Decrypts one; a byte that is no UTF-8 becomes a question mark in a diamond, as on any web page. */
export function unseal(key: Bytes, { message, iv }: Sealed): string {
  const bytes = decryptCfb8(key, Uint8Array.fromBase64(iv), Uint8Array.fromBase64(message));
  return new TextDecoder().decode(bytes);
}
