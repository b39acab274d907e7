/**
 * The sender's side of one transfer, as a pure state machine.
 *
 *     offered --get--> active <--> held --stop received--> done
 *        \________________\__________\____stop, bad_______> stopped
 *
 * The receiver pulls: after every new session, and after every pause, it says from where. At most one leaf is read and
 * not yet handed to the transport, and at most a window of them is sent and not yet acknowledged, so memory stays flat.
 *
 * @module
 */
import type { Offer } from "../protocol/offer.ts";
import type { StopReason } from "../protocol/signal.ts";
import type { LastingState } from "./transfer_events.ts";
import { leafCount } from "./hash_tree.ts";
import {
  isOver,
  type LeafSignal,
  newMachine,
  OFFERED,
  openedStep,
  sendSignal,
  sendStop,
  stepTo,
  stopStep,
  type TransferEffect,
  type TransferInput,
  type TransferMachine,
  type TransferStep,
} from "./machine.ts";
import { FIRST_INTERVAL, windowAfter } from "./pace.ts";

/** One file that we send. Immutable. */
export interface OutgoingTransfer extends TransferMachine {
  /** How many leaves the file has. */
  readonly leaves: number;
  /** Whether the receiver has asked for leaves in this session and since the last pause. */
  readonly wanted: boolean;
  /** How many leaves the receiver has. */
  readonly kept: number;
  /** The next leaf to read. */
  readonly next: number;
  /** Most leaves sent and not acknowledged. */
  readonly window: number;
  /** Whether a leaf is being read or sealed. */
  readonly busy: boolean;
  /** The leaf that is being read, if it is still wanted. */
  readonly reading: number | null;
}

/** A file that we offer, or did before a restart. */
export function newOutgoing(
  { id, bytes }: Pick<Offer, "id" | "bytes">,
  lasting: LastingState = OFFERED,
): OutgoingTransfer {
  return {
    ...newMachine(id, lasting),
    leaves: leafCount(bytes),
    wanted: false,
    kept: 0,
    next: 0,
    window: windowAfter(FIRST_INTERVAL),
    busy: false,
    reading: null,
  };
}

/** Takes one input. */
export function advanceOutgoing(
  state: OutgoingTransfer,
  input: TransferInput,
): TransferStep<OutgoingTransfer> {
  switch (input.type) {
    case "opened":
      return openedStep(state, (open) => askOrHold(open));
    case "closed":
      return stepTo({ ...unwanted(state), open: false });
    case "sealed":
      return pump({ ...state, busy: false });
    case "read":
      return read(state, input);
    case "file-get":
      return isOver(state) ? stepTo(state, sendStop(state, state.answer)) : get(state, input.from);
  }
  if (isOver(state)) return stepTo(state);
  switch (input.type) {
    case "delivered":
      return stepTo({ ...state, known: true });
    case "file-kept":
      return kept(state, input.count);
    case "file-hold":
      return stepTo({ ...unwanted(state), known: true, pausedThere: true }, [
        { type: "held", by: "peer" },
      ]);
    case "file-stop":
      return peerStopped(state, input.reason);
    case "bad":
      return stopStep(readNothing(state), "changed", "you");
    case "failed":
      return stopStep(readNothing(state), "failed", "you");
    case "pause":
      return pause(state);
    case "resume":
      return askOrHold({ ...state, paused: false });
    case "cancel":
      return stopStep(unwanted(state), "cancelled", "you");
    default:
      return stepTo(state);
  }
}

/** Nothing is wanted any more; a leaf that is being read will not be sent. */
function unwanted(state: OutgoingTransfer): OutgoingTransfer {
  return { ...state, wanted: false, reading: null };
}

/** The leaf that was to be read could not be. */
function readNothing(state: OutgoingTransfer): OutgoingTransfer {
  return { ...unwanted(state), busy: false };
}

/** Asks what the receiver has, or says that we pause; before it has the offer, it would not know of what. */
function askOrHold(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  const { id, known, paused } = state;
  return stepTo(
    state,
    known ? sendSignal(state, { type: paused ? "file-hold" : "file-query", id }) : [],
  );
}

function get(state: OutgoingTransfer, from: number): TransferStep<OutgoingTransfer> {
  // An honest receiver asks for something that is there.
  if (from >= state.leaves) return stepTo(state);
  const known: OutgoingTransfer = { ...state, phase: "active", known: true, pausedThere: false };
  if (state.paused) return askOrHold(known);
  // Asked before a session, it would seem answered in the next one.
  if (!state.open) return stepTo(known);
  // The answer to our query crossed the question that the receiver asks by itself: those leaves are in flight.
  if (state.wanted && from === state.kept) return stepTo(known);
  const window = windowAfter(FIRST_INTERVAL);
  return progress({ ...unwanted(known), wanted: true, kept: from, next: from, window });
}

/** Reports what the receiver has, and reads the next leaf. */
function progress(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  const pumped = pump(state);
  return stepTo(pumped.state, [{ type: "progress", leaves: state.kept }, ...pumped.effects]);
}

/** Reads the next leaf, if one may go. */
function pump(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  const { open, wanted, busy, next, kept, leaves, window } = state;
  const may = open && wanted && !busy && next < leaves && next - kept < window;
  if (!may) return stepTo(state);
  return stepTo({ ...state, busy: true, reading: next, next: next + 1 }, [
    { type: "read", index: next },
  ]);
}

function read(
  state: OutgoingTransfer,
  input: Extract<TransferInput, { type: "read" }>,
): TransferStep<OutgoingTransfer> {
  // Meanwhile somebody paused, asked for another, or left.
  if (state.reading !== input.index) return pump({ ...state, busy: false, reading: null });
  const { index, proof, data } = input;
  const signal: LeafSignal = { type: "file-leaf", id: state.id, index, proof, data };
  return stepTo({ ...state, reading: null }, [{ type: "send", signal }]);
}

function kept(state: OutgoingTransfer, count: number): TransferStep<OutgoingTransfer> {
  // Late, or of leaves that were never sent.
  if (!state.wanted || count <= state.kept || count > state.next) return stepTo(state);
  return progress({ ...state, kept: count, window: windowAfter(count - state.kept) });
}

function pause(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  if (state.paused) return stepTo(state);
  const { state: paused, effects } = askOrHold({ ...unwanted(state), paused: true });
  return stepTo(paused, [...effects, { type: "held", by: "you" }]);
}

function peerStopped(state: OutgoingTransfer, reason: StopReason): TransferStep<OutgoingTransfer> {
  const over = unwanted(state);
  if (reason !== "received") {
    return stepTo({ ...over, phase: "stopped" }, [{ type: "stopped", by: "peer", reason }]);
  }
  const { leaves } = state;
  const effects: TransferEffect[] = [{ type: "progress", leaves }, { type: "done" }];
  return stepTo({ ...over, phase: "done", kept: leaves }, effects);
}
