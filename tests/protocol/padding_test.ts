import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { WireError } from "../../lib/errors.ts";
import {
  MAX_PADDED_BYTES,
  MAX_TEXT_BYTES,
  MIN_PADDED_BYTES,
} from "../../lib/protocol/constants.ts";
import {
  isPaddedLength,
  longestPayload,
  pad,
  padmeLength,
  unpad,
} from "../../lib/protocol/padding.ts";
import { encodeBundle } from "../../lib/protocol/bundle.ts";
import { DEFAULT_MAX_PAYLOAD_BYTES } from "../../lib/relay/wire_events.ts";
import { ENVELOPE_OVERHEAD_BYTES } from "../../lib/protocol/wire.ts";
import { Dice } from "../helpers/mutants.ts";

const dice = new Dice(1);

/** Every length up to 5,000, and some up to 600,000, with the powers of 2 and their neighbours. */
const LENGTHS: readonly number[] = [
  ...Array(5001).keys(),
  ...Array.from({ length: 7 }, (_, i) => 2 ** (13 + i)).flatMap((n) => [n - 2, n - 1, n, n + 1]),
  ...Array.from({ length: 60 }, () => 5000 + dice.below(595_000)),
  600_000,
];

/** Few bytes but those that padding could be confused with. */
function payload(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < Math.min(length, 40); i++) bytes[length - 1 - i] = dice.pick([0, 0x80, 1]);
  return bytes;
}

heavyTest("unpad() gives back what pad() took, at every length", () => {
  for (const length of LENGTHS) {
    const bytes = payload(length);
    const padded = pad(bytes);
    assertEquals(padded.length, padmeLength(length + 1));
    const back = unpad(padded);
    assert(back.length === length && back.every((byte, i) => byte === bytes[i]), `${length}`);
  }
});

Deno.test("pad() makes all payloads of up to 1,279 bytes look alike", () => {
  const lengths = new Set(Array.from({ length: 1280 }, (_, n) => pad(new Uint8Array(n)).length));
  assertEquals([...lengths], [MIN_PADDED_BYTES]);
  assertEquals(pad(new Uint8Array(1280)).length, 1344);
});

Deno.test("pad() and unpad() take another least length for what is no message", () => {
  assertEquals(pad(Uint8Array.of(7), 1024).length, 1024);
  assertEquals(unpad(pad(Uint8Array.of(7), 1024), 1024), Uint8Array.of(7));
  assertThrows(() => unpad(pad(Uint8Array.of(7), 1024)), WireError);
});

Deno.test("isPaddedLength() knows the 190 lengths of a message, and no other", () => {
  const lengths = Array.from({ length: 600_000 }, (_, n) => n).filter(isPaddedLength);
  assertEquals([lengths.length, lengths[0], lengths.at(-1)], [190, 1280, MAX_PADDED_BYTES]);
  const padded = new Set(Array.from({ length: MAX_PADDED_BYTES }, (_, n) => padmeLength(n + 1)));
  assertEquals(new Set(lengths), padded);
});

Deno.test("pad() costs at most 12 % beyond the least length, and never shortens", () => {
  let before = 0;
  for (const length of LENGTHS.toSorted((a, b) => a - b)) {
    const padded = padmeLength(length + 1);
    assert(padded >= length + 1 && padded >= before, "it grows with the payload");
    before = padded;
    if (padded > MIN_PADDED_BYTES) assert(padded <= 1.12 * (length + 1), `${length}`);
  }
});

Deno.test("padmeLength() is Padmé's, from the paper, and leaves few lengths to tell apart", () => {
  // PETS 2019, section 4: E = floor(log2 L), S = floor(log2 E) + 1, and the last E - S bits are zero.
  for (const [length, padded] of [[1281, 1344], [1344, 1344], [9000, 9216], [600_000, 606_208]]) {
    assertEquals(padmeLength(length!), padded);
  }
  for (const length of LENGTHS) {
    assertEquals(padmeLength(padmeLength(length)), padmeLength(length));
  }
  const classes = new Set(Array.from({ length: 600_000 }, (_, n) => padmeLength(n + 1)));
  // 1,280, and the 12 above it up to 2,048; 16 for each power of 2 up to 2^15, 32 for each up to 2^18, and 5 more.
  assertEquals(classes.size, 13 + 5 * 16 + 3 * 32 + 5);
});

Deno.test("longestPayload() is the longest that pad() keeps within a limit", () => {
  for (const most of LENGTHS.filter((length) => length >= MIN_PADDED_BYTES)) {
    const longest = longestPayload(most);
    assert(padmeLength(longest + 1) <= most, `${most}`);
    assert(padmeLength(longest + 2) > most, `${most}`);
  }
  assertEquals(longestPayload(MIN_PADDED_BYTES - 1), -1);
});

Deno.test("pad() keeps the longest text of all below what the relay takes", () => {
  const text = { type: "text", seen: 0, time: 0, body: new Uint8Array(MAX_TEXT_BYTES) } as const;
  const signature = new Uint8Array(768);
  const padded = pad(encodeBundle({ number: 0, received: 0, items: [text], signature }));
  assertEquals(padded.length, MAX_PADDED_BYTES);
  assert(ENVELOPE_OVERHEAD_BYTES + padded.length <= DEFAULT_MAX_PAYLOAD_BYTES);
});

Deno.test("unpad() refuses all that pad() does not make", () => {
  const padded = pad(Uint8Array.of(1, 2, 3));
  const set = (at: number, byte: number) => {
    const copy = Uint8Array.from(padded);
    copy[at] = byte;
    return copy;
  };
  const faults: Record<string, Uint8Array> = {
    "nothing": new Uint8Array(),
    "zeros only": new Uint8Array(1280),
    "no mark": new Uint8Array(1280).fill(1),
    "another mark": set(3, 0x81),
    "half a mark": set(3, 0x40),
    "a byte behind the mark": set(500, 1),
    "a byte at the very end": set(1279, 1),
    "one byte too few": padded.slice(0, -1),
    "one byte too many": concatBytes(padded, new Uint8Array(1)),
    "no padding at all": Uint8Array.of(1, 2, 3, 0x80),
    "more padding than needed": concatBytes(padded, new Uint8Array(1344 - 1280)),
    "the least length, but too short for the next class": concatBytes(
      new Uint8Array(1280).fill(1),
      Uint8Array.of(0x80),
    ),
  };
  for (const [what, bytes] of Object.entries(faults)) {
    const error = assertThrows(() => unpad(bytes), WireError, undefined, what);
    assertEquals(error.field, "payload.padding", what);
  }
});

Deno.test("unpad() gives a copy", () => {
  const padded = pad(Uint8Array.of(1, 2, 3));
  const bytes = unpad(padded);
  padded.fill(0);
  assertEquals(bytes, Uint8Array.of(1, 2, 3));
});
