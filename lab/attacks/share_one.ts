import { type Attack, mustHold } from "../attack.ts";
import { meetPeerWithShare } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";

/** A share of 1. */
export const shareOne: Attack = {
  name: "share-one",
  family: "the key exchange",
  idea:
    "A share of 1 makes the secret 1: the peer has chosen the key before the victim said a word.",
  formula: '1^a = 1, so K = SHA-256("1")',
  check: "1 < share < p - 1, a square",
  defence: "a share is a square between 1 and p - 1",
  code: "bad-share",
  answer: "refused",

  async textbook(lab) {
    const { room } = await meetTextbookPeer(lab, 1n);
    const text = readWith(room, 1n);
    lab.tell("a bystander with a recording tries the secret 1", { "he reads": text });
    mustHold(text === CONFESSION, "a bystander reads");
    return `a bystander with no key read "${text}"`;
  },

  parley: (lab) => meetPeerWithShare(lab, 1n),
};
