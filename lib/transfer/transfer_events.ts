/**
 * The events of transfers for the user, the user's actions, and what is remembered of transfers.
 *
 * @module
 */
import type { StopReason } from "../protocol/signal.ts";

/** Which way a file goes: to us, or from us. */
export type TransferDirection = "in" | "out";

/** What a user can do with a file. */
export const FILE_ACTIONS = ["accept", "refuse", "pause", "resume", "cancel"] as const;

/** One of {@link FILE_ACTIONS}. */
export type FileAction = typeof FILE_ACTIONS[number];

/** Something that happened to a file. The names are stable: scripts read them. Names and paths are clean. */
export type TransferEvent =
  /** The peer offers a file; the user types its `number`. */
  | {
    readonly type: "file-offered";
    readonly id: string;
    readonly number: number;
    readonly name: string;
    readonly bytes: number;
  }
  /** Progress: the first report, the last, and about four in a second. */
  | {
    readonly type: "file-progress";
    readonly id: string;
    readonly direction: TransferDirection;
    /** Bytes that the receiver has. */
    readonly done: number;
    /** Bytes of the whole. */
    readonly bytes: number;
    /** Bytes in a second. */
    readonly rate: number;
    /** Seconds until it is whole, or `null` while that is not known. */
    readonly secondsLeft: number | null;
  }
  /** We have all of it. */
  | {
    readonly type: "file-received";
    readonly id: string;
    readonly path: string;
    readonly bytes: number;
  }
  /** The peer has all of it. */
  | {
    readonly type: "file-sent";
    readonly id: string;
    readonly name: string;
    readonly bytes: number;
  }
  /** It is paused. */
  | { readonly type: "file-held"; readonly id: string; readonly by: "you" | "peer" }
  /** It is paused because of the disk; `message` says what to do before it is resumed. */
  | {
    readonly type: "file-held";
    readonly id: string;
    readonly by: "disk";
    readonly code: string;
    readonly message: string;
  }
  /** It is over without the file. */
  | {
    readonly type: "file-stopped";
    readonly id: string;
    readonly code: string;
    readonly message: string;
  };

/** Where a transfer stands. */
export type TransferPhase =
  /** Nobody has decided. */
  | "offered"
  /** Accepted, and moving whenever there is a session. */
  | "active"
  /** It is paused. */
  | "held"
  /** The receiver has it. */
  | "done"
  /** The receiver did not want it. */
  | "refused"
  /** It is over without the file. */
  | "stopped";

/** One transfer, for a list. */
export interface TransferState {
  /** What the user types. */
  readonly number: number;
  /** What a script says. */
  readonly id: string;
  /** Which way it goes. */
  readonly direction: TransferDirection;
  /** Its clean name. */
  readonly name: string;
  /** Its length. */
  readonly bytes: number;
  /** Where it stands. */
  readonly phase: TransferPhase;
  /** Bytes that the receiver has. */
  readonly done: number;
  /** Bytes in a second; 0 while it rests. */
  readonly rate: number;
  /** Seconds until it is whole, or `null` while that is not known. */
  readonly secondsLeft: number | null;
  /** Where it is read from, or where it has come to; `null` before that. */
  readonly path: string | null;
}

/** The part of a transfer's state that outlives the process. */
export interface LastingState {
  /** Where it stands; a held one is `active` and `paused`. */
  readonly phase: Exclude<TransferPhase, "held">;
  /** Where the file is read from, or where it was saved; `null` before that. */
  readonly path: string | null;
  /** Whether our user, or our disk, paused it. */
  readonly paused: boolean;
  /** Whether the receiver has the offer: asked before that, it would not know of what. */
  readonly known: boolean;
  /** What the peer gets for an answer when it asks after the end. */
  readonly answer: StopReason;
  /** Why we stopped, until the peer has been told. */
  readonly untold: StopReason | null;
}

/** One transfer in the journal. Goes through JSON unchanged. */
export interface TransferRecord extends LastingState {
  /** Which way it goes. */
  readonly direction: TransferDirection;
  /** The offer's id, in hexadecimal. */
  readonly id: string;
  /** The name in the offer. */
  readonly name: string;
  /** Its length. */
  readonly bytes: number;
  /** The root of its tree, in hexadecimal. */
  readonly root: string;
}
