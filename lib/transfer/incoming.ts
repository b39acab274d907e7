/**
 * The receiving side of one transfer, as a pure state machine: an input and a state give the next state and effects.
 *
 *     offered --accept--> receiving <--> held --all leaves--> finishing --> done
 *        \--refuse--> refused     \________\____stop, cancel, a bad leaf___> stopped
 *
 * Nothing reaches the disk that the root does not vouch for. What was there before is judged by the first leaf that
 * comes: its proof has the hashes of all that is before it.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { ParleyError } from "../errors.ts";
import type { FileSignal, StopReason } from "../protocol/signal.ts";
import { hashLeaf, leafCount, leafLength, type TreeHead, verifyLeaf } from "./hash_tree.ts";
import { FIRST_PACE, isDue, type Pace, paceAfter } from "./pace.ts";

/** One file on its way in. Immutable. */
export interface Incoming {
  /** The offer's id. */
  readonly id: Bytes;
  /** Length and root of the file. */
  readonly head: TreeHead;
  /** Where the diagram above stands; a held one is `receiving`, and {@link isIncomingHeld}. */
  readonly phase: "offered" | "receiving" | "finishing" | "done" | "refused" | "stopped";
  /** Why it does not go on here: our user paused, or the disk failed. */
  readonly pausedHere: "you" | "disk" | null;
  /** Paused by the sender, until it asks what we have. */
  readonly pausedThere: boolean;
  /** Whether a session is there. */
  readonly open: boolean;
  /** Whether the partial file is open and what is in it known. */
  readonly disk: "closed" | "preparing" | "ready";
  /** Whether we have asked for leaves in this session and since the last pause. */
  readonly asked: boolean;
  /** How many leaves are written. */
  readonly written: number;
  /** How many of them the sender knows of. */
  readonly kept: number;
  /** Whether the root vouches for all that is written. */
  readonly trusted: boolean;
  /** When to answer. */
  readonly pace: Pace;
  /** Whether it was begun again because what was on the disk had been damaged. */
  readonly again: boolean;
  /** Why we stopped, until the other side has been told. */
  readonly untold: StopReason | null;
  /** What a query after it was stopped is answered with. */
  readonly answer: StopReason;
}

/** What happens to it. */
export type IncomingInput =
  /** A session begins. */
  | { readonly type: "opened" }
  /** A session ends. */
  | { readonly type: "closed" }
  /** The sender asks what we have. */
  | { readonly type: "query" }
  /** The sender sends a leaf. */
  | {
    readonly type: "leaf";
    readonly index: number;
    readonly proof: readonly Bytes[];
    readonly data: Bytes;
  }
  /** The sender pauses. */
  | { readonly type: "hold" }
  /** The sender says that it is over. */
  | { readonly type: "stop"; readonly reason: StopReason }
  /** The partial file is open, and so many leaves are there. */
  | { readonly type: "ready"; readonly count: number }
  /** The first `count` leaves are written. */
  | { readonly type: "wrote"; readonly count: number }
  /** The file is whole, and has its name. */
  | { readonly type: "finished"; readonly path: string }
  /** All leaves are there, but they are not the file. */
  | { readonly type: "damaged" }
  /** The disk failed. */
  | { readonly type: "failed"; readonly error: ParleyError }
  /** Our user wants it. */
  | { readonly type: "accept" }
  /** Our user does not want it. */
  | { readonly type: "refuse" }
  /** Our user pauses. */
  | { readonly type: "pause" }
  /** Our user goes on. */
  | { readonly type: "resume" }
  /** Our user gives it up. */
  | { readonly type: "cancel" };

/** What has to be done, in this order; when one fails, `failed` follows and the rest is left. */
export type IncomingEffect =
  /** Tell the other side. */
  | { readonly type: "send"; readonly signal: FileSignal }
  /** Open the partial file and hash what is in it: `ready` follows, or `finished`. */
  | { readonly type: "prepare" }
  /** Write a leaf, which has this hash: `wrote` follows. */
  | {
    readonly type: "write";
    readonly index: number;
    readonly data: Bytes;
    readonly hash: Bytes;
  }
  /** Wait until all that was written is on the disk. */
  | { readonly type: "flush" }
  /** Compare the whole with the root, and name the file: `finished` or `damaged` follows. */
  | { readonly type: "finish" }
  /** Let go of the partial file, and keep it. */
  | { readonly type: "release" }
  /** Remove the partial file. */
  | { readonly type: "discard" }
  /** So many leaves are written. */
  | { readonly type: "progress"; readonly written: number }
  /** Paused. */
  | { readonly type: "held"; readonly by: "you" | "peer" }
  /** Paused, because the disk failed. */
  | { readonly type: "held"; readonly by: "disk"; readonly error: ParleyError }
  /** The file is there. */
  | { readonly type: "received"; readonly path: string }
  /** It is over. */
  | { readonly type: "stopped"; readonly by: "you" | "peer"; readonly reason: StopReason };

/** What the machine needs from outside. */
export interface IncomingEnvironment {
  /** Milliseconds. */
  readonly now: () => number;
  /** How many of the leaves before `index` on the disk are the file's, by the proof of leaf `index`. */
  readonly prefix: (index: number, proof: readonly Bytes[]) => Promise<number>;
}

/** A state and the effects that led to it. */
export interface IncomingStep {
  /** The next state. */
  readonly state: Incoming;
  /** To be carried out in this order. */
  readonly effects: readonly IncomingEffect[];
}

/** A transfer that has only been offered. */
export function newIncoming(id: Bytes, head: TreeHead): Incoming {
  return {
    id,
    head,
    phase: "offered",
    pausedHere: null,
    pausedThere: false,
    open: false,
    disk: "closed",
    asked: false,
    written: 0,
    kept: 0,
    trusted: false,
    pace: FIRST_PACE,
    again: false,
    untold: null,
    answer: "failed",
  };
}

/** Whether it is over. */
export function isIncomingOver({ phase }: Incoming): boolean {
  return phase === "done" || phase === "refused" || phase === "stopped";
}

/** Whether one of the two has paused it. */
export function isIncomingHeld(state: Incoming): boolean {
  return state.phase === "receiving" && (state.pausedHere !== null || state.pausedThere);
}

/** Whether a leaf is the one that we wait for; every other is dropped. */
export function isExpected(state: Incoming, index: number): boolean {
  return state.phase === "receiving" && state.asked && index === state.written;
}

/** Takes one input. */
export async function advanceIncoming(
  state: Incoming,
  input: IncomingInput,
  environment: IncomingEnvironment,
): Promise<IncomingStep> {
  switch (input.type) {
    case "opened":
      return opened({ ...state, open: true, pausedThere: false });
    case "closed":
      return only({ ...state, open: false, asked: false });
    case "query":
      return query(state);
    case "leaf":
      return isExpected(state, input.index) ? await leaf(state, input, environment) : only(state);
    default:
      return isIncomingOver(state) ? only(state) : advanceLive(state, input, environment);
  }
}

function advanceLive(
  state: Incoming,
  input: Exclude<IncomingInput, { type: "opened" | "closed" | "query" | "leaf" }>,
  environment: IncomingEnvironment,
): IncomingStep {
  switch (input.type) {
    case "hold":
      if (state.phase !== "receiving") return only(state);
      return only({ ...state, pausedThere: true, asked: false }, [{ type: "held", by: "peer" }]);
    case "stop":
      return peerStopped(state, input.reason);
    case "ready":
      return ready(state, input.count);
    case "wrote":
      return wrote(state, input.count, environment.now());
    case "finished":
      return only({ ...state, phase: "done", disk: "closed" }, [
        ...tell(state, { type: "file-stop", id: state.id, reason: "received" }),
        { type: "received", path: input.path },
      ]);
    case "damaged":
      return damaged(state);
    case "failed":
      return failed(state, input.error);
    case "accept":
      if (state.phase !== "offered") return only(state);
      return prepare({ ...state, phase: "receiving" });
    case "refuse":
    case "cancel":
      return stop(state, "refused");
    case "pause":
      return pause(state);
    case "resume":
      return resume(state);
  }
}

function only(state: Incoming, effects: readonly IncomingEffect[] = []): IncomingStep {
  return { state, effects };
}

function tell({ open }: Incoming, signal: FileSignal): IncomingEffect[] {
  return open ? [{ type: "send", signal }] : [];
}

function prepare(state: Incoming): IncomingStep {
  return only({ ...state, disk: "preparing" }, [{ type: "prepare" }]);
}

/** Asks for what is missing, if there is somebody to ask. */
function ask(state: Incoming): IncomingStep {
  const { id, written, open } = state;
  if (!open) return only(state);
  const asked: Incoming = { ...state, asked: true, kept: written, pace: FIRST_PACE };
  return only(asked, tell(state, { type: "file-get", id, from: written }));
}

function opened(state: Incoming): IncomingStep {
  const { id, untold } = state;
  if (untold !== null) {
    const signal = { type: "file-stop", id, reason: untold } as const;
    return only({ ...state, untold: null }, tell(state, signal));
  }
  return state.phase === "receiving" ? goOn(state) : only(state);
}

/** Whatever the next step of a transfer under way is. */
function goOn(state: Incoming): IncomingStep {
  if (state.pausedHere !== null) {
    return only(state, tell(state, { type: "file-hold", id: state.id }));
  }
  if (state.disk === "closed") return prepare(state);
  return state.disk === "ready" ? ask(state) : only(state);
}

function query(state: Incoming): IncomingStep {
  const stopped = (reason: StopReason) =>
    only(state, tell(state, { type: "file-stop", id: state.id, reason }));
  switch (state.phase) {
    case "receiving":
      return goOn({ ...state, pausedThere: false });
    case "done":
      return stopped("received");
    case "refused":
      return stopped("refused");
    case "stopped":
      return stopped(state.answer);
    case "offered":
    case "finishing":
      return only(state);
  }
}

async function leaf(
  state: Incoming,
  { index, proof, data }: Extract<IncomingInput, { type: "leaf" }>,
  { now, prefix }: IncomingEnvironment,
): Promise<IncomingStep> {
  const hash = await hashLeaf(data);
  const fits = data.length === leafLength(state.head.bytes, index);
  if (!fits || !await verifyLeaf(state.head, index, proof, hash)) return stop(state, "changed");
  if (!state.trusted) {
    const count = await prefix(index, proof);
    if (count < index) return ask({ ...state, written: count, trusted: true });
  }
  const pace = { ...state.pace, since: state.pace.since ?? now() };
  return only({ ...state, trusted: true, pace }, [{ type: "write", index, data, hash }]);
}

function wrote(state: Incoming, count: number, now: number): IncomingStep {
  const written: Incoming = { ...state, written: count };
  const progress: IncomingEffect = { type: "progress", written: count };
  const isLast = count === leafCount(state.head.bytes);
  const unanswered = count - state.kept;
  if (!isLast && !isDue(state.pace, unanswered, now)) return only(written, [progress]);
  const answered: Incoming = {
    ...written,
    kept: count,
    pace: paceAfter(state.pace, unanswered, now),
    phase: isLast ? "finishing" : state.phase,
    asked: state.asked && !isLast,
  };
  return only(answered, [
    progress,
    // What the sender is told that we have has to outlive a power cut.
    { type: "flush" },
    ...tell(state, { type: "file-kept", id: state.id, count }),
    ...(isLast ? [{ type: "finish" } as const] : []),
  ]);
}

function ready(state: Incoming, count: number): IncomingStep {
  const next: Incoming = {
    ...state,
    disk: "ready",
    written: count,
    kept: count,
    trusted: count === 0,
  };
  const progress: IncomingEffect = { type: "progress", written: count };
  if (count === leafCount(state.head.bytes)) {
    return only({ ...next, phase: "finishing" }, [progress, { type: "finish" }]);
  }
  const step = goOn(next);
  return { state: step.state, effects: [progress, ...step.effects] };
}

/** All is there and it is not the file. The disk lied to us, or somebody wrote there. */
function damaged(state: Incoming): IncomingStep {
  const again: Incoming = { ...state, phase: "receiving" };
  // The proof of the last leaf tells how much of it is good.
  if (!state.trusted) return goOn({ ...again, written: leafCount(state.head.bytes) - 1 });
  if (state.again) return stop(state, "changed");
  const step = prepare({ ...again, again: true });
  return { state: step.state, effects: [{ type: "discard" }, ...step.effects] };
}

/** The partial file stays for another attempt, and so does the conversation. */
function failed(state: Incoming, error: ParleyError): IncomingStep {
  const held: Incoming = {
    ...state,
    phase: "receiving",
    pausedHere: "disk",
    asked: false,
    disk: "closed",
  };
  return only(held, [
    ...tell(state, { type: "file-hold", id: state.id }),
    { type: "held", by: "disk", error },
    { type: "release" },
  ]);
}

function pause(state: Incoming): IncomingStep {
  if (state.phase !== "receiving" || state.pausedHere !== null) return only(state);
  return only({ ...state, pausedHere: "you", asked: false }, [
    ...tell(state, { type: "file-hold", id: state.id }),
    { type: "held", by: "you" },
  ]);
}

function resume(state: Incoming): IncomingStep {
  if (state.phase !== "receiving") return only(state);
  return goOn({ ...state, pausedHere: null });
}

function peerStopped(state: Incoming, reason: StopReason): IncomingStep {
  // All of it is here already.
  if (state.phase === "finishing") return only(state);
  const isKept = reason === "failed";
  return only({ ...state, phase: "stopped", disk: "closed", asked: false }, [
    ...putAway(state, isKept ? "release" : "discard"),
    { type: "stopped", by: "peer", reason },
  ]);
}

function stop(state: Incoming, reason: "refused" | "changed"): IncomingStep {
  const { id, open } = state;
  const next: Incoming = {
    ...state,
    phase: state.phase === "offered" ? "refused" : "stopped",
    disk: "closed",
    asked: false,
    untold: open ? null : reason,
    answer: reason,
  };
  return only(next, [
    ...tell(state, { type: "file-stop", id, reason }),
    ...putAway(state, "discard"),
    { type: "stopped", by: reason === "changed" ? "peer" : "you", reason },
  ]);
}

/** Nothing was ever opened for a file that was only offered. */
function putAway({ phase }: Incoming, type: "release" | "discard"): IncomingEffect[] {
  return phase === "offered" ? [] : [{ type }];
}
