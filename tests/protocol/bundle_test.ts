import { assertEquals, assertThrows } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { WireError } from "../../lib/errors.ts";
import {
  type Bundle,
  BUNDLE_FRAME_BYTES,
  encodeBundle,
  parseBundle,
  signalBytes,
  STATEMENT_BYTES,
  type StatementItem,
} from "../../lib/protocol/bundle.ts";
import { u32, u64 } from "../../lib/protocol/codec.ts";
import { MAX_BUNDLE_ITEMS, MAX_TEXT_BYTES, MAX_TIME } from "../../lib/protocol/constants.ts";
import type { Signal } from "../../lib/protocol/signal.ts";
import { type Field, fieldAt, lengthOf, offsetOf, overwrite } from "../helpers/mutants.ts";

const ID = new Uint8Array(16).fill(0xee);

function text(body: string, changes: Partial<StatementItem> = {}): StatementItem {
  return { type: "text", seen: 2, time: 1_700_000_000_000, body: utf8(body), ...changes };
}

function bundle(changes: Partial<Bundle> = {}): Bundle {
  return { number: 3, received: 7, items: [], signature: null, ...changes };
}

const SIGNATURE = new Uint8Array(768).fill(9);
const RESUME: Signal = { type: "resume", stream: ID, first: 3, known: ID, received: 2 };

const HEAD: readonly Field[] = [["number", 8], ["received", 8]];
const ITEM: readonly Field[] = [["type", 1], ["length", 4]];
const SIGNED: readonly Field[] = [...HEAD, ...ITEM, ["content", 21], ...ITEM, ["content", 768]];

const SAMPLES: readonly [what: string, Bundle, readonly Field[]][] = [
  ["an empty bundle", bundle(), HEAD],
  ["a signed text", bundle({ items: [text("hello")], signature: SIGNATURE }), SIGNED],
  [
    "an end and a signal",
    bundle({ items: [RESUME, text("", { type: "end" })] }),
    [...HEAD, ...ITEM, ["content", 48], ...ITEM, ["content", 16]],
  ],
];

/** The field at fault in what is no bundle. */
function faultIn(bytes: Bytes): string {
  return assertThrows(() => parseBundle(bytes), WireError).field;
}

for (const [what, sample, fields] of SAMPLES) {
  Deno.test(`encodeBundle() lays ${what} out as docs/PROTOCOL.md says`, () => {
    assertEquals(encodeBundle(sample).length, lengthOf(fields));
    assertEquals(parseBundle(encodeBundle(sample)), sample);
  });

  Deno.test(`parseBundle() names the field in which ${what} ends too early`, () => {
    const bytes = encodeBundle(sample);
    // Where an item ends, the bundle may end, too.
    const ends = new Set(
      fields.flatMap(([name], i) =>
        name === "type" || i === 0 ? [lengthOf(fields.slice(0, i))] : []
      ),
    );
    for (let length = 0; length < bytes.length; length++) {
      if (length > 0 && ends.has(length)) continue;
      assertEquals(faultIn(bytes.slice(0, length)), `payload.${fieldAt(fields, length)}`);
    }
  });
}

Deno.test("parseBundle() refuses one fault in one field, and names it", () => {
  const bytes = encodeBundle(bundle({ items: [text("hello")], signature: SIGNATURE }));
  const over2to53 = u64(2 ** 53 - 1).map((byte, i) => i === 1 ? 0x20 : i > 1 ? 0 : byte);
  const content = offsetOf(SIGNED, "content");
  const faults: [at: number, by: Uint8Array, field: string][] = [
    [0, over2to53, "number"],
    [8, new Uint8Array(8).fill(255), "received"],
    [16, Uint8Array.of(0), "type"],
    [16, Uint8Array.of(10), "type"],
    [16, Uint8Array.of(255), "type"],
    [17, u32(2 ** 32 - 1), "content"],
    [17, u32(15), "time"],
    [content, over2to53, "seen"],
    [content + 8, over2to53, "time"],
  ];
  for (const [at, by, field] of faults) {
    assertEquals(faultIn(overwrite(bytes, at, by)), `payload.${field}`);
  }
  // An item that is longer than what is left, as the very last one.
  const endless = concatBytes(encodeBundle(bundle()), Uint8Array.of(1), u32(2 ** 32 - 1));
  assertEquals(faultIn(endless), "payload.content");
});

Deno.test("parseBundle() takes the signature once, of one length, and as the last item", () => {
  const signed = encodeBundle(bundle({ items: [text("a")], signature: SIGNATURE }));
  const item = concatBytes(Uint8Array.of(9), u32(768), SIGNATURE);
  const more = encodeBundle(bundle({ items: [text("b")] })).slice(16);
  assertEquals(faultIn(concatBytes(signed, item)), "payload");
  assertEquals(faultIn(concatBytes(signed, more)), "payload");
  const empty = encodeBundle(bundle());
  for (const length of [767, 769]) {
    const odd = concatBytes(empty, Uint8Array.of(9), u32(length), new Uint8Array(length));
    assertEquals(faultIn(odd), length < 768 ? "payload.signature" : "payload");
  }
});

Deno.test("parseBundle() takes 1024 items beside the signature, and no more", () => {
  const items = Array.from({ length: MAX_BUNDLE_ITEMS }, () => text(""));
  const full = bundle({ items, signature: SIGNATURE });
  assertEquals(parseBundle(encodeBundle(full)), full);
  assertEquals(faultIn(encodeBundle(bundle({ items: [...items, RESUME] }))), "payload.items");
});

Deno.test("parseBundle() takes a text of the greatest length, and an end with none only", () => {
  const longest = bundle({ items: [text("", { body: new Uint8Array(MAX_TEXT_BYTES) })] });
  assertEquals(parseBundle(encodeBundle(longest)), longest);
  for (
    const item of [
      text("", { body: new Uint8Array(MAX_TEXT_BYTES + 1) }),
      text("", { type: "file", body: new Uint8Array(MAX_TEXT_BYTES + 1) }),
      text("!", { type: "end" }),
    ]
  ) assertEquals(faultIn(encodeBundle(bundle({ items: [item] }))), "payload.body");
});

Deno.test("the sizes that a sender counts with are those of what it encodes", () => {
  const empty = encodeBundle(bundle({ signature: SIGNATURE })).length;
  assertEquals(empty, BUNDLE_FRAME_BYTES);
  const bytes = (item: StatementItem | Signal) =>
    encodeBundle(bundle({ items: [item] })).length - empty + 773;
  assertEquals(bytes(text("hello")), STATEMENT_BYTES + 5);
  assertEquals(bytes(RESUME), signalBytes(RESUME));
});

Deno.test("every time that a bundle may have is one that a Date can show", () => {
  assertEquals(new Date(MAX_TIME).toISOString(), "+275760-09-13T00:00:00.000Z");
  assertThrows(() => new Date(MAX_TIME + 1).toISOString(), RangeError);
});
