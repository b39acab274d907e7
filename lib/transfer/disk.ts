/**
 * The real disk: files of ours that are sent, and one folder for what is received.
 *
 * @module
 */
import { type Bytes, toHex } from "../crypto/bytes.ts";
import { LEAF_BYTES } from "../protocol/constants.ts";
import { TransferError } from "./errors.ts";
import { numberedName } from "./file_name.ts";
import { leafCount, leafLength } from "./hash_tree.ts";
import type { Disk, Sink, Source, Wanted } from "./storage.ts";

/** How many names are tried before the user has to tidy up. */
const MAX_ATTEMPTS = 1000;

/**
 * A disk on which received files come to one folder.
 *
 * @param folder is made, for its owner's eyes only, when the first file comes
 */
export function denoDisk(folder: string): Disk {
  return {
    open: (path) => openSource(path),
    receive: (wanted) => openSink(folder, wanted),
    finished: (wanted) => findFinished(folder, wanted),
  };
}

async function openSource(path: string): Promise<Source> {
  return await reading(path, async () => {
    // Deno would ask, in the middle of whatever the terminal shows: the chat asks before.
    const permission = await Deno.permissions.query({ name: "read", path });
    if (permission.state !== "granted") throw notPermitted(path);
    // A pipe or a device would wait, or never end: what it is is asked before it is opened.
    if (!(await Deno.stat(path)).isFile) throw noFile(path);
    const file = await Deno.open(path);
    const { size, isFile } = await file.stat();
    if (isFile) return sourceOver(path, file, size);
    file.close();
    throw noFile(path);
  });
}

function notPermitted(path: string): TransferError {
  return new TransferError(
    "cannot-read",
    `${path} may not be read: put it into outbox/, or start parley with PARLEY_FILES naming its folder`,
  );
}

function noFile(path: string): TransferError {
  return new TransferError("cannot-read", `${path} is not a file: only files can be sent`);
}

function sourceOver(path: string, file: Deno.FsFile, bytes: number): Source {
  const leaves = new LeafFile(file, bytes);
  return {
    name: path.split(Deno.build.os === "windows" ? /[\\/]/ : "/").at(-1)!,
    bytes,
    stamp: () =>
      reading(path, async () => {
        const { size, mtime } = await file.stat();
        return `${size} ${mtime?.getTime()}`;
      }),
    read: (index) => reading(path, () => leaves.read(index)),
    close: () => file.close(),
  };
}

/** After so many leaves, 16 MiB, the disk is told to keep them: it works while more comes, and has little to do at the end. */
const SYNC_LEAVES = 128;

/** Leaves that are read at a time: each call to the disk goes by way of another thread. */
const READ_LEAVES = 4;

/** A file that is read and written leaf by leaf, one after the other: mostly in order, so that few seeks are needed. */
class LeafFile {
  readonly #file: Deno.FsFile;
  readonly #bytes: number;
  #position: number | null = null;
  /** What was read beyond the last leaf, and which leaf is the first of that. */
  #ahead: { readonly index: number; readonly data: Bytes } = { index: 0, data: new Uint8Array() };

  /** A file that is to have so many bytes. */
  constructor(file: Deno.FsFile, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Reads a leaf, or less when the file ends before. */
  async read(index: number): Promise<Bytes> {
    let { data } = this.#ahead;
    if (this.#ahead.index !== index || data.length === 0) {
      const start = index * LEAF_BYTES;
      data = new Uint8Array(Math.min(READ_LEAVES * LEAF_BYTES, this.#bytes - start));
      const read = async (rest: Uint8Array) => await this.#file.read(rest) ?? 0;
      data = data.subarray(0, await this.#fill(index, data, read));
    }
    const length = leafLength(this.#bytes, index);
    this.#ahead = { index: index + 1, data: data.subarray(length) };
    return data.subarray(0, length);
  }

  /** Writes a leaf in its place. */
  async write(index: number, data: Uint8Array): Promise<void> {
    this.#ahead = { index, data: new Uint8Array() };
    await this.#fill(index, data, (rest) => this.#file.write(rest));
  }

  /** Goes to a leaf, and through `data` until all of it is done, or no more of it can be. */
  async #fill(
    index: number,
    data: Uint8Array,
    step: (rest: Uint8Array) => Promise<number>,
  ): Promise<number> {
    const start = index * LEAF_BYTES;
    const isThere = this.#position === start;
    this.#position = null;
    if (!isThere) await this.#file.seek(start, Deno.SeekMode.Start);
    let done = 0;
    for (let count = 1; done < data.length && count > 0; done += count) {
      count = await step(data.subarray(done));
    }
    this.#position = start + done;
    return done;
  }
}

/**
 * The path of a partial file. It depends on the content only, and not on who offered it under what name, so a transfer
 * resumes after both clients have forgotten it.
 */
function partialPath(folder: string, { root, bytes }: Wanted): string {
  return `${folder}/.parley-${toHex(root)}-${bytes}.part`;
}

/** The path in messages: a partial file's own name would tell a person nothing. */
function shownPath(folder: string, { name }: Wanted): string {
  return `${folder}/${name}`;
}

async function openSink(folder: string, wanted: Wanted): Promise<Sink> {
  return await writing(shownPath(folder, wanted), async () => {
    await makeFolder(folder);
    const file = await openPartial(partialPath(folder, wanted));
    try {
      // The lock ends with the process, however that ends, so there are no stale ones.
      if (!await file.tryLock(true)) {
        throw new TransferError(
          "file-in-use",
          `${wanted.name} is being received in another transfer: wait until that is done`,
        );
      }
      return sinkOver(folder, wanted, file, await cutToLeaves(file, wanted.bytes));
    } catch (error) {
      file.close();
      throw error;
    }
  });
}

/**
 * Opens a partial file. One that has its final name already, from a client that was killed before it removed the
 * partial one, is the user's file by now, and is not written.
 */
async function openPartial(path: string): Promise<Deno.FsFile> {
  const options = { read: true, write: true, create: true, mode: 0o600 };
  const file = await Deno.open(path, options);
  if (((await file.stat()).nlink ?? 1) <= 1) return file;
  file.close();
  await Deno.remove(path);
  return await Deno.open(path, options);
}

async function makeFolder(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o700);
}

/** Truncates to whole leaves. Returns how many there are. */
async function cutToLeaves(file: Deno.FsFile, bytes: number): Promise<number> {
  const { size } = await file.stat();
  const leaves = size >= bytes ? leafCount(bytes) : Math.floor(size / LEAF_BYTES);
  const whole = Math.min(bytes, leaves * LEAF_BYTES);
  if (size !== whole) await file.truncate(whole);
  return leaves;
}

function sinkOver(folder: string, wanted: Wanted, file: Deno.FsFile, leaves: number): Sink {
  const { name, bytes } = wanted;
  const [path, shown] = [partialPath(folder, wanted), shownPath(folder, wanted)];
  const content = new LeafFile(file, bytes);
  let isOpen = true;
  const close = () => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return {
    leaves,
    read: (index) => reading(path, () => content.read(index)),
    write: (index, data) =>
      writing(shown, async () => {
        await content.write(index, data);
        if ((index + 1) % SYNC_LEAVES === 0) void syncBeside(path);
      }),
    finish: () =>
      writing(shown, async () => {
        const { size } = await file.stat();
        if (size !== bytes) throw new Error(`it has ${size} bytes instead of ${bytes}`);
        await file.sync();
        // Some systems move no file that is open.
        close();
        const named = await giveName(folder, path, name);
        await syncFolder(folder);
        return named;
      }),
    discard: () => {
      close();
      return writing(shown, () => Deno.remove(path));
    },
    close,
  };
}

/** Brings a file to the disk, and nobody waits for that. What fails here fails in the end, too. */
async function syncBeside(path: string): Promise<void> {
  try {
    using file = await Deno.open(path, { write: true });
    await file.syncData();
  } catch {
    // It may have its name by now.
  }
}

/** Gives a whole file the first of its names that nothing has yet. */
async function giveName(folder: string, partial: string, name: string): Promise<string> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const path = `${folder}/${numberedName(name, attempt)}`;
    if (await moveTo(partial, path)) return path;
  }
  throw new Error(`${MAX_ATTEMPTS} files are called ${name}; move some away`);
}

/**
 * Moves a file to a name, unless there is something of that name.
 *
 * A second name for the file (a hard link) is made in one step, and fails when the name is taken; a rename would put
 * the file in the place of another. Where a file system has no links the name is taken with an empty file first, which
 * then is ours to replace.
 */
async function moveTo(partial: string, path: string): Promise<boolean> {
  try {
    await Deno.link(partial, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    return await reserveAndRename(partial, path);
  }
  await Deno.remove(partial);
  return true;
}

async function reserveAndRename(partial: string, path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  try {
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(path);
    throw error;
  }
  return true;
}

/** Waits until a folder's names are on the disk. */
async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing; its file system keeps a journal of names.
  if (Deno.build.os === "windows") return;
  using file = await Deno.open(folder);
  await file.sync();
}

async function findFinished(folder: string, { name, bytes }: Wanted): Promise<string[]> {
  const found: string[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const path = `${folder}/${numberedName(name, attempt)}`;
    try {
      const { isFile, size } = await Deno.lstat(path);
      if (isFile && size === bytes) found.push(path);
    } catch (error) {
      // Names are given in their order, so nothing is behind the first that is free.
      if (error instanceof Deno.errors.NotFound) break;
      throw explained(error, "cannot-read", path);
    }
  }
  return found;
}

/** Gives the failures of reading a code and a next step. */
async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw explained(error, "cannot-read", `cannot read ${path}`);
  }
}

/** Gives the failures of writing a code and a next step. */
async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new TransferError(
        "disk-full",
        `no space is left for ${path}: what came is kept. Make room`,
      );
    }
    throw explained(error, "cannot-save", `cannot write ${path}`);
  }
}

function explained(error: unknown, code: "cannot-read" | "cannot-save", what: string) {
  if (error instanceof TransferError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  // Deno goes on with the call that failed, and the path once more.
  return new TransferError(code, `${what}: ${reason.replace(/ \(os error \d+\).*$/s, "")}`);
}
