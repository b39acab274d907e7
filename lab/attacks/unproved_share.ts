import { DiffieHellmanKeyPair } from "../../lib/crypto/diffie_hellman.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold } from "../attack.ts";
import { tamperShare } from "../forge/messages.ts";
import { meetHostilePeer } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import { keyOf } from "../textbook/cipher.ts";

/** A share that belongs to another. */
export const unprovedShare: Attack = {
  name: "unproved-share",
  family: "authentication",
  idea: "Mallory signs Bob's share as hers: Alice has a key with Bob, and takes him for Mallory.",
  formula: "Alice gets y_M, g^b, Sign(x_M, g^b): who knows b is not asked",
  check: "both prove that they have it",
  defence: "a confirmation under the session's keys has to come before anything is said",
  code: "bad-confirmation",
  answer: "refused",

  async textbook(lab) {
    const elsewhere = lab.room(undefined, { begins: false });
    const bob = await lab.textbook(elsewhere, (port) => new TextbookClient(port));
    const { alice, mallory, room } = await meetTextbookPeer(lab, bob.share);
    await lab.until(() => mallory.key !== null, "Mallory has what she takes for a key");
    const secret = modPow(alice.share, bob.exponent, bob.group.p);
    const text = readWith(room, secret);
    lab.narrate("Alice talks to Mallory, as she thinks; only Bob could read her", {
      "whom Alice takes it for": alice.peerKey!,
      "Mallory's key": mallory.elgamal.y,
      "Alice's secret, with Bob": secret,
      "Bob would read": text,
    });
    mustHold(alice.peerKey === mallory.elgamal.y, "Alice believes that it is Mallory");
    mustHold(text === CONFESSION, "the key is Bob's");
    mustHold(mallory.key!.toHex() !== keyOf(secret).toHex(), "Mallory does not have it");
    return "Alice had a key with Bob and took him for Mallory, who can't read a word";
  },

  parley(lab) {
    const { share } = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
    lab.narrate("Mallory signs a share whose exponent she does not know", { share });
    const tamper = tamperShare(() => ({ share }));
    return meetHostilePeer(lab, { tamper }, "secret-computed");
  },
};
