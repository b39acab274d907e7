/**
 * The offer of a file: a statement of its own kind, so that it is signed and in the transcript as texts are.
 *
 * Its body is a text: one JSON object with these members in this order, as ECMAScript's `JSON.stringify` spells it.
 *
 *     {"id": 32 hexadecimal digits, "name": NAME, "bytes": SIZE, "root": 64 hexadecimal digits}
 *
 * @module
 */
import { type Bytes, fromHex, toHex, utf8 } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";
import { MAX_FILE_BYTES, MAX_FILE_NAME_BYTES } from "./constants.ts";

/** Bytes of a transfer's id: fresh randomness, so that no two offers share one. */
export const TRANSFER_ID_BYTES = 16;

/** Bytes of the hash that names a file's content. */
const ROOT_BYTES = 32;

/** The offer of a file. */
export interface Offer {
  /** Names the transfer, 16 bytes. */
  readonly id: Bytes;
  /** The sender's name for the file: hostile text, and no path until the receiver has made one of it. */
  readonly name: string;
  /** The length of the file. */
  readonly bytes: number;
  /** The root of its hash tree, over its length and all of its content. */
  readonly root: Bytes;
}

/**
 * Encodes an offer as the text of its statement.
 *
 * @throws {RangeError} when the file is too large, or its name too long or no text
 */
export function encodeOffer({ id, name, bytes, root }: Offer): string {
  if (!isFileName(name)) {
    throw new RangeError(
      `Cannot offer a file whose name is no text of 1 to ${MAX_FILE_NAME_BYTES} bytes`,
    );
  }
  if (!isFileSize(bytes)) {
    throw new RangeError(`Cannot offer ${bytes} bytes: at most ${MAX_FILE_BYTES}`);
  }
  return JSON.stringify({ id: toHex(id), name, bytes, root: toHex(root) });
}

/**
 * Parses an offer. There is one spelling of each.
 *
 * @throws {WireError} when the text is not exactly one offer
 */
export function parseOffer(text: string): Offer {
  const fields = parseObject(text);
  const { name, bytes } = fields;
  if (!isFileName(name)) throw new WireError("offer.name", "a name that fits", "something else");
  if (!isFileSize(bytes)) throw new WireError("offer.bytes", "a size", "something else");
  const offer: Offer = {
    id: parseHex("id", fields.id, TRANSFER_ID_BYTES),
    name,
    bytes,
    root: parseHex("root", fields.root, ROOT_BYTES),
  };
  if (encodeOffer(offer) !== text) throw new WireError("offer", "its one spelling", "another");
  return offer;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new WireError("offer", "a JSON object", "something else");
}

function parseHex(field: string, text: unknown, bytes: number): Bytes {
  if (typeof text === "string" && text.length === 2 * bytes && /^[0-9a-f]*$/.test(text)) {
    return fromHex(text);
  }
  throw new WireError(`offer.${field}`, `${2 * bytes} hexadecimal digits`, "something else");
}

function isFileName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name.isWellFormed() &&
    utf8(name).length <= MAX_FILE_NAME_BYTES;
}

function isFileSize(bytes: unknown): bytes is number {
  return Number.isInteger(bytes) && (bytes as number) >= 0 && (bytes as number) <= MAX_FILE_BYTES;
}
