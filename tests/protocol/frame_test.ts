import { assert, assertEquals, assertRejects } from "@std/assert";
import { BLOCK_BYTES } from "../../lib/crypto/aes_cfb.ts";
import { type Bytes, concatBytes, toHex, utf8 } from "../../lib/crypto/bytes.ts";
import { sha256Sync } from "../../lib/crypto/hash.ts";
import { sealBox } from "../../lib/crypto/secret_box.ts";
import { WireError } from "../../lib/errors.ts";
import { u32, u8 } from "../../lib/protocol/codec.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import {
  asFrame,
  frameKeys,
  frameLength,
  openFrame,
  parseFrame,
  sealFrame,
} from "../../lib/protocol/frame.ts";
import { pad } from "../../lib/protocol/padding.ts";
import { flipBit } from "../helpers/mutants.ts";

const filled = (length: number, byte: number): Bytes => new Uint8Array(length).fill(byte);

const SESSION = filled(32, 0x0b);
const FILE = { id: filled(16, 0x0d), root: filled(32, 0x0e), bytes: 2 * LEAF_BYTES };
const WINDOW = { key: filled(32, 0x0c), from: 0, until: 2 };
const KEYS = frameKeys(SESSION, FILE, WINDOW);
const SMALL = { proof: [filled(32, 0x10)], data: utf8("a small leaf") };
const random = (length: number): Bytes => filled(length, 0x11);

Deno.test("frameKeys() and sealFrame() make the window and the frame of docs/PROTOCOL.md", async () => {
  const leaf = { proof: [filled(32, 0x10)], data: filled(LEAF_BYTES, 0) };
  const frame = await sealFrame(KEYS, 0, leaf, random);
  assertEquals(toHex(KEYS.label), "4544719b5ef3b53e");
  assertEquals(frame.length, 135_237);
  assertEquals(
    toHex(sha256Sync(frame)),
    "4f3e117c26fd283123155033496d8f14cc42b0f1a57766714b26130a0fe26336",
  );
  assertEquals(await openFrame(KEYS, parsed(frame), 1), leaf);
});

function parsed(bytes: Uint8Array) {
  const frame = parseFrame(bytes);
  assert(!(frame instanceof WireError));
  return frame;
}

Deno.test("sealFrame() seals what pad() and sealBox() make of a leaf", async () => {
  for (const length of [1, 2, 3, 4, 5, 1213, 5000]) {
    const leaf = { proof: SMALL.proof, data: filled(length, 7) };
    const header = concatBytes(utf8("parley-1"), u8(5), KEYS.label, u32(9));
    const payload = pad(concatBytes(u8(1), ...leaf.proof, leaf.data));
    const box = await sealBox(KEYS.box, random(BLOCK_BYTES), header, payload);
    assertEquals(await sealFrame(KEYS, 9, leaf, random), concatBytes(header, box), `${length}`);
  }
});

Deno.test("frameLength() is the same for a full leaf in a tree of any height", () => {
  for (let depth = 0; depth <= 20; depth++) {
    assertEquals(frameLength(LEAF_BYTES, depth), 135_237, `${depth}`);
  }
});

Deno.test("asFrame() tells frames from envelopes, in whatever the socket brings", () => {
  const frame = concatBytes(utf8("parley-1"), u8(5), filled(40, 0));
  assertEquals(asFrame(frame), frame);
  assertEquals(asFrame(frame.buffer), frame);
  for (const type of [1, 2, 3, 4, 6]) assertEquals(asFrame(frame.with(8, type)), null);
  for (let i = 0; i < 8; i++) assertEquals(asFrame(flipBit(frame, i)), null);
  for (const other of [frame.slice(0, 8), new Uint8Array(), "parley-1\x05", null, undefined]) {
    assertEquals(asFrame(other), null);
  }
});

Deno.test("parseFrame() refuses what is shorter than any frame", async () => {
  const frame = await sealFrame(KEYS, 3, SMALL, random);
  assertEquals(parsed(frame).place, 3);
  for (const length of [9, 20, 21, frame.length - 1]) {
    assert(parseFrame(frame.slice(0, length)) instanceof WireError, `${length}`);
  }
});

Deno.test("openFrame() opens nothing that was changed, or moved to another place, window, file or session", async () => {
  const frame = await sealFrame(KEYS, 0, SMALL, random);
  for (let at = 0; at < frame.length; at++) {
    // The prefix and the label decide where it is looked for; they are authentic all the same.
    assertEquals(await openFrame(KEYS, { bytes: flipBit(frame, at) }, 1), null, `${at}`);
  }
  assertEquals(await openFrame(KEYS, { bytes: frame.slice(0, -1) }, 1), null);
  const others = [
    frameKeys(flipBit(SESSION, 0), FILE, WINDOW),
    frameKeys(SESSION, { ...FILE, id: flipBit(FILE.id, 0) }, WINDOW),
    frameKeys(SESSION, { ...FILE, root: flipBit(FILE.root, 0) }, WINDOW),
    frameKeys(SESSION, { ...FILE, bytes: FILE.bytes - 1 }, WINDOW),
    frameKeys(SESSION, FILE, { ...WINDOW, from: 1 }),
    frameKeys(SESSION, FILE, { ...WINDOW, until: 1 }),
    frameKeys(SESSION, FILE, { ...WINDOW, key: flipBit(WINDOW.key, 0) }),
  ];
  for (const keys of others) {
    assertEquals(await openFrame(keys, { bytes: frame }, 1), null);
    const labelled = Uint8Array.from(frame);
    labelled.set(keys.label, 9);
    assertEquals(await openFrame(keys, { bytes: labelled }, 1), null);
  }
  assertEquals(new Set([KEYS, ...others].map(({ label }) => toHex(label))).size, 8);
});

Deno.test("openFrame() throws at what the peer itself sealed wrongly", async () => {
  const frame = await sealFrame(KEYS, 0, SMALL, random);
  const header = frame.slice(0, 21);
  const sealed = async (payload: Uint8Array) =>
    concatBytes(header, await sealBox(KEYS.box, random(BLOCK_BYTES), header, payload));
  const padded = pad(concatBytes(u8(1), ...SMALL.proof, SMALL.data));
  const wrong: [what: string, payload: Uint8Array, depth: number][] = [
    ["another depth", padded, 2],
    ["no mark", filled(padded.length, 0), 1],
    ["a longer padding", concatBytes(padded, filled(16, 0)), 1],
    ["no whole proof", pad(concatBytes(u8(1), filled(31, 1))), 1],
    ["nothing", pad(new Uint8Array()), 1],
  ];
  for (const [what, payload, depth] of wrong) {
    const bytes = await sealed(payload);
    await assertRejects(() => openFrame(KEYS, { bytes }, depth), WireError, "", what);
  }
});
