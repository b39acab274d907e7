/**
 * The receiver's side of one transfer, as a pure state machine.
 *
 *     offered --accept--> active <--> held --all leaves--> finishing --> done
 *        \--refuse--> refused  \________\____stop, cancel, a bad leaf___> stopped
 *
 * Nothing reaches the disk that the root does not vouch for. What was there before is judged by the first leaf that
 * comes: its proof has the hashes of all that is before it.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { ParleyError } from "../errors.ts";
import type { Offer } from "../protocol/offer.ts";
import type { StopReason } from "../protocol/signal.ts";
import type { LastingState } from "./transfer_events.ts";
import {
  hashLeaf,
  leafCount,
  leafLength,
  type TreeHead,
  type VerifiedLeaf,
  verifyLeaf,
} from "./hash_tree.ts";
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

/** One file that we receive. Immutable. */
export interface IncomingTransfer extends TransferMachine {
  /** Length and root of the file. */
  readonly head: TreeHead;
  /** Whether the partial file is open and what is in it known. */
  readonly disk: "closed" | "preparing" | "ready";
  /** Whether we have asked for leaves in this session and since the last pause. */
  readonly asked: boolean;
  /** How many leaves are written or being written. */
  readonly taken: number;
  /** How many of them are written. */
  readonly written: number;
  /** Whether the root vouches for all that is written. */
  readonly trusted: boolean;
  /** The last leaf that came. */
  readonly last: VerifiedLeaf | null;
  /** Whether it was begun again because what was on the disk had been damaged. */
  readonly again: boolean;
}

/** How many of the leaves before `index` on the disk are the file's, by the proof of leaf `index`. */
export type Prefix = (index: number, proof: readonly Bytes[]) => number;

/** A file that the peer offers, or did before a restart. */
export function newIncoming(
  { id, bytes, root }: Pick<Offer, "id" | "bytes" | "root">,
  lasting: LastingState = OFFERED,
): IncomingTransfer {
  return {
    ...newMachine(id, lasting),
    known: true,
    head: { bytes, root },
    disk: "closed",
    asked: false,
    taken: 0,
    written: 0,
    trusted: false,
    last: null,
    again: false,
  };
}

/** Takes one input. */
export function advanceIncoming(
  state: IncomingTransfer,
  input: TransferInput,
  prefix: Prefix,
): TransferStep<IncomingTransfer> {
  switch (input.type) {
    case "opened":
      return openedStep(state, input, goOn);
    case "closed":
      return stepTo({ ...state, session: null, asked: false });
    case "file-query":
      return query(state);
  }
  if (isOver(state)) return stepTo(state);
  switch (input.type) {
    case "leaf":
      return leaf(state, input, prefix);
    case "file-stop":
      return peerStopped(state, input.reason);
    case "ready":
      return ready(state, input.count);
    case "wrote":
      return wrote(state, input.count);
    case "finished":
      return stepTo({ ...state, phase: "done", disk: "closed", path: input.path }, [
        ...sendStop(state, "received"),
        { type: "done" },
      ]);
    case "damaged":
      return damaged(state);
    case "failed":
      // The leaves behind one that could not be written can't be, either.
      return state.disk === "closed" ? stepTo(state) : failed(state, input.error);
    case "accept":
      return state.phase === "offered" ? prepare({ ...state, phase: "active" }) : stepTo(state);
    case "refuse":
    case "cancel":
      return stop(state, "refused");
  }
  return state.phase === "active" ? advanceActive(state, input) : stepTo(state);
}

function advanceActive(
  state: IncomingTransfer,
  input: TransferInput,
): TransferStep<IncomingTransfer> {
  switch (input.type) {
    case "file-hold":
      return stepTo({ ...state, pausedThere: true, asked: false }, [{ type: "held", by: "peer" }]);
    case "pause": {
      if (state.paused) return stepTo(state);
      const held: TransferEffect = { type: "held", by: "you" };
      return stepTo({ ...state, paused: true, asked: false }, [...tellHold(state), held]);
    }
    case "resume":
      return goOn({ ...state, paused: false });
    default:
      return stepTo(state);
  }
}

function tellHold(state: IncomingTransfer): TransferEffect[] {
  return sendSignal(state, { type: "file-hold", id: state.id });
}

function prepare(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  return stepTo({ ...state, disk: "preparing" }, [{ type: "prepare" }]);
}

/** Asks for what is missing, if there is a session. */
function ask(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  if (state.session === null) return stepTo(state);
  return stepTo({ ...state, asked: true }, [{ type: "ask", from: state.taken }]);
}

/** The next step of a transfer that is active; any other waits. */
function goOn(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  if (state.phase !== "active") return stepTo(state);
  if (state.paused) return stepTo(state, tellHold(state));
  if (state.disk === "closed") return prepare(state);
  return state.disk === "ready" ? ask(state) : stepTo(state);
}

function query(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  // It crossed our question: the leaves are in flight.
  if (state.asked) return stepTo(state);
  if (!isOver(state)) return goOn({ ...state, pausedThere: false });
  return stepTo(state, sendStop(state, state.phase === "done" ? "received" : state.answer));
}

/** Every leaf but the one that we wait for is dropped. */
function leaf(
  state: IncomingTransfer,
  { index, proof, data }: Extract<TransferInput, { type: "leaf" }>,
  prefix: Prefix,
): TransferStep<IncomingTransfer> {
  const isExpected = state.phase === "active" && state.asked && index === state.taken;
  if (!isExpected) return stepTo(state);
  if (data.length !== leafLength(state.head.bytes, index)) return stop(state, "changed");
  const hash = hashLeaf(data);
  const last = verifyLeaf(state.head, index, proof, hash, state.last);
  if (last === null) return stop(state, "changed");
  const trusted: IncomingTransfer = { ...state, last, trusted: true };
  const good = state.trusted ? index : prefix(index, proof);
  if (good < index) return ask({ ...trusted, taken: good, written: good });
  return stepTo({ ...trusted, taken: index + 1 }, [{ type: "write", index, data, hash }]);
}

function wrote(state: IncomingTransfer, count: number): TransferStep<IncomingTransfer> {
  const written: IncomingTransfer = { ...state, written: count };
  const progress: TransferEffect = { type: "progress", leaves: count };
  return count < leafCount(state.head.bytes) ? stepTo(written, [progress]) : whole(written);
}

/** All leaves are there. */
function whole(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  const progress: TransferEffect = { type: "progress", leaves: state.written };
  return stepTo({ ...state, phase: "finishing", asked: false }, [progress, { type: "finish" }]);
}

function ready(state: IncomingTransfer, count: number): TransferStep<IncomingTransfer> {
  const counts = { taken: count, written: count, trusted: count === 0 };
  const next: IncomingTransfer = { ...state, ...counts, disk: "ready" };
  if (count === leafCount(state.head.bytes)) return whole(next);
  const step = goOn(next);
  return stepTo(step.state, [{ type: "progress", leaves: count }, ...step.effects]);
}

/** All leaves are there and they are not the file: the disk lied to us, or somebody wrote there. */
function damaged(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  const again: IncomingTransfer = { ...state, phase: "active" };
  // The proof of the last leaf shows how much of it is good.
  const last = leafCount(state.head.bytes) - 1;
  if (!state.trusted) return goOn({ ...again, taken: last, written: last });
  if (state.again) return stop(state, "changed");
  const step = prepare({ ...again, again: true });
  return stepTo(step.state, [{ type: "discard" }, ...step.effects]);
}

/** The partial file stays for another attempt, and so does the conversation. */
function failed(state: IncomingTransfer, error: ParleyError): TransferStep<IncomingTransfer> {
  const held = { ...state, phase: "active", paused: true, asked: false, disk: "closed" } as const;
  return stepTo<IncomingTransfer>(held, [...tellHold(state), { type: "held", by: "disk", error }]);
}

function peerStopped(state: IncomingTransfer, reason: StopReason): TransferStep<IncomingTransfer> {
  // All of it is here already.
  if (state.phase === "finishing") return stepTo(state);
  return stepTo({ ...state, phase: "stopped", disk: "closed", asked: false }, [
    ...(reason === "failed" ? [] : discard(state)),
    { type: "stopped", by: "peer", reason },
  ]);
}

function stop(
  state: IncomingTransfer,
  reason: "refused" | "changed",
): TransferStep<IncomingTransfer> {
  const by = reason === "changed" ? "peer" : "you";
  return stopStep({ ...state, disk: "closed", asked: false }, reason, by, discard(state));
}

/** Nothing was ever opened for a file that was only offered. */
function discard({ phase }: IncomingTransfer): TransferEffect[] {
  return phase === "offered" ? [] : [{ type: "discard" }];
}
