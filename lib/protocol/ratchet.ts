/**
 * The ratchet: one line of chains over Diffie-Hellman and ML-KEM-768 (docs/PROTOCOL.md, section 11). It is the Double
 * Ratchet with header encryption (Signal's specification, section 4), made hybrid, under an outer tag.
 *
 * Chain 0 is high's, chain 1 low's, chain 2 high's, and so on. Each begins with a fresh pair of its sender, which
 * answers the pair of the chain before: a turn. Nobody makes a pair before opening a message of the chain that it
 * answers, so the line has no branches, whoever speaks at the same time. The turn is made when something is sent: a
 * pair is a secret from the moment it exists.
 *
 * States are immutable. Decryption works on the state it was given and returns the next one only after both MACs
 * held: a forged message leaves everything as it was.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes } from "../crypto/bytes.ts";
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { DiffieHellmanKeyPair, parseShare } from "../crypto/diffie_hellman.ts";
import type { Group } from "../crypto/groups.ts";
import { isKemKey, KEM_CIPHERTEXT_BYTES, type KemKeyPair } from "../crypto/kem.ts";
import type { Random } from "../crypto/random.ts";
import { type BoxKey, openBox, sealBox } from "../crypto/secret_box.ts";
import { CheckError, WireError } from "../errors.ts";
import {
  boundChains,
  type Chain,
  closeChain,
  isWithinReach,
  messageBoxKey,
  NO_SECRET,
  type OldChain,
  type ReceivingChain,
  rootStep,
  type SendingChain,
  stepChain,
  takeSkipped,
  walkChain,
} from "./chains.ts";
import { MAX_SKIP } from "./constants.ts";
import type { Environment, Established } from "./handshake.ts";
import { decryptHeader, encryptHeader, sealEnvelope, tagCheck } from "./header.ts";
import {
  ANNOUNCEMENT_BYTES,
  encodeAnnouncement,
  type Envelope,
  ENVELOPE_PREFIX,
  type EnvelopeHeader,
  parseAnnouncement,
  parseEnvelope,
} from "./wire.ts";

/** The private halves of a chain's pair. */
export interface RatchetPair {
  /** d. */
  readonly diffieHellman: DiffieHellmanKeyPair;
  /** The decapsulation key. */
  readonly kem: KemKeyPair;
}

/** A pair of the peer that our next turn answers, checked. */
export interface PeerPair {
  /** D: an element of the group. */
  readonly share: bigint;
  /** E: encodes an encapsulation key. */
  readonly kemKey: Bytes;
}

/** One side's state. Nothing of it outlives the session. */
export interface Ratchet {
  /** The session, authenticated with every message. */
  readonly sessionId: Bytes;
  /** The group of the shares. */
  readonly group: Group;
  /** The newest root key. */
  readonly root: Bytes;
  /** Our pair, as long as the peer has not answered it. */
  readonly own: RatchetPair | null;
  /** The turn that our next message makes: the pair it answers, `null` in low's first. `null` when none is due. */
  readonly turn: { readonly answers: PeerPair | null } | null;
  /** Our newest chain; `null` at the low side until its first turn. */
  readonly sending: SendingChain | null;
  /** The header key of our next chain. */
  readonly nextSending: BoxKey;
  /** The peer's newest chain; `null` at the high side until the first message comes. */
  readonly receiving: ReceivingChain | null;
  /** The header key of the peer's next chain. */
  readonly nextReceiving: BoxKey;
  /** The peer's older chains, newest first. */
  readonly old: readonly OldChain[];
}

/** The state of one side after the handshake: high may send in chain 0, and low begins chain 1. */
export function startRatchet({ keys, role, peerIdentity }: Established): Ratchet {
  const { sessionId, root, chainHigh, headers: [header0, header1, header2] } = keys;
  const common = { sessionId, group: peerIdentity.group, root, own: null, old: [] };
  const announcement = new Uint8Array(ANNOUNCEMENT_BYTES);
  const chain0 = { key: chainHigh, next: 0, headerKey: header0, announcement };
  if (role === "high") {
    return {
      ...common,
      turn: null,
      sending: { ...chain0, previousLength: 0 },
      nextSending: header2,
      receiving: null,
      nextReceiving: header1,
    };
  }
  return {
    ...common,
    turn: { answers: null },
    sending: null,
    nextSending: header1,
    receiving: { ...chain0, skipped: [] },
    nextReceiving: header2,
  };
}

/** A state that can send. */
type Sending = Ratchet & { readonly sending: SendingChain };

/**
 * Makes the turn that is due, if one is, before something is sent: the next message is then out sooner. Nobody can
 * see it on the wire, but the new pair is there for a thief for longer.
 */
export async function turnAhead(ratchet: Ratchet, environment: Environment): Promise<Ratchet> {
  const { turn, root, group, sending, nextSending } = ratchet;
  if (turn === null) return ratchet;
  const { random, kem } = environment;
  const own = {
    diffieHellman: DiffieHellmanKeyPair.generate(group, random),
    kem: await kem.generate(),
  };
  const { secret, kemCiphertext } = await answer(turn.answers, own, environment);
  const announcement = encodeAnnouncement({
    share: own.diffieHellman.share,
    kemKey: own.kem.publicKey,
    kemCiphertext,
  });
  const step = await rootStep(root, secret, announcement);
  return {
    ...ratchet,
    root: step.root,
    own,
    turn: null,
    sending: {
      key: step.chain,
      next: 0,
      headerKey: nextSending,
      announcement,
      previousLength: sending?.next ?? 0,
    },
    nextSending: step.header,
  };
}

/** Z ‖ k of a turn, and c. The first pair answers nobody: zeros. */
async function answer(
  peer: PeerPair | null,
  { diffieHellman }: RatchetPair,
  { random, kem }: Environment,
): Promise<{ secret: Bytes; kemCiphertext: Bytes }> {
  if (peer === null) {
    return { secret: NO_SECRET, kemCiphertext: new Uint8Array(KEM_CIPHERTEXT_BYTES) };
  }
  // The key was checked when it came, so it is one.
  const { secret, ciphertext } = (await kem.encapsulate(peer.kemKey))!;
  const shared = diffieHellman.sharedSecret(peer.share, random);
  return { secret: concatBytes(shared, secret), kemCiphertext: ciphertext };
}

/**
 * Seals one payload, in a new chain when a turn is due.
 *
 * @param payload padded
 * @returns the next state and the envelope's bytes
 */
export async function ratchetEncrypt(
  ratchet: Ratchet,
  payload: Uint8Array,
  environment: Environment,
): Promise<{ ratchet: Ratchet; bytes: Bytes }> {
  // There is a chain: high begins with one, and low with a turn.
  const turned = await turnAhead(ratchet, environment) as Sending;
  const { sending, sessionId } = turned;
  const { headerKey, announcement, previousLength, next: number } = sending;
  const { random } = environment;
  const { key, chain } = stepChain(sending);
  const headerIv = random(BLOCK_BYTES);
  const header = await encryptHeader(headerKey, headerIv, {
    previousLength,
    number,
    announcement,
  });
  const authenticated = associatedData(sessionId, { headerIv, header });
  const box = await sealBox(messageBoxKey(key), random(BLOCK_BYTES), authenticated, payload);
  return {
    ratchet: { ...turned, sending: { ...sending, ...chain } },
    bytes: sealEnvelope(headerKey, { headerIv, header, box }),
  };
}

/** A message that was opened. */
export interface Opened {
  /** The next state. */
  readonly ratchet: Ratchet;
  /** The payload, padded. */
  readonly payload: Bytes;
  /** The peer's own fault, which ends the session: no other can have sealed this. `null` without one. */
  readonly fault: WireError | null;
}

/**
 * Opens one envelope, in whatever order it comes. The comments number the checks as docs/PROTOCOL.md does.
 *
 * @throws {CheckError} `bad-message`, for every fault alike; the state that was passed in stays valid
 * @throws {CheckError} `suite-mismatch`, when the bytes are of another version of parley
 * @throws {WireError} when they are no envelope
 */
export async function ratchetDecrypt(
  ratchet: Ratchet,
  bytes: Bytes,
  random: Random,
): Promise<Opened> {
  // R1, R2
  const envelope = parseEnvelope(bytes);
  // R3 to R7
  const { key, announcement, header, next } = await messageKeyOf(ratchet, envelope, random);
  // R8
  const authenticated = associatedData(ratchet.sessionId, envelope);
  const payload = await openBox(messageBoxKey(key), authenticated, envelope.box);
  if (payload === null) throw refused();
  // R9 is the caller's taking of the next state. R10
  const same = equalBytes(header.announcement, announcement);
  const fault = same ? null : new WireError("message.announcement", "its chain's", "another");
  return { ratchet: next, payload, fault };
}

/** The way to one message. */
interface Found {
  /** Its message key. */
  readonly key: Bytes;
  /** The state after it, if its box opens. */
  readonly next: Ratchet;
  /** The announcement that its chain had. */
  readonly announcement: Bytes;
  /** Its header. */
  readonly header: EnvelopeHeader;
}

/** R3: the chain whose header key made the tag, and the way to the message from there. */
function messageKeyOf(
  ratchet: Ratchet,
  envelope: Envelope,
  random: Random,
): Promise<Found> | Found {
  const { receiving, nextReceiving, old } = ratchet;
  const holds = tagCheck(envelope);
  if (receiving !== null && holds(receiving.headerKey)) {
    return inNewestChain(ratchet, receiving, decryptHeader(receiving.headerKey, envelope));
  }
  if (holds(nextReceiving)) {
    return inNewChain(ratchet, decryptHeader(nextReceiving, envelope), random);
  }
  const chain = old.find(({ headerKey }) => holds(headerKey));
  if (chain === undefined) throw refused();
  return inOldChain(ratchet, chain, decryptHeader(chain.headerKey, envelope));
}

/** R4, of an old chain: its key is there, or it came before. */
function inOldChain(ratchet: Ratchet, chain: OldChain, header: EnvelopeHeader): Found {
  const taken = takeSkipped(chain, header.number);
  if (taken === null) throw refused();
  const old = ratchet.old.map((each) => each === chain ? taken.chain : each);
  const next = withinBounds({ ...ratchet, old });
  return { key: taken.key, next, announcement: chain.announcement, header };
}

/** R4 and R5: a message of the newest chain, late or ahead. */
function inNewestChain(ratchet: Ratchet, receiving: ReceivingChain, header: EnvelopeHeader): Found {
  const { number } = header;
  const { announcement } = receiving;
  if (number < receiving.next) {
    const taken = takeSkipped(receiving, number);
    if (taken === null) throw refused();
    return { key: taken.key, next: { ...ratchet, receiving: taken.chain }, announcement, header };
  }
  const { key, chain, skipped } = keyAhead(receiving, number);
  const after = { ...receiving, ...chain, skipped: [...receiving.skipped, ...skipped] };
  return { key, next: withinBounds({ ...ratchet, receiving: after }), announcement, header };
}

/** R6 and R7: a message that opens the peer's next chain. Whatever is cheap is checked before what is not. */
async function inNewChain(
  ratchet: Ratchet,
  header: EnvelopeHeader,
  random: Random,
): Promise<Found> {
  const { root, group, own, receiving, nextReceiving, old } = ratchet;
  const { number, previousLength, announcement } = header;
  const { share, kemKey, kemCiphertext } = parseAnnouncement(announcement);
  if (number > MAX_SKIP) throw refused();
  if (receiving === null) {
    // The first chain of low, which answers nobody.
    if (previousLength !== 0 || kemCiphertext.some((byte) => byte !== 0)) throw refused();
  } else if (!isWithinReach(receiving, previousLength) || own === null) throw refused();
  const peerShare = parseShare(group, share);
  if (peerShare === null || !isKemKey(kemKey)) throw refused();
  const secret = receiving === null
    ? NO_SECRET
    : await secretOf(own!, peerShare, kemCiphertext, random);
  const step = await rootStep(root, secret, announcement);
  const { key, chain, skipped } = keyAhead({ key: step.chain, next: 0 }, number);
  const next: Ratchet = {
    ...ratchet,
    root: step.root,
    // It was answered: whoever steals the state from now on does not get it.
    own: null,
    turn: { answers: { share: peerShare, kemKey } },
    receiving: { ...chain, headerKey: nextReceiving, announcement, skipped },
    nextReceiving: step.header,
    old: receiving === null ? [] : closeChain(receiving, previousLength, old),
  };
  return { key, next: withinBounds(next), announcement, header };
}

/** Z ‖ k of a turn of the peer's, which answers our pair. */
async function secretOf(
  { diffieHellman, kem }: RatchetPair,
  peerShare: bigint,
  kemCiphertext: Bytes,
  random: Random,
): Promise<Bytes> {
  const secret = await kem.decapsulate(kemCiphertext);
  return concatBytes(diffieHellman.sharedSecret(peerShare, random), secret);
}

/** The key of message `number` of a chain, the chain after it, and the keys on the way. */
function keyAhead(chain: Chain, number: number) {
  if (!isWithinReach(chain, number)) throw refused();
  const { chain: reached, skipped } = walkChain(chain, number);
  return { ...stepChain(reached), skipped };
}

/** A state that keeps no more of its chains than it may. */
function withinBounds(state: Ratchet): Ratchet {
  return { ...state, ...boundChains(state.receiving, state.old) };
}

/** What is authenticated with a message's ciphertext: the session, and the envelope's header as it is sent. */
function associatedData(
  sessionId: Bytes,
  { headerIv, header }: Pick<Envelope, "headerIv" | "header">,
): Bytes {
  return concatBytes(sessionId, ENVELOPE_PREFIX, headerIv, header);
}

/** One error for every fault, so that an attacker learns nothing from it. */
function refused(): CheckError {
  return new CheckError(
    "bad-message",
    "a message did not authenticate: forged, repeated or damaged",
  );
}
