import { DiffieHellmanKeyPair } from "../../lib/crypto/diffie_hellman.ts";
import { challenge, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { encodeShare, GROUP, parseHello } from "../../lib/protocol/wire.ts";
import { type Attack, mustHaveTaken, mustHold, mustNot, mustReach } from "../attack.ts";
import { encodeSignature, equationHolds } from "../forge/elgamal.ts";
import { EXCHANGE_CONTEXT, exchangeMessage } from "../forge/messages.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, type Signature } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { asFields, Tap } from "../textbook/tap.ts";

const LINE = "the ship leaves at dawn";

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
  const { ciphertext } = (await mlKem768.encapsulate(parseHello(bobHello).kemKey))!;
  const { share } = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
  for (;;) {
    const ratchetKey = DiffieHellmanKeyPair.generate(GROUP, systemRandom).share;
    const unsigned = { share, ratchetKey, kemCiphertext: ciphertext };
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

/** Bleichenbacher's forgery. */
export const forgeryWithoutKey: Attack = {
  name: "forgery-without-key",
  family: "signatures",
  idea: "With g = 2 and r = (p-1)/2, anybody signs anything for everybody (Bleichenbacher, 1996).",
  formula: "y^r = 1 and r = -1/2 mod p, so r^s = 2^-s for even s: s = -m solves g^m = y^r r^s",
  check: "(r/p) = 1",
  defence: "r is a square: (r/p) = 1",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const tap = new Tap((_parcel, _fields, { share }) => asFields(forge(digest(String(share)))));
    const make = (port: TextbookClient["port"]) => new TextbookClient(port);
    const { alice, bob } = await lab.textbookPair(make, tap.meddle);
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
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
    mustHold(tap.read[0] === LINE, "the relay reads");
    return `both verified the right keys; the relay read "${LINE}"`;
  },

  async parley(lab) {
    await lab.control();
    const room = lab.room(async (parcel) => {
      if (parcel.from !== "alice" || parcel.event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const [aliceHello] = room.sent("alice", "ELGAMAL_PK_BC");
      const [bobHello] = room.sent("bob", "ELGAMAL_PK_BC");
      const { bytes, h, signature } = await forgeShare(aliceHello!, bobHello!);
      lab.narrate("the equation holds for the relay's share and Alice's key", { h, ...signature });
      return [{ ...parcel, payload: bytes }];
    });
    const [, bob] = [await lab.client(room), await lab.client(room)];
    bob.say(LINE);
    await lab.until(
      () => bob.failure !== null || bob.steps.includes("signature-verified"),
      "Bob decides",
    );
    mustNot(bob.failure === null, "Bob took the forgery for Alice's signature");
    mustHaveTaken(bob, "share-sent");
    lab.narrate("Bob ends the session", { error: bob.failure!.message });
    return { code: bob.failure!.code, seen: "Bob refused a signature that solves the equation" };
  },
};
