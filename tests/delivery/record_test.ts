import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import {
  conversationId,
  type DeliveryRecord,
  encodeRecord,
  parseRecord,
  peerId,
} from "../../lib/delivery/record.ts";
import type { TransferRecord } from "../../lib/transfer/transfer_events.ts";
import { WireError } from "../../lib/errors.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

const RECORDS: readonly DeliveryRecord[] = [
  { type: "kept", to: "a", kind: "text", body: 'hi \u2028 "\u{1F600}' },
  { type: "kept", to: "a", kind: "file", body: "" },
  { type: "kept", to: "a", kind: "text", body: "at a time", time: 1.7e12 },
  { type: "stream", to: "a", stream: "00ff", first: 0 },
  { type: "stream", to: "a", stream: "00ff", first: 0, sealed: 3 },
  { type: "sealed", to: "a", count: 3 },
  { type: "withdrawn", to: "a", number: 3 },
  { type: "claimed", place: "p", to: "a" },
  { type: "delivered", to: "a", count: 2 ** 48 },
  { type: "following", from: "a", stream: "00ff", received: 7 },
  { type: "heard", from: "a", kind: "text", body: "x", time: 1.7e12, signed: false },
  { type: "shown", from: "a", count: 1 },
  { type: "transfers", with: "a", list: [{ id: "1" } as TransferRecord] },
];

Deno.test("parseRecord() gives back what encodeRecord() was given", () => {
  for (const record of RECORDS) assertEquals(parseRecord(encodeRecord(record)), record);
});

Deno.test("parseRecord() refuses a record without one of its members, or with one of another type", () => {
  const others = [null, {}, true, -1, 1.5, 2 ** 53, "1", "text"];
  for (const record of RECORDS) {
    for (const [member, value] of Object.entries(record)) {
      const { [member]: _, ...without } = record as unknown as Record<string, unknown>;
      const bytes = utf8(JSON.stringify(without));
      // A journal of the first edition has neither.
      const isOptional = record.type === "kept" && member === "time" ||
        record.type === "stream" && member === "sealed";
      if (isOptional) parseRecord(bytes);
      else assertThrows(() => parseRecord(bytes), WireError);
      // A text may stand where another does.
      const wrong = others.filter((other) => typeof other !== typeof value || value === other);
      for (const other of wrong.filter((other) => other !== value)) {
        const bytes = utf8(JSON.stringify({ ...record, [member]: other }));
        assertThrows(() => parseRecord(bytes), WireError, undefined, `${record.type}.${member}`);
      }
    }
  }
});

Deno.test("parseRecord() refuses numbers that count nothing, kinds that are none, and what is no record", () => {
  const bad = [
    "",
    "{",
    "[]",
    "null",
    "3",
    '"kept"',
    '{"type":"toString"}',
    '{"type":"kept","to":"a","kind":"end","body":""}',
    '{"type":"delivered","to":"a","count":-1}',
    '{"type":"delivered","to":"a","count":0.5}',
    '{"type":"delivered","to":"a","count":1e300}',
    '{"type":"stream","to":"a","stream":"xyz","first":0}',
    '{"type":"transfers","with":"a","list":{}}',
    '{"type":"transfers","with":"a","list":[null]}',
  ];
  for (const text of bad) assertThrows(() => parseRecord(utf8(text)), WireError, undefined, text);
  assertThrows(() => parseRecord(Uint8Array.of(0xff)), WireError);
});

Deno.test("peerId() and conversationId() tell people and places apart", async () => {
  const key = utf8("k");
  const tags = [
    await peerId(key),
    await peerId(utf8("l")),
    await conversationId("http://a", "b"),
    await conversationId("http://a", "c"),
    await conversationId("http://b", "b"),
    await conversationId("http://ab", ""),
    await conversationId("k", ""),
  ];
  assertEquals(new Set(tags).size, tags.length);
  for (const tag of tags) assertEquals(/^[0-9a-f]{64}$/.test(tag), true);
  // Journals have them, so they stay what they are.
  assertEquals(tags[0], taggedByHand(utf8("parley-1 correspondent"), key).toHex());
  const place = taggedByHand(utf8("parley-1 place"), utf8("http://a"), utf8("b"));
  assertEquals(tags[2], place.toHex());
});
