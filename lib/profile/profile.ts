/**
 * A profile's content, and its encoding before it is sealed. Strict: what parses re-encodes to the same bytes.
 *
 *     profile = name (1 + n) || x (384) || generation key (32) || settings.name (1 + n)
 *               || count (4) || contact * count, padded as messages are, to 1,024 at least
 *     contact = name (1 + n) || key (384) || verified (1) || first seen (8) || last seen (8)
 *
 * @module
 */
import { type Bytes, concatBytes, fromUtf8, utf8 } from "../crypto/bytes.ts";
import { SigningKey } from "../crypto/elgamal.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { Reader, u32, u64, u8 } from "../protocol/codec.ts";
import { MAX_NAME_BYTES, MAX_TIME } from "../protocol/constants.ts";
import { pad, unpad } from "../protocol/padding.ts";
import { GROUP } from "../protocol/wire.ts";
import { type Contact, foldName, isContactName, MAX_CONTACTS } from "./contacts.ts";
import { isProfileName, PROFILE_NAME_RULE } from "./folder.ts";
import { MAC_KEY_BYTES, MacKey, MIN_SEALED_BYTES } from "./secret.ts";

/** The user's choices that last. */
export interface ProfileSettings {
  /** What the other side calls us; may be empty. */
  readonly name: string;
}

/** One person's identity, settings and contacts. Immutable; its keys don't print. */
export interface Profile {
  /** What it is called on this machine; its files are named by it, and it is sealed with them. */
  readonly name: string;
  /** The key that others know us by. */
  readonly identity: SigningKey;
  /** Authenticates the generation's own file; it outlives a change of the passphrase. */
  readonly generationKey: MacKey;
  /** The user's settings. */
  readonly settings: ProfileSettings;
  /** Its contacts, oldest first. Keys and folded names occur once. */
  readonly contacts: readonly Contact[];
}

/**
 * A new profile with a new identity.
 *
 * @throws {RangeError} when the name can't be a profile's
 */
export function newProfile(name: string, settings: ProfileSettings, random: Random): Profile {
  if (!isProfileName(name)) throw new RangeError(`Cannot name a profile so: ${PROFILE_NAME_RULE}`);
  return {
    name,
    identity: SigningKey.generate(GROUP, random),
    generationKey: MacKey.generate(random),
    settings,
    contacts: [],
  };
}

/** A profile as bytes: it holds the private key, so it is for sealing only. */
export function encodeProfile(profile: Profile): Bytes {
  const { name, identity, generationKey, settings, contacts } = profile;
  return pad(
    concatBytes(
      encodeText(name),
      identity.exportSecret(),
      generationKey.exportSecret(),
      encodeText(settings.name),
      u32(contacts.length),
      ...contacts.flatMap((contact) => [
        encodeText(contact.name),
        contact.key,
        u8(contact.verified ? 1 : 0),
        u64(contact.firstSeen),
        u64(contact.lastSeen),
      ]),
    ),
    MIN_SEALED_BYTES,
  );
}

function encodeText(text: string): Bytes {
  const bytes = utf8(text);
  return concatBytes(u8(bytes.length), bytes);
}

/**
 * Reads what {@link encodeProfile} wrote.
 *
 * @param random blinds the exponentiation that makes the public key
 * @throws {WireError} when the bytes are anything else
 */
export function parseProfile(bytes: Uint8Array, random: Random): Profile {
  const reader = new Reader("profile", unpad(bytes, MIN_SEALED_BYTES));
  const name = readText(reader, "name");
  if (!isProfileName(name)) throw new WireError("profile.name", PROFILE_NAME_RULE, "another name");
  const identity = readIdentity(reader, random);
  const generationKey = new MacKey(reader.bytes("generation key", MAC_KEY_BYTES));
  const settings = { name: readText(reader, "settings.name") };
  const count = reader.u32("count");
  if (count > MAX_CONTACTS) {
    throw new WireError("profile.count", `at most ${MAX_CONTACTS}`, String(count));
  }
  const contacts = Array.from({ length: count }, () => readContact(reader));
  reader.end();
  checkDistinct(contacts);
  return { name, identity, generationKey, settings, contacts };
}

function readIdentity(reader: Reader, random: Random): SigningKey {
  const identity = SigningKey.restore(GROUP, reader.bytes("x", GROUP.elementBytes), random);
  if (identity === null) throw new WireError("profile.x", "0 < x < q", "another number");
  return identity;
}

function readContact(reader: Reader): Contact {
  const name = readText(reader, "contact.name");
  if (!isContactName(name)) throw new WireError("profile.contact.name", "a name", "none");
  const key = reader.bytes("contact.key", GROUP.elementBytes);
  const verified = reader.u8("contact.verified");
  if (verified > 1) throw new WireError("profile.contact.verified", "0 or 1", String(verified));
  const firstSeen = readTime(reader, "contact.firstSeen");
  return {
    name,
    key,
    verified: verified === 1,
    firstSeen,
    lastSeen: readTime(reader, "contact.lastSeen"),
  };
}

function readTime(reader: Reader, field: string): number {
  const time = reader.u64(field);
  if (time > MAX_TIME) throw new WireError(`profile.${field}`, `at most ${MAX_TIME}`, "more");
  return time;
}

function readText(reader: Reader, field: string): string {
  const length = reader.u8(field);
  if (length > MAX_NAME_BYTES) {
    throw new WireError(`profile.${field}`, `at most ${MAX_NAME_BYTES} bytes`, String(length));
  }
  const bytes = reader.bytes(field, length);
  try {
    return fromUtf8(bytes);
  } catch {
    throw new WireError(`profile.${field}`, "UTF-8", "other bytes");
  }
}

function checkDistinct(contacts: readonly Contact[]): void {
  const names = new Set(contacts.map(({ name }) => foldName(name)));
  const keys = new Set(contacts.map(({ key }) => key.toHex()));
  if (names.size < contacts.length || keys.size < contacts.length) {
    throw new WireError("profile.contacts", "each name and key once", "one twice");
  }
}
