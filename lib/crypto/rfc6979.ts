/**
 * The nonce of a signature, derived from the private key and the message (RFC 6979, section 3.2), with
 * optional additional data (section 3.6).
 *
 * @module
 */
import { type Bytes, concatBytes } from "./bytes.ts";
import { hmacSha256Sync, SHA256_BYTES } from "./hash.ts";
import { bitLength, i2osp, os2ip } from "./integers.ts";

/**
 * k in [1, q), by the HMAC-SHA-256 generator of RFC 6979.
 *
 * @param q order of the subgroup
 * @param x private key, in [1, q)
 * @param digest hash of the message, 32 bytes
 * @param additional k' of section 3.6; empty gives the deterministic variant
 */
export function rfc6979Nonce(
  q: bigint,
  x: bigint,
  digest: Uint8Array,
  additional: Uint8Array,
): bigint {
  const bits = bitLength(q);
  const width = Math.ceil(bits / 8);
  const seed = concatBytes(i2osp(x, width), bits2octets(digest, q), additional);
  let key: Bytes = new Uint8Array(SHA256_BYTES); // step c
  let value: Bytes = new Uint8Array(SHA256_BYTES).fill(1); // step b
  for (const separator of [0, 1]) { // steps d to g
    key = hmacSha256Sync(key, value, Uint8Array.of(separator), seed);
    value = hmacSha256Sync(key, value);
  }
  for (;;) { // step h
    let t: Bytes = new Uint8Array();
    while (t.length < width) {
      value = hmacSha256Sync(key, value);
      t = concatBytes(t, value);
    }
    const k = bits2int(t.subarray(0, width), bits);
    if (k >= 1n && k < q) return k;
    key = hmacSha256Sync(key, value, Uint8Array.of(0));
    value = hmacSha256Sync(key, value);
  }
}

/** The leftmost `bits` bits of a byte string (section 2.3.2). */
function bits2int(bytes: Uint8Array, bits: number): bigint {
  const excess = bytes.length * 8 - bits;
  const n = os2ip(bytes);
  return excess > 0 ? n >> BigInt(excess) : n;
}

/** Section 2.3.4. */
function bits2octets(bytes: Uint8Array, q: bigint): Bytes {
  const bits = bitLength(q);
  return i2osp(bits2int(bytes, bits) % q, Math.ceil(bits / 8));
}
