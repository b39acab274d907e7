import { assertEquals, assertThrows } from "@std/assert";
import { type Bytes, concatBytes } from "../../lib/crypto/bytes.ts";
import { WireError } from "../../lib/errors.ts";
import { u64 } from "../../lib/protocol/codec.ts";
import { LEAF_BYTES, MAX_TREE_DEPTH } from "../../lib/protocol/constants.ts";
import { newResume, type Signal, type StopReason } from "../../lib/protocol/signal.ts";
import { encodePayload, parsePayload } from "../../lib/protocol/statement.ts";
import { type Field, fieldAt, lengthOf, offsetOf, overwrite } from "../helpers/mutants.ts";

const ID = Uint8Array.from({ length: 16 }, (_, i) => i);
const OTHER = new Uint8Array(16).fill(0xee);
const HASHES = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

/** Each signal, its type's byte, and its layout. */
const SAMPLES: readonly (readonly [Signal, number, readonly Field[]])[] = [
  [{ type: "resume", stream: ID, first: 3, known: OTHER, received: 2 }, 3, [
    ["type", 1],
    ["stream", 16],
    ["first", 8],
    ["known", 16],
    ["received", 8],
  ]],
  [{ type: "file-query", id: ID }, 4, [["type", 1], ["id", 16]]],
  [{ type: "file-get", id: ID, from: 7 }, 5, [["type", 1], ["id", 16], ["from", 8]]],
  [{ type: "file-leaf", id: ID, index: 5, proof: HASHES, data: Uint8Array.of(9) }, 6, [
    ["type", 1],
    ["id", 16],
    ["index", 8],
    ["depth", 1],
    ["proof", 96],
    ["data", 1],
  ]],
  [{ type: "file-kept", id: ID, count: 4 }, 7, [["type", 1], ["id", 16], ["count", 8]]],
  [{ type: "file-hold", id: ID }, 8, [["type", 1], ["id", 16]]],
  [{ type: "file-stop", id: ID, reason: "changed" }, 9, [["type", 1], ["id", 16], ["reason", 1]]],
];

function encode(signal: Signal): Bytes {
  return encodePayload({ type: "signal", signal });
}

function faultIn(bytes: Bytes): string {
  return assertThrows(() => parsePayload(bytes), WireError).field;
}

for (const [signal, type, fields] of SAMPLES) {
  const { type: name } = signal;
  Deno.test(`encodeSignal() lays ${name} out as docs/PROTOCOL.md says`, () => {
    const bytes = encode(signal);
    assertEquals(bytes[0], type);
    assertEquals(bytes.length, lengthOf(fields));
    assertEquals(parsePayload(bytes), { type: "signal", signal });
  });

  Deno.test(`parseSignal() names the field in which ${name} ends too early`, () => {
    const bytes = encode(signal);
    for (let length = 0; length < bytes.length; length++) {
      assertEquals(faultIn(bytes.slice(0, length)), `payload.${fieldAt(fields, length)}`);
    }
  });

  if (name !== "file-leaf") {
    Deno.test(`parseSignal() refuses a byte behind ${name}`, () => {
      assertEquals(faultIn(concatBytes(encode(signal), new Uint8Array(1))), "payload");
    });
  }
}

const OVER_2_TO_53 = u64(2 ** 53 - 1).map((byte, i) => i === 1 ? 0x20 : i > 1 ? 0 : byte);

Deno.test("parseSignal() refuses one fault in one field, and names it", () => {
  const faults: [name: Signal["type"], field: string, by: Uint8Array][] = [
    ["resume", "first", OVER_2_TO_53],
    ["resume", "received", OVER_2_TO_53],
    ["file-get", "from", OVER_2_TO_53],
    ["file-leaf", "index", OVER_2_TO_53],
    ["file-leaf", "depth", Uint8Array.of(MAX_TREE_DEPTH + 1)],
    ["file-leaf", "depth", Uint8Array.of(255)],
    ["file-kept", "count", OVER_2_TO_53],
    ["file-stop", "reason", Uint8Array.of(0)],
    ["file-stop", "reason", Uint8Array.of(6)],
  ];
  for (const [name, field, by] of faults) {
    const [signal, , fields] = SAMPLES.find(([{ type }]) => type === name)!;
    const bytes = overwrite(encode(signal), offsetOf(fields, field), by);
    assertEquals(faultIn(bytes), `payload.${field}`, name);
  }
});

Deno.test("parseSignal() takes a leaf of 128 KiB under the highest tree, and nothing larger", () => {
  const proof = Array.from({ length: MAX_TREE_DEPTH }, () => HASHES[0]!);
  const leaf = (length: number): Signal => {
    return { type: "file-leaf", id: ID, index: 0, proof, data: new Uint8Array(length) };
  };
  assertEquals(encode(leaf(LEAF_BYTES)).length, 131_738);
  parsePayload(encode(leaf(LEAF_BYTES)));
  assertEquals(faultIn(encode(leaf(LEAF_BYTES + 1))), "payload.data");
  const deeper: Signal = {
    type: "file-leaf",
    id: ID,
    index: 0,
    proof: [...proof, ...proof.slice(0, 1)],
    data: new Uint8Array(1),
  };
  assertEquals(faultIn(encode(deeper)), "payload.depth");
});

Deno.test("a reason has the number that docs/PROTOCOL.md gives", () => {
  const reasons: StopReason[] = ["received", "refused", "cancelled", "changed", "failed"];
  for (const [i, reason] of reasons.entries()) {
    assertEquals(encode({ type: "file-stop", id: ID, reason }).at(-1), i + 1);
  }
});

Deno.test("newResume() names its stream by fresh randomness", () => {
  assertEquals(newResume(() => ID).stream, ID);
});
