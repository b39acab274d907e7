import { assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { WireError } from "../../lib/errors.ts";
import { u64 } from "../../lib/protocol/codec.ts";
import { MAX_WINDOW_LEAVES } from "../../lib/protocol/constants.ts";
import {
  checkSignal,
  encodeSignal,
  newResume,
  parseSignal,
  type Signal,
  type StopReason,
} from "../../lib/protocol/signal.ts";
import { type Field, fieldAt, lengthOf, offsetOf, overwrite } from "../helpers/mutants.ts";

const ID = Uint8Array.from({ length: 16 }, (_, i) => i);
const OTHER = new Uint8Array(16).fill(0xee);
const KEY = new Uint8Array(32).fill(0xcc);

/** Each signal, its number, and its content's layout. */
const SAMPLES: readonly (readonly [Signal, number, readonly Field[]])[] = [
  [{ type: "resume", stream: ID, first: 3, known: OTHER, received: 2 }, 4, [
    ["stream", 16],
    ["first", 8],
    ["known", 16],
    ["received", 8],
  ]],
  [{ type: "file-query", id: ID }, 5, [["id", 16]]],
  [{ type: "file-get", id: ID, kept: 6, from: 7, until: 9, key: KEY }, 6, [
    ["id", 16],
    ["kept", 8],
    ["from", 8],
    ["until", 8],
    ["key", 32],
  ]],
  [{ type: "file-hold", id: ID }, 7, [["id", 16]]],
  [{ type: "file-stop", id: ID, reason: "changed" }, 8, [["id", 16], ["reason", 1]]],
];

function faultIn(type: number, content: Uint8Array): string {
  return assertThrows(() => parseSignal(type, content), WireError).field;
}

for (const [signal, number, fields] of SAMPLES) {
  const { type: name } = signal;
  Deno.test(`encodeSignal() lays ${name} out as docs/PROTOCOL.md says`, () => {
    const { type, content } = encodeSignal(signal);
    assertEquals(type, number);
    assertEquals(content.length, lengthOf(fields));
    assertEquals(parseSignal(type, content), signal);
  });

  Deno.test(`parseSignal() names the field in which ${name} ends too early`, () => {
    const { content } = encodeSignal(signal);
    for (let length = 0; length < content.length; length++) {
      assertEquals(faultIn(number, content.slice(0, length)), `payload.${fieldAt(fields, length)}`);
    }
  });

  Deno.test(`parseSignal() refuses a byte behind ${name}`, () => {
    const { content } = encodeSignal(signal);
    assertEquals(faultIn(number, concatBytes(content, new Uint8Array(1))), "payload");
  });
}

Deno.test("parseSignal() leaves the numbers of other items to others", () => {
  for (const type of [0, 1, 2, 3, 9, 255]) assertEquals(parseSignal(type, ID), null);
});

const OVER_2_TO_53 = u64(2 ** 53 - 1).map((byte, i) => i === 1 ? 0x20 : i > 1 ? 0 : byte);

Deno.test("parseSignal() refuses one fault in one field, and names it", () => {
  const faults: [name: Signal["type"], field: string, by: Uint8Array][] = [
    ["resume", "first", OVER_2_TO_53],
    ["resume", "received", OVER_2_TO_53],
    ["file-get", "kept", OVER_2_TO_53],
    ["file-get", "from", OVER_2_TO_53],
    ["file-get", "until", OVER_2_TO_53],
    ["file-stop", "reason", Uint8Array.of(0)],
    ["file-stop", "reason", Uint8Array.of(6)],
  ];
  for (const [name, field, by] of faults) {
    const [signal, number, fields] = SAMPLES.find(([{ type }]) => type === name)!;
    const bytes = overwrite(encodeSignal(signal).content, offsetOf(fields, field), by);
    assertEquals(faultIn(number, bytes), `payload.${field}`, name);
  }
});

Deno.test("checkSignal() takes a window that begins behind what is stored and is neither empty nor too large", () => {
  const get = (kept: number, from: number, until: number): Signal => {
    return { type: "file-get", id: ID, kept, from, until, key: KEY };
  };
  for (const [signal] of SAMPLES) checkSignal(signal);
  checkSignal(get(7, 7, 7 + MAX_WINDOW_LEAVES));
  const faults: [fault: Signal, field: string][] = [
    [get(8, 7, 9), "payload.kept"],
    [get(7, 7, 7), "payload.until"],
    [get(7, 7, 6), "payload.until"],
    [get(7, 7, 8 + MAX_WINDOW_LEAVES), "payload.until"],
  ];
  for (const [fault, field] of faults) {
    assertEquals(assertThrows(() => checkSignal(fault), WireError).field, field);
  }
});

Deno.test("a reason has the number that docs/PROTOCOL.md gives", () => {
  const reasons: StopReason[] = ["received", "refused", "cancelled", "changed", "failed"];
  for (const [i, reason] of reasons.entries()) {
    assertEquals(encodeSignal({ type: "file-stop", id: ID, reason }).content.at(-1), i + 1);
  }
});

Deno.test("newResume() names its stream by fresh randomness", () => {
  assertEquals(newResume(() => ID).stream, ID);
});
