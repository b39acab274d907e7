/**
 * Forged signatures, and real ones put to another use.
 *
 * @module
 */
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { DiffieHellmanKeyPair } from "../../lib/crypto/diffie_hellman.ts";
import { challenge, SigningKey, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { encodeShare, GROUP, parseHello, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustReach } from "../attack.ts";
import {
  decodeSignature,
  element,
  encodeSignature,
  equationHolds,
  solve,
} from "../forge/elgamal.ts";
import {
  changeHello,
  EXCHANGE_CONTEXT,
  exchangeMessage,
  STATEMENT_CONTEXT,
  tamperHello,
  tamperSignature,
} from "../forge/messages.ts";
import { meetHostilePeer, swapShare } from "../plays/handshake.ts";
import { readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import { asFields, digest, MODP, type Signature } from "../textbook/elgamal.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";
import { shareFields, Tap } from "../textbook/tap.ts";
import { NONCES } from "./nonces.ts";

const SHIP = "the ship leaves at dawn";

/** A textbook signature on m for every key there is: r = q, and s the even one of -m and q - m. */
function forge(m: bigint): Signature {
  const q = (MODP.p - 1n) / 2n;
  return { r: q, s: m % 2n === 0n ? MODP.p - 1n - m : q - m };
}

/** The same for parley-1: h depends on the message, so the relay makes messages until s is even. */
async function forgeShare(
  aliceHello: Uint8Array,
  bobHello: Uint8Array,
): Promise<{ bytes: Uint8Array; h: bigint; signature: Signature }> {
  const { y } = VerifyingKey.parse(GROUP, parseHello(aliceHello).identity)!;
  const { share } = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
  for (;;) {
    const { ciphertext } = (await mlKem768.encapsulate(parseHello(bobHello).kemKey))!;
    const unsigned = { share, kemCiphertext: ciphertext };
    const message = await exchangeMessage(aliceHello, bobHello, unsigned);
    const h = await challenge(GROUP, EXCHANGE_CONTEXT, y, GROUP.q, message);
    const signature = { r: GROUP.q, s: GROUP.q - h };
    if (signature.s % 2n !== 0n) continue;
    mustReach(equationHolds(y, h, signature), "the forgery solves the equation");
    return {
      bytes: encodeShare({ ...unsigned, signature: encodeSignature(signature) }),
      h,
      signature,
    };
  }
}

const forgeryWithoutKey: Attack = {
  name: "forgery-without-key",
  idea: "With g = 2 and r = (p-1)/2, anybody signs anything for everybody (Bleichenbacher, 1996).",
  formula: "y^r = 1 and r = -1/2 mod p, so r^s = 2^-s for even s: s = -m solves g^m = y^r r^s",
  check: "(r/p) = 1",
  defence: "r is a square: (r/p) = 1",
  code: "bad-signature",

  async textbook(lab) {
    const tap = new Tap((_parcel, _fields, { share }) => asFields(forge(digest(String(share)))));
    const { alice, bob } = await lab.textbookPair(TextbookClient, tap.meddle);
    await lab.tell(alice, SHIP, bob);
    const m = digest(String(tap.share));
    lab.narrate("the relay signs its own share in both names, with no private key", {
      "Bob's idea of Alice's key, her real one": bob.peerKey!,
      "m, SHA-1 of the relay's share": m,
      ...forge(m),
      "y^r mod p": modPow(bob.peerKey!, forge(m).r, MODP.p),
      "g^m mod p": modPow(MODP.g, m, MODP.p),
      "r^s mod p": modPow(forge(m).r, forge(m).s, MODP.p),
      "the relay reads": tap.read[0]!,
    });
    mustHold(bob.peerKey === alice.elgamal.y, "both have the other's real key");
    mustHold(tap.read[0] === SHIP, "the relay reads");
    return `both verified the right keys; the relay read "${SHIP}"`;
  },

  parley: (lab) =>
    swapShare(lab, async (_share, { hellos: [aliceHello, bobHello] }) => {
      const { bytes, h, signature } = await forgeShare(aliceHello, bobHello);
      lab.narrate("the equation holds for the relay's share and Alice's key", { h, ...signature });
      return bytes;
    }),
};

const SELL = "sell everything";

/** One signature made into one on another number: r' is r modulo p, and r u modulo q, so it is far above p. */
function transfer({ r, s }: Signature, from: bigint, to: bigint): Signature {
  const { p } = MODP;
  const q = (p - 1n) / 2n;
  const u = mod(to * modInverse(from, q), q);
  const lift = mod((r * u - r) * modInverse(p, q), q);
  return { r: r + p * lift, s: s * u % q };
}

/** A key of lib's whose private half is known, because the bytes that made it are. */
function keyOfKnownSecret(): { key: SigningKey; x: bigint } {
  const tape: Uint8Array<ArrayBuffer>[] = [];
  const key = SigningKey.generate(GROUP, (length) => {
    const bytes = systemRandom(length);
    tape.push(bytes);
    return bytes;
  });
  const replay = concatBytes(...tape);
  let at = 0;
  const x = randomNonZeroBelow(GROUP.q, (length) => replay.slice(at, at += length));
  mustReach(modPow(GROUP.g, x, GROUP.p) === key.publicKey.y, "the private key is known");
  return { key, x };
}

const rOutOfRange: Attack = {
  name: "r-out-of-range",
  idea: "From one real signature the relay makes one on any other text, if r may be p or more.",
  formula: "u = m'/m, s' = s u mod q, r' = r mod p and r u mod q (Chinese remainders, r' > p)",
  check: "1 < r < p",
  defence: "1 < r < p, and r is part of the hash",
  code: "bad-signature",

  async textbook(lab) {
    const tap = new Tap((_parcel, fields, { share }) => {
      const [m, other] = [digest(String(fields.deff_public_key)), digest(String(share))];
      const forged = transfer({ r: fields.s1, s: fields.s2 }, m, other);
      lab.narrate("a signature of the victim's becomes one on the relay's share", {
        m,
        r: fields.s1,
        s: fields.s2,
        "m'": other,
        "r'": forged.r,
        "s'": forged.s,
      });
      return asFields(forged);
    });
    const { alice, bob } = await lab.textbookPair(TextbookClient, tap.meddle);
    await lab.tell(alice, SELL, bob);
    lab.narrate("the relay reads", { text: tap.read[0]! });
    mustHold(bob.peerKey === alice.elgamal.y && tap.read[0] === SELL, "the relay reads");
    return `both verified the right keys; the relay read "${SELL}"`;
  },

  parley(lab) {
    const { key, x } = keyOfKnownSecret();
    // g^k is so small that r = p + g^k still fits into the 384 bytes of its field.
    const k = 100n;
    const r = GROUP.p + modPow(GROUP.g, k, GROUP.p);
    const tamper = tamperSignature(async (message) => {
      const { y } = key.publicKey;
      const h = await challenge(GROUP, EXCHANGE_CONTEXT, y, r, message);
      const signature = { r, s: solve(x, k, h, r) };
      mustReach(equationHolds(y, h, signature), "the signature solves the equation");
      lab.narrate("Mallory signs with r = p + 2^100; the equation holds", { h, ...signature });
      return encodeSignature(signature);
    });
    return meetHostilePeer(lab, { tamper, identity: key }, "share-sent");
  },
};

const PAY = "pay Mallory 100 euros";

const sPlusQ: Attack = {
  name: "s-plus-q",
  idea:
    "s and s + q verify alike: a message gets a second signature, and no list of seen ones knows it.",
  formula: "r has order q, so r^(s+q) = r^s",
  check: "0 < s < q",
  defence: "0 < s < q: one signature, one spelling",
  code: "bad-signature",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(SignedClient);
    room.meddle = (parcel) => {
      const fields = parseJson(String(parcel.payload));
      const s2 = fields.s2 + (MODP.p - 1n) / 2n;
      lab.narrate("the relay hands on the message, again, and with s + q", {
        s: fields.s2,
        "s + q": s2,
      });
      return [parcel, parcel, { ...parcel, payload: writeJson({ ...fields, s2 }) }];
    };
    alice.say(PAY);
    await lab.until(() => bob.shown.length + bob.refused.length >= 3, "Bob reads all three");
    lab.narrate("Bob knows the plain repetition, and not the other", {
      "Bob reads": bob.shown.join(" | "),
      "Bob refuses": bob.refused.join(" | "),
    });
    mustHold(bob.refused.length === 1, "the plain repetition is refused");
    mustHold(bob.shown.join() === [PAY, PAY].join(), "the message is accepted twice");
    return `Bob accepted "${PAY}" twice, with two valid signatures`;
  },

  parley: (lab) =>
    swapShare(lab, async (bytes, { hellos: [aliceHello, bobHello] }) => {
      const share = parseShareMessage(bytes);
      const { r, s } = decodeSignature(share.signature);
      const signature = { r, s: s + GROUP.q };
      const { y } = VerifyingKey.parse(GROUP, parseHello(aliceHello).identity)!;
      const message = await exchangeMessage(aliceHello, bobHello, share);
      const h = await challenge(GROUP, EXCHANGE_CONTEXT, y, r, message);
      mustReach(equationHolds(y, h, signature), "s + q solves the equation, too");
      const shown = { s, "s + q": signature.s };
      lab.narrate("the relay writes s + q into Alice's share; the equation holds", shown);
      return encodeShare({ ...share, signature: encodeSignature(signature) });
    }),
};

const SECRET = "for Mallory's eyes only";

const weakSignatureKey: Attack = {
  name: "weak-signature-key",
  idea: "Mallory's key is y = 1: anybody signs in her name, so her signatures bind her to nothing.",
  formula: "y^r = 1: pick k, r = g^k, s = m / k mod (p - 1), and g^m = r^s holds without x",
  check: "1 < y < p - 1, a square",
  defence: "a key is a square other than 0, 1 and p - 1",
  code: "bad-key",

  async textbook(lab) {
    const tap = new Tap((parcel, fields, { share }) => {
      if (parcel.from !== "bob") return { s1: fields.s1, s2: fields.s2 };
      return shareFields(share, 0n);
    });
    const room = lab.room(tap.meddle);
    const alice = await lab.textbook(room, TextbookClient);
    await lab.textbook(room, TextbookClient, { elgamal: { x: 0n, y: 1n } });
    alice.say(SECRET);
    await lab.until(() => tap.read.length > 0 || alice.refused.length > 0, "the relay reads");
    lab.narrate("a relay that knows no private key signs its own share as Mallory", {
      "the key that Alice verified with": alice.peerKey!,
      "the relay reads": tap.read[0] ?? "nothing",
    });
    mustHold(alice.peerKey === 1n && tap.read[0] === SECRET, "a stranger signs as Mallory");
    return `a stranger signed as Mallory and read "${SECRET}"`;
  },

  parley(lab) {
    const tamper = tamperHello((hello) => changeHello(hello, () => ({ identity: element(1n) })));
    lab.narrate("Mallory's hello carries the key 1");
    return meetHostilePeer(lab, { tamper }, "identity-sent");
  },
};

const GREETING = "Alice, it is me, Bob";

const crossContextSignature: Attack = {
  name: "cross-context-signature",
  idea:
    "Alice signs a chat line, a long number that Mallory asked her to repeat: it is Mallory's share.",
  formula: "Sign(x, SHA-1(text)) = Sign(x, SHA-1(share)) where the text is the share in decimal",
  check: "the purpose is hashed, too",
  defence: "the purpose is part of what is hashed",
  code: "bad-signature",

  async textbook(lab) {
    const exponent = randomNonZeroBelow(MODP.p - 1n, systemRandom);
    const share = modPow(MODP.g, exponent, MODP.p);
    // Alice meets Mallory first, who asks her to repeat a number.
    const earlier = lab.room();
    const alice = await lab.textbook(earlier, SignedClient);
    await lab.textbook(earlier, SignedClient);
    alice.say(String(share));
    const { s1, s2 } = parseJson(await lab.firstMessage(earlier));
    lab.narrate("Alice repeats a number for Mallory, and her program signs it", {
      "the number, Mallory's share": share,
      r: s1,
      s: s2,
    });
    // Then Bob is told that Alice is here: her key, Mallory's share, her signature.
    const room = lab.room();
    const bob = await lab.textbook(room, TextbookClient);
    room.begin("alice");
    room.deliver("alice", "ELGAMAL_PK_BC", String(alice.elgamal.y));
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", writeJson({ deff_public_key: share, s1, s2 }));
    await lab.until(() => bob.key !== null || bob.refused.length > 0, "Bob decides");
    bob.say(GREETING);
    await lab.firstMessage(room);
    const text = readWith(room, modPow(bob.share, exponent, MODP.p));
    lab.narrate("Bob verifies it as the signature on a share", { "Mallory reads": text });
    mustHold(
      bob.peerKey === alice.elgamal.y && text === GREETING,
      "Bob talks to Mallory as to Alice",
    );
    return `Bob took Mallory for Alice: "${GREETING}"`;
  },

  async parley(lab) {
    const alice = SigningKey.generate(GROUP, systemRandom);
    const tamper = tamperSignature(async (message) => {
      const signature = await alice.sign(STATEMENT_CONTEXT, message, systemRandom);
      const isReal = await alice.publicKey.verify(STATEMENT_CONTEXT, message, signature);
      mustReach(isReal, "the signature is Alice's, over these very bytes");
      lab.narrate("Alice's own signature over these very bytes, made as one on a statement", {
        signature,
      });
      return signature;
    });
    return await meetHostilePeer(lab, { tamper, identity: alice }, "share-sent");
  },
};

export const SIGNATURES: readonly Attack[] = [
  forgeryWithoutKey,
  rOutOfRange,
  sPlusQ,
  ...NONCES,
  weakSignatureKey,
  crossContextSignature,
];
