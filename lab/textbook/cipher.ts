/**
 * The textbook's cipher: AES-256-CFB with 8-bit segments under the hash of the shared secret, and no MAC. Whatever
 * comes decrypts to something.
 *
 * @module
 */
import { createCipheriv, createHash } from "node:crypto";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";

/** Bytes of an AES block, and of an IV. */
const BLOCK = 16;

/** SHA-256 of the secret's decimal text. */
export function keyOf(secret: bigint, ...more: Uint8Array[]): Bytes {
  const hash = createHash("sha256").update(String(secret));
  for (const part of more) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** C[i] = P[i] xor the first byte of E(the 16 bytes before C[i], the IV first). */
export function encrypt(key: Bytes, iv: Bytes, plaintext: Uint8Array): Bytes {
  const stream = concatBytes(iv, plaintext);
  const aes = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  for (let i = 0; i < plaintext.length; i++) {
    stream[BLOCK + i]! ^= aes.update(stream.subarray(i, i + BLOCK))[0]!;
  }
  aes.final();
  return stream.slice(BLOCK);
}

/** P[i] = C[i] xor the same. */
export function decrypt(key: Bytes, iv: Bytes, ciphertext: Uint8Array): Bytes {
  const stream = concatBytes(iv, ciphertext);
  const aes = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const text = ciphertext.map((byte, i) => byte ^ aes.update(stream.subarray(i, i + BLOCK))[0]!);
  aes.final();
  return Uint8Array.from(text);
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
  return { message: encrypt(key, iv, utf8(text)).toBase64(), iv: iv.toBase64() };
}

/** Decrypts one; a byte that is no UTF-8 becomes a question mark in a diamond, as on any web page. */
export function unseal(key: Bytes, { message, iv }: Sealed): string {
  const bytes = decrypt(key, Uint8Array.fromBase64(iv), Uint8Array.fromBase64(message));
  return new TextDecoder().decode(bytes);
}
