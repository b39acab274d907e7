/**
 * AES-256 in cipher feedback mode with 128-bit segments (NIST SP 800-38A, section 6.3), without
 * authentication: secret_box.ts is the only user, and it checks a MAC first.
 *
 * WebCrypto has no CFB. Both directions are still one native call each:
 * - Encryption: C[i] = P[i] xor E(C[i-1]). CBC of the blocks IV, P[0], .. P[n-2] under a zero IV computes
 *   E(IV), E(P[0] xor E(IV)) = E(C[0]), .. , which is the keystream.
 * - Decryption: P[i] = C[i] xor E(C[i-1]), and every C is known: ECB of IV, C[0], .. C[n-2].
 *
 * @module
 */
import { createCipheriv } from "node:crypto";
import { type Bytes, concatBytes, copyBytes, xorBytes } from "./bytes.ts";

/** Bytes of an AES block, and of the IV. */
export const BLOCK_BYTES = 16;
/** Bytes of an AES-256 key. */
export const KEY_BYTES = 32;

/**
 * Encrypts; the ciphertext is as long as the plaintext.
 *
 * @param key 32 bytes
 * @param iv 16 unpredictable bytes, never used twice with one key
 * @param plaintext any length, also 0
 * @throws {RangeError} when the key or the IV has another length
 */
export async function encryptCfb(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes> {
  checkLengths(key, iv);
  // A copy, because the caller may wipe or reuse its buffer while WebCrypto works.
  const text = copyBytes(plaintext);
  const blocks = feedbackBlocks(iv, text);
  const cbcKey = await crypto.subtle.importKey("raw", key as Bytes, "AES-CBC", false, ["encrypt"]);
  const zeroIv = { name: "AES-CBC", iv: new Uint8Array(BLOCK_BYTES) };
  const keystream = new Uint8Array(await crypto.subtle.encrypt(zeroIv, cbcKey, blocks));
  return xorBytes(text, keystream);
}

/**
 * Decrypts what {@link encryptCfb} made. Tampered ciphertext gives tampered plaintext: authenticate first.
 *
 * @throws {RangeError} when the key or the IV has a wrong length
 */
export function decryptCfb(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Bytes {
  checkLengths(key, iv);
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const keystream = cipher.update(feedbackBlocks(iv, ciphertext));
  // Nothing is left to come, but Deno frees the native cipher, with the key in it, only here.
  cipher.final();
  return xorBytes(ciphertext, keystream);
}

/** IV and then all of the text's whole blocks that a later segment depends on. */
function feedbackBlocks(iv: Uint8Array, text: Uint8Array): Bytes {
  const segments = Math.ceil(text.length / BLOCK_BYTES);
  if (segments === 0) return new Uint8Array();
  return concatBytes(iv, text.subarray(0, (segments - 1) * BLOCK_BYTES));
}

/**
 * Holds key and IV of either CFB to their lengths.
 *
 * @throws {RangeError} when one is wrong
 */
export function checkLengths(key: Uint8Array, iv: Uint8Array): void {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`Cannot use a key of ${key.length} bytes: AES-256 takes ${KEY_BYTES}`);
  }
  if (iv.length !== BLOCK_BYTES) {
    throw new RangeError(`Cannot use an IV of ${iv.length} bytes: CFB takes ${BLOCK_BYTES}`);
  }
}
