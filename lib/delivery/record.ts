/**
 * What is remembered of what two people tell each other, so that it arrives once and in order whatever ends in
 * between: one record for each change. The state is what its records make of it (mailroom.ts), so a journal that holds
 * the records holds the state.
 *
 * @module
 */
import { type Bytes, fromHex, fromUtf8, toHex, utf8 } from "../crypto/bytes.ts";
import { taggedHash } from "../crypto/hash.ts";
import { WireError } from "../errors.ts";
import type { TransferRecord } from "../transfer/events.ts";

/** Names a person or a place: 32 bytes in hexadecimal. */
export type Tag = string;

/** The person with this key. */
export async function personTag(key: Uint8Array): Promise<Tag> {
  return toHex(await taggedHash("parley-1 correspondent", key));
}

/** A room at a relay, for what is said before anybody is there. */
export async function placeTag(server: string, room: string): Promise<Tag> {
  return toHex(await taggedHash("parley-1 place", utf8(server), utf8(room)));
}

/** Something to bring across: a text, or an offer of a file as its statement's text. */
export interface Item {
  /** Which. */
  readonly kind: "text" | "file";
  /** The text. */
  readonly body: string;
}

/** Something that came across. */
export interface Heard extends Item {
  /** When it was said, by its sender's clock, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  /** Whether a signature covered it when it came. */
  readonly signed: boolean;
}

/** One change. */
export type MailRecord =
  /** Something is to be brought across; it has the next number of its stream. */
  | ({ readonly type: "kept"; readonly to: Tag } & Item)
  /** Our stream to somebody is taken up, maybe with another number for the oldest item in it. */
  | { readonly type: "stream"; readonly to: Tag; readonly stream: string; readonly first: number }
  /** What was kept at a place is for this person, who came first. */
  | { readonly type: "claimed"; readonly place: Tag; readonly to: Tag }
  /** They have all items below `count`, and both sides agree where our stream goes on. */
  | { readonly type: "delivered"; readonly to: Tag; readonly count: number }
  /** Their stream, and how many items of it we count as ours. */
  | {
    readonly type: "following";
    readonly from: Tag;
    readonly stream: string;
    readonly received: number;
  }
  /** Their next item came. It is not known yet whether a person saw it. */
  | ({ readonly type: "heard"; readonly from: Tag } & Heard)
  /** All of their items below `count` were shown. */
  | { readonly type: "shown"; readonly from: Tag; readonly count: number }
  /** The files under way with somebody, or with whoever comes to a place: all of them. */
  | {
    readonly type: "transfers";
    readonly with: Tag;
    readonly list: readonly TransferRecord[];
  };

/** What a member of a record can be. */
const FITS = {
  text: (value: unknown) => typeof value === "string",
  kind: (value: unknown) => value === "text" || value === "file",
  stream: (value: unknown) => typeof value === "string" && /^([0-9a-f]{2})+$/.test(value),
  count: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  flag: (value: unknown) => typeof value === "boolean",
  list: (value: unknown) => Array.isArray(value) && value.every(isObject),
} as const;

/** The members of each record beside its type, and what each must be. */
const SHAPES: Readonly<Record<MailRecord["type"], Readonly<Record<string, keyof typeof FITS>>>> = {
  kept: { to: "text", kind: "kind", body: "text" },
  stream: { to: "text", stream: "stream", first: "count" },
  claimed: { place: "text", to: "text" },
  delivered: { to: "text", count: "count" },
  following: { from: "text", stream: "stream", received: "count" },
  heard: { from: "text", kind: "kind", body: "text", time: "count", signed: "flag" },
  shown: { from: "text", count: "count" },
  transfers: { with: "text", list: "list" },
};

/** Encodes a record for a journal. */
export function encodeRecord(record: MailRecord): Bytes {
  return utf8(JSON.stringify(record));
}

/**
 * Parses a record of a journal, which is sealed: what does not parse was written by another version.
 *
 * @throws {WireError} when the bytes are no record
 */
export function parseRecord(bytes: Uint8Array): MailRecord {
  const record = parseObject(bytes);
  const type = String(record.type);
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type as MailRecord["type"]] : null;
  const fits = shape !== null &&
    Object.entries(shape).every(([member, kind]) => FITS[kind](record[member]));
  if (!fits) throw new WireError("journal.record", "a record of this version", "something else");
  return record as unknown as MailRecord;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value = JSON.parse(fromUtf8(bytes));
    if (isObject(value)) return value;
  } catch {
    // See below.
  }
  throw new WireError("journal.record", "a JSON object", "something else");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The bytes of a stream's name. */
export function streamBytes(stream: string): Bytes {
  return fromHex(stream);
}
