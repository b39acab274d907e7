/**
 * A profile on the disk: locked while it is open, written all or not at all, and never made anew in silence.
 *
 *     NAME.profile      the sealed profile
 *     NAME.generation   the least generation that it can have
 *     NAME.journal      what is on its way (journal.ts), once there was something
 *     NAME.lock         locked by the client that has it open
 *     *.new             a file that is being written
 *
 * Saving writes the profile, then its generation. Killed in between, it has a higher generation than the small file
 * says, which is fine and is put right at the next opening. A profile with a lower one was put back.
 *
 * Creating writes generation 0 first. So generation 0 without a profile is a creation that did not finish, and any
 * other generation without a profile is a profile that somebody took away.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { UsageError, WireError } from "../errors.ts";
import { putInPlace, reading, writing } from "./file_access.ts";
import { ProfileError } from "./errors.ts";
import type { FileLock, Files } from "./files.ts";
import {
  encodeGeneration,
  type Generation,
  parseGeneration,
  verifyGeneration,
} from "./generation.ts";
import { isProfileName, PROFILE_NAME_RULE } from "./folder.ts";
import { Journal, JOURNAL_EXTENSION } from "./journal.ts";
import {
  DEFAULT_COST,
  PassphraseKey,
  REAL_BOUNDS,
  SALT_BYTES,
  type ScryptBounds,
  type ScryptCost,
} from "./passphrase_key.ts";
import type { Profile } from "./profile.ts";
import { openProfile, parseProfileFile, type ProfileFile, sealProfile } from "./profile_file.ts";

/** Options of {@link ProfileStore}. */
export interface StoreOptions {
  /** The folder of profiles. */
  readonly folder: string;
  /** The file system. */
  readonly files: Files;
  /** Randomness for salts, and for what seals. */
  readonly random: Random;
  /** The cost of a new passphrase's key. @default {DEFAULT_COST} */
  readonly cost?: ScryptCost;
  /** Bounds for a file's cost. @default {REAL_BOUNDS} */
  readonly bounds?: ScryptBounds;
}

/** The content of a profile's files. */
interface Unsealed {
  readonly profile: Profile;
  readonly key: PassphraseKey;
  /** Of the profile itself. */
  readonly generation: number;
  /** Of the file beside it, not verified yet. */
  readonly saved: Generation | null;
}

const EXTENSION = ".profile";

/** Names of the profiles in a folder, in order. */
export async function listProfiles({ folder, files }: StoreOptions): Promise<string[]> {
  const names = await reading(folder, () => files.list(folder));
  return names.filter((name) => name.endsWith(EXTENSION))
    .map((name) => name.slice(0, -EXTENSION.length))
    .filter(isProfileName)
    .sort();
}

/** One profile's files, locked. */
export class ProfileStore implements Disposable {
  /** The profile's name. */
  readonly name: string;
  readonly #options: StoreOptions;
  readonly #lock: FileLock;
  /** Set while the profile is open. */
  #key: PassphraseKey | null = null;
  #generation = 0;
  #journal: Journal | null = null;

  private constructor(options: StoreOptions, name: string, lock: FileLock) {
    this.#options = options;
    this.name = name;
    this.#lock = lock;
  }

  /**
   * Takes a profile's files for this process; whether there is a profile is asked afterwards.
   *
   * @throws {UsageError} when the name can't be a profile's
   * @throws {ProfileError} `profile-in-use`, `cannot-save`
   */
  static async lock(options: StoreOptions, name: string): Promise<ProfileStore> {
    if (!isProfileName(name)) throw new UsageError(`a profile's name is ${PROFILE_NAME_RULE}`);
    const { folder, files } = options;
    const path = `${folder}/${name}.lock`;
    const lock = await writing(folder, async () => {
      await files.makeFolder(folder);
      return await files.lock(path);
    });
    if (lock === null) {
      throw new ProfileError(
        "profile-in-use",
        `profile ${name} is open in another client: leave that one first, or use another profile`,
      );
    }
    return new ProfileStore(options, name, lock);
  }

  /**
   * Whether there is a profile.
   *
   * @throws {ProfileError} `profile-missing` when there was one
   */
  async exists(): Promise<boolean> {
    if (await this.#read(EXTENSION) !== null) return true;
    const generation = await this.#readGeneration();
    if (generation === null || generation.generation === 0) return false;
    throw new ProfileError(
      "profile-missing",
      `${this.#path(EXTENSION)} is gone: put it back from a backup, or give it up with: ` +
        `deno task profile delete ${this.name}`,
    );
  }

  /**
   * Writes a new profile and leaves it open.
   *
   * @throws {ProfileError} `profile-exists`, `profile-missing`, `disk-full`, `cannot-save`
   */
  async create(profile: Profile, passphrase: string): Promise<void> {
    if (await this.exists()) {
      throw new ProfileError("profile-exists", `there is a profile ${this.name} already`);
    }
    this.#key = await this.#newKey(passphrase);
    this.#generation = 0;
    // One whose profile is gone altogether: its key is gone, too.
    await this.#removeJournal();
    await this.#write(".generation", await encodeGeneration(0, profile.generationKey));
    await this.save(profile);
  }

  /**
   * Opens the profile.
   *
   * @throws {ProfileError} `no-profile`, `profile-missing`, `wrong-passphrase`, `profile-tampered`,
   * `profile-rollback`, `profile-version`
   */
  async open(passphrase: string): Promise<Profile> {
    const { profile, key, generation, saved } = await this.#unseal(passphrase);
    if (saved === null) throw this.#rolledBack("the file that counts its saves is gone");
    await this.#checkGeneration(saved, profile);
    if (generation < saved.generation) {
      throw this.#rolledBack(
        `it was saved ${generation} times, and the newest one ${saved.generation} times`,
      );
    }
    this.#key = key;
    this.#generation = generation;
    if (generation > saved.generation) await this.#writeGeneration(profile);
    return profile;
  }

  /**
   * Opens a profile that was put back, and makes it the newest, because the user says so.
   *
   * @throws {ProfileError} as {@link ProfileStore.open} does, but not for the generation
   */
  async openPutBack(passphrase: string): Promise<Profile> {
    const { profile, key, generation, saved } = await this.#unseal(passphrase);
    if (saved !== null) await this.#checkGeneration(saved, profile);
    this.#key = key;
    this.#generation = Math.max(generation, saved?.generation ?? 0);
    await this.save(profile);
    return profile;
  }

  /**
   * Writes a new state of the profile that is open: it is on the disk when this resolves, and nothing has changed
   * when this fails for want of space.
   *
   * @throws {ProfileError} `disk-full`, `cannot-save`
   */
  async save(profile: Profile): Promise<void> {
    const key = this.#opened();
    // Never a number twice, also when what follows fails half-way.
    const generation = ++this.#generation;
    const bytes = await sealProfile(profile, generation, key, this.#options.random);
    await this.#write(EXTENSION, bytes);
    await this.#writeGeneration(profile);
  }

  /** Seals the profile that is open with another passphrase, under a new salt and today's cost. */
  async changePassphrase(profile: Profile, passphrase: string): Promise<void> {
    const old = this.#opened();
    this.#key = await this.#newKey(passphrase);
    try {
      await this.save(profile);
    } catch (error) {
      this.#key = old;
      throw error;
    }
  }

  /**
   * Opens the journal of the profile that is open, or begins one, and gives the records in it, oldest first. Closing
   * the store closes it.
   *
   * @throws {ProfileError} `profile-tampered`, `profile-version`, `cannot-read`, `disk-full`, `cannot-save`
   */
  async openJournal(profile: Profile): Promise<{ journal: Journal; records: Bytes[] }> {
    this.#opened();
    if (this.#journal !== null) throw new TypeError("Cannot open a journal twice");
    const { folder, files, random } = this.#options;
    const key = profile.generationKey;
    const opened = await Journal.open({ folder, name: this.name, files, random, key });
    this.#journal = opened.journal;
    return opened;
  }

  /**
   * Bytes of the profile's journal; `null` when it has none.
   *
   * @throws {ProfileError} `cannot-read`
   */
  async journalSize(): Promise<number | null> {
    return (await this.#read(JOURNAL_EXTENSION))?.length ?? null;
  }

  /** Removes the profile's files. What was in them can't be had back. */
  async delete(): Promise<void> {
    const { folder, files } = this.#options;
    this.#key = null;
    // First, because what it holds is nothing without the profile.
    await this.#removeJournal();
    await writing(folder, async () => {
      for (const ending of [EXTENSION, ".generation"]) {
        await files.remove(this.#path(ending));
        await files.remove(this.#path(`${ending}.new`));
      }
      await files.remove(this.#path(".lock"));
      await files.syncFolder(folder);
    });
  }

  /** Closes the journal, and lets other processes have the files. */
  close(): void {
    this.#key = null;
    this.#journal?.close();
    this.#lock.close();
  }

  /** The same as {@link ProfileStore.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #removeJournal(): Promise<void> {
    this.#journal?.close();
    this.#journal = null;
    return writing(this.#options.folder, async () => {
      for (const ending of [JOURNAL_EXTENSION, `${JOURNAL_EXTENSION}.new`]) {
        await this.#options.files.remove(this.#path(ending));
      }
    });
  }

  #path(ending: string): string {
    return `${this.#options.folder}/${this.name}${ending}`;
  }

  #opened(): PassphraseKey {
    if (this.#key === null) throw new TypeError("Cannot save a profile that is not open");
    return this.#key;
  }

  #newKey(passphrase: string): Promise<PassphraseKey> {
    const { random, cost = DEFAULT_COST } = this.#options;
    return PassphraseKey.derive(passphrase, random(SALT_BYTES), cost);
  }

  #read(ending: string): Promise<Bytes | null> {
    const path = this.#path(ending);
    return reading(path, () => this.#options.files.read(path));
  }

  async #readGeneration(): Promise<Generation | null> {
    const bytes = await this.#read(".generation");
    return bytes === null ? null : this.#checking(() => parseGeneration(bytes));
  }

  /** Opens the profile's file, whatever its generation. */
  async #unseal(passphrase: string): Promise<Unsealed> {
    if (!await this.exists()) {
      throw new ProfileError("no-profile", `there is no profile ${this.name}`);
    }
    const { bounds = REAL_BOUNDS, random } = this.#options;
    const bytes = (await this.#read(EXTENSION))!;
    const saved = await this.#readGeneration();
    const file = await this.#checking(() => parseProfileFile(bytes, bounds));
    const { generation } = file.header;
    const { profile, key } = await this.#checking(() =>
      this.#openFile(file, passphrase, random, saved)
    );
    if (profile.name !== this.name) {
      throw this.#tampered(`it is another profile's, ${profile.name}`);
    }
    return { profile, key, generation, saved };
  }

  /** An old file may have had another passphrase, so a file that claims to be old is the better explanation. */
  async #openFile(
    file: ProfileFile,
    passphrase: string,
    random: Random,
    saved: Generation | null,
  ): Promise<{ profile: Profile; key: PassphraseKey }> {
    try {
      return await openProfile(file, passphrase, random);
    } catch (error) {
      const isWrong = error instanceof ProfileError && error.code === "wrong-passphrase";
      if (!isWrong || saved === null || file.header.generation >= saved.generation) throw error;
      throw this.#rolledBack("it is older than the newest one, and has another passphrase");
    }
  }

  async #checkGeneration(saved: Generation, { generationKey }: Profile): Promise<void> {
    if (await verifyGeneration(saved, generationKey)) return;
    throw this.#tampered("the file that counts its saves is not its own");
  }

  /**
   * Counts a save that is on the disk. When this fails, the save is none the worse: the number is put right at the
   * next one, or at the next opening.
   */
  async #writeGeneration({ generationKey }: Profile): Promise<void> {
    const bytes = await encodeGeneration(this.#generation, generationKey);
    await this.#write(".generation", bytes).catch((error) => {
      if (!(error instanceof ProfileError)) throw error;
    });
  }

  /** Puts a file in its place: the old bytes or the new ones are there at every moment. */
  #write(ending: string, bytes: Bytes): Promise<void> {
    const { folder, files } = this.#options;
    const path = this.#path(ending);
    return writing(path, async () => {
      await putInPlace(files, path, bytes);
      await files.syncFolder(folder);
    });
  }

  /** Names the profile in a parser's errors. */
  async #checking<T>(parse: () => T | Promise<T>): Promise<T> {
    try {
      return await parse();
    } catch (error) {
      if (error instanceof WireError) throw this.#tampered(error.message);
      throw error;
    }
  }

  #tampered(how: string): ProfileError {
    return new ProfileError(
      "profile-tampered",
      `profile ${this.name} was changed or damaged: ${how}. Put it back from a backup`,
    );
  }

  #rolledBack(how: string): ProfileError {
    return new ProfileError(
      "profile-rollback",
      `an old state of profile ${this.name} was put back: ${how}. If you did that, say so with: ` +
        `deno task profile accept ${this.name}`,
    );
  }
}
