/**
 * Signals between two clients, beside the statements: resumption, and the control of file transfers. A signal is
 * part of no chain, is never signed, is in no transcript, and is valid in the session in which it was sent only.
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

/** Where delivery resumes: the first message of each side in a session. */
export interface ResumeSignal {
  /** What it is. */
  readonly type: "resume";
  /** The id of the sender's stream of items to this peer, over all sessions: fresh randomness, 16 bytes. */
  readonly stream: Bytes;
  /** The number of the oldest item that is not known to have arrived. */
  readonly first: number;
  /** The id of the peer's stream as the sender knows it; sixteen zeros when it knows none. */
  readonly known: Bytes;
  /** How many items of that stream it has received. */
  readonly received: number;
}

/** The `resume` of a client that has no earlier session with this peer. */
export function newResume(random: Random): ResumeSignal {
  const stream = random(STREAM_BYTES);
  return { type: "resume", stream, first: 0, known: new Uint8Array(STREAM_BYTES), received: 0 };
}

/** Why a transfer ends. */
export type StopReason =
  /** The receiver has all of it. */
  | "received"
  /** The receiver declined or cancelled it. */
  | "refused"
  /** The sender withdrew it. */
  | "cancelled"
  /** The file has changed since it was offered. */
  | "changed"
  /** The sender of the signal failed: its disk, or a transfer that it does not know. */
  | "failed";

/** A signal of a file transfer. `id` is its offer's. */
export type FileSignal =
  /** Sender: asks how much the receiver has. */
  | { readonly type: "file-query"; readonly id: Bytes }
  /** Receiver: send the leaves from `from` on. */
  | { readonly type: "file-get"; readonly id: Bytes; readonly from: number }
  /** Sender: leaf `index`, and its authentication path to the root, lowest first. */
  | {
    readonly type: "file-leaf";
    readonly id: Bytes;
    readonly index: number;
    readonly proof: readonly Bytes[];
    readonly data: Bytes;
  }
  /** Receiver: the first `count` leaves are stored. */
  | { readonly type: "file-kept"; readonly id: Bytes; readonly count: number }
  /** Either: pauses. The receiver's next `file-get` resumes. */
  | { readonly type: "file-hold"; readonly id: Bytes }
  /** Either: ends the transfer. */
  | { readonly type: "file-stop"; readonly id: Bytes; readonly reason: StopReason };

/** A message that is no statement. */
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
