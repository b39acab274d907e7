import { modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold } from "../attack.ts";
import { meetPeerWithShare } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";
import { MODP } from "../textbook/group.ts";

/** A share that is no square. */
export const shareNonResidue: Attack = {
  name: "share-non-residue",
  family: "the key exchange",
  idea:
    "The share is -g^b, outside the subgroup: the secret's sign tells the last bit of the exponent.",
  formula: "(-g^b)^a = (-1)^a (g^a)^b: the peer knows (g^a)^b and tries both signs",
  check: "(share/p) = 1",
  defence: "a share is a square: (share/p) = 1",
  code: "bad-share",
  answer: "refused",

  async textbook(lab) {
    const { p, g } = MODP;
    const b = randomNonZeroBelow(p - 1n, systemRandom);
    const share = p - modPow(g, b, p);
    const { alice, room } = await meetTextbookPeer(lab, share);
    const secret = modPow(alice.share, b, p);
    const bit = readWith(room, p - secret) === CONFESSION ? 1n : 0n;
    lab.narrate("the share looks like any other; the peer tries both signs of the secret", {
      share,
      "(g^a)^b": secret,
      "last bit of a": bit,
      "it is": alice.exponent & 1n,
    });
    mustHold(bit === 1n || readWith(room, secret) === CONFESSION, "one of the two opens it");
    mustHold(bit === (alice.exponent & 1n), "the bit is right");
    return `the peer learned that a mod 2 = ${bit}; Alice saw nothing odd`;
  },

  parley(lab) {
    const { p, q, g } = GROUP;
    return meetPeerWithShare(lab, p - modPow(g, randomNonZeroBelow(q, systemRandom), p));
  },
};
