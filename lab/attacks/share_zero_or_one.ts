import { type Attack, mustHold } from "../attack.ts";
import { meetPeerWithShare } from "../plays/hostile_peer.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";

/** A share whose every power is the share itself: the secret is known before the victim has said a word. */
function idempotentShare(about: Pick<Attack, "name" | "idea" | "formula">, share: bigint): Attack {
  return {
    ...about,
    family: "the key exchange",
    check: "1 < share < p - 1, a square",
    defence: "a share is a square between 1 and p - 1",
    code: "bad-share",
    answer: "refused",

    async textbook(lab) {
      const { room } = await meetTextbookPeer(lab, share);
      const text = readWith(room, share);
      lab.narrate(`a bystander with a recording tries the secret ${share}`, { "he reads": text });
      mustHold(text === CONFESSION, "a bystander reads");
      return `a bystander with no key read "${text}"`;
    },

    parley: (lab) => meetPeerWithShare(lab, share),
  };
}

/** A share of 0. */
export const shareZero: Attack = idempotentShare({
  name: "share-zero",
  idea: "A share of 0 makes the secret 0, whatever the victim's exponent: every bystander reads.",
  formula: '0^a = 0, so K = SHA-256("0")',
}, 0n);

/** A share of 1. */
export const shareOne: Attack = idempotentShare({
  name: "share-one",
  idea:
    "A share of 1 makes the secret 1: the peer has chosen the key before the victim said a word.",
  formula: '1^a = 1, so K = SHA-256("1")',
}, 1n);
