import { systemRandom } from "../../lib/crypto/random.ts";
import type { Attack } from "../attack.ts";
import { mustHold } from "../attack.ts";
import { element } from "../forge/elgamal.ts";
import { changeHello, tamperHello } from "../forge/messages.ts";
import { meetHostilePeer } from "../plays/hostile_peer.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, drawNonce, sign } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { asFields, Tap } from "../textbook/tap.ts";

const LINE = "for Mallory's eyes only";

/** A public key of 1. */
export const weakSignatureKey: Attack = {
  name: "weak-signature-key",
  family: "signatures",
  idea: "Mallory's key is y = 1: anybody signs in her name, so her signatures bind her to nothing.",
  formula: "y^r = 1: pick k, r = g^k, s = m / k mod (p - 1), and g^m = r^s holds without x",
  check: "1 < y < p - 1, a square",
  defence: "a key is a square other than 0, 1 and p - 1",
  code: "bad-key",
  answer: "refused",

  async textbook(lab) {
    const tap = new Tap((parcel, fields, { share }) => {
      if (parcel.from !== "bob") return { s1: fields.s1, s2: fields.s2 };
      return asFields(sign(MODP, 0n, digest(String(share)), drawNonce(MODP, systemRandom)));
    });
    const room = lab.room(tap.meddle);
    const alice = await lab.textbook(room, (port) => new TextbookClient(port));
    await lab.textbook(room, (port) => {
      const mallory = new TextbookClient(port);
      mallory.elgamal = { x: 0n, y: 1n };
      return mallory;
    });
    alice.say(LINE);
    await lab.until(() => tap.read.length > 0 || alice.refused.length > 0, "the relay reads");
    lab.narrate("a relay that knows no private key signs its own share as Mallory", {
      "the key that Alice verified with": alice.peerKey!,
      "the relay reads": tap.read[0] ?? "nothing",
    });
    mustHold(alice.peerKey === 1n && tap.read[0] === LINE, "a stranger signs as Mallory");
    return `a stranger signed as Mallory and read "${LINE}"`;
  },

  parley(lab) {
    const tamper = tamperHello((hello) => changeHello(hello, () => ({ identity: element(1n) })));
    lab.narrate("Mallory's hello carries the key 1");
    return meetHostilePeer(lab, { tamper }, "identity-sent");
  },
};
