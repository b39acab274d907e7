import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from "../../lib/crypto/bytes.ts";
import {
  hkdf,
  hkdfSync,
  hmacSha256,
  hmacSha256Sync,
  sha1,
  sha256,
  SHA256_BYTES,
  sha256Sync,
  taggedHash,
  verifyHmacSha256,
  verifyHmacSha256Sync,
} from "../../lib/crypto/hash.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import hkdfVectors from "../vectors/wycheproof/hkdf_sha256_test.json" with { type: "json" };
import hmacVectors from "../vectors/wycheproof/hmac_sha256_test.json" with { type: "json" };
import { taggedByHand } from "../helpers/tagged_hash.ts";

const NOTHING = new Uint8Array();

// ---------------------------------------------------------------- SHA

// The examples of FIPS 180: one block, two blocks, a million bytes; and nothing at all.
const messages = {
  empty: "",
  oneBlock: "abc",
  twoBlocks: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
  long: "a".repeat(1_000_000),
};

Deno.test("sha1() gives the digests that FIPS 180 prints", async () => {
  const digests = {
    empty: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    oneBlock: "a9993e364706816aba3e25717850c26c9cd0d89d",
    twoBlocks: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    long: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
  };
  for (const [name, digest] of Object.entries(digests)) {
    assertEquals(toHex(await sha1(utf8(messages[name as keyof typeof messages]))), digest, name);
  }
});

Deno.test("sha256() gives the digests that FIPS 180 prints", async () => {
  const digests = {
    empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    oneBlock: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    twoBlocks: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    long: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  };
  for (const length of [65_535, 65_536, 65_537]) {
    const message = seededRandom("long")(length);
    assertEquals(await sha256(message.subarray(0, 5), message.subarray(5)), sha256Sync(message));
  }
  for (const [name, digest] of Object.entries(digests)) {
    const message = utf8(messages[name as keyof typeof messages]);
    assertEquals(toHex(await sha256(message)), digest, name);
    assertEquals(toHex(sha256Sync(message.subarray(0, 1), message.subarray(1))), digest, name);
  }
});

Deno.test("sha1() and sha256() hash their parts joined", async () => {
  const parts = [utf8("a"), NOTHING, utf8("bc")];
  assertEquals(await sha1(...parts), await sha1(utf8("abc")));
  assertEquals(await sha256(...parts), await sha256(utf8("abc")));
  assertEquals(await sha256(), await sha256(NOTHING));
});

// ---------------------------------------------------------------- tagged hash

Deno.test("taggedHash() hashes the label and each field behind four bytes of length", async () => {
  const random = seededRandom("tagged");
  for (const lengths of [[], [0], [0, 0], [1, 2, 3], [300, 70_000]]) {
    const fields = lengths.map((length) => random(length));
    assertEquals(
      await taggedHash("lábel", ...fields),
      taggedByHand(utf8("lábel"), ...fields),
    );
  }
});

Deno.test("taggedHash() distinguishes what a plain concatenation would not", async () => {
  const lists: [string, ...Bytes[]][] = [
    ["label"],
    ["label", NOTHING],
    ["label", NOTHING, NOTHING],
    ["label", utf8("ab")],
    ["label", utf8("a"), utf8("b")],
    ["label", utf8("b"), utf8("a")],
    ["label", NOTHING, utf8("ab")],
    ["label", utf8("ab"), NOTHING],
    ["labela", utf8("b")],
    ["labe", utf8("lab")],
    ["", utf8("label"), utf8("ab")],
  ];
  const digests = await Promise.all(lists.map(async (list) => toHex(await taggedHash(...list))));
  assertEquals(new Set(digests).size, lists.length);
});

// ---------------------------------------------------------------- HMAC

Deno.test("hmacSha256() and verifyHmacSha256() agree with Wycheproof's 174 cases", async () => {
  let ran = 0;
  for (const group of hmacVectors.testGroups) {
    for (const test of group.tests) {
      const [key, message, tag] = [fromHex(test.key), fromHex(test.msg), fromHex(test.tag)];
      const full = await hmacSha256(key, message);
      const valid = test.result === "valid";
      assertEquals(full.length, SHA256_BYTES);
      assertEquals(hmacSha256Sync(key, message), full);
      assertEquals(toHex(full.subarray(0, tag.length)) === test.tag, valid, `case ${test.tcId}`);
      // Wycheproof's truncated tags are right for another MAC than this one, which has no such option.
      const accepted = valid && group.tagSize === 256;
      assertEquals(await verifyHmacSha256(key, message, tag), accepted, `case ${test.tcId}`);
      assertEquals(verifyHmacSha256Sync(key, message, tag), accepted, `case ${test.tcId}`);
      ran++;
    }
  }
  assertEquals(ran, 174);
});

Deno.test("verifyHmacSha256() refuses every flipped bit and every other length of tag", async () => {
  const [key, message] = [utf8("key"), utf8("message")];
  const tag = await hmacSha256(key, message);
  assert(await verifyHmacSha256(key, message, tag));
  for (let bit = 0; bit < 256; bit++) {
    const flipped = tag.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert(!await verifyHmacSha256(key, message, flipped), `bit ${bit}`);
    assert(!verifyHmacSha256Sync(key, message, flipped), `bit ${bit}`);
  }
  for (let length = 0; length < SHA256_BYTES; length++) {
    assert(!await verifyHmacSha256(key, message, tag.subarray(0, length)), `${length} bytes`);
  }
  assert(!await verifyHmacSha256(key, message, concatBytes(tag, new Uint8Array(1))));
});

// ---------------------------------------------------------------- HKDF

Deno.test("hkdf() agrees with Wycheproof's 86 cases, RFC 5869's three among them", async () => {
  let [ran, fromTheRfc] = [0, 0];
  for (const test of hkdfVectors.testGroups.flatMap((group) => group.tests)) {
    const [secret, salt, info] = [fromHex(test.ikm), fromHex(test.salt), fromHex(test.info)];
    if (test.result === "valid") {
      assertEquals(toHex(await hkdf(secret, salt, info, test.size)), test.okm, `${test.tcId}`);
      assertEquals(toHex(hkdfSync(secret, salt, info, test.size)), test.okm, `${test.tcId}`);
    } else {
      await assertRejects(() => hkdf(secret, salt, info, test.size), RangeError);
      assertThrows(() => hkdfSync(secret, salt, info, test.size), RangeError);
    }
    ran++;
    if (test.comment === "RFC 5869") fromTheRfc++;
  }
  assertEquals([ran, fromTheRfc], [86, 3]);
});

Deno.test("hkdf() gives 0 to 8,160 bytes, each a prefix of the longer ones", async () => {
  const [secret, salt, info] = [utf8("secret"), utf8("salt"), utf8("info")];
  const longest = await hkdf(secret, salt, info, 8160);
  assertEquals(longest.length, 8160);
  for (const length of [0, 1, 31, 32, 33, 8159]) {
    assertEquals(await hkdf(secret, salt, info, length), longest.slice(0, length));
  }
  for (const length of [-1, 0.5, NaN, 8161, Infinity]) {
    await assertRejects(() => hkdf(secret, salt, info, length), RangeError, "0 to 8160");
  }
});

Deno.test("hmacSha256() takes an empty key, which WebCrypto refuses, for the same as one of zeros", async () => {
  const message = utf8("what do ya want for nothing?");
  const tag = await hmacSha256(new Uint8Array(), message);
  assertEquals(tag, await hmacSha256(new Uint8Array(1), message));
  assertEquals(tag, hmacSha256Sync(new Uint8Array(), message));
  assertEquals(tag, await hmacSha256(new Uint8Array(64), message));
});
