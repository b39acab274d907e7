import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold } from "../attack.ts";
import { meetPeerWithShare } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";
import { MODP } from "../textbook/group.ts";

/** A share of p - 1, the element of order 2. */
export const shareMinusOne: Attack = {
  name: "share-minus-one",
  family: "the key exchange",
  idea: "A share of p - 1 has order 2: two possible secrets, and which it is tells if a is odd.",
  formula: "(-1)^a = 1 for even a, p - 1 for odd a",
  check: "1 < share < p - 1, a square",
  defence: "a share is a square between 1 and p - 1",
  code: "bad-share",
  answer: "refused",

  async textbook(lab) {
    const { alice, room } = await meetTextbookPeer(lab, MODP.p - 1n);
    const [even, odd] = [readWith(room, 1n), readWith(room, MODP.p - 1n)];
    const bit = odd === CONFESSION ? 1n : 0n;
    lab.narrate("a bystander tries both secrets", { "with 1": even, "with p - 1": odd });
    lab.narrate("and knows the last bit of Alice's exponent", {
      bit,
      "it is": alice.exponent & 1n,
    });
    mustHold((bit === 1n ? odd : even) === CONFESSION, "one of the two opens the message");
    mustHold(bit === (alice.exponent & 1n), "the bit is right");
    return `a bystander read "${CONFESSION}" and learned a mod 2 = ${bit}`;
  },

  parley: (lab) => meetPeerWithShare(lab, GROUP.p - 1n),
};
