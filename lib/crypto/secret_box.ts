/**
 * Authenticated encryption: AES-256-CFB, then HMAC-SHA-256 over everything (encrypt-then-MAC).
 *
 * box = IV (16) || ciphertext || tag (32), tag = HMAC(macKey, length of header (4) || header || IV || ciphertext)
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { BLOCK_BYTES, checkLengths, decryptStream, encryptInPlace, KEY_BYTES } from "./aes_cfb.ts";
import { type Bytes, copyBytes } from "./bytes.ts";
import { hmacSha256Sync, SHA256_BYTES } from "./hash.ts";
import { i2osp } from "./integers.ts";

/** What a box adds to the plaintext's length, in bytes. */
export const BOX_OVERHEAD_BYTES: number = BLOCK_BYTES + SHA256_BYTES;

/** Bytes of the key material for {@link boxKey}: a cipher key and a MAC key. */
export const BOX_KEY_BYTES: number = KEY_BYTES + SHA256_BYTES;

/** A cipher key and an independent MAC key. */
export interface BoxKey {
  /** AES-256 key. */
  readonly cipher: Bytes;
  /** HMAC-SHA-256 key, 32 bytes. */
  readonly mac: Bytes;
}

/**
 * Splits 64 bytes of derived key material into a {@link BoxKey}.
 *
 * @throws {RangeError} when there are not exactly 64 bytes
 */
export function boxKey(material: Bytes): BoxKey {
  if (material.length !== BOX_KEY_BYTES) {
    throw new RangeError(`Cannot split ${material.length} bytes: a box key takes ${BOX_KEY_BYTES}`);
  }
  return { cipher: material.slice(0, KEY_BYTES), mac: material.slice(KEY_BYTES) };
}

/**
 * Encrypts `plaintext` and authenticates it together with `header`.
 *
 * @param key used with one IV at a time
 * @param iv 16 fresh random bytes
 * @param header authenticated, not encrypted, not part of the box
 */
export async function sealBox(
  key: BoxKey,
  iv: Bytes,
  header: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes> {
  checkLengths(key.cipher, iv);
  const box = new Uint8Array(plaintext.length + BOX_OVERHEAD_BYTES);
  box.set(iv);
  box.set(plaintext, BLOCK_BYTES);
  // A copy: what the caller writes into it meanwhile must not reach the box.
  await sealInPlace(key, copyBytes(header), box);
  return box;
}

/**
 * Makes a box of an IV, a plaintext, and room for the tag behind them; nobody else writes there meanwhile, nor into
 * `header`. Fastest where the plaintext begins at a multiple of four bytes in its buffer.
 */
export async function sealInPlace(
  key: BoxKey,
  header: Uint8Array,
  box: Uint8Array,
): Promise<void> {
  const body = box.subarray(0, -SHA256_BYTES);
  await encryptInPlace(key.cipher, body);
  box.set(tagOf(key, header, body), body.length);
}

/**
 * The plaintext of a box, or `null` when anything is wrong with it. Nothing is decrypted before the tag
 * holds, and there is one answer for every fault.
 */
export function openBox(
  key: BoxKey,
  header: Uint8Array,
  box: Uint8Array,
): Promise<Bytes | null> {
  // All at once, so that what is decrypted is what was authenticated, whatever the caller's buffer holds later.
  return Promise.try(() => {
    if (box.length < BOX_OVERHEAD_BYTES) return null;
    const body = box.subarray(0, -SHA256_BYTES);
    const tag = box.subarray(-SHA256_BYTES);
    return timingSafeEqual(tagOf(key, header, body), tag) ? decryptStream(key.cipher, body) : null;
  });
}

/** The tag over the header's length, the header, and IV and ciphertext. */
function tagOf(key: BoxKey, header: Uint8Array, body: Uint8Array): Bytes {
  return hmacSha256Sync(key.mac, i2osp(BigInt(header.length), 4), header, body);
}
