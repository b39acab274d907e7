/** The rules about which bundle may follow which, one after the other, in the order in which they are checked. */
import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { CheckError, ParleyError, type WireError } from "../../lib/errors.ts";
import type { Bundle, BundleItem, StatementItem } from "../../lib/protocol/bundle.ts";
import {
  type BundleOrder,
  checkBundle,
  dueBundle,
  holdBundle,
  isOrderSettled,
  MAX_HELD_BUNDLES,
  MAX_HELD_BYTES,
  newOrder,
  nextBundle,
  takeBundle,
} from "../../lib/protocol/bundle_order.ts";
import { MAX_TIME, MAX_WINDOW_LEAVES } from "../../lib/protocol/constants.ts";
import { encodeOffer } from "../../lib/protocol/offer.ts";
import type { Signal } from "../../lib/protocol/signal.ts";

const ID = new Uint8Array(16);
const SIGNATURE = new Uint8Array(768);
const RESUME: Signal = { type: "resume", stream: ID, first: 0, known: ID, received: 0 };
const QUERY: Signal = { type: "file-query", id: ID };
const OFFER = encodeOffer({ id: ID, name: "a", bytes: 1, root: new Uint8Array(32) });

const item = (changes: Partial<StatementItem> = {}): StatementItem => (
  { type: "text", seen: 2, time: 1, body: utf8("x"), ...changes }
);
const END = item({ type: "end", body: utf8("") });

/** Our side has said three statements, of which one arrived; the peer has said two, and answered two of ours. */
const TALK: BundleOrder = {
  ...newOrder(false),
  sent: 4,
  expected: 5,
  own: { next: 3, seen: 0, ended: false },
  peer: { next: 2, seen: 2, ended: false },
  delivered: 1,
};

function bundle(items: readonly BundleItem[], changes: Partial<Bundle> = {}): Bundle {
  const signature = items.some((one) => "body" in one) ? SIGNATURE : null;
  return { number: 5, received: 1, items, signature, ...changes };
}

/** A rule's number in docs/PROTOCOL.md, what breaks it, and the error. */
type Fault = [rule: string, order: BundleOrder, bundle: Bundle, code: string, field?: string];

const DENIABLE = { ...TALK, deniable: true };
const OVER = { ...TALK, peer: { ...TALK.peer, ended: true } };
const BEGUN = newOrder(false);

const FAULTS: readonly Fault[] = [
  ["B3", TALK, bundle([RESUME]), "malformed", "type"],
  ["B3", TALK, bundle([QUERY, RESUME]), "malformed", "type"],
  ["B3", BEGUN, bundle([], { number: 0, received: 0 }), "malformed", "type"],
  ["B3", BEGUN, bundle([QUERY, RESUME], { number: 0, received: 0 }), "malformed", "type"],
  ["B3", BEGUN, bundle([RESUME, RESUME], { number: 0, received: 0 }), "malformed", "type"],
  ["B4", TALK, bundle([], { received: 0 }), "malformed", "received"],
  ["B4", TALK, bundle([], { received: 4 }), "malformed", "received"],
  ["B5", TALK, bundle([END, QUERY]), "unexpected"],
  ["B5", TALK, bundle([END, END]), "unexpected"],
  ["B5", OVER, bundle([item()]), "unexpected"],
  ["B5", OVER, bundle([QUERY]), "unexpected"],
  ["B5", OVER, bundle([END]), "unexpected"],
  ["B6", TALK, bundle([item()], { signature: null }), "bad-signature"],
  ["B6", TALK, bundle([END], { signature: null }), "bad-signature"],
  ["B6", TALK, bundle([QUERY], { signature: SIGNATURE }), "malformed", "signature"],
  ["B6", TALK, bundle([], { signature: SIGNATURE }), "malformed", "signature"],
  ["B6", DENIABLE, bundle([item()]), "malformed", "signature"],
  ["B7", TALK, bundle([item({ seen: 4 })]), "bad-chain"],
  ["B7", TALK, bundle([item({ seen: 1 })]), "bad-chain"],
  ["B7", TALK, bundle([item({ seen: 3 }), item({ seen: 2 })]), "bad-chain"],
  ["B8", TALK, bundle([item({ time: MAX_TIME + 1 })]), "malformed", "time"],
  ["B8", TALK, bundle([item({ body: Uint8Array.of(0xff) })]), "malformed", "body"],
  ["B8", TALK, bundle([item({ body: Uint8Array.of(0xed, 0xa0, 0x80) })]), "malformed", "body"],
  ["B8", TALK, bundle([item({ type: "file" })]), "malformed"],
  [
    "B8",
    TALK,
    bundle([{
      type: "file-get",
      id: ID,
      kept: 0,
      from: 0,
      until: MAX_WINDOW_LEAVES + 1,
      key: new Uint8Array(32),
    }]),
    "malformed",
    "until",
  ],
];

function faultOf(order: BundleOrder, bundle: Bundle): ParleyError {
  return assertThrows(() => checkBundle(order, bundle), ParleyError);
}

Deno.test("checkBundle() refuses what breaks one rule, by its code", () => {
  for (const [rule, order, broken, code, field] of FAULTS) {
    const error = faultOf(order, broken);
    assertEquals(error.code, code, rule);
    if (field !== undefined) assertEquals((error as WireError).field, `payload.${field}`, rule);
  }
});

Deno.test("checkBundle() checks the rules in their order, over the whole bundle", () => {
  // Each breaks all the rules from its own on.
  const late = item({ seen: 9, time: MAX_TIME + 1 });
  const broken: [string, Bundle][] = [
    ["malformed", bundle([RESUME, END, late], { received: 9, signature: null })],
    ["malformed", bundle([END, late], { received: 9, signature: null })],
    ["unexpected", bundle([END, late], { signature: null })],
    ["bad-signature", bundle([late], { signature: null })],
    ["bad-chain", bundle([item({ time: MAX_TIME + 1 }), late])],
    ["malformed", bundle([item(), item({ time: MAX_TIME + 1 })])],
  ];
  for (const [code, one] of broken) assertEquals(faultOf(TALK, one).code, code);
});

Deno.test("checkBundle() takes what keeps them", () => {
  const good: [BundleOrder, Bundle][] = [
    [BEGUN, bundle([RESUME], { number: 0, received: 0 })],
    [BEGUN, bundle([RESUME, item({ seen: 0 })], { number: 0, received: 0 })],
    [TALK, bundle([])],
    [TALK, bundle([], { received: 3 })],
    [TALK, bundle([QUERY, item({ time: MAX_TIME }), item({ type: "file", body: utf8(OFFER) })])],
    [TALK, bundle([item(), item({ seen: 3 }), END].with(2, { ...END, seen: 3 }))],
    [DENIABLE, bundle([item()], { signature: null })],
    [OVER, bundle([], { received: 2 })],
  ];
  for (const [order, one] of good) checkBundle(order, one);
});

Deno.test("takeBundle() and nextBundle() count what was said, and what it answers", () => {
  const said = bundle([QUERY, item(), item({ seen: 3 }), { ...END, seen: 3 }], { received: 2 });
  const taken = takeBundle(TALK, said);
  assertEquals(taken, {
    ...TALK,
    expected: 6,
    peer: { next: 5, seen: 3, ended: true },
    delivered: 2,
  });
  const { order, bundle: next } = nextBundle(taken, [item({ seen: 5 })]);
  assertEquals([next.number, next.received], [4, 5]);
  assertEquals([order.sent, order.acknowledged], [5, 5]);
  assertEquals(order.own, { next: 4, seen: 5, ended: false });
  assertEquals(nextBundle(order, []).order.own, order.own);
});

Deno.test("holdBundle() holds 64 bundles ahead and 8 MiB, and drops what is beyond", () => {
  let order = TALK;
  const hold = (number: number, bytes = 1) => {
    order = holdBundle(order, { bundle: bundle([], { number }), bytes });
    return order.held.length;
  };
  assertEquals(hold(5 + MAX_HELD_BUNDLES + 1), 0);
  assertEquals(hold(5 + MAX_HELD_BUNDLES), 1);
  assertEquals(hold(7, MAX_HELD_BYTES), 1);
  assertEquals(hold(7, MAX_HELD_BYTES - 1), 2);
  assertEquals(hold(8), 2);
  assertEquals(dueBundle(order), null);
  assertEquals(dueBundle({ ...order, expected: 7 })!.number, 7);
  // What is not held may come again; what is held, or was taken, may not.
  assertEquals(hold(6, 0), 3);
  for (const number of [6, 4, 0]) {
    assertEquals(assertThrows(() => hold(number), CheckError).code, "unexpected");
  }
  assertEquals(takeBundle({ ...order, expected: 6 }, bundle([], { number: 6 })).held.length, 2);
});

Deno.test("isOrderSettled() needs both goodbyes and both receipts", () => {
  const over = {
    ...TALK,
    own: { next: 3, seen: 0, ended: true },
    peer: { next: 2, seen: 2, ended: true },
    delivered: 3,
    acknowledged: 2,
  };
  assertEquals(isOrderSettled(over), true);
  for (
    const change of [{ own: TALK.own }, { peer: TALK.peer }, { delivered: 2 }, { acknowledged: 1 }]
  ) {
    assertEquals(isOrderSettled({ ...over, ...change }), false);
  }
});
