/**
 * Profiles and peers for tests, the same in every run, and a key derivation that costs nothing.
 *
 * @module
 */
import { keyFingerprint } from "../../lib/protocol/fingerprint.ts";
import type { Contact, Peer } from "../../lib/profile/contacts.ts";
import type { ScryptBounds, ScryptCost } from "../../lib/profile/passphrase_key.ts";
import { newProfile, type Profile } from "../../lib/profile/profile.ts";
import { ProfileStore, type StoreOptions } from "../../lib/profile/profile_store.ts";
import type { PeerFacts } from "../../lib/profile/trust.ts";
import { EPOCH, identityOf, SMALL_GROUP } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { MemoryFiles } from "./memory_files.ts";

/** A derivation of 2 KiB. */
export const TEST_COST: ScryptCost = { logN: 4, r: 1, p: 1 };

/** The least that a client accepts. */
export const LEAST_COST: ScryptCost = { logN: 16, r: 8, p: 1 };

/** Bounds that let {@link TEST_COST} through. */
export const TEST_BOUNDS: ScryptBounds = { leastMemory: 2048, mostMemory: 1 << 20, mostP: 2 };

/** The passphrase of every profile here. */
export const PASSPHRASE = "correct horse";

/** Somebody as a peer. */
export async function peerOf(name: string, announced = name, invited = false): Promise<Peer> {
  const { bytes: key } = identityOf(name, SMALL_GROUP).publicKey;
  return { key, announced, fingerprint: await keyFingerprint(key), invited };
}

/** Somebody as the session shows them. */
export async function factsOf(
  name: string,
  peerName = name,
  invited = false,
): Promise<PeerFacts> {
  const { publicKey } = identityOf(name, SMALL_GROUP);
  const peerFingerprint = await keyFingerprint(publicKey.bytes);
  return { peerName, peerIdentity: publicKey, peerFingerprint, invited };
}

/** Somebody as a contact. */
export function contactOf(name: string, changes: Partial<Contact> = {}): Contact {
  const { bytes: key } = identityOf(name, SMALL_GROUP).publicKey;
  return { name, key, verified: false, firstSeen: EPOCH, lastSeen: EPOCH, ...changes };
}

let made: Profile | undefined;

/** A profile named `work` that calls itself Alice and knows these people. */
export function profileOf(...contacts: Contact[]): Profile {
  made ??= newProfile("work", { name: "Alice" }, seededRandom("profile"));
  return { ...made, contacts };
}

/** Options for a store on a disk in memory. */
export function storeOptions(
  files: MemoryFiles = new MemoryFiles(),
): StoreOptions & { files: MemoryFiles } {
  const random = seededRandom("store");
  return { folder: "/p", files, random, cost: TEST_COST, bounds: TEST_BOUNDS };
}

/** A disk with one saved profile. */
export async function savedProfile(profile: Profile = profileOf()): Promise<MemoryFiles> {
  const options = storeOptions();
  using store = await ProfileStore.lock(options, "work");
  await store.create(profile, PASSPHRASE);
  return options.files;
}

/** A name that says how often the profile was saved, and that makes every file of another content. */
export function nameAfter(saves: number): string {
  return `${saves} ${"x".repeat(saves % 100)}`;
}
