import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ClassicKeyPair } from "../../lib/classic/diffie_hellman.ts";
import {
  type ClassicSignature,
  ClassicSigningKey,
  messageNumber,
  verifyClassic,
} from "../../lib/classic/elgamal.ts";
import { type ClassicGroup, DEFAULT_CLASSIC_GROUP } from "../../lib/classic/group.ts";
import { toHex } from "../../lib/crypto/bytes.ts";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { drawing, groupOf, RECORDED, SMALL_GROUP } from "./world.ts";

const SIDES = RECORDED.flatMap((recorded) =>
  [recorded.alice, recorded.bob].map((side) => ({ group: groupOf(recorded), side }))
);

Deno.test("ClassicSigningKey signs as the Python client does, with the same key and nonce", async () => {
  for (const { group, side } of SIDES) {
    const key = ClassicSigningKey.generate(group, drawing(group, BigInt(side.x)));
    assertEquals(key.y, BigInt(side.y));
    assertEquals(await messageNumber(group, side.share), BigInt(side.m));
    const signature = await key.sign(side.share, drawing(group, BigInt(side.k)));
    assertEquals(signature, { s1: BigInt(side.s1), s2: BigInt(side.s2) });
  }
  assertEquals(SIDES.length, 6);
});

heavyTest("verifyClassic() takes the Python client's, for their text and key only", async () => {
  for (const [i, { group, side }] of SIDES.entries()) {
    const [y, signature] = [BigInt(side.y), { s1: BigInt(side.s1), s2: BigInt(side.s2) }];
    assert(await verifyClassic(group, y, side.share, signature));
    assert(!await verifyClassic(group, y, `${side.share}0`, signature));
    assert(!await verifyClassic(group, y, ` ${side.share}`, signature));
    const other = SIDES[i ^ 1]!.side;
    assert(!await verifyClassic(group, BigInt(other.y), side.share, signature));
    for (const change of [{ s1: signature.s1 - 1n }, { s2: signature.s2 - 1n }]) {
      assert(!await verifyClassic(group, y, side.share, { ...signature, ...change }));
    }
  }
});

Deno.test("ClassicKeyPair gives the Python client's share and key", async () => {
  for (const recorded of RECORDED) {
    const group = groupOf(recorded);
    const { alice, bob } = recorded;
    for (const [own, peer] of [[alice, bob], [bob, alice]] as const) {
      const pair = ClassicKeyPair.generate(group, drawing(group, BigInt(own.exponent)));
      assertEquals(pair.share, BigInt(own.share));
      assertEquals(toHex(await pair.messageKey(BigInt(peer.share))), recorded.key);
    }
  }
});

Deno.test("messageNumber() is below q where q has fewer bits than SHA-1", async () => {
  const { q } = SMALL_GROUP;
  const text = "some text";
  assertEquals(
    await messageNumber(SMALL_GROUP, text),
    await messageNumber(DEFAULT_CLASSIC_GROUP, text) % q,
  );
});

/** x and y with gcd(x, q - 1) = 1, and a text whose m has no factor in common with q - 1, either. */
async function knownKey(group: ClassicGroup) {
  const x = 12_345n;
  for (let i = 0;; i++) {
    const text = `text ${i}`;
    const m = await messageNumber(group, text);
    if (m % 2n === 1n) return { x, y: modPow(group.a, x, group.q), text, m };
  }
}

/** The equation and nothing else. */
async function equationHolds(
  { q, a }: ClassicGroup,
  y: bigint,
  text: string,
  { s1, s2 }: ClassicSignature,
): Promise<boolean> {
  const m = await messageNumber({ q, a }, text);
  return modPow(a, m, q) === modPow(y, s1, q) * modPow(s1, s2, q) % q;
}

/** Asserts that only a range stands between this and acceptance. */
async function assertOutOfRange(
  group: ClassicGroup,
  y: bigint,
  text: string,
  signature: ClassicSignature,
): Promise<void> {
  assert(await equationHolds(group, y, text, signature), "the equation alone would take it");
  assert(!await verifyClassic(group, y, text, signature));
}

for (const group of [SMALL_GROUP, DEFAULT_CLASSIC_GROUP]) {
  const { q, a } = group;
  const bits = q.toString(2).length;

  Deno.test(`verifyClassic() refuses y = 1 and y = q - 1, under which anyone signs (${bits} bits)`, async () => {
    const { text, m } = await knownKey(group);
    for (const k of [65_537n, 65_539n]) {
      const s1 = modPow(a, k, q);
      const signature = { s1, s2: modInverse(k, q - 1n) * m % (q - 1n) };
      await assertOutOfRange(group, 1n, text, signature);
      await assertOutOfRange(group, q + 1n, text, signature);
      if (s1 % 2n === 0n) await assertOutOfRange(group, q - 1n, text, signature);
    }
  });

  Deno.test(`verifyClassic() refuses s1 >= q, which turns one signature into another text's (${bits} bits)`, async () => {
    const { y, x, text, m } = await knownKey(group);
    const key = ClassicSigningKey.generate(group, drawing(group, x));
    const { s1, s2 } = await key.sign(text, seededRandom("one signature"));
    const u = await messageNumber(group, "another text") * modInverse(m, q - 1n) % (q - 1n);
    // By the Chinese remainder theorem: s1 modulo q, and s1 u modulo q - 1.
    const forged = {
      s1: s1 + q * mod(s1 * u - s1, q - 1n) * modInverse(q, q - 1n) % (q * (q - 1n)),
      s2: s2 * u % (q - 1n),
    };
    assert(forged.s1 >= q);
    await assertOutOfRange(group, y, "another text", forged);
  });

  Deno.test(`verifyClassic() refuses s2 = 0 and s2 >= q - 1 (${bits} bits)`, async () => {
    const { x, y, text, m } = await knownKey(group);
    const s1OfZero = m * modInverse(x, q - 1n) % (q - 1n);
    for (const s2 of [0n, q - 1n]) await assertOutOfRange(group, y, text, { s1: s1OfZero, s2 });
    const key = ClassicSigningKey.generate(group, drawing(group, x));
    const { s1, s2 } = await key.sign(text, seededRandom("one signature"));
    await assertOutOfRange(group, y, text, { s1, s2: s2 + q - 1n });
  });

  Deno.test(`verifyClassic() refuses 0 and negative numbers without throwing (${bits} bits)`, async () => {
    const { x, y, text } = await knownKey(group);
    const key = ClassicSigningKey.generate(group, drawing(group, x));
    const { s1, s2 } = await key.sign(text, seededRandom("one signature"));
    for (const signature of [{ s1: 0n, s2 }, { s1: -s1, s2 }, { s1, s2: -s2 }]) {
      assertEquals(await verifyClassic(group, y, text, signature), false);
    }
    assertEquals(await verifyClassic(group, 0n, text, { s1, s2 }), false);
  });
}

Deno.test("verifyClassic() takes Bleichenbacher's forgery, as the textbook does: no key is needed at all", async () => {
  const { q, a } = DEFAULT_CLASSIC_GROUP;
  const half = (q - 1n) / 2n;
  for (const { side } of SIDES.slice(0, 2)) {
    const text = "a share of the attacker's";
    const m = await messageNumber(DEFAULT_CLASSIC_GROUP, text);
    // y^half = 1, because y is a power of the square 2; half = -1/2, so half^s2 = 2^-s2 for even s2.
    const s2 = m % 2n === 1n ? half - m : q - 1n - m;
    assertEquals([a, s2 % 2n], [2n, 0n]);
    assert(await verifyClassic(DEFAULT_CLASSIC_GROUP, BigInt(side.y), text, { s1: half, s2 }));
  }
});

Deno.test("ClassicSigningKey.sign() takes a fresh nonce that has an inverse, whatever it draws first", async () => {
  const { q } = SMALL_GROUP;
  const key = ClassicSigningKey.generate(SMALL_GROUP, drawing(SMALL_GROUP, 7n));
  const half = (q - 1n) / 2n;
  const random = drawing(SMALL_GROUP, 2n, 10n, half, 65_537n);
  const { s1 } = await key.sign("text", random);
  assertEquals(s1, modPow(SMALL_GROUP.a, 65_537n, q));
  const again = seededRandom("nonces");
  const [one, two] = [await key.sign("text", again), await key.sign("text", again)];
  assertNotEquals(one.s1, two.s1);
});

Deno.test("ClassicSigningKey.sign() never gives out s2 = 0, from which anyone computes x", async () => {
  const { q } = SMALL_GROUP;
  const x = 1n;
  const text = "text";
  const m = await messageNumber(SMALL_GROUP, text);
  // s2 is 0 where s1 = m / x. A base of just that, and k = 1, brings it about.
  const group = { q, a: m * modInverse(x, q - 1n) % (q - 1n) };
  const key = ClassicSigningKey.generate(group, drawing(group, x));
  const { s2 } = await key.sign(text, drawing(group, 1n, 65_537n));
  assert(s2 > 0n);
});

Deno.test("ClassicSigningKey and ClassicKeyPair draw again when a power is 1 or q - 1", () => {
  const { q } = SMALL_GROUP;
  const half = (q - 1n) / 2n;
  // A square other than 1 has the order half, and its power of half is 1; a non-square's is q - 1.
  for (const a of [4n, q - 4n]) {
    const group = { q, a };
    const key = ClassicSigningKey.generate(group, drawing(group, half, 2n));
    const pair = ClassicKeyPair.generate(group, drawing(group, half, 2n));
    assertEquals([key.y, pair.share], [16n, 16n]);
  }
});

Deno.test("ClassicSigningKey and ClassicKeyPair show no secret when they are printed or serialized", () => {
  const key = ClassicSigningKey.generate(SMALL_GROUP, drawing(SMALL_GROUP, 123_456_789n));
  const pair = ClassicKeyPair.generate(SMALL_GROUP, drawing(SMALL_GROUP, 123_456_789n));
  for (const secret of [key, pair]) {
    const replacer = (_: string, value: unknown) =>
      typeof value === "bigint" ? String(value) : value;
    assert(!Deno.inspect(secret, { showHidden: true }).includes("123456789"));
    assert(!JSON.stringify(secret, replacer).includes("123456789"));
  }
});
