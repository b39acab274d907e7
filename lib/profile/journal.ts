/**
 * A log beside a profile, sealed, that only grows: what was appended is on the disk, whatever kills the client next.
 * It does not know what its records mean. (journal_file.ts has the format.)
 *
 *     NAME.journal       held under the profile's lock
 *     NAME.journal.new   one that is being written to take its place
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { putInPlace, reading, writing } from "./file_access.ts";
import { ProfileError } from "./errors.ts";
import type { AppendFile, Files } from "./files.ts";
import {
  framedBytes,
  type FramePosition,
  IV_BYTES,
  JOURNAL_ID_BYTES,
  type JournalContent,
  JournalSeal,
  positionAfter,
  readJournal,
} from "./journal_file.ts";
import type { MacKey } from "./secret.ts";

/** The end of a journal's file name, after its profile's name. */
export const JOURNAL_EXTENSION = ".journal";

/** Most bytes in one append, with 4 for each record: a frame is sealed and opened in memory. */
export const MAX_APPEND_BYTES: number = 64 * 1024 * 1024;

/** A group of appends is closed when it has so many bytes: more would make the first of them wait for long. */
const GROUP_BYTES = 256 * 1024;

/** Options of {@link Journal.open}. */
export interface JournalOptions {
  /** The profile's folder. */
  readonly folder: string;
  /** The profile's name. */
  readonly name: string;
  /** The file system. */
  readonly files: Files;
  /** Randomness for ids and for what seals. */
  readonly random: Random;
  /** The profile's generation key. */
  readonly key: MacKey;
}

/** A change that waits for its turn. */
interface Job {
  readonly records: readonly Bytes[];
  /** Whether the records take the place of all others. */
  readonly replaces: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The journal of one profile. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #path: string;
  #seal: JournalSeal;
  #next: FramePosition;
  #size: number;
  /** Opened when it is first written to, and again after it was replaced. */
  #file: AppendFile | null = null;
  /** Whether something follows the last whole frame on the disk. */
  #isTorn: boolean;
  /** Whether a crash could still bring the file back that this one replaced. */
  #isUnsynced = false;
  readonly #waiting: Job[] = [];
  #isWorking = false;
  #isClosed = false;

  private constructor(
    options: JournalOptions,
    { seal, next, length }: Omit<JournalContent, "records">,
    isTorn: boolean,
  ) {
    this.#options = options;
    this.#path = pathOf(options);
    this.#seal = seal;
    this.#next = next;
    this.#size = length;
    this.#isTorn = isTorn;
  }

  /**
   * Opens a profile's journal, or begins one, and gives every record in it, oldest first. A last frame that a crash
   * left unfinished is cut off.
   *
   * @throws {ProfileError} `profile-tampered`, `profile-version`, `cannot-read`, `disk-full`, `cannot-save`
   */
  static async open(options: JournalOptions): Promise<{ journal: Journal; records: Bytes[] }> {
    const path = pathOf(options);
    const bytes = await reading(path, () => options.files.read(path));
    if (bytes === null) return { journal: await Journal.#begin(options), records: [] };
    const content = await checking(options, () => readJournal(bytes, options.key));
    const journal = new Journal(options, content, content.length < bytes.length);
    try {
      if (journal.#isTorn) await writing(path, () => journal.#opened());
    } catch (error) {
      journal.close();
      throw error;
    }
    return { journal, records: content.records };
  }

  static async #begin(options: JournalOptions): Promise<Journal> {
    const { key, random, files, folder } = options;
    const seal = await JournalSeal.derive(key, random(JOURNAL_ID_BYTES));
    await writing(pathOf(options), async () => {
      await putInPlace(files, pathOf(options), seal.header);
      await files.syncFolder(folder);
    });
    return new Journal(options, { seal, next: seal.start, length: seal.header.length }, false);
  }

  /** Bytes on the disk. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds records; they are on the disk, in the order of the calls, when this resolves. The records of one call are
   * there together or not at all. Calls that wait for the disk at the same time share one write.
   *
   * When it fails, all that was appended before is still there, and a later one may succeed. (Where the disk fails so
   * badly that the file can't be cut back either, the records may turn up at the next opening.)
   *
   * @param records in all at most {@link MAX_APPEND_BYTES}
   * @throws {RangeError} when they are more
   * @throws {TypeError} when the journal is closed, or is closed before their turn
   * @throws {ProfileError} `disk-full`, `cannot-save`
   */
  append(records: readonly Bytes[]): Promise<void> {
    return this.#enqueue(records, false);
  }

  /**
   * Puts a journal of exactly these records in the place of this one, all at once: killed at any moment, it leaves
   * the old one or the new one. It replaces what was appended before the call, whether that has resolved or not; what
   * is appended after the call follows. When it fails, the old one is still there and goes on.
   *
   * @param records each at most {@link MAX_APPEND_BYTES}
   * @throws {RangeError} when one is more
   * @throws {TypeError} as {@link Journal.append} does
   * @throws {ProfileError} `disk-full`, `cannot-save`
   */
  rewrite(records: readonly Bytes[]): Promise<void> {
    return this.#enqueue(records, true);
  }

  /** Closes the file. What waits for its turn is refused, so await every append first. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isWorking) this.#closeFile();
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  async #enqueue(records: readonly Bytes[], replaces: boolean): Promise<void> {
    if (this.#isClosed) throw closedError();
    const most = replaces
      ? records.reduce((most, record) => Math.max(most, framedBytes(record)), 0)
      : bytesOf(records);
    if (most > MAX_APPEND_BYTES) {
      throw new RangeError(`Cannot append ${most} bytes at once: at most ${MAX_APPEND_BYTES}`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Copies: what the caller writes into its buffers meanwhile must not reach the disk.
    this.#waiting.push({ records: records.map(copyBytes), replaces, resolve, reject });
    if (!this.#isWorking) void this.#work();
    return await promise;
  }

  /** Does what waits, in order. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    // Until the caller's turn ends, so that all that it appends at once goes into one group.
    await Promise.resolve();
    for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup()) {
      try {
        const records = group.flatMap(({ records }) => records);
        await (group[0]!.replaces ? this.#replace(records) : this.#add(records));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isWorking = false;
    if (this.#isClosed) this.#closeFile();
  }

  /** Takes one replacement, or as many appends as share a write. */
  #takeGroup(): Job[] {
    const group: Job[] = [];
    for (let bytes = 0; bytes < GROUP_BYTES;) {
      const job = this.#waiting[0];
      if (job === undefined || job.replaces && group.length > 0) break;
      const length = bytesOf(job.records);
      if (group.length > 0 && bytes + length > MAX_APPEND_BYTES) break;
      group.push(this.#waiting.shift()!);
      if (job.replaces) break;
      bytes += length;
    }
    return group;
  }

  async #add(records: readonly Bytes[]): Promise<void> {
    if (records.length === 0) return;
    const frame = await this.#seal.seal(this.#next, this.#options.random(IV_BYTES), records);
    await writing(this.#path, async () => {
      const file = await this.#opened();
      try {
        await file.append(frame);
      } catch (error) {
        this.#isTorn = true;
        // Now, so that what could not be promised does not turn up later; else before the next append.
        await this.#opened().catch(() => {});
        throw error;
      }
    });
    this.#size += frame.length;
    this.#next = positionAfter(this.#next, frame);
  }

  async #replace(records: readonly Bytes[]): Promise<void> {
    const { key, random, files } = this.#options;
    const seal = await JournalSeal.derive(key, random(JOURNAL_ID_BYTES));
    const parts = [seal.header];
    let next = seal.start;
    for (const group of groupsOf(records)) {
      const frame = await seal.seal(next, random(IV_BYTES), group);
      parts.push(frame);
      next = positionAfter(next, frame);
    }
    const bytes = concatBytes(...parts);
    await writing(this.#path, async () => {
      // Windows replaces no file that is open.
      this.#closeFile();
      await putInPlace(files, this.#path, bytes);
      [this.#seal, this.#next, this.#size] = [seal, next, bytes.length];
      [this.#isTorn, this.#isUnsynced] = [false, true];
      await this.#syncName();
    });
  }

  /** The file, ready for the next frame. */
  async #opened(): Promise<AppendFile> {
    await this.#syncName();
    this.#file ??= await this.#options.files.openEnd(this.#path);
    if (this.#isTorn) await this.#file.truncate(this.#size);
    this.#isTorn = false;
    return this.#file;
  }

  async #syncName(): Promise<void> {
    if (this.#isUnsynced) await this.#options.files.syncFolder(this.#options.folder);
    this.#isUnsynced = false;
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = null;
  }
}

function pathOf({ folder, name }: JournalOptions): string {
  return `${folder}/${name}${JOURNAL_EXTENSION}`;
}

function bytesOf(records: readonly Bytes[]): number {
  return records.reduce((sum, record) => sum + framedBytes(record), 0);
}

/** Parts records into those of one frame each, in order. */
function* groupsOf(records: readonly Bytes[]): Generator<Bytes[]> {
  let [group, bytes]: [Bytes[], number] = [[], 0];
  for (const record of records) {
    if (group.length > 0 && bytes + framedBytes(record) > GROUP_BYTES) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(record);
    bytes += framedBytes(record);
  }
  if (group.length > 0) yield group;
}

function closedError(): TypeError {
  return new TypeError("Cannot write to a journal that is closed");
}

/** Names the journal in its parser's errors. */
async function checking<T>(options: JournalOptions, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ProfileError(
      "profile-tampered",
      `the journal of profile ${options.name} was changed or damaged: ${error.message}. ` +
        `Put it back from a backup, or remove ${
          pathOf(options)
        }: what was not delivered yet goes with it`,
    );
  }
}
