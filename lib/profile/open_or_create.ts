/**
 * Opens a client's profile, or creates it if the user agrees.
 *
 * @module
 */
import type { Random } from "../crypto/random.ts";
import { ProfileError } from "./errors.ts";
import { choosePassphrase, type PassphraseSources, withPassphrase } from "./passphrase.ts";
import { newProfile, type Profile } from "./profile.ts";
import type { ProfileStore } from "./profile_store.ts";

/** Options of {@link openOrCreateProfile}. */
export interface OpenOrCreateOptions {
  /** The profile's files, locked. */
  readonly store: ProfileStore;
  /** The sources of the passphrase. */
  readonly passphrases: PassphraseSources;
  /** Asks whether to make a profile; `null` where nobody can be asked, and then none is made. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Prints a notice for the user. */
  readonly tell: (text: string) => void;
  /** What the other side calls us, if that is given: it is remembered. Empty to use what is remembered. */
  readonly nickname: string;
  /** Randomness for a new identity. */
  readonly random: Random;
}

/**
 * Opens the profile, or creates it.
 *
 * @throws {ProfileError} as `ProfileStore.open` and `create` do; `no-profile` when there is none and none is made
 */
export async function openOrCreateProfile(options: OpenOrCreateOptions): Promise<Profile> {
  const { store, passphrases, nickname, tell } = options;
  if (!await store.exists()) return await makeProfile(options);
  const question = `passphrase of profile ${store.name}: `;
  const profile = await withPassphrase(passphrases, question, (text) => store.open(text), tell);
  if (nickname === "" || nickname === profile.settings.name) return profile;
  const renamed = { ...profile, settings: { name: nickname } };
  await store.save(renamed);
  return renamed;
}

async function makeProfile(options: OpenOrCreateOptions): Promise<Profile> {
  const { store, confirm, random, nickname, passphrases, tell } = options;
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
