/**
 * The Double Ratchet (Signal's specification, revision 4) over the suite's Diffie-Hellman group.
 *
 * The low side takes the part that the specification calls Alice, the high side Bob's. So that both may
 * speak first, the high side starts with a sending chain from the key schedule, as section 3.3 of the
 * specification allows.
 *
 * States are immutable. Decryption works on the state it was given and returns the next one only after the
 * MAC held: a forged message leaves everything as it was.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes, utf8 } from "../crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../crypto/diffie_hellman.ts";
import { hkdf, hmacSha256, SHA256_BYTES } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { BOX_KEY_BYTES, type BoxKey, boxKey, openBox, sealBox } from "../crypto/secret_box.ts";
import { CheckError } from "../errors.ts";
import { MAX_SKIP, MAX_SKIPPED_STEPS, MAX_SKIPPED_STORED } from "./constants.ts";
import type { Established } from "./handshake.ts";
import { encodeEnvelope, encodeHeader, type Envelope, parseEnvelope } from "./wire.ts";

/** A symmetric-key chain: its key, and the number of the next message. */
export interface Chain {
  /** CK of the specification. */
  readonly key: Bytes;
  /** N of the specification: messages so far. */
  readonly next: number;
}

/** The receiving chain, and the ratchet key that it belongs to. */
export interface ReceivingChain extends Chain {
  /** DHr of the specification. */
  readonly ratchetKey: Bytes;
}

/** A message key whose message has not come yet. */
export interface SkippedKey {
  /** The chain's ratchet key. */
  readonly ratchetKey: Bytes;
  /** Number of the message in its chain. */
  readonly number: number;
  /** MK of the specification: opens that message and no other. */
  readonly key: Bytes;
  /** The DH ratchet step at which it was stored. */
  readonly step: number;
}

/** One side's state. */
export interface Ratchet {
  /** The session, authenticated with every message. */
  readonly sessionId: Bytes;
  /** RK of the specification. */
  readonly root: Bytes;
  /** DHs: our current ratchet key pair. */
  readonly own: DiffieHellmanKeyPair;
  /** CKs and Ns. */
  readonly sending: Chain;
  /** DHr, CKr and Nr; `null` at the high side until the first message comes. */
  readonly receiving: ReceivingChain | null;
  /** PN: how many messages our previous sending chain had. */
  readonly previousLength: number;
  /** MKSKIPPED, oldest first. */
  readonly skipped: readonly SkippedKey[];
  /** DH ratchet steps so far. */
  readonly steps: number;
}

/** RatchetInitAlice and RatchetInitBob (section 3.3). */
export async function startRatchet(session: Established, random: Random): Promise<Ratchet> {
  const { keys, role, ratchet, peerRatchetKey } = session;
  const common = { sessionId: keys.sessionId, previousLength: 0, skipped: [], steps: 0 };
  const chainHigh = { key: keys.chainHigh, next: 0 };
  if (role === "high") {
    return { ...common, root: keys.root, own: ratchet, sending: chainHigh, receiving: null };
  }
  const receiving = { ...chainHigh, ratchetKey: peerRatchetKey };
  const { root, chain } = await firstStep(keys.root, ratchet, peerRatchetKey, random);
  return { ...common, root, own: ratchet, sending: { key: chain, next: 0 }, receiving };
}

/** Alice's first DH: between the two ratchet keys that the handshake signed. */
function firstStep(
  root: Bytes,
  own: DiffieHellmanKeyPair,
  peerRatchetKey: Bytes,
  random: Random,
): Promise<{ root: Bytes; chain: Bytes }> {
  const peerKey = parseShare(own.group, peerRatchetKey);
  if (peerKey === null) throw refused();
  return deriveRoot(root, own.sharedSecret(peerKey, random));
}

/**
 * RatchetEncrypt (section 3.4): seals one payload.
 *
 * @returns the next state and the envelope's bytes
 */
export async function ratchetEncrypt(
  ratchet: Ratchet,
  payload: Uint8Array,
  random: Random,
): Promise<{ ratchet: Ratchet; bytes: Bytes }> {
  const { key, chain } = await stepChain(ratchet.sending);
  const header = {
    ratchetKey: ratchet.own.share,
    previousLength: ratchet.previousLength,
    number: ratchet.sending.next,
  };
  const box = await sealBox(
    await messageKey(key),
    random(BLOCK_BYTES),
    associatedData(ratchet, header),
    payload,
  );
  return {
    ratchet: { ...ratchet, sending: chain },
    bytes: encodeEnvelope({ ...header, box }),
  };
}

/**
 * RatchetDecrypt (section 3.5): opens one envelope, in whatever order it comes.
 *
 * @returns the next state and the payload
 * @throws {CheckError} `bad-message`, for every fault alike; the state that was passed in stays valid
 * @throws {CheckError} `suite-mismatch`, when the bytes are of another version of parley
 * @throws {WireError} when they are no envelope
 */
export async function ratchetDecrypt(
  ratchet: Ratchet,
  bytes: Bytes,
  random: Random,
): Promise<{ ratchet: Ratchet; payload: Bytes }> {
  const envelope = parseEnvelope(bytes);
  const found = ratchet.skipped.find((skipped) => isKeyOf(skipped, envelope));
  if (found !== undefined) {
    const payload = await openMessage(ratchet, found.key, envelope);
    const skipped = ratchet.skipped.filter((entry) => entry !== found);
    return { ratchet: { ...ratchet, skipped }, payload };
  }
  const current = await receivingStateFor(ratchet, envelope, random);
  const { skipped, chain } = await skipTo(current.receiving, envelope.number, current.steps);
  const { key, chain: after } = await stepChain(chain);
  const payload = await openMessage(ratchet, key, envelope);
  const receiving = { ...after, ratchetKey: current.receiving.ratchetKey };
  const kept = [...current.skipped, ...skipped].slice(-MAX_SKIPPED_STORED);
  return { ratchet: { ...current, receiving, skipped: kept }, payload };
}

/** A state that has a receiving chain. */
type Receiving = Ratchet & { readonly receiving: ReceivingChain };

/** The state whose receiving chain the envelope belongs to: this one, or the one after a DH ratchet step. */
async function receivingStateFor(
  ratchet: Ratchet,
  envelope: Envelope,
  random: Random,
): Promise<Receiving> {
  const { receiving } = ratchet;
  if (receiving !== null && equalBytes(receiving.ratchetKey, envelope.ratchetKey)) {
    return { ...ratchet, receiving };
  }
  // A new chain begins at 0: what is too far ahead in it is refused before it costs an exponentiation.
  if (envelope.number > MAX_SKIP) throw refused();
  const peerKey = parseShare(ratchet.own.group, envelope.ratchetKey);
  if (peerKey === null) throw refused();
  const late = receiving === null
    ? { skipped: [] }
    : await skipTo(receiving, envelope.previousLength, ratchet.steps);
  const secret = ratchet.own.sharedSecret(peerKey, random);
  const { root, chain } = await deriveRoot(ratchet.root, secret);
  const steps = ratchet.steps + 1;
  const stored = [...ratchet.skipped, ...late.skipped];
  const renewed = await renewSending({
    ...ratchet,
    root,
    steps,
    previousLength: ratchet.sending.next,
    skipped: stored.filter(({ step }) => steps - step <= MAX_SKIPPED_STEPS),
    receiving: { key: chain, next: 0, ratchetKey: envelope.ratchetKey },
  }, random);
  return renewed as Receiving;
}

/** The second half of a DH ratchet step: a fresh key pair of ours, and a sending chain from it. */
async function renewSending(
  ratchet: Omit<Ratchet, "sending"> & { receiving: ReceivingChain },
  random: Random,
): Promise<Ratchet> {
  const { group } = ratchet.own;
  const peerKey = parseShare(group, ratchet.receiving.ratchetKey);
  if (peerKey === null) throw refused();
  const own = DiffieHellmanKeyPair.generate(group, random);
  const { root, chain } = await deriveRoot(ratchet.root, own.sharedSecret(peerKey, random));
  return { ...ratchet, root, own, sending: { key: chain, next: 0 } };
}

/** SkipMessageKeys: walks a chain to message `number` and stores the keys it passes. */
async function skipTo<C extends ReceivingChain>(
  chain: C,
  number: number,
  step: number,
): Promise<{ chain: C; skipped: SkippedKey[] }> {
  // A number behind the chain is a replay, or a key that is gone; one far ahead is an attack on our time.
  if (number < chain.next || number - chain.next > MAX_SKIP) throw refused();
  const skipped: SkippedKey[] = [];
  let current = chain;
  while (current.next < number) {
    const { key, chain: after } = await stepChain(current);
    skipped.push({ ratchetKey: chain.ratchetKey, number: current.next, key, step });
    current = { ...current, ...after };
  }
  return { chain: current, skipped };
}

/** KDF_CK: the message key, and the chain after it. */
async function stepChain(chain: Chain): Promise<{ key: Bytes; chain: Chain }> {
  const [key, next] = await Promise.all([
    hmacSha256(chain.key, Uint8Array.of(1)),
    hmacSha256(chain.key, Uint8Array.of(2)),
  ]);
  return { key, chain: { key: next, next: chain.next + 1 } };
}

/** KDF_RK: the next root key and a chain key. */
async function deriveRoot(root: Bytes, secret: Bytes): Promise<{ root: Bytes; chain: Bytes }> {
  const derived = await hkdf(secret, root, utf8("parley-1 ratchet root"), 2 * SHA256_BYTES);
  return { root: derived.slice(0, SHA256_BYTES), chain: derived.slice(SHA256_BYTES) };
}

/** The keys of one message, from its message key. */
async function messageKey(key: Bytes): Promise<BoxKey> {
  return boxKey(await hkdf(key, new Uint8Array(), utf8("parley-1 message key"), BOX_KEY_BYTES));
}

async function openMessage(ratchet: Ratchet, key: Bytes, envelope: Envelope): Promise<Bytes> {
  const header = associatedData(ratchet, envelope);
  const payload = await openBox(await messageKey(key), header, envelope.box);
  if (payload === null) throw refused();
  return payload;
}

/** CONCAT(AD, header): what is authenticated with a message beside its ciphertext. */
function associatedData(ratchet: Ratchet, header: Omit<Envelope, "box">): Bytes {
  return concatBytes(ratchet.sessionId, encodeHeader(header));
}

function isKeyOf(skipped: SkippedKey, envelope: Envelope): boolean {
  return skipped.number === envelope.number && equalBytes(skipped.ratchetKey, envelope.ratchetKey);
}

/** One error for every fault, so that an attacker learns nothing from it. */
function refused(): CheckError {
  return new CheckError(
    "bad-message",
    "a message did not authenticate: forged, repeated or damaged",
  );
}
