import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { createHmac } from "node:crypto";
import { BLOCK_BYTES, encryptCfb } from "../../lib/crypto/aes_cfb.ts";
import { type Bytes, concatBytes, toHex, utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import {
  BOX_KEY_BYTES,
  BOX_OVERHEAD_BYTES,
  type BoxKey,
  boxKey,
  openBox,
  sealBox,
} from "../../lib/crypto/secret_box.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const random = seededRandom("secret box");
const KEY = boxKey(random(BOX_KEY_BYTES));
const HEADER = utf8("header");

function seal(plaintext: Uint8Array, header: Uint8Array = HEADER): Promise<Bytes> {
  return sealBox(KEY, random(BLOCK_BYTES), header, plaintext);
}

/** A box with a right tag over whatever is given, as only the owner of the MAC key can make it. */
function authenticate(key: BoxKey, header: Uint8Array, body: Uint8Array): Bytes {
  const mac = createHmac("sha256", key.mac);
  mac.update(i2osp(BigInt(header.length), 4)).update(header).update(body);
  return concatBytes(body, mac.digest());
}

// ---------------------------------------------------------------- keys

Deno.test("boxKey() splits 64 bytes into two keys with memory of their own", () => {
  const material = random(64);
  const [cipher, mac] = [material.slice(0, 32), material.slice(32)];
  const key = boxKey(material);
  material.fill(0);
  assertEquals(key, { cipher, mac });
});

Deno.test("boxKey() refuses any other length", () => {
  for (const length of [0, 32, 63, 65, 96]) {
    assertThrows(() => boxKey(new Uint8Array(length)), RangeError, "takes 64");
  }
});

// ---------------------------------------------------------------- round trips

Deno.test("openBox() gives back what sealBox() took, at every length from 0 to 300", async () => {
  for (let length = 0; length <= 300; length++) {
    const [header, plaintext] = [random(length % 40), random(length)];
    const box = await seal(plaintext, header);
    assertEquals(box.length, length + BOX_OVERHEAD_BYTES);
    assertEquals(await openBox(KEY, header, box), plaintext);
  }
});

heavyTest("openBox() gives back a plaintext of a megabyte", async () => {
  const plaintext = random(1_048_577);
  const opened = await openBox(KEY, HEADER, await seal(plaintext));
  assertEquals(opened?.length, plaintext.length);
  assert(opened!.every((byte, i) => byte === plaintext[i]));
});

Deno.test("sealBox() is IV, CFB ciphertext and the HMAC over length of header, header and both", async () => {
  const [iv, plaintext] = [random(BLOCK_BYTES), utf8("wörld")];
  const body = concatBytes(iv, await encryptCfb(KEY.cipher, iv, plaintext));
  assertEquals(await sealBox(KEY, iv, HEADER, plaintext), authenticate(KEY, HEADER, body));
});

Deno.test("sealBox() refuses an IV or a key of another length", async () => {
  await assertRejects(() => sealBox(KEY, new Uint8Array(12), HEADER, HEADER), RangeError, "IV");
  const short = { ...KEY, cipher: new Uint8Array(16) };
  await assertRejects(() => sealBox(short, random(16), HEADER, HEADER), RangeError, "AES-256");
});

Deno.test("sealBox() is not moved by a caller who reuses the buffers meanwhile", async () => {
  const [iv, header, plaintext] = [random(BLOCK_BYTES), random(9), random(50)];
  const expected = await sealBox(KEY, iv, header, plaintext);
  const inputs = [iv.slice(), header.slice(), plaintext.slice()] as const;
  const sealing = sealBox(KEY, ...inputs);
  for (const input of inputs) input.fill(0);
  assertEquals(await sealing, expected);
});

// ---------------------------------------------------------------- tampering

Deno.test("openBox() gives null when any one byte of the box is another", async () => {
  for (const length of [0, 1, 15, 16, 17, 64]) {
    const box = await seal(random(length));
    for (let i = 0; i < box.length; i++) {
      const tampered = box.slice();
      tampered[i]! ^= 1 + (i % 255);
      assertEquals(await openBox(KEY, HEADER, tampered), null, `byte ${i} of ${box.length}`);
    }
  }
});

Deno.test("openBox() gives null for every truncation and for anything appended or put in front", async () => {
  const box = await seal(random(40));
  for (let length = 0; length < box.length; length++) {
    assertEquals(await openBox(KEY, HEADER, box.subarray(0, length)), null, `${length} bytes`);
    assertEquals(await openBox(KEY, HEADER, box.subarray(box.length - length)), null);
  }
  assertEquals(await openBox(KEY, HEADER, concatBytes(box, new Uint8Array(1))), null);
  assertEquals(await openBox(KEY, HEADER, concatBytes(new Uint8Array(1), box)), null);
  assertEquals(await openBox(KEY, HEADER, concatBytes(box, box)), null);
});

Deno.test("openBox() gives null for a box too short to have an IV, though its tag be right", async () => {
  for (let length = 0; length < BLOCK_BYTES; length++) {
    const box = authenticate(KEY, HEADER, random(length));
    assertEquals(await openBox(KEY, HEADER, box), null, `${length} bytes`);
  }
  assertEquals(await openBox(KEY, HEADER, authenticate(KEY, HEADER, random(16))), new Uint8Array());
});

Deno.test("openBox() gives null for another header", async () => {
  const box = await seal(utf8("text"));
  for (const header of ["", "heade", "header ", "Header", "\u0000header"]) {
    assertEquals(await openBox(KEY, utf8(header), box), null, header);
  }
});

Deno.test("openBox() gives null when bytes move between header and body", async () => {
  // Header and body still spell the same bytes in a row; only the length in front differs.
  const box = await seal(random(40));
  for (let moved = 1; moved <= 24; moved++) {
    const header = concatBytes(HEADER, box.subarray(0, moved));
    assertEquals(await openBox(KEY, header, box.subarray(moved)), null, `${moved} into the header`);
  }
  for (let moved = 1; moved <= HEADER.length; moved++) {
    const border = HEADER.length - moved;
    const longer = concatBytes(HEADER.subarray(border), box);
    assertEquals(
      await openBox(KEY, HEADER.subarray(0, border), longer),
      null,
      `${moved} out of it`,
    );
  }
});

Deno.test("openBox() gives null under another cipher key's box key, another MAC key, or both swapped", async () => {
  const box = await seal(utf8("text"));
  const other = boxKey(random(BOX_KEY_BYTES));
  assertEquals(await openBox(other, HEADER, box), null);
  assertEquals(await openBox({ ...KEY, mac: other.mac }, HEADER, box), null);
  assertEquals(await openBox({ cipher: KEY.mac, mac: KEY.cipher }, HEADER, box), null);
  // The MAC does not know the cipher key: both come from one derivation, and never part.
  assertNotEquals(await openBox({ ...KEY, cipher: other.cipher }, HEADER, box), utf8("text"));
});

Deno.test("sealBox() seals one plaintext to other bytes under another IV", async () => {
  const plaintext = random(64);
  const [one, two] = [await seal(plaintext), await seal(plaintext)];
  assertNotEquals(toHex(one.subarray(16, 32)), toHex(two.subarray(16, 32)));
});

// ---------------------------------------------------------------- order

Deno.test("openBox() decrypts nothing before the tag holds", async () => {
  // Decryption refuses a cipher key of 5 bytes with an exception, and so gives itself away.
  const trap: BoxKey = { cipher: new Uint8Array(5), mac: KEY.mac };
  const box = await seal(utf8("text"));
  await assertRejects(() => openBox(trap, HEADER, box), RangeError, "AES-256 takes 32");
  for (const at of [0, 16, box.length - 1]) {
    const tampered = box.slice();
    tampered[at]! ^= 1;
    assertEquals(await openBox(trap, HEADER, tampered), null);
  }
  assertEquals(await openBox(trap, utf8("other"), box), null);
});

Deno.test("openBox() decrypts the bytes whose tag it checked, whatever is written meanwhile", async () => {
  const plaintext = random(50);
  const box = await seal(plaintext);
  const opening = openBox(KEY, HEADER, box);
  box.fill(0);
  assertEquals(await opening, plaintext);

  // At any later moment either, in steps of a microtask or two.
  for (let turns = 1; turns < 20; turns++) {
    const other = await seal(plaintext);
    const result = openBox(KEY, HEADER, other);
    for (let i = 0; i < turns; i++) await null;
    other.fill(0);
    assertEquals(await result, plaintext);
  }
});
