/**
 * The handshake of suite `parley-1`: steps 2 to 6 and the key confirmation, as a pure state machine.
 *
 *     idle --start--> helloSent --peer's hello--> shareSent --peer's share--> confirming --peer's confirmation--> done
 *
 * Each side sends three messages and the relay may deliver the other's three in any order and at any time:
 * each has one slot, and the machine advances as far as the filled slots allow. A second message for one
 * slot, a malformed one or a failed check ends the handshake with one error, no key, and nothing sent.
 *
 * @module
 */
import {
  type Bytes,
  compareBytes,
  concatBytes,
  equalBytes,
  fromUtf8,
  utf8,
} from "../crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../crypto/diffie_hellman.ts";
import { type SigningKey, VerifyingKey } from "../crypto/elgamal.ts";
import type { Group } from "../crypto/groups.ts";
import { taggedHash } from "../crypto/hash.ts";
import type { Kem, KemKeyPair } from "../crypto/kem.ts";
import type { Random } from "../crypto/random.ts";
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { openBox, sealBox } from "../crypto/secret_box.ts";
import { CheckError, type ParleyError, WireError } from "../errors.ts";
import { u8 } from "./codec.ts";
import { CONFIRMATION_BYTES, MAX_NAME_BYTES } from "./constants.ts";
import { cpaceGenerator } from "./cpace.ts";
import {
  deriveKeys,
  type HandshakeTranscript,
  otherRole,
  type Role,
  type Secrets,
  type SessionKeys,
} from "./key_schedule.ts";
import {
  encodeConfirmation,
  encodeHello,
  encodeShare,
  type Hello,
  NONCE_BYTES,
  parseConfirmation,
  parseHello,
  parseShareMessage,
  type Share,
} from "./wire.ts";

/** The options of one side. */
export interface HandshakeOptions {
  /** Signs the key exchange. */
  readonly identity: SigningKey;
  /** Our name for the peer to see, at most 127 bytes of UTF-8; may be empty. */
  readonly name: string;
  /** Ask for messages without signatures. */
  readonly deniable: boolean;
  /** The invite code in its canonical spelling, or `null` without one. */
  readonly code: string | null;
}

/** The environment of a handshake: randomness and the KEM. */
export interface Environment {
  /** Fresh random bytes. */
  readonly random: Random;
  /** The post-quantum half of the hybrid. */
  readonly kem: Kem;
}

/** The three kinds of message, named by what they carry. */
export type HandshakeMessage = "hello" | "share" | "confirmation";

/** The result of a finished handshake. */
export interface Established {
  /** Our role. */
  readonly role: Role;
  /** Every key of the session. */
  readonly keys: SessionKeys;
  /** The peer's public key, verified. */
  readonly peerIdentity: VerifyingKey;
  /** The peer's name for itself. */
  readonly peerName: string;
  /** Whether both asked for messages without signatures. */
  readonly deniable: boolean;
  /** The four messages, for an exported transcript. */
  readonly transcript: HandshakeTranscript;
}

/** A message to send. */
export interface HandshakeSend {
  /** Which of the three it is. */
  readonly kind: HandshakeMessage;
  /** Its bytes. */
  readonly bytes: Bytes;
}

/** The result of one input: the next state, what to send, and the keys once both sides have proved them. */
export interface HandshakeTransition {
  /** The state after the input. The one before it is unchanged. */
  readonly state: Handshake;
  /** To be sent, in this order. */
  readonly send: readonly HandshakeSend[];
  /** The session, after the last check has held. */
  readonly established: Established | null;
}

/** Our secrets, from the first message to the last. */
export interface Own {
  /** What this side brings. */
  readonly options: HandshakeOptions;
  /** Opens what the peer encapsulates to us. */
  readonly kem: KemKeyPair;
  /** Our hello. */
  readonly hello: Hello;
  /** Our hello as it was sent. */
  readonly helloBytes: Bytes;
}

/** Known once the peer's hello is checked. */
export interface Exchange {
  /** Our role, by the order of the hellos. */
  readonly role: Role;
  /** What the peer asks for. */
  readonly peerHello: Hello;
  /** The key that the peer announced: an element of the group, and not yet proved. */
  readonly peerIdentity: VerifyingKey;
  /** Our key pair for this exchange. */
  readonly diffieHellman: DiffieHellmanKeyPair;
  /** The secret that we encapsulated to the peer. */
  readonly kemSecret: Bytes;
  /** Our signed share as it was sent. */
  readonly shareBytes: Bytes;
}

/** Known once the peer's share is checked. */
export interface Agreement {
  /** All four messages. */
  readonly transcript: HandshakeTranscript;
  /** Every key of the session, not yet confirmed by the peer. */
  readonly keys: SessionKeys;
}

/** The state of one handshake. Immutable: every step makes the next. */
export interface Handshake {
  /** Our secrets. */
  readonly own: Own;
  /** What came from the peer, each kind at most once. */
  readonly received: Readonly<Partial<Record<HandshakeMessage, Bytes>>>;
  /** `null` until the peer's hello is checked. */
  readonly exchange: Exchange | null;
  /** `null` until the peer's share is checked. */
  readonly agreement: Agreement | null;
  /** Whether the peer's confirmation is checked: nothing more may come. */
  readonly done: boolean;
}

/**
 * Whether a name can be sent at all.
 *
 * @throws {RangeError} when it is longer than {@link MAX_NAME_BYTES} bytes of UTF-8
 */
export function checkName(name: string): void {
  if (utf8(name).length > MAX_NAME_BYTES) {
    throw new RangeError(`Cannot use a name of more than ${MAX_NAME_BYTES} bytes of UTF-8`);
  }
}

/**
 * Step 1 and the first message: fresh ephemeral keys, our identity and a nonce.
 *
 * @throws {RangeError} when the name is too long
 */
export async function startHandshake(
  options: HandshakeOptions,
  environment: Environment,
): Promise<HandshakeTransition> {
  checkName(options.name);
  const kem = await environment.kem.generate();
  const hello: Hello = {
    deniable: options.deniable,
    invite: options.code !== null,
    nonce: environment.random(NONCE_BYTES),
    identity: options.identity.publicKey.bytes,
    kemKey: kem.publicKey,
  };
  const helloBytes = encodeHello(hello);
  const own = { options, kem, hello, helloBytes };
  const state = { own, received: {}, exchange: null, agreement: null, done: false };
  return { state, send: [{ kind: "hello", bytes: helloBytes }], established: null };
}

/**
 * Receives one message of the peer.
 *
 * @throws {CheckError} when a check fails
 * @throws {WireError} when the bytes are malformed
 */
export async function receiveHandshake(
  state: Handshake,
  kind: HandshakeMessage,
  bytes: Bytes,
  environment: Environment,
): Promise<HandshakeTransition> {
  if (state.done || state.received[kind] !== undefined) {
    throw new CheckError("unexpected", `a second ${kind} came where the protocol has one`);
  }
  let next: Handshake = { ...state, received: { ...state.received, [kind]: bytes } };
  const send: HandshakeSend[] = [];
  if (next.exchange === null && next.received.hello !== undefined) {
    const exchange = await answerHello(next.own, next.received.hello, environment);
    next = { ...next, exchange };
    send.push({ kind: "share", bytes: exchange.shareBytes });
  }
  if (next.agreement === null && next.exchange !== null && next.received.share !== undefined) {
    const agreement = await agree(next.own, next.exchange, next.received, environment);
    next = { ...next, agreement };
    send.push({
      kind: "confirmation",
      bytes: await confirm(next.own, next.exchange!.role, agreement.keys, environment.random),
    });
  }
  if (next.agreement === null || next.received.confirmation === undefined) {
    return { state: next, send, established: null };
  }
  const established = await conclude(next, next.exchange!, next.agreement);
  return { state: { ...next, done: true }, send, established };
}

/** Steps 3 and 4: check the peer's hello; make, sign and encode our share. */
async function answerHello(
  own: Own,
  helloBytes: Bytes,
  { random, kem }: Environment,
): Promise<Exchange> {
  const peerHello = parseHello(helloBytes);
  if (equalBytes(peerHello.identity, own.hello.identity)) {
    throw new CheckError(
      "reflection",
      "the other side presents our own key: our messages are being reflected",
    );
  }
  checkModes(own.hello, peerHello);
  const group = groupOf(own.options);
  const peerIdentity = VerifyingKey.parse(group, peerHello.identity);
  if (peerIdentity === null) {
    throw new CheckError("bad-key", "the other side's ElGamal key is not in the group");
  }
  const encapsulated = await kem.encapsulate(peerHello.kemKey);
  if (encapsulated === null) {
    throw new CheckError("bad-key", "the other side's ML-KEM key does not encode a key");
  }
  const role = compareBytes(own.helloBytes, helloBytes) < 0 ? "low" : "high";
  const base = await generatorFor(own, role, helloBytes);
  const diffieHellman = DiffieHellmanKeyPair.generate(group, random, base);
  const unsigned = {
    share: diffieHellman.share,
    kemCiphertext: encapsulated.ciphertext,
  };
  const message = await exchangeHash(own.helloBytes, helloBytes, unsigned);
  const signature = await own.options.identity.sign(EXCHANGE_CONTEXT, message, random);
  return {
    role,
    peerHello,
    peerIdentity,
    diffieHellman,
    kemSecret: encapsulated.secret,
    shareBytes: encodeShare({ ...unsigned, signature }),
  };
}

function checkModes(own: Hello, peer: Hello): void {
  if (own.invite !== peer.invite) {
    const who = peer.invite ? "the other side uses" : "this side uses";
    throw new CheckError("suite-mismatch", `${who} an invite code and the other does not`);
  }
}

/** The group of our own key: the suite's, whose width the wire pins. */
function groupOf({ identity }: HandshakeOptions): Group {
  return identity.publicKey.group;
}

/** The Diffie-Hellman base: the group's, or CPace's with an invite code. */
function generatorFor(own: Own, role: Role, peerHello: Bytes): Promise<bigint> | bigint {
  const { code } = own.options;
  const group = groupOf(own.options);
  if (code === null) return group.g;
  const [low, high] = inOrder(role, own.helloBytes, peerHello);
  return cpaceGenerator(group, code, low, high);
}

/** The context of a signature over a key exchange. */
export const EXCHANGE_CONTEXT = "parley-1 key exchange signature";

/**
 * What the signature of a share covers. The signer's hello comes first, so that a signature sent back to
 * its maker covers something else; both hellos are whole, so suite, modes, identities, nonces and KEM keys
 * are covered.
 */
export function exchangeHash(
  signerHello: Bytes,
  otherHello: Bytes,
  share: Omit<Share, "signature">,
): Promise<Bytes> {
  return taggedHash(
    "parley-1 key exchange",
    signerHello,
    otherHello,
    share.share,
    share.kemCiphertext,
  );
}

/**
 * Whether a share message is its signer's, for these two hellos. The handshake and the verifier of exported
 * transcripts use it.
 */
export async function verifyShare(
  signer: VerifyingKey,
  signerHello: Bytes,
  otherHello: Bytes,
  share: Share,
): Promise<boolean> {
  const message = await exchangeHash(signerHello, otherHello, share);
  return await signer.verify(EXCHANGE_CONTEXT, message, share.signature);
}

/** Steps 5 and 6: verify the peer's signature, then compute every secret and key. */
async function agree(
  own: Own,
  exchange: Exchange,
  received: Handshake["received"],
  { random }: Environment,
): Promise<Agreement> {
  const share = parseShareMessage(received.share!);
  const { peerIdentity, role } = exchange;
  if (!await verifyShare(peerIdentity, received.hello!, own.helloBytes, share)) {
    throw new CheckError(
      "bad-signature",
      "the signature on the other side's share does not verify",
    );
  }
  const { group } = peerIdentity;
  const peerShare = parseShare(group, share.share);
  if (peerShare === null) {
    throw new CheckError("bad-share", "the other side's Diffie-Hellman share is not in the group");
  }
  const diffieHellman = exchange.diffieHellman.sharedSecret(peerShare, random);
  const peerKemSecret = await own.kem.decapsulate(share.kemCiphertext);
  const [kemLow, kemHigh] = inOrder(role, exchange.kemSecret, peerKemSecret);
  const [helloLow, helloHigh] = inOrder(role, own.helloBytes, received.hello!);
  const [shareLow, shareHigh] = inOrder(role, exchange.shareBytes, received.share!);
  const transcript = { helloLow, helloHigh, shareLow, shareHigh };
  const secrets: Secrets = { diffieHellman, kemLow, kemHigh };
  const keys = await deriveKeys(transcript, secrets);
  return { transcript, keys };
}

/** Our proof that we hold the keys: our name, padded, sealed under this session's confirmation key. */
async function confirm(own: Own, role: Role, keys: SessionKeys, random: Random): Promise<Bytes> {
  const name = utf8(own.options.name);
  const padding = new Uint8Array(CONFIRMATION_BYTES - 1 - name.length);
  const plaintext = concatBytes(u8(name.length), name, padding);
  const iv = random(BLOCK_BYTES);
  return encodeConfirmation(
    await sealBox(keys.confirmation[role], iv, keys.sessionId, plaintext),
  );
}

/** The last check: the peer holds the same keys for the same transcript. */
async function conclude(
  state: Handshake,
  exchange: Exchange,
  agreement: Agreement,
): Promise<Established> {
  const { keys, transcript } = agreement;
  const { role, peerHello, peerIdentity } = exchange;
  const box = parseConfirmation(state.received.confirmation!);
  const plaintext = await openBox(keys.confirmation[otherRole(role)], keys.sessionId, box);
  if (plaintext === null) throw confirmationError(state.own.options.code !== null);
  return {
    role,
    keys,
    peerIdentity,
    peerName: parseName(plaintext),
    deniable: state.own.hello.deniable && peerHello.deniable,
    transcript,
  };
}

function confirmationError(withCode: boolean): ParleyError {
  if (!withCode) {
    return new CheckError(
      "bad-confirmation",
      "the other side does not hold the same keys: somebody may stand between you",
    );
  }
  return new CheckError(
    "bad-code",
    "the invite codes differ: mistyped, or somebody guessed. Make a new code; this one is spent",
  );
}

/** length (1) | name | zeros to 128 bytes. */
function parseName(plaintext: Bytes): string {
  const length = plaintext[0]!;
  if (plaintext.length !== CONFIRMATION_BYTES || length > MAX_NAME_BYTES) {
    throw new WireError("confirmation.name", `at most ${MAX_NAME_BYTES} bytes`, String(length));
  }
  if (plaintext.subarray(1 + length).some((byte) => byte !== 0)) {
    throw new WireError("confirmation.padding", "zeros", "something else");
  }
  try {
    return fromUtf8(plaintext.subarray(1, 1 + length));
  } catch {
    throw new WireError("confirmation.name", "UTF-8", "other bytes");
  }
}

/** Ours and theirs, as low and high. */
function inOrder<T>(role: Role, own: T, peer: T): [low: T, high: T] {
  return role === "low" ? [own, peer] : [peer, own];
}
