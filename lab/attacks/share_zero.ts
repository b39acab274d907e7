import { type Attack, mustHold } from "../attack.ts";
import { meetPeerWithShare } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";

/** A share of 0. */
export const shareZero: Attack = {
  name: "share-zero",
  family: "the key exchange",
  idea: "A share of 0 makes the secret 0, whatever the victim's exponent: every bystander reads.",
  formula: '0^a = 0, so K = SHA-256("0")',
  check: "1 < share < p - 1, a square",
  defence: "a share is a square between 1 and p - 1",
  code: "bad-share",
  answer: "refused",

  async textbook(lab) {
    const { room } = await meetTextbookPeer(lab, 0n);
    const text = readWith(room, 0n);
    lab.tell("a bystander with a recording tries the secret 0", { "he reads": text });
    mustHold(text === CONFESSION, "a bystander reads");
    return `a bystander with no key read "${text}"`;
  },

  parley: (lab) => meetPeerWithShare(lab, 0n),
};
