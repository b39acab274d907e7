/**
 * The bytes of suite `parley-1` as docs/PROTOCOL.md lays them out: messages are encoded here and
 * parsed here, strictly. Every layout has fixed widths, so each message has one encoding.
 *
 * @module
 */
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { type Bytes, concatBytes, copyBytes, utf8 } from "../crypto/bytes.ts";
import { FFDHE_3072, type Group } from "../crypto/groups.ts";
import { signatureBytes } from "../crypto/elgamal.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { KEM_CIPHERTEXT_BYTES, KEM_KEY_BYTES } from "../crypto/kem.ts";
import { BOX_OVERHEAD_BYTES } from "../crypto/secret_box.ts";
import { CheckError, WireError } from "../errors.ts";
import { CONFIRMATION_BYTES } from "./constants.ts";
import { Reader, u32, u8 } from "./codec.ts";
import { isPaddedLength } from "./padding.ts";

/** The group of the suite: pinned here, never taken from a peer. */
export const GROUP: Group = FFDHE_3072;

/** The name of the suite and the first bytes of each of its messages. */
export const SUITE = "parley-1";

const PREFIX = utf8(SUITE);

/** The prefix of the names of all suites of parley. */
const FAMILY = utf8("parley-");
const ELEMENT_BYTES = GROUP.elementBytes;
const SIGNATURE_BYTES = signatureBytes(GROUP);

/** The byte behind the suite's name: which of the four messages this is. */
const TYPE = { hello: 1, share: 2, confirmation: 3, message: 4 } as const;

/** Bits of a hello's `modes`. All others must be zero. */
const MODE = { deniable: 1, invite: 2 } as const;

/** Bytes of a nonce. */
export const NONCE_BYTES = 32;

/** `ELGAMAL_PK`: identity, ephemeral keys and modes of one side. */
export interface Hello {
  /** Asks for messages without signatures; granted only if both ask. */
  readonly deniable: boolean;
  /** An invite code is part of the key exchange; of both sides or of neither. */
  readonly invite: boolean;
  /** 32 fresh random bytes. */
  readonly nonce: Bytes;
  /** ElGamal public key, one element. */
  readonly identity: Bytes;
  /** ML-KEM-768 encapsulation key. */
  readonly kemKey: Bytes;
}

/** `DEFF_HELLMAN_PK`: the key exchange, signed. */
export interface Share {
  /** Diffie-Hellman share, one element. */
  readonly share: Bytes;
  /** ML-KEM-768 ciphertext for the peer's key. */
  readonly kemCiphertext: Bytes;
  /** ElGamal signature over both hellos and the two fields above. */
  readonly signature: Bytes;
}

/** `message`: one sealed message of the ratchet. */
export interface Envelope {
  /** The outer tag, over all that follows and what is before it. */
  readonly tag: Bytes;
  /** The IV of the header. */
  readonly headerIv: Bytes;
  /** The {@link EnvelopeHeader}, encrypted. */
  readonly header: Bytes;
  /** IV, ciphertext and tag. */
  readonly box: Bytes;
}

/** The header of an envelope. */
export interface EnvelopeHeader {
  /** How many messages the sender's chain before this one had. */
  readonly previousLength: number;
  /** Number of the message in its chain. */
  readonly number: number;
  /** The {@link Announcement} of the chain: the same in each of its envelopes. */
  readonly announcement: Bytes;
}

/** The public part of a turn: what the sender of a chain began it with. */
export interface Announcement {
  /** D: Diffie-Hellman share of the chain's pair, one element. */
  readonly share: Bytes;
  /** E: ML-KEM-768 encapsulation key of the chain's pair. */
  readonly kemKey: Bytes;
  /** c: ML-KEM-768 ciphertext for the pair of the chain before. */
  readonly kemCiphertext: Bytes;
}

/** Bytes of an announcement. */
export const ANNOUNCEMENT_BYTES: number = ELEMENT_BYTES + KEM_KEY_BYTES + KEM_CIPHERTEXT_BYTES;

/** Bytes of a header, encrypted or not. */
const HEADER_BYTES = 4 + 4 + ANNOUNCEMENT_BYTES;

/** What an envelope adds to a padded payload, in bytes. */
export const ENVELOPE_OVERHEAD_BYTES: number = PREFIX.length + 1 + SHA256_BYTES + BLOCK_BYTES +
  HEADER_BYTES + BOX_OVERHEAD_BYTES;

/** Encodes a hello: suite (8) | type (1) | modes (1) | nonce (32) | identity (384) | KEM key (1184). */
export function encodeHello(hello: Hello): Bytes {
  const modes = (hello.deniable ? MODE.deniable : 0) | (hello.invite ? MODE.invite : 0);
  return concatBytes(
    prefix(TYPE.hello),
    u8(modes),
    hello.nonce,
    hello.identity,
    hello.kemKey,
  );
}

/**
 * Parses a hello. The keys are taken as bytes: the handshake checks what they mean.
 *
 * @throws {WireError} when the bytes are not exactly one hello
 * @throws {CheckError} `suite-mismatch`, when they are of another version of parley
 */
export function parseHello(bytes: Uint8Array): Hello {
  const reader = open("hello", TYPE.hello, bytes);
  const modes = reader.u8("modes");
  if ((modes & ~(MODE.deniable | MODE.invite)) !== 0) {
    throw new WireError("hello.modes", "bits 0 and 1 only", String(modes));
  }
  const hello = {
    deniable: (modes & MODE.deniable) !== 0,
    invite: (modes & MODE.invite) !== 0,
    nonce: reader.bytes("nonce", NONCE_BYTES),
    identity: reader.bytes("identity", ELEMENT_BYTES),
    kemKey: reader.bytes("kemKey", KEM_KEY_BYTES),
  };
  reader.end();
  return hello;
}

/** Encodes a share: suite | type | share (384) | KEM ciphertext (1088) | signature (768). */
export function encodeShare(share: Share): Bytes {
  return concatBytes(
    prefix(TYPE.share),
    share.share,
    share.kemCiphertext,
    share.signature,
  );
}

/**
 * Parses a share.
 *
 * @throws {WireError} when the bytes are not exactly one share
 * @throws {CheckError} `suite-mismatch`, when they are of another version of parley
 */
export function parseShareMessage(bytes: Uint8Array): Share {
  const reader = open("share", TYPE.share, bytes);
  const share = {
    share: reader.bytes("share", ELEMENT_BYTES),
    kemCiphertext: reader.bytes("kemCiphertext", KEM_CIPHERTEXT_BYTES),
    signature: reader.bytes("signature", SIGNATURE_BYTES),
  };
  reader.end();
  return share;
}

/** Encodes a key confirmation: suite | type | box (176). */
export function encodeConfirmation(box: Uint8Array): Bytes {
  return concatBytes(prefix(TYPE.confirmation), box);
}

/**
 * Parses a key confirmation into its box.
 *
 * @throws {WireError} when the bytes are not exactly one confirmation
 * @throws {CheckError} `suite-mismatch`, when they are of another version of parley
 */
export function parseConfirmation(bytes: Uint8Array): Bytes {
  const reader = open("confirmation", TYPE.confirmation, bytes);
  const box = reader.bytes("box", CONFIRMATION_BYTES + BOX_OVERHEAD_BYTES);
  reader.end();
  return box;
}

/** Encodes an announcement: share (384) | KEM key (1184) | KEM ciphertext (1088). */
export function encodeAnnouncement(announcement: Announcement): Bytes {
  return concatBytes(announcement.share, announcement.kemKey, announcement.kemCiphertext);
}

/** Takes an announcement apart. The keys are taken as bytes: the ratchet checks what they mean. */
export function parseAnnouncement(bytes: Bytes): Announcement {
  const reader = new Reader("announcement", bytes);
  return {
    share: reader.bytes("share", ELEMENT_BYTES),
    kemKey: reader.bytes("kemKey", KEM_KEY_BYTES),
    kemCiphertext: reader.bytes("kemCiphertext", KEM_CIPHERTEXT_BYTES),
  };
}

/** Encodes a header: previous length (4) | number (4) | announcement (2656). */
export function encodeHeader(header: EnvelopeHeader): Bytes {
  return concatBytes(u32(header.previousLength), u32(header.number), header.announcement);
}

/** Parses a header, decrypted: any bytes of its length are one. */
export function parseHeader(bytes: Bytes): EnvelopeHeader {
  const reader = new Reader("header", bytes);
  return {
    previousLength: reader.u32("previousLength"),
    number: reader.u32("number"),
    announcement: reader.bytes("announcement", ANNOUNCEMENT_BYTES),
  };
}

/** What the boxes of envelopes authenticate of them beside the header: suite | type. */
export const ENVELOPE_PREFIX: Bytes = prefix(TYPE.message);

/** Encodes an envelope: suite | type | tag (32) | header IV (16) | header (2664) | box, to the end. */
export function encodeEnvelope({ tag, headerIv, header, box }: Envelope): Bytes {
  return concatBytes(ENVELOPE_PREFIX, tag, headerIv, header, box);
}

/**
 * Parses an envelope.
 *
 * @throws {WireError} when the bytes have another prefix, or no length that a padded payload leads to
 * @throws {CheckError} `suite-mismatch`, when they are of another version of parley
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const reader = open("message", TYPE.message, bytes);
  const tag = reader.bytes("tag", SHA256_BYTES);
  const headerIv = reader.bytes("headerIv", BLOCK_BYTES);
  const header = reader.bytes("header", HEADER_BYTES);
  const box = reader.rest("box", BOX_OVERHEAD_BYTES);
  if (!isPaddedLength(box.length - BOX_OVERHEAD_BYTES)) {
    throw new WireError("message.box", "a padded length", String(box.length));
  }
  return { tag, headerIv, header, box };
}

/**
 * The bytes of a payload from the network, as a copy.
 *
 * @param payload whatever Socket.IO decoded
 * @throws {WireError} when it is not one byte string
 */
export function payloadBytes(name: string, payload: unknown): Bytes {
  if (payload instanceof Uint8Array || payload instanceof ArrayBuffer) return copyBytes(payload);
  throw new WireError(name, "bytes", payload === null ? "null" : typeof payload);
}

function otherVersion(name: string): CheckError {
  return new CheckError(
    "suite-mismatch",
    `the other side's ${name} is of another version of parley: both need the same (this is ${SUITE})`,
  );
}

function prefix(type: number): Bytes {
  return concatBytes(PREFIX, u8(type));
}

/** A reader behind the suite's name and the message's type. */
function open(name: string, type: number, bytes: Uint8Array): Reader {
  const reader = new Reader(name, bytes);
  const suite = reader.bytes("suite", PREFIX.length);
  if (!suite.every((byte, i) => byte === PREFIX[i])) {
    if (FAMILY.every((byte, i) => byte === suite[i])) throw otherVersion(name);
    throw new WireError(`${name}.suite`, SUITE, "another name");
  }
  const got = reader.u8("type");
  if (got !== type) throw new WireError(`${name}.type`, String(type), String(got));
  return reader;
}
