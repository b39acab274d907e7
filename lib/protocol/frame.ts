/**
 * Frames: the leaves of files, on their way. A receiver asks for a window of leaves and brings a fresh key for it under
 * the ratchet; each leaf then travels sealed with that key, without a step of the ratchet and without a signature.
 *
 *     W = H("parley-1 file window", id, root, u64(bytes), u64(from), u64(until))
 *     cipher key (32) || MAC key (32) || label (8) = HKDF(key, salt = sessionId, "parley-1 file stream" || W, 72)
 *     frame = "parley-1" (8) || 5 (1) || label (8) || place (4) || box over pad(u8(depth) || proof || data)
 *
 * The keys are bound to the session, the offer and the window, and each box to its place in that: a leaf that was moved
 * does not open. That it is the file's is for the tree to say, whose root the offer signs.
 *
 * @module
 */
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { type Bytes, concatBytes, utf8 } from "../crypto/bytes.ts";
import { hkdfSync, SHA256_BYTES, taggedHashSync } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import {
  BOX_KEY_BYTES,
  BOX_OVERHEAD_BYTES,
  type BoxKey,
  boxKey,
  openBox,
  sealInPlace,
} from "../crypto/secret_box.ts";
import { WireError } from "../errors.ts";
import { Reader, u32, u64, u8 } from "./codec.ts";
import { MIN_PADDED_BYTES } from "./constants.ts";
import type { Offer } from "./offer.ts";
import { MARK, padmeLength, payloadLength } from "./padding.ts";
import type { FileGet } from "./signal.ts";
import { SUITE } from "./wire.ts";

/** The suite's name and the type, by which a frame is told from an envelope. */
const PREFIX = concatBytes(utf8(SUITE), u8(5));

/** Bytes of a label: collisions among the windows of one session are as unlikely as a forged one is useless. */
const LABEL_BYTES = 8;

const HEADER_BYTES = PREFIX.length + LABEL_BYTES + 4;

const ALIGNMENT = -(HEADER_BYTES + BLOCK_BYTES) & 3;

/** The keys of one window. */
export interface FrameKeys {
  /** Seals and opens its frames. */
  readonly box: BoxKey;
  /** Names the window on the wire; tells nothing to whoever lacks the window's key. */
  readonly label: Bytes;
}

/** One leaf of a file, and its authentication path to the root, lowest first. */
export interface Leaf {
  /** The hashes beside the path. */
  readonly proof: readonly Bytes[];
  /** The leaf. */
  readonly data: Bytes;
}

/** A frame as it came: nothing of it is authentic yet. */
export interface Frame {
  /** Names the window. */
  readonly label: Bytes;
  /** The leaf's index, less the window's first. */
  readonly place: number;
  /** All of it. */
  readonly bytes: Uint8Array;
}

/** The keys of a window that a `file-get` asks for, of the file of this offer. */
export function frameKeys(
  sessionId: Bytes,
  { id, root, bytes }: Pick<Offer, "id" | "root" | "bytes">,
  { key, from, until }: Pick<FileGet, "key" | "from" | "until">,
): FrameKeys {
  const fields = [id, root, u64(bytes), u64(from), u64(until)];
  const window = taggedHashSync("parley-1 file window", ...fields);
  const info = concatBytes(utf8("parley-1 file stream"), window);
  const material = hkdfSync(key, sessionId, info, BOX_KEY_BYTES + LABEL_BYTES);
  return { box: boxKey(material.slice(0, BOX_KEY_BYTES)), label: material.slice(BOX_KEY_BYTES) };
}

/** Seals one leaf for its place in a window: once, so that no two texts share a place. */
export async function sealFrame(
  { box, label }: FrameKeys,
  place: number,
  { proof, data }: Leaf,
  random: Random,
): Promise<Bytes> {
  const length = frameLength(data.length, proof.length);
  // Made in one buffer, in which the payload begins at a multiple of four bytes: it is encrypted word by word.
  const frame = new Uint8Array(length + ALIGNMENT).subarray(ALIGNMENT);
  const payload = [u8(proof.length), ...proof, data, u8(MARK)];
  let end = 0;
  for (const part of [PREFIX, label, u32(place), random(BLOCK_BYTES), ...payload]) {
    frame.set(part, end);
    end += part.length;
  }
  await sealInPlace(box, frame.subarray(0, HEADER_BYTES), frame.subarray(HEADER_BYTES));
  return frame;
}

/** How long the frame of a leaf of so many bytes is, with so many hashes in its proof. */
export function frameLength(leafBytes: number, depth: number): number {
  const payload = 1 + depth * SHA256_BYTES + leafBytes;
  return HEADER_BYTES + BOX_OVERHEAD_BYTES + padmeLength(payload + 1);
}

/** The bytes of a payload from the network that begins as a frame, and not as an envelope; otherwise `null`. */
export function asFrame(payload: unknown): Uint8Array | null {
  const bytes = payload instanceof ArrayBuffer ? new Uint8Array(payload) : payload;
  const isFrame = bytes instanceof Uint8Array && PREFIX.every((byte, i) => bytes[i] === byte);
  return isFrame ? bytes : null;
}

/** Reads the header of what {@link asFrame} has told from an envelope; gives the error when it is too short. */
export function parseFrame(bytes: Uint8Array): Frame | WireError {
  const least = HEADER_BYTES + BOX_OVERHEAD_BYTES + MIN_PADDED_BYTES;
  if (bytes.length < least) {
    return new WireError("frame", `at least ${least} bytes`, `${bytes.length}`);
  }
  const reader = new Reader("frame", bytes.subarray(PREFIX.length));
  return { label: reader.bytes("label", LABEL_BYTES), place: reader.u32("place"), bytes };
}

/**
 * The leaf in a frame, or `null` when it is not authentic.
 *
 * @param depth how many hashes the proof of this leaf has
 * @throws {WireError} when its padding or its depth is not right: the peer itself made it so
 */
export async function openFrame(
  { box }: FrameKeys,
  { bytes }: Pick<Frame, "bytes">,
  depth: number,
): Promise<Leaf | null> {
  const header = bytes.subarray(0, HEADER_BYTES);
  const padded = await openBox(box, header, bytes.subarray(HEADER_BYTES));
  if (padded === null) return null;
  const payload = padded.subarray(0, payloadLength(padded));
  if (payload[0] !== depth) throw new WireError("frame.depth", `${depth}`, `${payload[0]}`);
  const start = 1 + depth * SHA256_BYTES;
  if (payload.length < start) throw new WireError("frame.proof", `${depth} hashes`, "fewer");
  const proof = Array.from(
    { length: depth },
    (_, i) => payload.slice(1 + i * SHA256_BYTES, 1 + (i + 1) * SHA256_BYTES),
  );
  return { proof, data: payload.subarray(start) };
}
