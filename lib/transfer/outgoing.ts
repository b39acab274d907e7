/**
 * The sender's side of one transfer, as a pure state machine.
 *
 *     offered --get--> active <--> held --stop received--> done
 *        \________________\__________\____stop, failed____> stopped
 *
 * The receiver pulls: after every new session, and after every pause, it says from where, and then window by window.
 * The sender only obeys. A few leaves are read and sealed at a time, so memory stays flat.
 *
 * @module
 */
import { type FrameKeys, frameKeys } from "../protocol/frame.ts";
import type { Offer } from "../protocol/offer.ts";
import type { FileGet, StopReason } from "../protocol/signal.ts";
import type { LastingState } from "./transfer_events.ts";
import { leafCount } from "./hash_tree.ts";
import {
  isOver,
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

/** Most windows that are open at a time: an honest receiver has four or so. */
const MAX_WINDOWS = 8;

/** Leaves that are read, sealed or waiting for the socket at a time: two are read ahead while two are sealed. */
const MAX_SENDING = 4;

/** A window that the receiver has asked for. */
export interface OpenWindow extends Pick<FileGet, "from" | "until"> {
  /** Seal its frames. */
  readonly keys: FrameKeys;
}

/** One file that we send. Immutable. */
export interface OutgoingTransfer extends TransferMachine {
  /** The file. */
  readonly file: Pick<Offer, "id" | "bytes" | "root">;
  /** How many leaves it has. */
  readonly leaves: number;
  /** How many leaves the receiver has. */
  readonly kept: number;
  /** The next leaf to send. */
  readonly next: number;
  /** The windows with leaves to send, one behind the other. */
  readonly windows: readonly OpenWindow[];
  /** How often windows became void. */
  readonly run: number;
  /** How many leaves are being read, sealed and handed over. */
  readonly sending: number;
}

/** A file that we offer, or did before a restart. */
export function newOutgoing(
  file: Pick<Offer, "id" | "bytes" | "root">,
  lasting: LastingState = OFFERED,
): OutgoingTransfer {
  return {
    ...newMachine(file.id, lasting),
    file,
    leaves: leafCount(file.bytes),
    kept: 0,
    next: 0,
    windows: [],
    run: 0,
    sending: 0,
  };
}

/** Takes one input. */
export function advanceOutgoing(
  state: OutgoingTransfer,
  input: TransferInput,
): TransferStep<OutgoingTransfer> {
  switch (input.type) {
    case "opened":
      return openedStep(state, input, askOrHold);
    case "closed":
      return stepTo({ ...unwanted(state), session: null });
    case "sent":
      return pump({ ...state, sending: state.sending - 1 });
    case "file-get":
      return isOver(state) ? stepTo(state, sendStop(state, state.answer)) : get(state, input);
  }
  if (isOver(state)) return stepTo(state);
  switch (input.type) {
    case "delivered":
      return stepTo({ ...state, known: true });
    case "file-hold":
      return stepTo({ ...unwanted(state), known: true, pausedThere: true }, [
        { type: "held", by: "peer" },
      ]);
    case "file-stop":
      return peerStopped(state, input.reason);
    case "failed": {
      const reason = input.error.code === "file-changed" ? "changed" : "failed";
      return stopStep(unwanted(state), reason, "you");
    }
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

/** Nothing is wanted any more: the windows are void, and so are the leaves on their way to the socket. */
function unwanted(state: OutgoingTransfer): OutgoingTransfer {
  return { ...state, windows: [], run: state.run + 1 };
}

/** Asks what the receiver has, or says that we pause; before it has the offer, it would not know of what. */
function askOrHold(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  const { id, known, paused } = state;
  return stepTo(
    state,
    known ? sendSignal(state, { type: paused ? "file-hold" : "file-query", id }) : [],
  );
}

/** A window behind the last one queues; any other replaces all. */
function get(state: OutgoingTransfer, get: FileGet): TransferStep<OutgoingTransfer> {
  const { session, windows, leaves, file, next } = state;
  const { kept, from, until } = get;
  const isNext = from === (windows.at(-1)?.until ?? next);
  // An honest receiver asks for something that is there.
  const isOffered = until <= leaves && !(isNext && windows.length === MAX_WINDOWS);
  if (session === null || !isOffered) return stepTo(state);
  const known: OutgoingTransfer = { ...state, phase: "active", known: true, pausedThere: false };
  if (state.paused) return askOrHold(known);
  const window: OpenWindow = { from, until, keys: frameKeys(session, file, get) };
  const asked = isNext
    ? { ...known, windows: [...windows, window] }
    : { ...unwanted(known), windows: [window], next: from };
  const pumped = pump({ ...asked, kept });
  return stepTo(pumped.state, [{ type: "progress", leaves: kept }, ...pumped.effects]);
}

/** Sends the leaves that may go now. A window's keys are forgotten with its last leaf. */
function pump(state: OutgoingTransfer): TransferStep<OutgoingTransfer> {
  let { next, sending, windows } = state;
  const { run } = state;
  const effects: TransferEffect[] = [];
  for (; windows.length > 0 && sending < MAX_SENDING; sending++, next++) {
    const { from, until, keys } = windows[0]!;
    effects.push({ type: "leaf", index: next, place: next - from, keys, run });
    if (next + 1 === until) windows = windows.slice(1);
  }
  return stepTo({ ...state, next, sending, windows }, effects);
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
