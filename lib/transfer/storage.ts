/**
 * The disk, as transfers use it: disk.ts has the real one, and tests one in memory that can be full or fail.
 *
 * Every method rejects with a `TransferError` that says what to do.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { TransferError } from "./errors.ts";

/** A file of ours that is read, leaf by leaf. */
export interface Source {
  /** Its name, without the folders. */
  readonly name: string;
  /** Its length when it was opened. */
  readonly bytes: number;
  /** Changes when the file does, as far as its length and its time tell. */
  stamp(): Promise<string>;
  /** Leaf `index`; shorter when the file has become so. */
  read(index: number): Promise<Bytes>;
  /** Closes it. */
  close(): void;
}

/** A file that is being received: hidden, and readable by its owner only, until it is whole. */
export interface Sink {
  /** How many whole leaves were there when it was opened; whether they are the file's is not known yet. */
  readonly leaves: number;
  /** One of those leaves. */
  read(index: number): Promise<Bytes>;
  /** Writes a leaf in its place. */
  write(index: number, data: Uint8Array): Promise<void>;
  /**
   * Waits until all of it is on the disk, and gives it its name, all at once, and never another file's.
   *
   * @returns where it is
   */
  finish(): Promise<string>;
  /** Removes it. */
  discard(): Promise<void>;
  /** Closes it, and keeps it. */
  close(): void;
}

/** The file to receive. */
export interface Wanted {
  /** A clean name. */
  readonly name: string;
  /** Its length. */
  readonly bytes: number;
  /** The root of its tree: a partial file is found again by it, whoever offers the content, under whatever name. */
  readonly root: Bytes;
}

/** A disk. */
export interface Disk {
  /** Opens a file to send. */
  open(path: string): Promise<Source>;
  /** Opens a file to receive, or what is there of it. */
  receive(wanted: Wanted): Promise<Sink>;
  /** Paths of files that `wanted` may have become when it was finished: of its length, under one of its names. */
  finished(wanted: Wanted): Promise<string[]>;
}

/** No disk: nothing can be sent or received. */
export const NO_DISK: Disk = {
  open: () => Promise.reject(noDisk()),
  receive: () => Promise.reject(noDisk()),
  finished: () => Promise.resolve([]),
};

function noDisk(): TransferError {
  return new TransferError("cannot-read", "files can't be sent or received here");
}
