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
import { hashLeaf, leafCount, leafLength, type TreeHead, verifyLeaf } from "./hash_tree.ts";
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
import { FIRST_PACE, isDue, type Pace, paceAfter } from "./pace.ts";

/** One file that we receive. Immutable. */
export interface IncomingTransfer extends TransferMachine {
  /** Length and root of the file. */
  readonly head: TreeHead;
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
  /** When to acknowledge. */
  readonly pace: Pace;
  /** Whether it was begun again because what was on the disk had been damaged. */
  readonly again: boolean;
}

/** What the machine needs from outside. */
export interface IncomingEnvironment {
  /** Milliseconds. */
  readonly now: () => number;
  /** How many of the leaves before `index` on the disk are the file's, by the proof of leaf `index`. */
  readonly prefix: (index: number, proof: readonly Bytes[]) => Promise<number>;
}

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
    written: 0,
    kept: 0,
    trusted: false,
    pace: FIRST_PACE,
    again: false,
  };
}

/** Takes one input. */
export async function advanceIncoming(
  state: IncomingTransfer,
  input: TransferInput,
  environment: IncomingEnvironment,
): Promise<TransferStep<IncomingTransfer>> {
  switch (input.type) {
    case "opened":
      return openedStep(state, goOn);
    case "closed":
      return stepTo({ ...state, open: false, asked: false });
    case "file-query":
      return query(state);
  }
  if (isOver(state)) return stepTo(state);
  switch (input.type) {
    case "file-leaf":
      return await leaf(state, input, environment);
    case "file-stop":
      return peerStopped(state, input.reason);
    case "ready":
      return ready(state, input.count);
    case "wrote":
      return wrote(state, input.count, environment.now());
    case "finished":
      return stepTo({ ...state, phase: "done", disk: "closed", path: input.path }, [
        ...sendStop(state, "received"),
        { type: "done" },
      ]);
    case "damaged":
      return damaged(state);
    case "failed":
      return failed(state, input.error);
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
  const { id, written } = state;
  return stepTo(
    { ...state, asked: true, kept: written, pace: FIRST_PACE },
    sendSignal(state, {
      type: "file-get",
      id,
      kept: written,
      from: written,
      until: written + 1,
      key: new Uint8Array(32),
    }),
  );
}

/** The next step of a transfer that is active; any other waits. */
function goOn(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  if (state.phase !== "active") return stepTo(state);
  if (state.paused) return stepTo(state, tellHold(state));
  if (state.disk === "closed") return prepare(state);
  return state.disk === "ready" ? ask(state) : stepTo(state);
}

function query(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  if (!isOver(state)) return goOn({ ...state, pausedThere: false });
  return stepTo(state, sendStop(state, state.phase === "done" ? "received" : state.answer));
}

/** Every leaf but the one that we wait for is dropped. */
async function leaf(
  state: IncomingTransfer,
  { index, proof, data }: Extract<TransferInput, { type: "file-leaf" }>,
  { now, prefix }: IncomingEnvironment,
): Promise<TransferStep<IncomingTransfer>> {
  const isExpected = state.phase === "active" && state.asked && index === state.written;
  if (!isExpected) return stepTo(state);
  const hash = await hashLeaf(data);
  const fits = data.length === leafLength(state.head.bytes, index);
  if (!fits || !await verifyLeaf(state.head, index, proof, hash)) return stop(state, "changed");
  if (!state.trusted) {
    const count = await prefix(index, proof);
    if (count < index) return ask({ ...state, written: count, trusted: true });
  }
  const pace = { ...state.pace, since: state.pace.since ?? now() };
  return stepTo({ ...state, trusted: true, pace }, [{ type: "write", index, data, hash }]);
}

function wrote(
  state: IncomingTransfer,
  count: number,
  now: number,
): TransferStep<IncomingTransfer> {
  const written: IncomingTransfer = { ...state, written: count };
  const progress: TransferEffect = { type: "progress", leaves: count };
  const isLast = count === leafCount(state.head.bytes);
  const unanswered = count - state.kept;
  if (!isLast && !isDue(state.pace, unanswered, now)) return stepTo(written, [progress]);
  const answered: IncomingTransfer = {
    ...written,
    kept: count,
    pace: paceAfter(state.pace, unanswered, now),
    phase: isLast ? "finishing" : state.phase,
    asked: state.asked && !isLast,
  };
  return stepTo(answered, [
    progress,
    // What the sender is told that we have has to outlive a power cut.
    { type: "flush" },
    ...sendSignal(state, { type: "file-kept", id: state.id, count }),
    ...(isLast ? [{ type: "finish" } as const] : []),
  ]);
}

function ready(state: IncomingTransfer, count: number): TransferStep<IncomingTransfer> {
  const trusted = count === 0;
  const next: IncomingTransfer = { ...state, disk: "ready", written: count, kept: count, trusted };
  const progress: TransferEffect = { type: "progress", leaves: count };
  if (count === leafCount(state.head.bytes)) {
    return stepTo({ ...next, phase: "finishing" }, [progress, { type: "finish" }]);
  }
  const step = goOn(next);
  return stepTo(step.state, [progress, ...step.effects]);
}

/** All leaves are there and they are not the file: the disk lied to us, or somebody wrote there. */
function damaged(state: IncomingTransfer): TransferStep<IncomingTransfer> {
  const again: IncomingTransfer = { ...state, phase: "active" };
  // The proof of the last leaf shows how much of it is good.
  if (!state.trusted) return goOn({ ...again, written: leafCount(state.head.bytes) - 1 });
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
