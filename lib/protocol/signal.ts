/**
 * Signals between two clients, beside the statements: resumption, and the control of file transfers. A signal is an
 * item of a bundle (bundle.ts): part of no chain, never signed, in no transcript, and valid in its session only.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { WireError } from "../errors.ts";
import { Reader, u64, u8 } from "./codec.ts";
import { MAX_WINDOW_LEAVES, WINDOW_KEY_BYTES } from "./constants.ts";
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
  | FileGet
  /** Either: pauses. The receiver's next `file-get` resumes. */
  | { readonly type: "file-hold"; readonly id: Bytes }
  /** Either: ends the transfer. */
  | { readonly type: "file-stop"; readonly id: Bytes; readonly reason: StopReason };

/** Receiver: the first `kept` leaves are stored; send the window of leaves from `from` up to but not including `until`. */
export interface FileGet {
  /** What it is. */
  readonly type: "file-get";
  /** The offer's. */
  readonly id: Bytes;
  /** How many leaves are stored: at most `from`. */
  readonly kept: number;
  /** The window's first leaf. */
  readonly from: number;
  /** The leaf behind its last one. */
  readonly until: number;
  /** Fresh randomness for this window, 32 bytes: its frames are sealed under keys from it. */
  readonly key: Bytes;
}

/** An item of a bundle that is no statement. */
export type Signal = ResumeSignal | FileSignal;

/** The type of each as an item of a bundle. */
const TYPE: Readonly<Record<Signal["type"], number>> = {
  "resume": 4,
  "file-query": 5,
  "file-get": 6,
  "file-hold": 7,
  "file-stop": 8,
};

const REASON: Readonly<Record<StopReason, number>> = {
  received: 1,
  refused: 2,
  cancelled: 3,
  changed: 4,
  failed: 5,
};

/** A signal as an item of a bundle: its type, and its content. */
export function encodeSignal(signal: Signal): { readonly type: number; readonly content: Bytes } {
  return { type: TYPE[signal.type], content: contentOf(signal) };
}

function contentOf(signal: Signal): Bytes {
  switch (signal.type) {
    case "resume": {
      const { stream, first, known, received } = signal;
      return concatBytes(stream, u64(first), known, u64(received));
    }
    case "file-query":
    case "file-hold":
      return signal.id;
    case "file-get": {
      const { id, kept, from, until, key } = signal;
      return concatBytes(id, u64(kept), u64(from), u64(until), key);
    }
    case "file-stop":
      return concatBytes(signal.id, u8(REASON[signal.reason]));
  }
}

/**
 * Parses the content of an item. What its numbers may be is for {@link checkSignal}.
 *
 * @returns the signal, or `null` when no signal has this type
 * @throws {WireError} when the bytes are not exactly the content of one signal
 */
export function parseSignal(type: number, content: Uint8Array): Signal | null {
  const name = nameOf(TYPE, type);
  if (name === null) return null;
  const reader = new Reader("payload", content);
  const signal = name === "resume" ? readResume(reader) : readFileSignal(name, reader);
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
      return {
        type,
        id,
        kept: reader.u64("kept"),
        from: reader.u64("from"),
        until: reader.u64("until"),
        key: reader.bytes("key", WINDOW_KEY_BYTES),
      };
    case "file-stop":
      return { type, id, reason: readReason(reader) };
  }
}

/**
 * Checks what the fields of a signal say together: a window begins behind what is stored, and is neither empty nor too
 * large.
 *
 * @throws {WireError} when it is not so
 */
export function checkSignal(signal: Signal): void {
  if (signal.type !== "file-get") return;
  const { kept, from, until } = signal;
  if (kept > from) throw new WireError("payload.kept", `at most ${from}`, String(kept));
  const most = from + MAX_WINDOW_LEAVES;
  if (until <= from || until > most) {
    throw new WireError("payload.until", `${from + 1} to ${most}`, String(until));
  }
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
