/**
 * A disk in memory: it can be full, it can lose what is not finished, and it can be damaged.
 *
 * @module
 */
import { type Bytes, toHex } from "../../lib/crypto/bytes.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { TransferError } from "../../lib/transfer/errors.ts";
import { numberedName } from "../../lib/transfer/file_name.ts";
import { leafCount } from "../../lib/transfer/hash_tree.ts";
import type { Disk, Sink, Source, Wanted } from "../../lib/transfer/storage.ts";
import { leafOf } from "./content.ts";

/** A file that is being received. */
interface Partial {
  /** By index. What of them outlives a power cut is for chance. */
  leaves: Bytes[];
  locked: boolean;
}

/** What outlives its processes. */
export class MemoryStore {
  /** Whole files, by path. */
  readonly files = new Map<string, Bytes>();
  /** By root. */
  readonly partials = new Map<string, Partial>();
  /** How many more leaves fit. */
  room = Infinity;
  /** Whether no file can be brought to the disk. */
  broken = false;
  /** How many leaves of files were read. */
  reads = 0;
  /** The files that are open. */
  readonly open = new Set<unknown>();

  /** The power goes out: what is not brought to the disk yet is there, half there or gone. */
  crash(kept: (leaf: Bytes) => Bytes | null = () => null): void {
    this.open.clear();
    for (const partial of this.partials.values()) {
      const left = partial.leaves.map(kept);
      const end = left.indexOf(null);
      partial.leaves = left.slice(0, end < 0 ? left.length : end) as Bytes[];
      partial.locked = false;
    }
  }

  /** What received files there are, by name. */
  received(): string[] {
    return [...this.files.keys()].filter((path) => path.startsWith("received/")).sort();
  }
}

/** One process's view of a store; after `dead` is set it can do nothing. */
export class MemoryDisk implements Disk {
  /** What outlives the process. */
  readonly store: MemoryStore;
  /** The process was killed. */
  dead = false;

  /** A disk over a store. */
  constructor(store: MemoryStore = new MemoryStore()) {
    this.store = store;
  }

  open(path: string): Promise<Source> {
    const { store } = this;
    const content = () => store.files.get(path);
    const opened = content();
    if (opened === undefined) return this.#fail("cannot-read");
    const source: Source = {
      name: path.split("/").at(-1)!,
      bytes: opened.length,
      // The object is the file's version, as its time would be.
      stamp: () =>
        content() === undefined ? this.#fail("cannot-read") : this.#done(stampOf(content()!)),
      read: (index) => {
        const now = content();
        if (now === undefined) return this.#fail("cannot-read");
        return this.#done(leafOf(now, index), () => store.reads++);
      },
      close: () => void store.open.delete(source),
    };
    return this.#done(source, () => store.open.add(source));
  }

  receive(wanted: Wanted): Promise<Sink> {
    if (this.dead) return new Promise(() => {});
    const { store } = this;
    const key = toHex(wanted.root);
    const partial = store.partials.get(key) ?? { leaves: [], locked: false };
    if (partial.locked) return this.#fail("file-in-use");
    partial.locked = true;
    store.partials.set(key, partial);
    const unlock = () => {
      if (this.dead) return;
      partial.locked = false;
      store.open.delete(sink);
    };
    const sink: Sink = {
      leaves: Math.min(partial.leaves.length, leafCount(wanted.bytes)),
      read: (index) => this.#done(partial.leaves[index]!, () => store.reads++),
      write: (index, data) => {
        if (!this.dead && index >= partial.leaves.length) {
          if (store.room < 1) return this.#fail("disk-full");
          store.room--;
        }
        return this.#done(undefined, () => partial.leaves[index] = Uint8Array.from(data));
      },
      finish: () => {
        if (store.broken) return this.#fail("cannot-save");
        let attempt = 1;
        const path = () => `received/${numberedName(wanted.name, attempt)}`;
        while (store.files.has(path())) attempt++;
        return this.#done(path(), () => {
          unlock();
          const content = new Uint8Array(wanted.bytes);
          for (const [i, leaf] of partial.leaves.entries()) content.set(leaf, i * LEAF_BYTES);
          store.files.set(path(), content);
          store.partials.delete(key);
        });
      },
      discard: () =>
        this.#done(undefined, () => {
          unlock();
          store.room += partial.leaves.length;
          store.partials.delete(key);
        }),
      close: unlock,
    };
    return this.#done(sink, () => store.open.add(sink));
  }

  finished({ name, bytes }: Wanted): Promise<string[]> {
    const names = Array.from({ length: 20 }, (_, i) => `received/${numberedName(name, i + 1)}`);
    return this.#done(names.filter((path) => this.store.files.get(path)?.length === bytes));
  }

  /** A process that is dead gets no answer any more, and changes nothing. */
  #done<T>(value: T, change: () => void = () => {}): Promise<T> {
    if (this.dead) return new Promise(() => {});
    change();
    return Promise.resolve(value);
  }

  #fail(code: "cannot-read" | "cannot-save" | "disk-full" | "file-in-use"): Promise<never> {
    if (this.dead) return new Promise(() => {});
    return Promise.reject(new TransferError(code, `${code}: make it better and try again`));
  }
}

const stamps = new WeakMap<Bytes, string>();
let versions = 0;

function stampOf(content: Bytes): string {
  const stamp = stamps.get(content) ?? `${versions++}`;
  stamps.set(content, stamp);
  return stamp;
}
