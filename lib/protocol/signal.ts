/**
 * What two clients tell each other beside what is said: where each left off, and how a file moves. A signal is part
 * of no chain, is never signed and is in no transcript; it is good for the session in which it was sent.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { type Reader, u64, u8 } from "./codec.ts";
import { LEAF_BYTES, MAX_TREE_DEPTH } from "./constants.ts";
import { TRANSFER_ID_BYTES } from "./offer.ts";

/** Bytes of a stream's id. */
export const STREAM_BYTES = 16;

/** Where a conversation goes on: the first thing that each side tells the other in a session. */
export interface ResumeSignal {
  /** What it is. */
  readonly type: "resume";
  /** Names what its sender says to this person, over all sessions: fresh randomness, 16 bytes. */
  readonly stream: Bytes;
  /** The number of the oldest item that its sender still has to bring across. */
  readonly first: number;
  /** The stream of the other side that its sender knows; sixteen zeros when it knows none. */
  readonly known: Bytes;
  /** How many items of that stream it has. */
  readonly received: number;
}

/** What a client tells first that keeps nothing from one session to the next. */
export function newResume(random: Random): ResumeSignal {
  const stream = random(STREAM_BYTES);
  return { type: "resume", stream, first: 0, known: new Uint8Array(STREAM_BYTES), received: 0 };
}

/** Why a transfer ends. */
export type StopReason =
  /** The receiver has all of it. */
  | "received"
  /** The receiver does not want it, or no more of it. */
  | "refused"
  /** The sender takes it back. */
  | "cancelled"
  /** The file is not what was offered any more. */
  | "changed"
  /** The side that says so can't go on: its disk, or it does not know the transfer. */
  | "failed";

/** How a file moves. `id` is its offer's. */
export type FileSignal =
  /** Sender: what do you have of this? */
  | { readonly type: "file-query"; readonly id: Bytes }
  /** Receiver: send the leaves from `from` on. */
  | { readonly type: "file-get"; readonly id: Bytes; readonly from: number }
  /** Sender: leaf `index`, and the hashes beside its way up to the root, lowest first. */
  | {
    readonly type: "file-leaf";
    readonly id: Bytes;
    readonly index: number;
    readonly proof: readonly Bytes[];
    readonly data: Bytes;
  }
  /** Receiver: the first `count` leaves are kept. */
  | { readonly type: "file-kept"; readonly id: Bytes; readonly count: number }
  /** Either: pauses. The receiver's next `file-get` goes on. */
  | { readonly type: "file-hold"; readonly id: Bytes }
  /** Either: it is over. */
  | { readonly type: "file-stop"; readonly id: Bytes; readonly reason: StopReason };

/** Anything that is told beside what is said. */
export type Signal = ResumeSignal | FileSignal;

/** The first byte of each: 1 and 2 are a statement's and a receipt's. */
const TYPE: Readonly<Record<Signal["type"], number>> = {
  "resume": 3,
  "file-query": 4,
  "file-get": 5,
  "file-leaf": 6,
  "file-kept": 7,
  "file-hold": 8,
  "file-stop": 9,
};

const REASON: Readonly<Record<StopReason, number>> = {
  received: 1,
  refused: 2,
  cancelled: 3,
  changed: 4,
  failed: 5,
};

/** Encodes a signal, before padding. */
export function encodeSignal(signal: Signal): Bytes {
  const type = u8(TYPE[signal.type]);
  switch (signal.type) {
    case "resume": {
      const { stream, first, known, received } = signal;
      return concatBytes(type, stream, u64(first), known, u64(received));
    }
    case "file-query":
    case "file-hold":
      return concatBytes(type, signal.id);
    case "file-get":
      return concatBytes(type, signal.id, u64(signal.from));
    case "file-leaf": {
      const { id, index, proof, data } = signal;
      return concatBytes(type, id, u64(index), u8(proof.length), ...proof, data);
    }
    case "file-kept":
      return concatBytes(type, signal.id, u64(signal.count));
    case "file-stop":
      return concatBytes(type, signal.id, u8(REASON[signal.reason]));
  }
}

/**
 * Parses what follows a signal's first byte.
 *
 * @returns the signal, or `null` when no signal begins with this byte
 * @throws {WireError} when the bytes are not exactly one signal
 */
export function parseSignal(first: number, reader: Reader): Signal | null {
  const type = nameOf(TYPE, first);
  if (type === null) return null;
  const signal = type === "resume" ? readResume(reader) : readFileSignal(type, reader);
  reader.end();
  return signal;
}

function readResume(reader: Reader): ResumeSignal {
  return {
    type: "resume",
    stream: reader.bytes("stream", STREAM_BYTES),
    first: reader.u64("first"),
    known: reader.bytes("known", STREAM_BYTES),
    received: reader.u64("received"),
  };
}

function readFileSignal(type: FileSignal["type"], reader: Reader): FileSignal {
  const id = reader.bytes("id", TRANSFER_ID_BYTES);
  switch (type) {
    case "file-query":
    case "file-hold":
      return { type, id };
    case "file-get":
      return { type, id, from: reader.u64("from") };
    case "file-leaf":
      return readLeaf(id, reader);
    case "file-kept":
      return { type, id, count: reader.u64("count") };
    case "file-stop":
      return { type, id, reason: readReason(reader) };
  }
}

function readLeaf(id: Bytes, reader: Reader): FileSignal {
  const index = reader.u64("index");
  const depth = reader.u8("depth");
  if (depth > MAX_TREE_DEPTH) {
    throw new WireError("payload.depth", `at most ${MAX_TREE_DEPTH}`, String(depth));
  }
  const proof = Array.from({ length: depth }, () => reader.bytes("proof", SHA256_BYTES));
  const data = reader.rest("data", 1);
  if (data.length > LEAF_BYTES) {
    throw new WireError("payload.data", `at most ${LEAF_BYTES} bytes`, String(data.length));
  }
  return { type: "file-leaf", id, index, proof, data };
}

function readReason(reader: Reader): StopReason {
  const byte = reader.u8("reason");
  const reason = nameOf(REASON, byte);
  if (reason === null) throw new WireError("payload.reason", "1 to 5", String(byte));
  return reason;
}

function nameOf<Name extends string>(
  table: Readonly<Record<Name, number>>,
  byte: number,
): Name | null {
  for (const [name, value] of Object.entries(table)) {
    if (value === byte) return name as Name;
  }
  return null;
}
