/**
 * The file system as an interface, and Deno's implementation of it. The store itself touches no file, so that a test
 * brings a disk that is full, or that stops in the middle.
 *
 * @module
 */
import { type Bytes, copyBytes } from "../crypto/bytes.ts";

/** A lock or a file that is held until it is closed. */
export interface FileLock {
  /** Lets go. */
  close(): void;
}

/** A file that is open for adding to its end. */
export interface AppendFile {
  /** Adds bytes, and waits until they are on the disk. When it fails, any part of them may be there. */
  append(bytes: Bytes): Promise<void>;
  /** Cuts the file to a length, and waits until that is on the disk; what is added next follows there. */
  truncate(length: number): Promise<void>;
  /** Closes it. */
  close(): void;
}

/** A file system. Errors are those of `Deno`. */
export interface Files {
  /** All of a file; `null` when there is none. */
  read(path: string): Promise<Bytes | null>;
  /** Names in a folder; none when there is no folder. */
  list(folder: string): Promise<string[]>;
  /** Makes a folder that only its owner can look into. */
  makeFolder(folder: string): Promise<void>;
  /** Writes a new file for its owner's eyes only, and waits until it is on the disk. */
  writeNew(path: string, bytes: Bytes): Promise<void>;
  /** Opens a file that is there for adding to its end. */
  openEnd(path: string): Promise<AppendFile>;
  /** Puts one file in the place of another, all at once. */
  rename(from: string, to: string): Promise<void>;
  /** Waits until a folder's names are on the disk. */
  syncFolder(folder: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(path: string): Promise<void>;
  /** Takes a file for this process alone; `null` when another process has it. */
  lock(path: string): Promise<FileLock | null>;
}

/** Deno's file system. */
export const DENO_FILES: Files = {
  async read(path) {
    try {
      return copyBytes(await Deno.readFile(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  },

  async list(folder) {
    const names: string[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(folder)) {
        if (isFile) names.push(name);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return names;
  },

  async makeFolder(folder) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o700);
  },

  async writeNew(path, bytes) {
    using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    await writeAll(file, bytes);
    await file.sync();
  },

  async openEnd(path) {
    // Not `append: true`: such a file can't be truncated on Windows.
    const file = await Deno.open(path, { write: true });
    try {
      await file.seek(0, Deno.SeekMode.End);
    } catch (error) {
      file.close();
      throw error;
    }
    return {
      async append(bytes) {
        await writeAll(file, bytes);
        // The new length is synced with the data: without it they could not be read.
        await file.syncData();
      },
      async truncate(length) {
        await file.truncate(length);
        await file.seek(length, Deno.SeekMode.Start);
        await file.syncData();
      },
      close: () => file.close(),
    };
  },

  rename: (from, to) => Deno.rename(from, to),

  async syncFolder(folder) {
    // Windows has no such thing; its file system keeps a journal of names.
    if (Deno.build.os === "windows") return;
    using file = await Deno.open(folder);
    await file.sync();
  },

  async remove(path) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },

  /**
   * An advisory lock of the operating system (flock, LockFileEx): it ends with the process, however that ends, so
   * there are no stale ones.
   */
  async lock(path) {
    for (;;) {
      const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
      try {
        if (!await file.tryLock(true)) {
          file.close();
          return null;
        }
        if (await isStillAt(path, file)) return file;
      } catch (error) {
        file.close();
        throw error;
      }
      file.close();
    }
  },
};

async function writeAll(file: Deno.FsFile, bytes: Bytes): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/** Whether the file of this name is still the one that was opened: another process may have removed it. */
async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  try {
    const [now, then] = [await Deno.stat(path), await file.stat()];
    return now.ino === then.ino && now.dev === then.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Reads a text from a file descriptor that the caller of this process opened, up to its end.
 *
 * Deno opens a descriptor by its path only. That takes `--allow-read=/dev/fd`, which lets it read what it was given
 * open, and nothing else.
 */
export async function readDescriptor(descriptor: number, most: number): Promise<Bytes> {
  using file = await Deno.open(`/dev/fd/${descriptor}`);
  const buffer = new Uint8Array(most + 1);
  let length = 0;
  while (length < buffer.length) {
    const read = await file.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return buffer.slice(0, length);
}
