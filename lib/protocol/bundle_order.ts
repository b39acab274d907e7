/**
 * The rules about which bundle may follow which, without their cryptography: numbers, receipts, what an item may
 * answer, and the end. All of a bundle is checked before any of it is applied.
 *
 * @module
 */
import { fromUtf8 } from "../crypto/bytes.ts";
import { CheckError, WireError } from "../errors.ts";
import { type Bundle, type BundleItem, isStatement } from "./bundle.ts";
import { MAX_TIME } from "./constants.ts";
import { parseOffer } from "./offer.ts";
import { checkSignal } from "./signal.ts";

/** Most bundles that are held for one before them, and how far ahead of it they may be. */
export const MAX_HELD_BUNDLES = 64;

/** Most bytes of bundles that are held: 8 MiB. */
export const MAX_HELD_BYTES: number = 8 * 1024 * 1024;

/** One side's statements. */
export interface Direction {
  /** How many there are. */
  readonly next: number;
  /** How many of the other side's the last one answers. */
  readonly seen: number;
  /** Whether its `end` has been said. */
  readonly ended: boolean;
}

/** A bundle that came before its turn. */
export interface HeldBundle {
  /** What it says: not checked yet. */
  readonly bundle: Bundle;
  /** Its length without padding. */
  readonly bytes: number;
}

/** Where both sides' bundles stand. Immutable. */
export interface BundleOrder {
  /** No statement is signed. */
  readonly deniable: boolean;
  /** The number of our next bundle. */
  readonly sent: number;
  /** The number of the peer's next bundle. */
  readonly expected: number;
  /** Bundles of the peer that came before their turn. */
  readonly held: readonly HeldBundle[];
  /** Our statements. */
  readonly own: Direction;
  /** The peer's statements. */
  readonly peer: Direction;
  /** How many of our statements the peer has acknowledged. */
  readonly delivered: number;
  /** How many of the peer's statements our last bundle acknowledged. */
  readonly acknowledged: number;
}

const NOTHING: Direction = { next: 0, seen: 0, ended: false };

/** The order of a session in which nothing was sent. */
export function newOrder(deniable: boolean): BundleOrder {
  return {
    deniable,
    sent: 0,
    expected: 0,
    held: [],
    own: NOTHING,
    peer: NOTHING,
    delivered: 0,
    acknowledged: 0,
  };
}

/** Our next bundle, but for its signature. */
export function nextBundle<Order extends BundleOrder>(
  order: Order,
  items: readonly BundleItem[],
): { readonly order: Order; readonly bundle: Omit<Bundle, "signature"> } {
  const received = order.peer.next;
  return {
    order: {
      ...order,
      sent: order.sent + 1,
      own: directionAfter(order.own, items),
      acknowledged: received,
    },
    bundle: { number: order.sent, received, items },
  };
}

/**
 * Holds a bundle that is not the next one.
 *
 * @throws {CheckError} `unexpected`, when its number was there before
 */
export function holdBundle<Order extends BundleOrder>(order: Order, held: HeldBundle): Order {
  const { number } = held.bundle;
  if (number < order.expected || order.held.some(({ bundle }) => bundle.number === number)) {
    throw new CheckError("unexpected", "the other side sent two bundles with one number");
  }
  const bytes = order.held.reduce((sum, { bytes }) => sum + bytes, held.bytes);
  // The network may be at fault. What is dropped is not acknowledged, so it comes again in another session.
  if (number > order.expected + MAX_HELD_BUNDLES || bytes > MAX_HELD_BYTES) return order;
  return { ...order, held: [...order.held, held] };
}

/** The held bundle whose turn it is. */
export function dueBundle({ held, expected }: BundleOrder): Bundle | null {
  return held.find(({ bundle }) => bundle.number === expected)?.bundle ?? null;
}

/**
 * Checks the next bundle, all of it, but for its signature.
 *
 * @throws {CheckError} when it breaks a rule
 * @throws {WireError} likewise
 */
export function checkBundle(order: BundleOrder, bundle: Bundle): void {
  checkResume(bundle);
  checkReceipt(order, bundle);
  checkEnd(order, bundle);
  checkSigned(order, bundle);
  checkAnswers(order, bundle);
  for (const item of bundle.items) checkItem(item);
}

/** The order after a bundle that was checked. */
export function takeBundle<Order extends BundleOrder>(order: Order, bundle: Bundle): Order {
  return {
    ...order,
    expected: order.expected + 1,
    held: order.held.filter(({ bundle: { number } }) => number !== bundle.number),
    peer: directionAfter(order.peer, bundle.items),
    delivered: bundle.received,
  };
}

/** Whether both sides have said goodbye and all statements are acknowledged. */
export function isOrderSettled({ own, peer, delivered, acknowledged }: BundleOrder): boolean {
  return own.ended && peer.ended && delivered === own.next && acknowledged === peer.next;
}

function directionAfter(before: Direction, items: readonly BundleItem[]): Direction {
  const statements = items.filter(isStatement);
  const last = statements.at(-1);
  if (last === undefined) return before;
  const next = before.next + statements.length;
  return { next, seen: last.seen, ended: last.type === "end" };
}

function checkResume({ number, items }: Bundle): void {
  for (let i = 0; i < Math.max(1, items.length); i++) {
    const isResume = items[i]?.type === "resume";
    if (isResume !== (number === 0 && i === 0)) {
      const expected = "a resume first in bundle 0, and nowhere else";
      throw new WireError("payload.type", expected, isResume ? "another" : "none");
    }
  }
}

function checkReceipt({ delivered, own }: BundleOrder, { received }: Bundle): void {
  if (received < delivered || received > own.next) {
    throw new WireError("payload.received", `${delivered} to ${own.next}`, String(received));
  }
}

function checkEnd({ peer }: BundleOrder, { items }: Bundle): void {
  const end = items.findIndex(({ type }) => type === "end");
  if (peer.ended ? items.length > 0 : end >= 0 && end < items.length - 1) {
    throw new CheckError("unexpected", "the other side spoke after its goodbye");
  }
}

function checkSigned({ deniable }: BundleOrder, { items, signature }: Bundle): void {
  const isDue = !deniable && items.some(isStatement);
  if (isDue === (signature !== null)) return;
  if (isDue) {
    throw new CheckError("bad-signature", "the other side left its statements unsigned");
  }
  throw new WireError("payload.signature", "none over no statement, or a deniable one", "one");
}

function checkAnswers({ peer, own }: BundleOrder, { items }: Bundle): void {
  let { seen } = peer;
  for (const item of items) {
    if (!isStatement(item)) continue;
    if (item.seen < seen || item.seen > own.next) {
      throw new CheckError(
        "bad-chain",
        "the other side answers a statement that was not made, or an older one than before",
      );
    }
    seen = item.seen;
  }
}

function checkItem(item: BundleItem): void {
  if (!isStatement(item)) return checkSignal(item);
  const { type, time, body } = item;
  if (time > MAX_TIME) throw new WireError("payload.time", `at most ${MAX_TIME}`, String(time));
  const text = statementText(body);
  if (type === "file") parseOffer(text);
}

/**
 * The text of a statement.
 *
 * @throws {WireError} when it is no UTF-8
 */
export function statementText(body: Uint8Array): string {
  try {
    return fromUtf8(body);
  } catch {
    throw new WireError("payload.body", "UTF-8", "other bytes");
  }
}
