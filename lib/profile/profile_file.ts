/**
 * A profile's file: a header in the open, the profile sealed under it, and a checksum.
 *
 *     header = "parley-profile\n" || version (1) || log N (1) || r (1) || p (1) || salt (32)
 *              || generation (8) || check (32)
 *     file = header || box || checksum (32),  checksum = SHA-256(header || box)
 *
 * Three checks distinguish three faults. The checksum needs no key: it fails when the file was damaged. `check` is
 * HKDF's from the passphrase: it fails when the passphrase is wrong. The box has the header as its associated data:
 * it fails when somebody changed the file and made the checksum fit. (Somebody who does that to the salt or to
 * `check` makes every passphrase look wrong.)
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes, utf8 } from "../crypto/bytes.ts";
import { SHA256_BYTES, taggedHash } from "../crypto/hash.ts";
import { BOX_OVERHEAD_BYTES } from "../crypto/secret_box.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { Reader, u64, u8 } from "../protocol/codec.ts";
import { ProfileError } from "./errors.ts";
import {
  CHECK_BYTES,
  isWithin,
  PassphraseKey,
  SALT_BYTES,
  type ScryptBounds,
  type ScryptCost,
} from "./passphrase_key.ts";
import { encodeProfile, parseProfile, type Profile } from "./profile.ts";

const MAGIC = utf8("parley-profile\n");
const VERSION = 1;
const IV_BYTES = 16;

/** The header, which is not encrypted. */
export interface Header {
  /** The cost of the keys. */
  readonly cost: ScryptCost;
  /** Their salt. */
  readonly salt: Bytes;
  /** How often the profile was saved. */
  readonly generation: number;
  /** Distinguishes a wrong passphrase from a changed file. */
  readonly check: Bytes;
}

/** A file in its parts. */
export interface ProfileFile {
  /** Its header. */
  readonly header: Header;
  /** The profile, sealed. */
  readonly box: Bytes;
}

function encodeHeader({ cost, salt, generation, check }: Header): Bytes {
  const { logN, r, p } = cost;
  return concatBytes(MAGIC, u8(VERSION), u8(logN), u8(r), u8(p), salt, u64(generation), check);
}

/** A file as bytes. */
export async function encodeProfileFile({ header, box }: ProfileFile): Promise<Bytes> {
  const content = concatBytes(encodeHeader(header), box);
  return concatBytes(content, await checksum(content));
}

function checksum(content: Uint8Array): Promise<Bytes> {
  return taggedHash("parley-1 profile file", content);
}

/**
 * Reads a file without opening it.
 *
 * @param bounds for the cost, checked here and so before it is paid
 * @throws {WireError} when it has another form
 * @throws {ProfileError} `profile-version`
 */
export async function parseProfileFile(
  bytes: Uint8Array,
  bounds: ScryptBounds,
): Promise<ProfileFile> {
  const content = bytes.subarray(0, -SHA256_BYTES);
  if (!equalBytes(bytes.subarray(-SHA256_BYTES), await checksum(content))) {
    throw new WireError("profile file", "its own checksum", "another, so it is damaged");
  }
  const reader = new Reader("profile file", content);
  if (!equalBytes(reader.bytes("magic", MAGIC.length), MAGIC)) {
    throw new WireError("profile file.magic", "parley-profile", "something else");
  }
  const version = reader.u8("version");
  if (version !== VERSION) {
    throw new ProfileError(
      "profile-version",
      `the profile has format ${version}, and this parley reads format ${VERSION}: use a newer one`,
    );
  }
  const cost = { logN: reader.u8("log N"), r: reader.u8("r"), p: reader.u8("p") };
  if (!isWithin(cost, bounds)) {
    const { logN, r, p } = cost;
    throw new WireError(
      "profile file.cost",
      `${bounds.leastMemory} to ${bounds.mostMemory} bytes of memory, p of 1 to ${bounds.mostP}`,
      `N = 2^${logN}, r = ${r}, p = ${p}`,
    );
  }
  const salt = reader.bytes("salt", SALT_BYTES);
  const generation = reader.u64("generation");
  const check = reader.bytes("check", CHECK_BYTES);
  const box = reader.rest("box", BOX_OVERHEAD_BYTES);
  return { header: { cost, salt, generation, check }, box };
}

/** Seals a profile. */
export async function sealProfile(
  profile: Profile,
  generation: number,
  key: PassphraseKey,
  random: Random,
): Promise<Bytes> {
  const { cost, salt, check } = key;
  const header = { cost, salt, generation, check };
  const box = await key.seal(random(IV_BYTES), encodeHeader(header), encodeProfile(profile));
  return await encodeProfileFile({ header, box });
}

/**
 * Opens a sealed profile.
 *
 * @throws {ProfileError} `wrong-passphrase`
 * @throws {WireError} when the file was changed
 */
export async function openProfile(
  { header, box }: ProfileFile,
  passphrase: string,
  random: Random,
): Promise<{ profile: Profile; key: PassphraseKey }> {
  const key = await PassphraseKey.derive(passphrase, header.salt, header.cost);
  if (!equalBytes(key.check, header.check)) {
    throw new ProfileError("wrong-passphrase", "the passphrase does not open this profile");
  }
  const plaintext = await key.open(encodeHeader(header), box);
  if (plaintext === null) {
    throw new WireError("profile file.box", "what was sealed under its header", "something else");
  }
  return { profile: parseProfile(plaintext, random), key };
}
