/**
 * Hashes, and MAC and KDF over them: SHA-1 and SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869).
 *
 * What has `Sync` in its name is by `node:crypto`, at once. WebCrypto's results come by way of another thread: that
 * pays for long inputs only, where this thread has something else to do.
 *
 * @module
 */
import { createHash, createHmac, hkdfSync as nodeHkdfSync, timingSafeEqual } from "node:crypto";
import { type Bytes, concatBytes, utf8 } from "./bytes.ts";

/** Bytes of a SHA-256 digest, and of an HMAC-SHA-256 tag. */
export const SHA256_BYTES = 32;

/** From here on, in bytes, hashing takes several times as long as the hop to another thread and back. */
const WEBCRYPTO_FROM_BYTES = 65_536;

/** SHA-256 of the parts, joined. 32 bytes. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length < WEBCRYPTO_FROM_BYTES) return sha256Sync(...parts);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concatBytes(...parts)));
}

/** {@link sha256}, at once. */
export function sha256Sync(...parts: readonly Uint8Array[]): Bytes {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** SHA-1 of the parts, joined. 20 bytes. Broken for collisions: only the suite `classic` uses it. */
export async function sha1(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", concatBytes(...parts)));
}

/**
 * SHA-256 over a label and a list of fields, each behind its length, so that no two different lists hash
 * the same bytes and no hash of one purpose is a hash of another.
 *
 * @param label the purpose, unique in docs/PROTOCOL.md
 * @param fields each at most 2^32 - 1 bytes
 */
export function taggedHash(label: string, ...fields: readonly Uint8Array[]): Promise<Bytes> {
  return sha256(lengthPrefixed([utf8(label), ...fields]));
}

/** {@link taggedHash}, at once, and without a copy of the fields. */
export function taggedHashSync(label: string, ...fields: readonly Uint8Array[]): Bytes {
  return sha256Sync(...[utf8(label), ...fields].flatMap((field) => [lengthOf(field), field]));
}

/** Fields, each behind its length as four big-endian bytes. */
function lengthPrefixed(fields: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(fields.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    view.setUint32(at, field.length);
    bytes.set(field, at + 4);
    at += 4 + field.length;
  }
  return bytes;
}

function lengthOf({ length }: Uint8Array): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

/** HMAC-SHA-256 of a message. 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Promise<Bytes> {
  return Promise.try(() => hmacSha256Sync(key, message));
}

/** {@link hmacSha256} of the parts, joined, at once. */
export function hmacSha256Sync(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** {@link verifyHmacSha256}, at once. */
export function verifyHmacSha256Sync(
  key: Uint8Array,
  message: Uint8Array,
  tag: Uint8Array,
): boolean {
  return tag.length === SHA256_BYTES && timingSafeEqual(hmacSha256Sync(key, message), tag);
}

/** Whether `tag` is the HMAC-SHA-256 of the message; compared in constant time. */
export function verifyHmacSha256(
  key: Uint8Array,
  message: Uint8Array,
  tag: Uint8Array,
): Promise<boolean> {
  return Promise.try(() => verifyHmacSha256Sync(key, message, tag));
}

/**
 * HKDF with SHA-256 (RFC 5869): extract with `salt`, expand with `info`.
 *
 * @param secret input keying material
 * @param salt may be empty
 * @param info what the output is for
 * @param length bytes of output, at most 255 * 32
 * @throws {RangeError} when `length` is out of range
 */
export async function hkdf(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Promise<Bytes> {
  if (info.length <= SYNC_INFO_BYTES) return hkdfSync(secret, salt, info, length);
  checkLength(length);
  const key = await crypto.subtle.importKey("raw", secret as Bytes, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: salt as Bytes, info: info as Bytes };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}

/** The longest `info` that node:crypto takes, in bytes. */
const SYNC_INFO_BYTES = 1024;

/** {@link hkdf}, at once; `info` of at most 1024 bytes. */
export function hkdfSync(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Bytes {
  checkLength(length);
  return new Uint8Array(nodeHkdfSync("sha256", secret, salt, info, length));
}

function checkLength(length: number): void {
  if (!Number.isInteger(length) || length < 0 || length > 255 * SHA256_BYTES) {
    throw new RangeError(`Cannot expand to ${length} bytes: HKDF-SHA-256 gives 0 to 8160`);
  }
}
