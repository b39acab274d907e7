/**
 * The chains of the ratchet: the root step that begins one, its message keys, and what is kept of it for messages
 * that come late.
 *
 * @module
 */
import { type Bytes, concatBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, hkdfSync, hmacSha256Sync, SHA256_BYTES, taggedHash } from "../crypto/hash.ts";
import { KEM_SECRET_BYTES } from "../crypto/kem.ts";
import { BOX_KEY_BYTES, type BoxKey, boxKey } from "../crypto/secret_box.ts";
import { MAX_OLD_CHAINS, MAX_SKIP, MAX_SKIPPED_STORED } from "./constants.ts";
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

/** What all envelopes of a chain have in common. */
export interface ChainHeader {
  /** Encrypts the chain's headers and tags its envelopes. */
  readonly headerKey: BoxKey;
  /** A: what the chain began with; zeros for chain 0. */
  readonly announcement: Bytes;
}

/** A chain that we send in. */
export interface SendingChain extends Chain, ChainHeader {
  /** PN of the Double Ratchet's specification: how many messages our chain before had. */
  readonly previousLength: number;
}

/** A chain that we receive in. */
export interface ReceivingChain extends Chain, ChainHeader {
  /** Keys of its messages that have not come yet, lowest number first. */
  readonly skipped: readonly SkippedKey[];
}

/** A chain that is over, kept for those of its messages that have not come yet. */
export interface OldChain extends ChainHeader {
  /** Their keys, at least one, lowest number first. */
  readonly skipped: readonly SkippedKey[];
  /** How many receiving chains have begun since it was the newest. */
  readonly age: number;
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

/**
 * A skipped key, once, and the chain without it.
 *
 * @returns `null` when it is not there: its message has come before, or it was dropped
 */
export function takeSkipped<C extends { readonly skipped: readonly SkippedKey[] }>(
  chain: C,
  number: number,
): { key: Bytes; chain: C } | null {
  const found = chain.skipped.find((each) => each.number === number);
  if (found === undefined) return null;
  const skipped = chain.skipped.filter((each) => each !== found);
  return { key: found.key, chain: { ...chain, skipped } };
}

/** The old chains when the newest is over, after `length` messages: what is missing of it may still come. */
export function closeChain(
  receiving: ReceivingChain,
  length: number,
  old: readonly OldChain[],
): OldChain[] {
  const { headerKey, announcement } = receiving;
  const skipped = [...receiving.skipped, ...walkChain(receiving, length).skipped];
  const closed = { headerKey, announcement, skipped, age: 0 };
  return [closed, ...old].map((chain) => ({ ...chain, age: chain.age + 1 }));
}

/**
 * The receiving chains without the skipped keys that are too many, oldest first, and without the old chains that are
 * too old or have none.
 */
export function boundChains(
  receiving: ReceivingChain | null,
  old: readonly OldChain[],
): { receiving: ReceivingChain | null; old: OldChain[] } {
  let room = MAX_SKIPPED_STORED;
  const newest = <C extends { readonly skipped: readonly SkippedKey[] }>(chain: C): C => {
    const skipped = chain.skipped.slice(Math.max(0, chain.skipped.length - room));
    room -= skipped.length;
    return { ...chain, skipped };
  };
  return {
    receiving: receiving && newest(receiving),
    old: old.filter(({ age }) => age <= MAX_OLD_CHAINS).map(newest)
      .filter(({ skipped }) => skipped.length > 0),
  };
}
