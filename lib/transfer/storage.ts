/**
 * What transfers need of a disk. The real one is disk.ts; tests bring one that is full, or that stops in the middle.
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
  /** Lets go. */
  close(): void;
}

/** A file that is being received: hidden, and its owner's alone, until it is whole. */
export interface Sink {
  /** How many whole leaves were there when it was opened. What they are worth nobody knows yet. */
  readonly leaves: number;
  /** One of those leaves. */
  read(index: number): Promise<Bytes>;
  /** Writes a leaf in its place. */
  write(index: number, data: Uint8Array): Promise<void>;
  /** Waits until all that was written is on the disk. */
  flush(): Promise<void>;
  /**
   * Gives the file its name, all at once, and never another file's.
   *
   * @returns where it is
   */
  finish(): Promise<string>;
  /** Removes it. */
  discard(): Promise<void>;
  /** Lets go of it, and keeps it. */
  close(): void;
}

/** Which file is received. */
export interface Wanted {
  /** A clean name. */
  readonly name: string;
  /** Its length. */
  readonly bytes: number;
  /** The root of its tree: the same content is found again by it, whoever offers it, and under whatever name. */
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

/** Where there is no disk: nothing can be sent, and nothing is taken. */
export const NO_DISK: Disk = {
  open: () => Promise.reject(noDisk()),
  receive: () => Promise.reject(noDisk()),
  finished: () => Promise.resolve([]),
};

function noDisk(): TransferError {
  return new TransferError("cannot-read", "files can't be sent or taken here");
}
