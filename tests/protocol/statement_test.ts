import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { WireError } from "../../lib/errors.ts";
import { u32, u64 } from "../../lib/protocol/codec.ts";
import { MAX_TEXT_BYTES, MAX_TIME } from "../../lib/protocol/constants.ts";
import {
  encodePayload,
  hashStatement,
  parsePayload,
  type Payload,
  signStatement,
  type Statement,
  verifyStatement,
} from "../../lib/protocol/statement.ts";
import { identityOf } from "../helpers/session_pair.ts";
import { type Field, fieldAt, flipBit, lengthOf, offsetOf, overwrite } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

/** The layout of a statement without and with a signature. */
const UNSIGNED: readonly Field[] = [
  ["type", 1],
  ["sequence", 8],
  ["seen", 8],
  ["time", 8],
  ["kind", 1],
  ["previous", 32],
  ["signed", 1],
  ["length", 4],
  ["body", 5],
];
const SIGNED = UNSIGNED.toSpliced(7, 0, ["signature", 768]);
const RECEIPT: readonly Field[] = [["type", 1], ["count", 8]];

const STATEMENT: Statement = {
  sequence: 3,
  seen: 2,
  time: 1_700_000_000_000,
  kind: "text",
  body: utf8("hello"),
  previous: new Uint8Array(32).fill(7),
  signature: null,
};

const SAMPLES: readonly [what: string, Payload, readonly Field[]][] = [
  ["an unsigned text", { type: "statement", statement: STATEMENT }, UNSIGNED],
  ["a signed text", {
    type: "statement",
    statement: { ...STATEMENT, signature: new Uint8Array(768).fill(9) },
  }, SIGNED],
  ["a receipt", { type: "receipt", count: 7 }, RECEIPT],
];

for (const [what, payload, fields] of SAMPLES) {
  Deno.test(`encodePayload() lays ${what} out as docs/PROTOCOL.md says`, () => {
    assertEquals(encodePayload(payload).length, lengthOf(fields));
    assertEquals(parsePayload(encodePayload(payload)), payload);
  });

  Deno.test(`parsePayload() names the field in which ${what} ends too early`, () => {
    const bytes = encodePayload(payload);
    for (let length = 0; length < bytes.length; length++) {
      const error = assertThrows(() => parsePayload(bytes.slice(0, length)), WireError);
      assertEquals(error.field, `payload.${fieldAt(fields, length)}`);
    }
  });

  Deno.test(`parsePayload() refuses a byte behind ${what}`, () => {
    const bytes = concatBytes(encodePayload(payload), new Uint8Array(1));
    const error = assertThrows(() => parsePayload(bytes), WireError);
    assertEquals([error.field, error.got], ["payload", "1 more bytes"]);
  });
}

Deno.test("parsePayload() refuses one fault in one field, and names it", () => {
  const [, signed] = SAMPLES[1]!;
  const bytes = encodePayload(signed);
  const over2to53 = u64(2 ** 53 - 1).map((byte, i) => i === 1 ? 0x20 : i > 1 ? 0 : byte);
  const faults: [field: string, by: Uint8Array][] = [
    ["type", Uint8Array.of(0)],
    ["type", Uint8Array.of(10)],
    ["type", Uint8Array.of(255)],
    ["sequence", over2to53],
    ["sequence", new Uint8Array(8).fill(255)],
    ["seen", over2to53],
    ["time", over2to53],
    ["time", u64(MAX_TIME + 1)],
    ["time", u64(Number.MAX_SAFE_INTEGER)],
    ["kind", Uint8Array.of(0)],
    ["kind", Uint8Array.of(4)],
    ["signed", Uint8Array.of(2)],
    ["signed", Uint8Array.of(255)],
    ["length", u32(MAX_TEXT_BYTES + 1)],
    ["length", u32(2 ** 32 - 1)],
  ];
  for (const [field, by] of faults) {
    const other = overwrite(bytes, offsetOf(SIGNED, field), by);
    const error = assertThrows(() => parsePayload(other), WireError);
    assertEquals(error.field, `payload.${field}`);
  }
  const count = overwrite(encodePayload({ type: "receipt", count: 0 }), 1, over2to53);
  assertEquals(assertThrows(() => parsePayload(count), WireError).field, "payload.count");
});

Deno.test("parsePayload() takes a text of the greatest length, and an end with none only", () => {
  const longest: Statement = { ...STATEMENT, body: new Uint8Array(MAX_TEXT_BYTES) };
  const parsed = parsePayload(encodePayload({ type: "statement", statement: longest }));
  assertEquals(parsed.type === "statement" && parsed.statement.body.length, MAX_TEXT_BYTES);
  const longer: Statement = { ...STATEMENT, body: new Uint8Array(MAX_TEXT_BYTES + 1) };
  const bytes = encodePayload({ type: "statement", statement: longer });
  assertEquals(assertThrows(() => parsePayload(bytes), WireError).field, "payload.length");
  const end: Statement = { ...STATEMENT, kind: "end", body: utf8("!") };
  const spoken = encodePayload({ type: "statement", statement: end });
  assertEquals(assertThrows(() => parsePayload(spoken), WireError).expected, "at most 0");
});

Deno.test("every time that parsePayload() takes is one that a Date can show", () => {
  assertEquals(new Date(MAX_TIME).toISOString(), "+275760-09-13T00:00:00.000Z");
  assertThrows(() => new Date(MAX_TIME + 1).toISOString(), RangeError);
  const latest = encodePayload({ type: "statement", statement: { ...STATEMENT, time: MAX_TIME } });
  parsePayload(latest);
});

const SESSION_ID = new Uint8Array(32).fill(1);
const ANSWERED = new Uint8Array(32).fill(2);
const ALICE = identityOf("alice");
const BOB = identityOf("bob");

Deno.test("hashStatement() covers session, sender, every field but the signature, and what is answered", async () => {
  const hash = await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED);
  const signed: Statement = { ...STATEMENT, signature: new Uint8Array(768) };
  assertEquals(await hashStatement(SESSION_ID, ALICE.publicKey, signed, ANSWERED), hash);
  const others = [
    await hashStatement(new Uint8Array(32), ALICE.publicKey, STATEMENT, ANSWERED),
    await hashStatement(SESSION_ID, BOB.publicKey, STATEMENT, ANSWERED),
    await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, SESSION_ID),
    ...await Promise.all(
      ([
        { sequence: 4 },
        { seen: 3 },
        { sequence: STATEMENT.seen, seen: STATEMENT.sequence },
        { time: STATEMENT.time + 1 },
        { kind: "end" },
        { kind: "file" },
        { body: utf8("hellp") },
        { body: utf8("hell") },
        { previous: new Uint8Array(32) },
      ] as Partial<Statement>[]).map((change) =>
        hashStatement(SESSION_ID, ALICE.publicKey, { ...STATEMENT, ...change }, ANSWERED)
      ),
    ),
  ];
  const distinct = new Set([hash, ...others].map((bytes) => bytes.toHex()));
  assertEquals(distinct.size, others.length + 1);
});

Deno.test("hashStatement() is the hash that docs/PROTOCOL.md gives", async () => {
  assertEquals(
    await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED),
    taggedByHand(
      utf8("parley-1 statement"),
      SESSION_ID,
      ALICE.publicKey.bytes,
      i2osp(3n, 8),
      i2osp(1_700_000_000_000n, 8),
      Uint8Array.of(1),
      createHash("sha256").update("hello").digest(),
      STATEMENT.previous,
      i2osp(2n, 8),
      ANSWERED,
    ),
  );
});

heavyTest(
  "verifyStatement() takes the sender's signature over this hash, and no other",
  async () => {
    const hash = await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED);
    const signature = await signStatement(ALICE, hash, seededRandom("statement"));
    assert(await verifyStatement(ALICE.publicKey, hash, signature));
    assert(!await verifyStatement(BOB.publicKey, hash, signature));
    assert(!await verifyStatement(ALICE.publicKey, flipBit(hash, 0), signature));
    assert(!await verifyStatement(ALICE.publicKey, hash, flipBit(signature, 767)));
    // A signature over a key exchange is none over a statement, though the bytes that it covers be the same.
    for (const context of ["parley-1 key exchange signature", "parley-1 export signature"]) {
      const other = await ALICE.sign(context, hash, seededRandom("statement"));
      assert(!await verifyStatement(ALICE.publicKey, hash, other));
    }
  },
);
