/**
 * The key schedule: from the secrets of one handshake to every key of one session.
 *
 * "low" and "high" are the two sides in the byte order of their hellos: both compute the same roles, whatever
 * the relay and the order of arrival.
 *
 * @module
 */
import { type Bytes, concatBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, SHA256_BYTES, taggedHash } from "../crypto/hash.ts";
import { BOX_KEY_BYTES, type BoxKey, boxKey } from "../crypto/secret_box.ts";

/** One of the two sides of a session. */
export type Role = "low" | "high";

/** The other side. */
export function otherRole(role: Role): Role {
  return role === "low" ? "high" : "low";
}

/** The four messages that a handshake is made of, whole, in the order of the roles. */
export interface HandshakeTranscript {
  /** Hello of the low side. */
  readonly helloLow: Bytes;
  /** Hello of the high side. */
  readonly helloHigh: Bytes;
  /** Share of the low side. */
  readonly shareLow: Bytes;
  /** Share of the high side. */
  readonly shareHigh: Bytes;
}

/** The secrets that go into the keys, each in the order of the roles. */
export interface Secrets {
  /** The Diffie-Hellman secret at full width. */
  readonly diffieHellman: Bytes;
  /** The ML-KEM secret that low encapsulated to high. */
  readonly kemLow: Bytes;
  /** The ML-KEM secret that high encapsulated to low. */
  readonly kemHigh: Bytes;
}

/** The keys of one session. */
export interface SessionKeys {
  /** Names the session: the hash of its transcript. Public, unique, and what signatures refer to. */
  readonly sessionId: Bytes;
  /** Seals each side's key confirmation. */
  readonly confirmation: Readonly<Record<Role, BoxKey>>;
  /** The first root key of the ratchet. */
  readonly root: Bytes;
  /** The chain key of chain 0, which is high's: so both may speak first. */
  readonly chainHigh: Bytes;
  /** The header keys of chains 0, 1 and 2: high's first, low's first, high's second. */
  readonly headers: readonly [BoxKey, BoxKey, BoxKey];
}

/** The name of a session: SHA-256 over its four messages, 32 bytes. */
export function sessionIdOf(transcript: HandshakeTranscript): Promise<Bytes> {
  const { helloLow, helloHigh, shareLow, shareHigh } = transcript;
  return taggedHash("parley-1 transcript", helloLow, helloHigh, shareLow, shareHigh);
}

/**
 * All keys, by HKDF over all secrets, salted with the transcript: whoever saw another transcript, or lacks
 * any of the three secrets, has other keys.
 */
export async function deriveKeys(
  transcript: HandshakeTranscript,
  secrets: Secrets,
): Promise<SessionKeys> {
  const sessionId = await sessionIdOf(transcript);
  // All three have fixed widths, so joining them is unambiguous.
  const secret = concatBytes(secrets.diffieHellman, secrets.kemLow, secrets.kemHigh);
  const derive = (label: string, length: number) =>
    hkdf(secret, sessionId, utf8(`parley-1 ${label}`), length);
  const deriveBoxKey = async (label: string) => boxKey(await derive(label, BOX_KEY_BYTES));
  return {
    sessionId,
    confirmation: {
      low: await deriveBoxKey("confirmation low"),
      high: await deriveBoxKey("confirmation high"),
    },
    root: await derive("root", SHA256_BYTES),
    chainHigh: await derive("chain high", SHA256_BYTES),
    headers: [
      await deriveBoxKey("header high"),
      await deriveBoxKey("header low"),
      await deriveBoxKey("next header high"),
    ],
  };
}
