import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { challenge, SigningKey } from "../../lib/crypto/elgamal.ts";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { encodeShare, GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustReach } from "../attack.ts";
import { encodeSignature, equationHolds, solve } from "../forge/elgamal.ts";
import { EXCHANGE_CONTEXT, exchangeMessage } from "../forge/messages.ts";
import type { Tamper } from "../harness/party.ts";
import { meetHostilePeer } from "../plays/hostile_peer.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, type Signature } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { asFields, Tap } from "../textbook/tap.ts";

const LINE = "sell everything";

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

/** r out of its range. */
export const rOutOfRange: Attack = {
  name: "r-out-of-range",
  family: "signatures",
  idea: "From one real signature the relay makes one on any other text, if r may be p or more.",
  formula: "u = m'/m, s' = s u mod q, r' = r mod p and r u mod q (Chinese remainders, r' > p)",
  check: "1 < r < p",
  defence: "1 < r < p, and r is part of the hash",
  code: "bad-signature",
  answer: "refused",

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
    const make = (port: TextbookClient["port"]) => new TextbookClient(port);
    const { alice, bob } = await lab.textbookPair(make, tap.meddle);
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("the relay reads", { text: tap.read[0]! });
    mustHold(bob.peerKey === alice.elgamal.y && tap.read[0] === LINE, "the relay reads");
    return `both verified the right keys; the relay read "${LINE}"`;
  },

  parley(lab) {
    const { key, x } = keyOfKnownSecret();
    // g^k is so small that r = p + g^k still fits into the 384 bytes of its field.
    const k = 100n;
    const r = GROUP.p + modPow(GROUP.g, k, GROUP.p);
    const tamper: Tamper = async (event, payload, { session }) => {
      if (event !== "DEFF_HELLMAN_PK") return payload;
      const share = parseShareMessage(payload);
      const { own, received } = session.handshake!;
      const message = await exchangeMessage(own.helloBytes, received.hello!, share);
      const { y } = key.publicKey;
      const h = await challenge(GROUP, EXCHANGE_CONTEXT, y, r, message);
      const signature = { r, s: solve(x, k, h, r) };
      mustReach(equationHolds(y, h, signature), "the signature solves the equation");
      lab.narrate("Mallory signs with r = p + 2^100; the equation holds", { h, ...signature });
      return encodeShare({ ...share, signature: encodeSignature(signature) });
    };
    return meetHostilePeer(lab, { tamper, identity: key }, "share-sent");
  },
};
