/**
 * What the two state machines of a transfer share: that of the sender (outgoing.ts) and that of the receiver
 * (incoming.ts). Both are pure: a state and an input give the next state, and effects for the runner (runner.ts).
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { ParleyError } from "../errors.ts";
import type { FrameKeys, Leaf } from "../protocol/frame.ts";
import type { FileSignal, StopReason } from "../protocol/signal.ts";
import type { FileAction, LastingState } from "./transfer_events.ts";

/** The state that both machines have. Immutable. */
export interface TransferMachine extends Omit<LastingState, "phase"> {
  /** The offer's id. */
  readonly id: Bytes;
  /** `finishing` is the receiver's: all leaves are written, and the file gets its name. */
  readonly phase: LastingState["phase"] | "finishing";
  /** Paused by the peer. */
  readonly pausedThere: boolean;
  /** The session with the peer, by its id, if there is one. */
  readonly session: Bytes | null;
}

/** An input; a machine ignores those that are the other machine's. */
export type TransferInput =
  /** The peer's. */
  | FileSignal
  /** The user's. */
  | { readonly type: FileAction }
  /** A session with the peer begins. */
  | { readonly type: "opened"; readonly sessionId: Bytes }
  /** It ends. */
  | { readonly type: "closed" }
  /** The file can't be read or written, or is not what was offered. */
  | { readonly type: "failed"; readonly error: ParleyError }
  /** Sender: the offer has arrived. */
  | { readonly type: "delivered" }
  /** Sender: a leaf is on its way, or is not wanted any more. */
  | { readonly type: "sent" }
  /** Receiver: a leaf came in a window of ours, and it is the peer that sealed it. */
  | ({ readonly type: "leaf"; readonly index: number } & Leaf)
  /** Receiver: the partial file is open and has `count` leaves. */
  | { readonly type: "ready"; readonly count: number }
  /** Receiver: the first `count` leaves are written. */
  | { readonly type: "wrote"; readonly count: number }
  /** Receiver: the file is whole, and has its name. */
  | { readonly type: "finished"; readonly path: string }
  /** Receiver: all leaves are written, and they are not the file. */
  | { readonly type: "damaged" };

/** What sender.ts and receiver.ts have to do; `failed` follows when the disk can't. */
export type FileEffect =
  /** Sender: read a leaf, compare it with the tree, seal it and send it: `sent` follows. */
  | {
    readonly type: "leaf";
    readonly index: number;
    /** Its place in its window. */
    readonly place: number;
    /** Its window's. */
    readonly keys: FrameKeys;
    /** How often windows had become void: when that has changed, the leaf is not wanted any more. */
    readonly run: number;
  }
  /** Receiver: ask for the leaves from this one on. */
  | { readonly type: "ask"; readonly from: number }
  /** Receiver: open the partial file and hash what is in it: `ready` or `finished` follows. */
  | { readonly type: "prepare" }
  /** Receiver: write a leaf, which has this hash: `wrote` follows. */
  | {
    readonly type: "write";
    readonly index: number;
    readonly data: Bytes;
    readonly hash: Bytes;
  }
  /** Receiver: compare the whole with the root, and name the file: `finished` or `damaged` follows. */
  | { readonly type: "finish" }
  /** Receiver: remove the partial file. */
  | { readonly type: "discard" };

/** What has to be done, in this order. */
export type TransferEffect =
  | FileEffect
  /** Tell the peer. */
  | { readonly type: "send"; readonly signal: FileSignal }
  /** The receiver has so many leaves. */
  | { readonly type: "progress"; readonly leaves: number }
  /** Paused. */
  | { readonly type: "held"; readonly by: "you" | "peer" }
  /** Paused because of the disk: the partial file is closed and kept. */
  | { readonly type: "held"; readonly by: "disk"; readonly error: ParleyError }
  /** The receiver has the file. */
  | { readonly type: "done" }
  /** It is over without the file. */
  | { readonly type: "stopped"; readonly by: "you" | "peer"; readonly reason: StopReason };

/** The next state, and what has to be done. */
export interface TransferStep<State> {
  /** The next state. */
  readonly state: State;
  /** To be carried out in this order. */
  readonly effects: readonly TransferEffect[];
}

/** A transfer that has only been offered. */
export const OFFERED: LastingState = {
  phase: "offered",
  path: null,
  paused: false,
  known: false,
  answer: "failed",
  untold: null,
};

/** The state of a transfer in a new process, or of a new one. */
export function newMachine(id: Bytes, lasting: LastingState): TransferMachine {
  const { phase, path, paused, known, answer, untold } = lasting;
  return { id, phase, path, paused, known, answer, untold, pausedThere: false, session: null };
}

/** Whether it is over. */
export function isOver({ phase }: TransferMachine): boolean {
  return phase === "done" || phase === "refused" || phase === "stopped";
}

/** Whether one of the two has paused it. */
export function isHeld(state: TransferMachine): boolean {
  const { phase, paused, pausedThere } = state;
  return !isOver(state) && phase !== "finishing" && (paused || pausedThere);
}

/** A step with these effects. */
export function stepTo<State>(
  state: State,
  effects: readonly TransferEffect[] = [],
): TransferStep<State> {
  return { state, effects };
}

/** Sends a signal, if there is a session. */
export function sendSignal({ session }: TransferMachine, signal: FileSignal): TransferEffect[] {
  return session !== null ? [{ type: "send", signal }] : [];
}

/** Sends the end of the transfer, if there is a session. */
export function sendStop(state: TransferMachine, reason: StopReason): TransferEffect[] {
  return sendSignal(state, { type: "file-stop", id: state.id, reason });
}

/** A session begins: an end that the peer does not know of is reported first, and nothing after it. */
export function openedStep<State extends TransferMachine>(
  state: State,
  { sessionId }: Extract<TransferInput, { type: "opened" }>,
  goOn: (state: State) => TransferStep<State>,
): TransferStep<State> {
  const open: State = { ...state, session: sessionId, pausedThere: false };
  if (state.untold !== null) {
    return stepTo({ ...open, untold: null }, sendStop(open, state.untold));
  }
  return isOver(open) ? stepTo(open) : goOn(open);
}

/** The transfer ends on this side; its `file-stop` goes out now, or in the next session. */
export function stopStep<State extends TransferMachine>(
  state: State,
  reason: StopReason,
  by: "you" | "peer",
  discard: TransferEffect[] = [],
): TransferStep<State> {
  const phase = reason === "refused" && state.phase === "offered" ? "refused" : "stopped";
  const untold = state.session !== null ? null : reason;
  return stepTo({ ...state, phase, untold, answer: reason }, [
    ...sendStop(state, reason),
    ...discard,
    { type: "stopped", by, reason },
  ]);
}
