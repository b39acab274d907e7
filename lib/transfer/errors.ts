/**
 * What can be wrong with a file, told apart by a stable code.
 *
 * @module
 */
import { EXIT, type ExitCode, ParleyError } from "../errors.ts";

/** What can be wrong, each with a stable code. */
export type TransferCode =
  /** No space is left for it. */
  | "disk-full"
  /** It can't be written, for another reason than space. */
  | "cannot-save"
  /** It can't be read, or is none. */
  | "cannot-read"
  /** It is larger than what can be offered. */
  | "file-too-large"
  /** Another transfer is writing the same file. */
  | "file-in-use"
  /** The file is not what was offered. */
  | "file-changed"
  /** The receiver does not want it. */
  | "file-refused"
  /** The sender took it back, or we did. */
  | "file-cancelled"
  /** The other side can't go on. */
  | "file-failed"
  /** Too many files are offered at a time. */
  | "too-many-files"
  /** There is no such transfer, or not one with which this can be done. */
  | "no-such-file";

const EXIT_OF: Readonly<Partial<Record<TransferCode, ExitCode>>> = { "disk-full": EXIT.unsaved };

/** A file can't be moved. */
export class TransferError extends ParleyError {
  /** An error about a file. */
  constructor(code: TransferCode, message: string) {
    super(code, message, EXIT_OF[code] ?? EXIT.failed);
  }
}
