import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createDiffieHellman } from "node:crypto";
import { concatBytes, toHex } from "../../lib/crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../../lib/crypto/diffie_hellman.ts";
import { VerifyingKey } from "../../lib/crypto/elgamal.ts";
import {
  FFDHE_2048,
  FFDHE_3072,
  FFDHE_4096,
  type Group,
  MODP_2048,
} from "../../lib/crypto/groups.ts";
import { bitLength, i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { modInverse, modPow } from "../../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../../lib/crypto/random.ts";
import { constantRandom, seededRandom } from "../helpers/seeded_random.ts";
import { TOY_GROUP, TOY_SQUARES } from "./toy_group.ts";

const GROUPS = [MODP_2048, FFDHE_2048, FFDHE_3072, FFDHE_4096];
const GROUP = FFDHE_3072;
const random = seededRandom("diffie-hellman");

/** A key pair of lib's whose exponent is known, because the random source that made it is. */
function pairWithKnownExponent(group: Group, seed: string, base?: bigint) {
  const pair = DiffieHellmanKeyPair.generate(group, seededRandom(seed), base);
  const exponent = randomNonZeroBelow(1n << BigInt(group.exponentBits), seededRandom(seed));
  return { pair, exponent };
}

function share(group: Group, pair: DiffieHellmanKeyPair): bigint {
  const parsed = parseShare(group, pair.share);
  assert(parsed !== null);
  return parsed;
}

// ---------------------------------------------------------------- agreement

for (const group of GROUPS) {
  Deno.test(`sharedSecret() is the same on both sides in ${group.name}`, () => {
    const [alice, bob] = [
      DiffieHellmanKeyPair.generate(group, random),
      DiffieHellmanKeyPair.generate(group, random),
    ];
    const secret = alice.sharedSecret(share(group, bob), random);
    assertEquals(secret.length, group.elementBytes);
    assertEquals(bob.sharedSecret(share(group, alice), random), secret);
  });

  Deno.test(`sharedSecret() agrees with node:crypto's in ${group.name}`, () => {
    const peer = createDiffieHellman(i2osp(group.p, group.elementBytes), 2);
    const pair = DiffieHellmanKeyPair.generate(group, random);
    peer.generateKeys();
    // Every power of 2 is a square, so parseShare() takes whatever the peer has drawn.
    const peerShare = parseShare(group, i2osp(os2ip(peer.getPublicKey()), group.elementBytes));
    assert(peerShare !== null);
    const theirs = os2ip(peer.computeSecret(pair.share));
    assertEquals(pair.sharedSecret(peerShare, random), i2osp(theirs, group.elementBytes));
  });
}

Deno.test("generate() and sharedSecret() compute base^exponent, at full width", () => {
  const { pair, exponent } = pairWithKnownExponent(GROUP, "known");
  assertEquals(pair.share, i2osp(modPow(GROUP.g, exponent, GROUP.p), GROUP.elementBytes));
  const other = share(GROUP, DiffieHellmanKeyPair.generate(GROUP, random));
  const expected = i2osp(modPow(other, exponent, GROUP.p), GROUP.elementBytes);
  assertEquals(pair.sharedSecret(other, random), expected);
});

Deno.test("generate() takes another generator, and both sides still agree", () => {
  const base = modPow(GROUP.g, 987654321n, GROUP.p);
  const { pair, exponent } = pairWithKnownExponent(GROUP, "other base", base);
  assertEquals(os2ip(pair.share), modPow(base, exponent, GROUP.p));
  const peer = DiffieHellmanKeyPair.generate(GROUP, random, base);
  assertEquals(
    pair.sharedSecret(share(GROUP, peer), random),
    peer.sharedSecret(share(GROUP, pair), random),
  );
});

Deno.test("sharedSecret() keeps leading zero bytes", () => {
  // A share made to measure: the peer's is 4^(1/e), so that the secret is 4, a number of three bits.
  const { pair, exponent } = pairWithKnownExponent(GROUP, "leading zeros");
  const peerShare = modPow(4n, modInverse(exponent, GROUP.q), GROUP.p);
  assertEquals(parseShare(GROUP, i2osp(peerShare, GROUP.elementBytes)), peerShare);
  const secret = pair.sharedSecret(peerShare, random);
  assertEquals(secret, concatBytes(new Uint8Array(383), Uint8Array.of(4)));
});

Deno.test("generate() keeps a share's leading zero bytes", () => {
  for (let i = 0; i < 20; i++) {
    const { share } = DiffieHellmanKeyPair.generate(TOY_GROUP, random);
    assertEquals(share.length, TOY_GROUP.elementBytes);
    assert(os2ip(share) < TOY_GROUP.p);
  }
});

// ---------------------------------------------------------------- blinding and exponents

Deno.test("sharedSecret() does not depend on the blinding", () => {
  const { pair } = pairWithKnownExponent(FFDHE_2048, "blinding");
  const peerShare = share(FFDHE_2048, DiffieHellmanKeyPair.generate(FFDHE_2048, random));
  const sources = [constantRandom(0), constantRandom(255), constantRandom(1), random, random];
  const secrets = sources.map((source) => toHex(pair.sharedSecret(peerShare, source)));
  assertEquals(new Set(secrets).size, 1);
});

Deno.test("generate() and sharedSecret() draw a fresh mask, longer than the exponent, at every call", () => {
  const drawn: number[] = [];
  const counting: Random = (length) => {
    drawn.push(length);
    return random(length);
  };
  const pair = DiffieHellmanKeyPair.generate(GROUP, counting);
  pair.sharedSecret(4n, counting);
  pair.sharedSecret(4n, counting);
  // The exponent with its 128 extra bits, and then masks of 320 + 64 bits.
  assertEquals(drawn, [57, 48, 48, 48]);
});

Deno.test("generate() makes exponents of the group's length, and another at every call", () => {
  const shares = new Set<string>();
  let longest = 0;
  for (let i = 0; i < 16; i++) {
    const { pair, exponent } = pairWithKnownExponent(FFDHE_2048, `exponent ${i}`);
    assert(exponent >= 1n && bitLength(exponent) <= FFDHE_2048.exponentBits);
    longest = Math.max(longest, bitLength(exponent));
    shares.add(toHex(pair.share));
  }
  assert(longest >= FFDHE_2048.exponentBits - 4);
  assertEquals(shares.size, 16);
});

// ---------------------------------------------------------------- hostile shares

/** What takes an element of the subgroup, or says null. */
const PARSERS: [name: string, parse: (group: Group, bytes: Uint8Array) => bigint | null][] = [
  ["parseShare", parseShare],
  ["VerifyingKey.parse", (group, bytes) => VerifyingKey.parse(group, bytes)?.y ?? null],
];

for (const [name, parse] of PARSERS) {
  Deno.test(`${name}() refuses 0, 1, p - 1, p, p + 1 and more`, () => {
    for (const group of GROUPS) {
      const { p, elementBytes } = group;
      const most = (1n << BigInt(8 * elementBytes)) - 1n;
      for (const bad of [0n, 1n, p - 1n, p, p + 1n, p + 4n, most]) {
        assertEquals(parse(group, i2osp(bad, elementBytes)), null);
      }
      // p + 4 is 4 modulo p, and 4 is an element.
      assertEquals(parse(group, i2osp(4n, elementBytes)), 4n);
    }
  });

  Deno.test(`${name}() refuses what lies outside the subgroup`, () => {
    const { p, q, elementBytes } = GROUP;
    const good = share(GROUP, DiffieHellmanKeyPair.generate(GROUP, random));
    for (const bad of [p - good, p - 2n, p - 4n, q]) {
      assertEquals(modPow(bad, q, p), p - 1n);
      assertEquals(parse(GROUP, i2osp(bad, elementBytes)), null);
    }
  });

  Deno.test(`${name}() takes exactly the squares other than 1, of all numbers around 23`, () => {
    for (let n = 0n; n < 100n; n++) {
      assertEquals(parse(TOY_GROUP, i2osp(n, 32)), TOY_SQUARES.has(n) ? n : null, `${n}`);
    }
  });

  Deno.test(`${name}() refuses other lengths, also when the number stays the same`, () => {
    const bytes = i2osp(4n, GROUP.elementBytes);
    const longer = concatBytes(new Uint8Array(1), bytes);
    for (const other of [longer, bytes.subarray(1), Uint8Array.of(4), new Uint8Array()]) {
      assertEquals(parse(GROUP, other), null);
    }
  });
}

// ---------------------------------------------------------------- secrecy

Deno.test("the exponent shows in no text, no property and no clone", () => {
  const { pair, exponent } = pairWithKnownExponent(GROUP, "secret");
  assertNotEquals(exponent, 0n);
  const bigints = (_: string, value: unknown) => typeof value === "bigint" ? `${value}` : value;
  const texts = [
    Deno.inspect(pair, { showHidden: true, depth: 10, getters: true, iterableLimit: 1e6 }),
    JSON.stringify(pair, bigints),
    Deno.inspect(structuredClone(pair), { depth: 10, iterableLimit: 1e6 }),
    String(pair),
  ];
  assertEquals(Reflect.ownKeys(pair).sort(), ["group", "share"]);
  const bytes = i2osp(exponent, GROUP.exponentBits / 8);
  for (
    const form of [exponent.toString(), exponent.toString(16), toHex(bytes), [...bytes].join()]
  ) {
    for (const text of texts) {
      assert(!text.toLowerCase().replaceAll(/\s/g, "").includes(form.slice(0, 30)));
    }
  }
});
