/**
 * The records of delivery: one for each change, so that whatever is said arrives once and in order, whichever process
 * ends in between. The state is what its records make of it (state.ts), so a journal that holds the records holds the
 * state.
 *
 * @module
 */
import { type Bytes, fromHex, fromUtf8, toHex, utf8 } from "../crypto/bytes.ts";
import { taggedHash } from "../crypto/hash.ts";
import { WireError } from "../errors.ts";
import type { TransferRecord } from "../transfer/transfer_events.ts";

/** Names a peer by its identity key: 32 bytes in hexadecimal. */
export type PeerId = string;

/** Names a room at a relay: 32 bytes in hexadecimal. */
export type ConversationId = string;

/** The addressee of a line: a peer, or the first one that comes to a conversation. */
export type Addressee = PeerId | ConversationId;

/** The id of the peer with this key. */
export async function peerId(key: Uint8Array): Promise<PeerId> {
  return toHex(await taggedHash("parley-1 correspondent", key));
}

/** The id of a room at a relay, for what is said before anybody is there. */
export async function conversationId(server: string, room: string): Promise<ConversationId> {
  return toHex(await taggedHash("parley-1 place", utf8(server), utf8(room)));
}

/** Something to deliver: a text, or the offer of a file as its statement's text. */
export interface Item {
  /** Which. */
  readonly kind: "text" | "file";
  /** The text. */
  readonly body: string;
  /** When it was said, by its author's clock, in milliseconds since 1970-01-01 UTC; the first edition kept none of ours. */
  readonly time?: number;
}

/** Something that the peer said. */
export interface ReceivedItem extends Item {
  /** When it was said, by the peer's clock. */
  readonly time: number;
  /** Whether a signature covers it. */
  readonly signed: boolean;
}

/** One change. The names and members are the journal's format. */
export type DeliveryRecord =
  /** A line was added to the outbox; it has the next number of its stream. */
  | ({ readonly type: "kept"; readonly to: Addressee } & Item)
  /** Our stream to a peer begins, or another one takes its place: this is the number of the oldest line in it. */
  | {
    readonly type: "stream";
    readonly to: PeerId;
    readonly stream: string;
    readonly first: number;
    /** See `sealed`; without it, as in a journal of the first edition, all lines may have been. */
    readonly sealed?: number;
  }
  /** Lines of our stream below `count` were sealed, or are going to be, since a session last agreed where it goes on. */
  | { readonly type: "sealed"; readonly to: PeerId; readonly count: number }
  /** A line that can't be sent is taken out of the outbox; those behind it move up by one number. */
  | { readonly type: "withdrawn"; readonly to: PeerId; readonly number: number }
  /** What was for the first peer of a conversation is for this peer. */
  | { readonly type: "claimed"; readonly place: ConversationId; readonly to: PeerId }
  /** The peer has all lines below `count`, and both sides agree where our stream goes on. */
  | { readonly type: "delivered"; readonly to: PeerId; readonly count: number }
  /** The peer's stream, and how many items of it we count as received. */
  | {
    readonly type: "following";
    readonly from: PeerId;
    readonly stream: string;
    readonly received: number;
  }
  /** The peer's next item came. It is not known yet whether a person saw it. */
  | ({ readonly type: "heard"; readonly from: PeerId } & ReceivedItem)
  /** All of the peer's items below `count` were shown. */
  | { readonly type: "shown"; readonly from: PeerId; readonly count: number }
  /** The unfinished transfers with an addressee: all of them. */
  | {
    readonly type: "transfers";
    readonly with: Addressee;
    readonly list: readonly TransferRecord[];
  };

/** What a member of a record can be. */
type Fit = "text" | "kind" | "stream" | "count" | "count or none" | "flag" | "list";

const FITS: Readonly<Record<Fit, (value: unknown) => boolean>> = {
  text: (value: unknown) => typeof value === "string",
  kind: (value: unknown) => value === "text" || value === "file",
  stream: (value: unknown) => typeof value === "string" && /^([0-9a-f]{2})+$/.test(value),
  count: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  flag: (value: unknown) => typeof value === "boolean",
  "count or none": (value: unknown) => value === undefined || FITS.count(value),
  list: (value: unknown) => Array.isArray(value) && value.every(isObject),
};

/** The members of each record beside its type, and what each must be. */
const SHAPES: Readonly<
  Record<DeliveryRecord["type"], Readonly<Record<string, Fit>>>
> = {
  kept: { to: "text", kind: "kind", body: "text", time: "count or none" },
  stream: { to: "text", stream: "stream", first: "count", sealed: "count or none" },
  sealed: { to: "text", count: "count" },
  withdrawn: { to: "text", number: "count" },
  claimed: { place: "text", to: "text" },
  delivered: { to: "text", count: "count" },
  following: { from: "text", stream: "stream", received: "count" },
  heard: { from: "text", kind: "kind", body: "text", time: "count", signed: "flag" },
  shown: { from: "text", count: "count" },
  transfers: { with: "text", list: "list" },
};

/** Encodes a record for a journal. */
export function encodeRecord(record: DeliveryRecord): Bytes {
  return utf8(JSON.stringify(record));
}

/**
 * Parses a record of a journal, which is sealed: what does not parse was written by another version.
 *
 * @throws {WireError} when the bytes are no record
 */
export function parseRecord(bytes: Uint8Array): DeliveryRecord {
  const record = parseObject(bytes);
  const type = String(record.type);
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type as DeliveryRecord["type"]] : null;
  const fits = shape !== null &&
    Object.entries(shape).every(([member, kind]) => FITS[kind](record[member]));
  if (!fits) throw new WireError("journal.record", "a record of this version", "something else");
  return record as unknown as DeliveryRecord;
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
