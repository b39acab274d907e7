/**
 * A disk in memory: it can be full, it can stop in the middle of anything, and it remembers what was done to it.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../../lib/crypto/bytes.ts";
import type { AppendFile, FileLock, Files } from "../../lib/profile/files.ts";

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
  /** How many more bytes are written before the crash. */
  bytesLeft = Infinity;
  /** Changes that an error of the disk refuses. What should be appended is there then, and is not synced. */
  refused: RegExp | null = null;
  /** How many files are open for adding to them. */
  opened = 0;
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
    return this.#change(`write ${path}`, () => this.#write(path, new Uint8Array(), bytes));
  }

  openEnd(path: string): Promise<AppendFile> {
    if (!this.files.has(path)) return Promise.reject(new Deno.errors.NotFound(path));
    this.opened++;
    let isOpen = true;
    const change = (what: string, change: () => void) =>
      isOpen
        ? this.#change(`${what} ${path}`, change)
        : Promise.reject(new Deno.errors.BadResource());
    return Promise.resolve({
      append: (bytes) => change("append", () => this.#write(path, this.get(path), bytes)),
      truncate: (length) =>
        change("truncate", () => {
          if (this.changesLeft >= 0) this.files.set(path, this.get(path).slice(0, length));
        }),
      close: () => {
        if (isOpen) this.opened--;
        isOpen = false;
      },
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

  /** Writes behind the bytes before as many as are written until the crash, and as fit. */
  #write(path: string, before: Bytes, bytes: Bytes): void {
    const free = this.capacity - this.#used();
    const until = this.changesLeft < 0 ? bytes.length >> 1 : this.bytesLeft;
    const written = bytes.slice(0, Math.max(0, Math.min(free, until)));
    this.files.set(path, concatBytes(before, written));
    this.bytesLeft -= written.length;
    if (written.length === bytes.length) return;
    if (until <= free) this.changesLeft = -1;
    else throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  }

  #used(): number {
    return this.files.values().reduce((sum, { length }) => sum + length, 0);
  }

  #change(what: string, change: () => void): Promise<void> {
    if (this.changesLeft < 0) return Promise.reject(new Crash());
    this.changesLeft--;
    const isRefused = this.refused?.test(what) ?? false;
    try {
      if (!isRefused || what.startsWith("append ")) change();
      if (isRefused) throw new Error("Input/output error (os error 5)");
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.changesLeft < 0) return Promise.reject(new Crash());
    this.done.push(what);
    return Promise.resolve();
  }
}
