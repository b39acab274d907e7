/**
 * The outside of an envelope: its encrypted header, and the tag over all of it.
 *
 * Both are under the header key of a chain, which the receiver has before the chain's first envelope comes. So a
 * forgery costs its receiver one hash and a few MACs, and a relay sees neither keys nor counters. The tag covers the
 * box, too: else an authentic header before any other box would cost a step of the ratchet each time.
 *
 * @module
 */
import { decryptCfb, encryptCfb } from "../crypto/aes_cfb.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { hmacSha256Sync, sha256Sync, verifyHmacSha256Sync } from "../crypto/hash.ts";
import type { BoxKey } from "../crypto/secret_box.ts";
import {
  encodeEnvelope,
  encodeHeader,
  type Envelope,
  ENVELOPE_PREFIX,
  type EnvelopeHeader,
  parseHeader,
} from "./wire.ts";

/** Encrypts a header. `iv` is 16 fresh random bytes. */
export function encryptHeader(key: BoxKey, iv: Bytes, header: EnvelopeHeader): Promise<Bytes> {
  return encryptCfb(key.cipher, iv, encodeHeader(header));
}

/** Decrypts the header of an envelope whose tag holds under this key. */
export function decryptHeader(key: BoxKey, { headerIv, header }: Envelope): EnvelopeHeader {
  return parseHeader(decryptCfb(key.cipher, headerIv, header));
}

/** Tags an envelope and encodes it. */
export function sealEnvelope(key: BoxKey, envelope: Omit<Envelope, "tag">): Bytes {
  return encodeEnvelope({ ...envelope, tag: hmacSha256Sync(key.mac, digestOf(envelope)) });
}

/**
 * Checks the tag of an envelope under one header key after another, in constant time each. The envelope is hashed
 * once, however many are tried.
 */
export function tagCheck(envelope: Envelope): (key: BoxKey) => boolean {
  const digest = digestOf(envelope);
  return ({ mac }) => verifyHmacSha256Sync(mac, digest, envelope.tag);
}

/** SHA-256 of an envelope without its tag. */
function digestOf({ headerIv, header, box }: Omit<Envelope, "tag">): Bytes {
  return sha256Sync(ENVELOPE_PREFIX, headerIv, header, box);
}
