import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes, toHex } from "../../lib/crypto/bytes.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { WireError } from "../../lib/errors.ts";
import { MIN_SEALED_BYTES } from "../../lib/profile/secret.ts";
import { pad, unpad } from "../../lib/protocol/padding.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { isProfileName } from "../../lib/profile/folder.ts";
import { encodeProfile, newProfile, parseProfile } from "../../lib/profile/profile.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contactOf, profileOf } from "./people.ts";

const random = seededRandom("parse");

/** A profile with everything in it. */
const FULL = profileOf(contactOf("bob"), contactOf("carol 你好", { verified: true }));

Deno.test("parseProfile() reads what encodeProfile() wrote, and it encodes to the same bytes", () => {
  for (const profile of [profileOf(), FULL]) {
    const bytes = encodeProfile(profile);
    const { identity, generationKey, ...rest } = parseProfile(bytes, random);
    const { identity: _1, generationKey: _2, ...expected } = profile;
    assertEquals(rest, expected);
    assertEquals(identity.publicKey.y, profile.identity.publicKey.y);
    assertEquals(generationKey.exportSecret(), profile.generationKey.exportSecret());
    assertEquals(encodeProfile({ ...rest, identity, generationKey }), bytes);
  }
});

Deno.test("an identity out of a profile signs as the one that went in", async () => {
  const { identity } = parseProfile(encodeProfile(FULL), random);
  const message = new Uint8Array([1, 2, 3]);
  const signature = await identity.sign("test", message, random);
  assert(await FULL.identity.publicKey.verify("test", message, signature));
});

heavyTest("parseProfile() refuses a changed byte, or reads what encodes so", () => {
  const bytes = encodeProfile(FULL);
  let refused = 0;
  // Most of the bytes are keys, which may have any value: one in eleven of them is enough.
  for (let at = 0; at < bytes.length; at += at % 384 < 40 ? 1 : 11) {
    const changed = bytes.with(at, bytes[at]! ^ 0x81);
    try {
      assertEquals(toHex(encodeProfile(parseProfile(changed, random))), toHex(changed), `${at}`);
    } catch (error) {
      assert(error instanceof WireError, `byte ${at}: ${error}`);
      refused++;
    }
  }
  assert(refused > 10, `${refused} refused`);
});

heavyTest("parseProfile() refuses every cut", () => {
  const bytes = unpad(encodeProfile(FULL), MIN_SEALED_BYTES);
  for (let length = 0; length < bytes.length; length += 1 + length % 61) {
    assertThrows(
      () => parseProfile(pad(bytes.subarray(0, length), MIN_SEALED_BYTES), random),
      WireError,
    );
  }
  assertThrows(
    () => parseProfile(pad(concatBytes(bytes, Uint8Array.of(0)), MIN_SEALED_BYTES), random),
    WireError,
  );
});

for (
  const [what, contacts] of [
    ["a name twice", [contactOf("bob"), contactOf("carol", { name: "BOB" })]],
    ["a key twice", [contactOf("bob"), contactOf("bob", { name: "carol" })]],
    ["a name that is none", [contactOf("bob", { name: "\u200b" })]],
    ["a time that no date holds", [contactOf("bob", { lastSeen: 8_640_000_000_000_001 })]],
  ] as const
) {
  Deno.test(`parseProfile() refuses ${what}`, () => {
    const bytes = encodeProfile(profileOf(...contacts));
    assertThrows(() => parseProfile(bytes, random), WireError);
  });
}

Deno.test("parseProfile() opens a profile with 1000 contacts, and refuses one more", () => {
  const contacts = Array.from({ length: 1001 }, (_, i) => ({
    ...contactOf("bob"),
    name: `contact ${i}`,
    key: i2osp(BigInt(i + 2), GROUP.elementBytes),
  }));
  const most = profileOf(...contacts.slice(1));
  assertEquals(parseProfile(encodeProfile(most), random).contacts, most.contacts);
  const error = assertThrows(
    () => parseProfile(encodeProfile(profileOf(...contacts)), random),
    WireError,
  );
  assertEquals(error.field, "profile.count");
});

Deno.test("parseProfile() refuses a private key outside of [1, q)", () => {
  const { elementBytes, q } = GROUP;
  const bytes = unpad(encodeProfile(FULL), MIN_SEALED_BYTES);
  const at = 1 + "work".length;
  for (const x of [0n, q, q + 1n]) {
    bytes.set(i2osp(x, elementBytes), at);
    const error = assertThrows(() => parseProfile(pad(bytes, MIN_SEALED_BYTES), random), WireError);
    assertEquals(error.field, "profile.x");
  }
});

Deno.test("SigningKey.restore() takes what exportSecret() gave, and nothing of another length", () => {
  const secret = FULL.identity.exportSecret();
  assertEquals(SigningKey.restore(GROUP, secret, random)?.publicKey.y, FULL.identity.publicKey.y);
  assertEquals(SigningKey.restore(GROUP, secret.subarray(1), random), null);
  assertEquals(SigningKey.restore(GROUP, concatBytes(Uint8Array.of(0), secret), random), null);
});

Deno.test("SigningKey.restore() takes exactly the numbers in [1, q)", () => {
  const { q, elementBytes } = GROUP;
  const restored = (x: bigint) => SigningKey.restore(GROUP, i2osp(x, elementBytes), random);
  assertEquals([restored(0n), restored(q), restored(q + 1n)], [null, null, null]);
  assertEquals(restored(1n)?.publicKey.y, GROUP.g);
  assertEquals(restored(q - 1n)?.exportSecret(), i2osp(q - 1n, elementBytes));
});

Deno.test("a profile prints and serializes without a key", () => {
  const secrets = [FULL.identity.exportSecret(), FULL.generationKey.exportSecret()];
  const options = { depth: 20, iterableLimit: 1e6, strAbbreviateSize: 1e6, showHidden: true };
  const { identity: _, ...serializable } = FULL;
  const shown = [Deno.inspect(FULL, options), JSON.stringify(serializable), String(FULL.identity)];
  for (const secret of secrets) {
    // Any form that a byte string or its number takes: hexadecimal, decimal, a list of bytes.
    const forms = [
      toHex(secret),
      String(BigInt(`0x${toHex(secret)}`)),
      secret.slice(0, 8).join(", "),
    ];
    for (const text of shown) {
      for (const form of forms) assert(!text.includes(form), text.slice(0, 200));
    }
  }
});

Deno.test("isProfileName() allows what names a file everywhere", () => {
  for (const name of ["a", "work", "a-b_2", "0", "x".repeat(32)]) assert(isProfileName(name), name);
  const bad = [
    "",
    "-a",
    "_a",
    ".",
    "..",
    "a/b",
    "a\\b",
    "A",
    "é",
    "a b",
    "a.b",
    "x".repeat(33),
    "a\n",
  ];
  for (const name of bad) assert(!isProfileName(name), JSON.stringify(name));
  assertThrows(() => newProfile("../x", { name: "" }, random), RangeError);
});
