/**
 * The sending side of one transfer, as a pure state machine: an input and a state give the next state and effects.
 *
 *     offered --get--> sending <--> held --stop received--> done
 *        \________________\__________\____stop, bad________> stopped
 *
 * The receiver pulls: after every new session, and after every pause, it says from where. At most one leaf is read and
 * not yet handed over, and at most a window of them is sent and not yet kept, so memory stays flat.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { FileSignal, StopReason } from "../protocol/signal.ts";
import { FIRST_INTERVAL, windowAfter } from "./pace.ts";

/** One file on its way out. Immutable. */
export interface Outgoing {
  /** The offer's id. */
  readonly id: Bytes;
  /** How many leaves the file has. */
  readonly leaves: number;
  /** Where the diagram above stands; a held one is `sending` or `offered`, and {@link isHeld}. */
  readonly phase: "offered" | "sending" | "done" | "stopped";
  /** Paused by our user. */
  readonly pausedHere: boolean;
  /** Paused by the other side, until it asks again. */
  readonly pausedThere: boolean;
  /** Whether the other side has the offer, as far as we know: asking before that would be answered with "what file?". */
  readonly known: boolean;
  /** Whether a session is there. */
  readonly open: boolean;
  /** Whether the receiver has asked for leaves in this session and since the last pause. */
  readonly wanted: boolean;
  /** How many leaves the receiver has kept. */
  readonly kept: number;
  /** The next leaf to read. */
  readonly next: number;
  /** Most leaves sent and not kept. */
  readonly window: number;
  /** Whether a leaf is being read or handed over. */
  readonly busy: boolean;
  /** The leaf that is being read, if it is still wanted. */
  readonly reading: number | null;
  /** Why we stopped, until the other side has been told. */
  readonly untold: StopReason | null;
  /** What a `get` after the end is answered with. */
  readonly answer: StopReason;
}

/** What happens to it. */
export type OutgoingInput =
  /** A session begins. */
  | { readonly type: "opened" }
  /** A session ends. */
  | { readonly type: "closed" }
  /** The offer has arrived. */
  | { readonly type: "delivered" }
  /** The receiver asks for the leaves from `from` on. */
  | { readonly type: "get"; readonly from: number }
  /** The receiver has the first `count` leaves. */
  | { readonly type: "kept"; readonly count: number }
  /** The receiver pauses. */
  | { readonly type: "hold" }
  /** The receiver says that it is over. */
  | { readonly type: "stop"; readonly reason: StopReason }
  /** A leaf was read, and is what was offered. */
  | {
    readonly type: "read";
    readonly index: number;
    readonly data: Bytes;
    readonly proof: readonly Bytes[];
  }
  /** The leaf has been sealed and handed over, or there is no session any more. */
  | { readonly type: "sealed" }
  /** The file is not what was offered. */
  | { readonly type: "bad" }
  /** The file can't be read. */
  | { readonly type: "failed" }
  /** Our user pauses. */
  | { readonly type: "pause" }
  /** Our user goes on. */
  | { readonly type: "resume" }
  /** Our user takes the offer back. */
  | { readonly type: "cancel" };

/** What has to be done, in this order. */
export type OutgoingEffect =
  /** Tell the other side. A leaf is followed by `sealed`. */
  | { readonly type: "send"; readonly signal: FileSignal }
  /** Read this leaf and compare it with the tree: `read`, `bad` or `failed` follows. */
  | { readonly type: "read"; readonly index: number }
  /** So many leaves are kept. */
  | { readonly type: "progress"; readonly kept: number }
  /** Paused. */
  | { readonly type: "held"; readonly by: "you" | "peer" }
  /** The receiver has all of it. */
  | { readonly type: "done" }
  /** It is over. */
  | { readonly type: "stopped"; readonly by: "you" | "peer"; readonly reason: StopReason };

/** A state and the effects that led to it. */
export interface OutgoingStep {
  /** The next state. */
  readonly state: Outgoing;
  /** To be carried out in this order. */
  readonly effects: readonly OutgoingEffect[];
}

/** A transfer that has only been offered. */
export function newOutgoing(id: Bytes, leaves: number): Outgoing {
  return {
    id,
    leaves,
    phase: "offered",
    pausedHere: false,
    pausedThere: false,
    known: false,
    open: false,
    wanted: false,
    kept: 0,
    next: 0,
    window: windowAfter(FIRST_INTERVAL),
    busy: false,
    reading: null,
    untold: null,
    answer: "failed",
  };
}

/** Whether it is over. */
export function isOutgoingOver({ phase }: Outgoing): boolean {
  return phase === "done" || phase === "stopped";
}

/** Whether one of the two has paused it. */
export function isOutgoingHeld(state: Outgoing): boolean {
  return !isOutgoingOver(state) && (state.pausedHere || state.pausedThere);
}

/** Takes one input. */
export function advanceOutgoing(state: Outgoing, input: OutgoingInput): OutgoingStep {
  switch (input.type) {
    case "opened":
      return opened({ ...state, open: true, pausedThere: false });
    case "closed":
      return only({ ...state, open: false, wanted: false, reading: null });
    case "sealed":
      return pump({ ...state, busy: false });
    case "read":
      return read(state, input);
    case "get":
      return get(state, input.from);
    default:
      return isOutgoingOver(state) ? only(state) : advanceLive(state, input);
  }
}

function advanceLive(
  state: Outgoing,
  input: Exclude<OutgoingInput, { type: "opened" | "closed" | "sealed" | "read" | "get" }>,
): OutgoingStep {
  switch (input.type) {
    case "delivered":
      return only({ ...state, known: true });
    case "kept":
      return kept(state, input.count);
    case "hold":
      return {
        state: { ...idle(state), known: true, pausedThere: true },
        effects: [{ type: "held", by: "peer" }],
      };
    case "stop":
      return peerStopped(state, input.reason);
    case "bad":
      return stop(freed(state), "changed");
    case "failed":
      return stop(freed(state), "failed");
    case "pause":
      return pause(state);
    case "resume":
      return only({ ...state, pausedHere: false }, tell(state, "file-query"));
    case "cancel":
      return stop(state, "cancelled");
  }
}

function only(state: Outgoing, effects: readonly OutgoingEffect[] = []): OutgoingStep {
  return { state, effects };
}

/** Nothing is wanted any more; a leaf that is being read will not be sent. */
function idle(state: Outgoing): Outgoing {
  return { ...state, wanted: false, reading: null };
}

/** The edge has given up on the leaf that it was to read. */
function freed(state: Outgoing): Outgoing {
  return { ...state, busy: false, reading: null };
}

function tell({ id, open, known }: Outgoing, type: "file-query" | "file-hold"): OutgoingEffect[] {
  return open && known ? [{ type: "send", signal: { type, id } }] : [];
}

function opened(state: Outgoing): OutgoingStep {
  if (state.untold !== null) {
    const signal = { type: "file-stop", id: state.id, reason: state.untold } as const;
    return only({ ...state, untold: null }, [{ type: "send", signal }]);
  }
  if (isOutgoingOver(state)) return only(state);
  return only(state, tell(state, state.pausedHere ? "file-hold" : "file-query"));
}

function get(state: Outgoing, from: number): OutgoingStep {
  const { id, answer } = state;
  if (isOutgoingOver(state)) {
    return only(state, [{ type: "send", signal: { type: "file-stop", id, reason: answer } }]);
  }
  // An honest receiver asks for something that is there.
  if (from >= state.leaves) return only(state);
  const known: Outgoing = { ...state, phase: "sending", known: true, pausedThere: false };
  if (state.pausedHere) return only(known, tell(known, "file-hold"));
  // Asked before a session, it would seem answered in the next one.
  if (!state.open) return only(known);
  // The answer to our query crossed the question that the receiver asks by itself: those leaves are on their way.
  if (state.wanted && from === state.kept) return only(known);
  const begun: Outgoing = {
    ...idle(known),
    wanted: true,
    kept: from,
    next: from,
    window: windowAfter(FIRST_INTERVAL),
  };
  const pumped = pump(begun);
  return { state: pumped.state, effects: [{ type: "progress", kept: from }, ...pumped.effects] };
}

/** Reads the next leaf, if one may go. */
function pump(state: Outgoing): OutgoingStep {
  const { open, wanted, busy, next, kept, leaves, window } = state;
  const may = open && wanted && !busy && next < leaves && next - kept < window;
  if (!may || isOutgoingOver(state)) return only(state);
  return only({ ...state, busy: true, reading: next, next: next + 1 }, [
    { type: "read", index: next },
  ]);
}

function read(state: Outgoing, input: Extract<OutgoingInput, { type: "read" }>): OutgoingStep {
  // Meanwhile somebody paused, asked for another, or left.
  if (state.reading !== input.index || isOutgoingOver(state)) return pump(freed(state));
  const { index, proof, data } = input;
  const signal: FileSignal = { type: "file-leaf", id: state.id, index, proof, data };
  return only({ ...state, reading: null }, [{ type: "send", signal }]);
}

function kept(state: Outgoing, count: number): OutgoingStep {
  // Late, or of leaves that were never sent.
  if (!state.wanted || count <= state.kept || count > state.next) return only(state);
  const window = windowAfter(count - state.kept);
  const pumped = pump({ ...state, kept: count, window });
  return { state: pumped.state, effects: [{ type: "progress", kept: count }, ...pumped.effects] };
}

function pause(state: Outgoing): OutgoingStep {
  if (state.pausedHere) return only(state);
  return only({ ...idle(state), pausedHere: true }, [
    ...tell(state, "file-hold"),
    { type: "held", by: "you" },
  ]);
}

function peerStopped(state: Outgoing, reason: StopReason): OutgoingStep {
  if (reason !== "received") {
    return only({ ...idle(state), phase: "stopped" }, [{ type: "stopped", by: "peer", reason }]);
  }
  return only({ ...idle(state), phase: "done", kept: state.leaves }, [
    { type: "progress", kept: state.leaves },
    { type: "done" },
  ]);
}

function stop(state: Outgoing, reason: StopReason): OutgoingStep {
  const { id, open } = state;
  const next: Outgoing = {
    ...idle(state),
    phase: "stopped",
    untold: open ? null : reason,
    answer: reason,
  };
  const told: OutgoingEffect[] = open
    ? [{ type: "send", signal: { type: "file-stop", id, reason } }]
    : [];
  return only(next, [...told, { type: "stopped", by: "you", reason }]);
}
