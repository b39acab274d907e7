/**
 * A disk in memory: it can be full, it can stop in the middle of anything, and it remembers what was done to it.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { FileLock, Files } from "../../lib/profile/files.ts";

/** The power went out. Nothing is done after it. */
export class Crash extends Error {}

/** The files of a disk in memory. */
export class MemoryFiles implements Files {
  /** All files by path. */
  readonly files: Map<string, Bytes>;
  /** What was done, in order; reading is not listed. */
  readonly done: string[] = [];
  /** Bytes that fit on the disk. */
  capacity = Infinity;
  /** How many more changes happen before the crash. A file that is being written then is half there. */
  changesLeft = Infinity;
  /** What locks are held. */
  readonly #locks = new Set<string>();

  /** A disk with these files. */
  constructor(files: ReadonlyMap<string, Bytes> = new Map()) {
    this.files = new Map(files);
  }

  /** Reads a file that has to be there. */
  get(path: string): Bytes {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new Error(`no ${path} in ${[...this.files.keys()]}`);
    return bytes;
  }

  read(path: string): Promise<Bytes | null> {
    return Promise.resolve(this.files.get(path)?.slice() ?? null);
  }

  list(folder: string): Promise<string[]> {
    const prefix = `${folder}/`;
    const paths = [...this.files.keys()].filter((path) => path.startsWith(prefix));
    return Promise.resolve(paths.map((path) => path.slice(prefix.length)));
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  writeNew(path: string, bytes: Bytes): Promise<void> {
    if (this.files.has(path)) return Promise.reject(new Deno.errors.AlreadyExists(path));
    return this.#change(`write ${path}`, () => {
      const free = this.capacity - this.#used();
      if (this.changesLeft < 0) this.files.set(path, bytes.slice(0, bytes.length >> 1));
      else if (bytes.length > free) {
        this.files.set(path, bytes.slice(0, free));
        throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
      } else this.files.set(path, bytes.slice());
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(`rename ${from} ${to}`, () => {
      if (this.changesLeft < 0) return;
      this.files.set(to, this.get(from));
      this.files.delete(from);
    });
  }

  syncFolder(folder: string): Promise<void> {
    return this.#change(`sync ${folder}`, () => {});
  }

  remove(path: string): Promise<void> {
    return this.#change(`remove ${path}`, () => {
      if (this.changesLeft >= 0) this.files.delete(path);
    });
  }

  lock(path: string): Promise<FileLock | null> {
    if (this.#locks.has(path)) return Promise.resolve(null);
    this.#locks.add(path);
    return Promise.resolve({ close: () => this.#locks.delete(path) });
  }

  #used(): number {
    return this.files.values().reduce((sum, { length }) => sum + length, 0);
  }

  #change(what: string, change: () => void): Promise<void> {
    if (this.changesLeft < 0) return Promise.reject(new Crash());
    this.changesLeft--;
    try {
      change();
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.changesLeft < 0) return Promise.reject(new Crash());
    this.done.push(what);
    return Promise.resolve();
  }
}
