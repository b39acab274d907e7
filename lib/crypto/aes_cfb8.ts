/**
 * AES-256 in cipher feedback mode with 8-bit segments (NIST SP 800-38A, section 6.3), without authentication:
 * only the suite `classic` uses it, because the original protocol does. parley-1 has aes_cfb.ts.
 *
 * Each byte is masked with the first byte of E(register), and then the register, which begins as the IV, moves on
 * by the ciphertext byte. So encryption needs one AES block for each byte, one after the other: 3 microseconds each
 * through `node:crypto`. For decryption every register is known beforehand, so that all blocks are one native call.
 *
 * @module
 */
import { createCipheriv } from "node:crypto";
import { BLOCK_BYTES, checkLengths } from "./aes_cfb.ts";
import { type Bytes, concatBytes } from "./bytes.ts";

/**
 * Encrypts; the ciphertext is as long as the plaintext.
 *
 * @param key 32 bytes
 * @param iv 16 unpredictable bytes, never used twice with one key
 * @param plaintext any length, also 0
 * @throws {RangeError} when the key or the IV has another length
 */
export function encryptCfb8(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Bytes {
  checkLengths(key, iv);
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  // The registers overlap: the one for byte i is these bytes from i to i + 16.
  const stream = concatBytes(iv, plaintext);
  for (let i = 0; i < plaintext.length; i++) {
    const mask = cipher.update(stream.subarray(i, i + BLOCK_BYTES));
    stream[BLOCK_BYTES + i]! ^= mask[0]!;
  }
  // Nothing is left to come, but Deno frees the native cipher, with the key in it, only here.
  cipher.final();
  return stream.slice(BLOCK_BYTES);
}

/**
 * Decrypts what {@link encryptCfb8} made. Nothing shows whether the ciphertext was tampered with.
 *
 * @throws {RangeError} when the key or the IV has a wrong length
 */
export function decryptCfb8(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Bytes {
  checkLengths(key, iv);
  const stream = concatBytes(iv, ciphertext);
  const registers = new Uint8Array(BLOCK_BYTES * ciphertext.length);
  for (let i = 0; i < ciphertext.length; i++) {
    registers.set(stream.subarray(i, i + BLOCK_BYTES), BLOCK_BYTES * i);
  }
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const masks = cipher.update(registers);
  cipher.final();
  return Uint8Array.from(ciphertext, (byte, i) => byte ^ masks[BLOCK_BYTES * i]!);
}
