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
import { type Bytes, concatBytes, xorBytes, xorInto } from "./bytes.ts";

/** Bytes of an AES block, and of the IV. */
export const BLOCK_BYTES = 16;
/** Bytes of an AES-256 key. */
export const KEY_BYTES = 32;

/** From here on WebCrypto's CBC, which has a hop to another thread and a faster AES, beats node:crypto's, in bytes. */
const WEBCRYPTO_FROM_BYTES = 8192;

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
  const stream = concatBytes(iv, plaintext);
  await encryptInPlace(key, stream);
  return stream.slice(BLOCK_BYTES);
}

/**
 * Encrypts the text where it stands.
 *
 * @param key 32 bytes
 * @param stream IV (16 bytes) and text; nobody else writes into it meanwhile
 */
export async function encryptInPlace(key: Uint8Array, stream: Uint8Array): Promise<void> {
  const blocks = feedbackBlocks(stream);
  const keystream = blocks.length < WEBCRYPTO_FROM_BYTES
    ? nativeCipher("aes-256-cbc", key, ZERO_IV, blocks)
    : await webCryptoCbc(key, blocks);
  xorInto(stream.subarray(BLOCK_BYTES), keystream);
}

/**
 * Decrypts what {@link encryptCfb} made. Tampered ciphertext gives tampered plaintext: authenticate first.
 *
 * @throws {RangeError} when the key or the IV has a wrong length
 */
export function decryptCfb(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Bytes {
  checkLengths(key, iv);
  return decryptStream(key, concatBytes(iv, ciphertext));
}

/**
 * {@link decryptCfb} of an IV (16 bytes) and the ciphertext right behind it.
 *
 * @throws {RangeError} when the key or the IV has a wrong length
 */
export function decryptStream(key: Uint8Array, stream: Uint8Array): Bytes {
  checkLengths(key, stream.subarray(0, BLOCK_BYTES));
  const keystream = nativeCipher("aes-256-ecb", key, null, feedbackBlocks(stream));
  return xorBytes(stream.subarray(BLOCK_BYTES), keystream);
}

/** Of IV and text, the blocks that a later segment depends on: all but the last, if that is not whole. */
function feedbackBlocks(stream: Uint8Array): Uint8Array {
  const segments = Math.ceil((stream.length - BLOCK_BYTES) / BLOCK_BYTES);
  return stream.subarray(0, segments * BLOCK_BYTES);
}

const ZERO_IV: Uint8Array = new Uint8Array(BLOCK_BYTES);

async function webCryptoCbc(key: Uint8Array, blocks: Uint8Array): Promise<Bytes> {
  const cbcKey = await crypto.subtle.importKey("raw", key as Bytes, "AES-CBC", false, ["encrypt"]);
  const algorithm = { name: "AES-CBC", iv: ZERO_IV as Bytes };
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, cbcKey, blocks as Bytes));
}

/** Encryption of whole blocks by node:crypto. */
function nativeCipher(
  algorithm: "aes-256-cbc" | "aes-256-ecb",
  key: Uint8Array,
  iv: Uint8Array | null,
  blocks: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false);
  const output = cipher.update(blocks);
  // Nothing is left to come, but Deno frees the native cipher, with the key in it, only here.
  cipher.final();
  return output;
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
