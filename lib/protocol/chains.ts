/**
 * The key derivations of the ratchet: the root step, and the chains of message keys that it begins.
 *
 * @module
 */
import { type Bytes, concatBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, hkdfSync, hmacSha256Sync, SHA256_BYTES, taggedHash } from "../crypto/hash.ts";
import { KEM_SECRET_BYTES } from "../crypto/kem.ts";
import { BOX_KEY_BYTES, type BoxKey, boxKey } from "../crypto/secret_box.ts";
import { MAX_SKIP } from "./constants.ts";
import { GROUP, parseAnnouncement } from "./wire.ts";

/** A symmetric-key chain: its key, and the number of the next message. */
export interface Chain {
  /** CK of the Double Ratchet's specification. */
  readonly key: Bytes;
  /** N of that specification: messages so far. */
  readonly next: number;
}

/** A message key whose message has not come yet. */
export interface SkippedKey {
  /** Number of the message in its chain. */
  readonly number: number;
  /** Opens that message and no other. */
  readonly key: Bytes;
}

/** The result of a root step. */
export interface RootStep {
  /** The next root key. */
  readonly root: Bytes;
  /** The chain key of the chain that begins. */
  readonly chain: Bytes;
  /** The header key of the same side's next chain. */
  readonly header: BoxKey;
}

/** Z and k where a pair answers nobody: in chain 1, whose root is secret and hybrid from the handshake. */
export const NO_SECRET: Bytes = new Uint8Array(GROUP.elementBytes + KEM_SECRET_BYTES);

/**
 * The root step: the root key and both secrets of a turn give the next root key, a chain and a header key. All that
 * the turn announces goes in as well, so that each root commits to every public key so far, and nothing rests on what
 * ML-KEM happens to bind.
 *
 * @param secret Z ‖ k: the Diffie-Hellman secret at full width, and the ML-KEM secret
 */
export async function rootStep(root: Bytes, secret: Bytes, announcement: Bytes): Promise<RootStep> {
  const { share, kemKey, kemCiphertext } = parseAnnouncement(announcement);
  const keys = await taggedHash("parley-1 ratchet keys", share, kemKey, kemCiphertext);
  const info = concatBytes(utf8("parley-1 ratchet root"), keys);
  const derived = await hkdf(secret, root, info, 2 * SHA256_BYTES + BOX_KEY_BYTES);
  return {
    root: derived.slice(0, SHA256_BYTES),
    chain: derived.slice(SHA256_BYTES, 2 * SHA256_BYTES),
    header: boxKey(derived.slice(2 * SHA256_BYTES)),
  };
}

/** KDF_CK: the next message key, and the chain after it. */
export function stepChain({ key, next }: Chain): { key: Bytes; chain: Chain } {
  return {
    key: hmacSha256Sync(key, Uint8Array.of(1)),
    chain: { key: hmacSha256Sync(key, Uint8Array.of(2)), next: next + 1 },
  };
}

/** Whether message `number` of a chain has not been passed, and is not so far ahead that it attacks our time. */
export function isWithinReach({ next }: Chain, number: number): boolean {
  return number >= next && number - next <= MAX_SKIP;
}

/** Walks a chain to message `number`, and returns the message keys that it passes, in order. */
export function walkChain(chain: Chain, number: number): { chain: Chain; skipped: SkippedKey[] } {
  const skipped: SkippedKey[] = [];
  let current = chain;
  while (current.next < number) {
    const { key, chain: after } = stepChain(current);
    skipped.push({ number: current.next, key });
    current = after;
  }
  return { chain: current, skipped };
}

/** The keys of one message's box, from its message key. */
export function messageBoxKey(key: Bytes): BoxKey {
  return boxKey(hkdfSync(key, new Uint8Array(), utf8("parley-1 message key"), BOX_KEY_BYTES));
}
