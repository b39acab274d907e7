/**
 * How a client comes by its profile: it opens the one there is, or makes one because the user says so.
 *
 * @module
 */
import type { Random } from "../crypto/random.ts";
import { ProfileError } from "./errors.ts";
import { choosePassphrase, type PassphraseSources, withPassphrase } from "./passphrase.ts";
import { newProfile, type Profile } from "./profile.ts";
import type { ProfileStore } from "./profile_store.ts";

/** What an entry needs. */
export interface OpenOrCreateOptions {
  /** The profile's files, locked. */
  readonly store: ProfileStore;
  /** Where the passphrase comes from. */
  readonly passphrases: PassphraseSources;
  /** Asks whether to make a profile; `null` where nobody can be asked, and then none is made. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Says something to the user. */
  readonly tell: (text: string) => void;
  /** What the other side calls us, if that is given: it is remembered. Empty to use what is remembered. */
  readonly nickname: string;
  /** Randomness for a new identity. */
  readonly random: Random;
}

/**
 * Opens the profile, or makes it.
 *
 * @throws {ProfileError} as `ProfileStore.open` and `create` do; `no-profile` when there is none and none is made
 */
export async function openOrCreateProfile(entry: OpenOrCreateOptions): Promise<Profile> {
  const { store, passphrases, nickname, tell } = entry;
  if (!await store.exists()) return await makeProfile(entry);
  const question = `passphrase of profile ${store.name}: `;
  const profile = await withPassphrase(passphrases, question, (text) => store.open(text), tell);
  if (nickname === "" || nickname === profile.settings.name) return profile;
  const renamed = { ...profile, settings: { name: nickname } };
  await store.save(renamed);
  return renamed;
}

async function makeProfile(entry: OpenOrCreateOptions): Promise<Profile> {
  const { store, confirm, random, nickname, passphrases, tell } = entry;
  const none = `there is no profile ${store.name}`;
  if (confirm === null) {
    throw new ProfileError(
      "no-profile",
      `${none}: make it with: deno task profile create ${store.name}`,
    );
  }
  if (!await confirm(`${none} yet. Make it, with a new identity? [y/N] `)) {
    throw new ProfileError("no-profile", `${none}, and none was made`);
  }
  const passphrase = await choosePassphrase(passphrases, tell);
  const profile = newProfile(store.name, { name: nickname }, random);
  await store.create(profile, passphrase);
  return profile;
}
