/**
 * Bundles: what a sealed message holds. One bundle carries a list of items, statements and signals, under one
 * signature, and is a receipt by itself. It is accepted as a whole or not at all (bundle_order.ts).
 *
 *     bundle = number (8) || received (8) || items
 *     item   = type (1) || length (4) || content
 *
 * What a receiver knows by itself does not travel: a statement's place in its chain, the hash of the one before
 * it, and the hash of what it answers.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { signatureBytes } from "../crypto/elgamal.ts";
import { WireError } from "../errors.ts";
import { putU64, Reader } from "./codec.ts";
import { MAX_BUNDLE_ITEMS } from "./constants.ts";
import { encodeSignal, parseSignal, type Signal } from "./signal.ts";
import { kindByte, kindOf, maxBodyBytes, type StatementKind } from "./statement.ts";
import { GROUP } from "./wire.ts";

/** A statement as it travels. */
export interface StatementItem {
  /** Its kind. */
  readonly type: StatementKind;
  /** How many of the peer's statements in this session its author had before him when he made it. */
  readonly seen: number;
  /** When it was made, by its sender's clock, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  /** UTF-8 of a text or of an offer (offer.ts); empty for an end. */
  readonly body: Bytes;
}

/** What a bundle carries, beside its signature. */
export type BundleItem = StatementItem | Signal;

/** The plaintext of a sealed message. */
export interface Bundle {
  /** Its place among its sender's in the session, from 0. */
  readonly number: number;
  /** How many of the other side's statements were accepted. */
  readonly received: number;
  /** At most {@link MAX_BUNDLE_ITEMS}. */
  readonly items: readonly BundleItem[];
  /** Over the hash of the last statement; `null` without statements, and in a deniable session. */
  readonly signature: Bytes | null;
}

const SIGNATURE_TYPE = 9;
const SIGNATURE_BYTES = signatureBytes(GROUP);
const ITEM_HEADER_BYTES = 5;
const STATEMENT_HEADER_BYTES = 16;

/** Bytes of a statement beside its body. */
export const STATEMENT_BYTES: number = ITEM_HEADER_BYTES + STATEMENT_HEADER_BYTES;

/** Bytes of a bundle beside its items: number, receipt, and a signature, for which there is always room. */
export const BUNDLE_FRAME_BYTES: number = 16 + ITEM_HEADER_BYTES + SIGNATURE_BYTES;

/** Bytes that a signal takes in a bundle. */
export function signalBytes(signal: Signal): number {
  return itemBytes(encodeSignal(signal));
}

/** Whether an item is a statement. */
export function isStatement(item: BundleItem): item is StatementItem {
  return item.type === "text" || item.type === "end" || item.type === "file";
}

/** Encodes a bundle, before padding. */
export function encodeBundle({ number, received, items, signature }: Bundle): Bytes {
  const encoded = items.map((item) => isStatement(item) ? item : encodeSignal(item));
  const sum = encoded.reduce((sum, item) => sum + itemBytes(item), 16);
  const bytes = new Uint8Array(
    sum + (signature === null ? 0 : ITEM_HEADER_BYTES + SIGNATURE_BYTES),
  );
  const view = new DataView(bytes.buffer);
  putU64(view, 0, number);
  putU64(view, 8, received);
  let at = 16;
  for (const item of encoded) {
    if ("body" in item) putStatement(bytes, view, at, item);
    else putItem(bytes, view, at, item);
    at += itemBytes(item);
  }
  if (signature !== null) putItem(bytes, view, at, { type: SIGNATURE_TYPE, content: signature });
  return bytes;
}

/** An item that is no statement: its number, and its content. */
type OtherItem = ReturnType<typeof encodeSignal>;

function itemBytes(item: StatementItem | OtherItem): number {
  return "body" in item
    ? STATEMENT_BYTES + item.body.length
    : ITEM_HEADER_BYTES + item.content.length;
}

function putItem(bytes: Bytes, view: DataView, at: number, { type, content }: OtherItem): void {
  view.setUint8(at, type);
  view.setUint32(at + 1, content.length);
  bytes.set(content, at + ITEM_HEADER_BYTES);
}

function putStatement(bytes: Bytes, view: DataView, at: number, item: StatementItem): void {
  const { type, seen, time, body } = item;
  view.setUint8(at, kindByte(type));
  view.setUint32(at + 1, STATEMENT_HEADER_BYTES + body.length);
  putU64(view, at + 5, seen);
  putU64(view, at + 13, time);
  bytes.set(body, at + STATEMENT_BYTES);
}

/**
 * Parses a bundle without its padding: layout, types and lengths. What its fields may say is for bundle_order.ts.
 *
 * @throws {WireError} when the bytes are not exactly one bundle
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  const reader = new Reader("payload", bytes);
  const [number, received] = [reader.u64("number"), reader.u64("received")];
  const items: BundleItem[] = [];
  let signature: Bytes | null = null;
  while (reader.left > 0) {
    if (signature !== null) throw new WireError("payload", "its end", `${reader.left} more bytes`);
    const type = reader.u8("type");
    const content = reader.view("content", reader.u32("length"));
    if (type === SIGNATURE_TYPE) {
      signature = parseSignature(content);
      continue;
    }
    if (items.length === MAX_BUNDLE_ITEMS) {
      throw new WireError("payload.items", `at most ${MAX_BUNDLE_ITEMS}`, "more");
    }
    items.push(parseItem(type, content));
  }
  return { number, received, items, signature };
}

function parseSignature(content: Uint8Array): Bytes {
  const reader = new Reader("payload", content);
  const signature = reader.bytes("signature", SIGNATURE_BYTES);
  reader.end();
  return signature;
}

function parseItem(type: number, content: Uint8Array): BundleItem {
  const kind = kindOf(type);
  if (kind !== null) return parseStatement(kind, content);
  const signal = parseSignal(type, content);
  if (signal === null) throw new WireError("payload.type", "1 to 9", String(type));
  return signal;
}

function parseStatement(type: StatementKind, content: Uint8Array): StatementItem {
  const most = maxBodyBytes(type);
  const length = content.length - STATEMENT_HEADER_BYTES;
  if (length > most) throw new WireError("payload.body", `at most ${most} bytes`, String(length));
  const reader = new Reader("payload", content);
  const [seen, time] = [reader.u64("seen"), reader.u64("time")];
  return { type, seen, time, body: reader.rest("body", 0) };
}
