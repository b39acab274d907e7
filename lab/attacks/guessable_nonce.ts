import { modPow } from "../../lib/crypto/modular.ts";
import { randomBits, systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { shortLog } from "../math/discrete_log.ts";
import { keyFromNonce } from "../math/nonces.ts";
import { harvest } from "../plays/harvest.ts";
import { signsAs, TEXTBOOK_ORDER, textbookSignatures } from "../plays/textbook_nonces.ts";
import { MODP } from "../textbook/group.ts";

/** What a generator of 28 bits can say. */
const SEED_BITS = 28;
const DEBT = "I owe Mallory 2000 euros";

/** A nonce out of a small set. */
export const guessableNonce: Attack = {
  name: "guessable-nonce",
  family: "signatures",
  idea: "A k out of a small seed is found from r = g^k; then one signature gives the private key.",
  formula: "g^j = r g^(-im) for some i, j < m = 2^14 (baby steps, giant steps), x = (m - k s) / r",
  check: "nonce as wide as q",
  defence: "k has the full width of q",
  code: null,
  answer: "refused",

  async textbook(lab) {
    const nonce = () => randomBits(SEED_BITS, systemRandom) | 1n;
    const { alice, share } = await textbookSignatures(lab, nonce);
    const k = shortLog(MODP, share.r, 2 ** SEED_BITS);
    mustHold(k !== null, "the nonce is found");
    const x = keyFromNonce(share, k!, TEXTBOOK_ORDER);
    lab.narrate("about 2 * 2^14 multiplications find the nonce", { r: share.r, k: k! });
    lab.narrate("one division finds the key", { "x found": x });
    mustHold(signsAs(alice.elgamal.y, x, DEBT), "the key found signs as Alice's");
    return `k of ${SEED_BITS} bits found; whoever knows it signs "${DEBT}"`;
  },

  async parley(lab) {
    const sample = randomBits(SEED_BITS, systemRandom);
    const { p, g } = GROUP;
    const found = shortLog(GROUP, modPow(g, sample, p), 2 ** SEED_BITS);
    mustReach(found === sample, "the method works in this group");
    const { share, line } = await harvest(lab, "stuck");
    for (const { r } of [share, line]) {
      const k = shortLog(GROUP, r, 2 ** SEED_BITS);
      lab.narrate("a signature of Alice's, whose generator is stuck", {
        r,
        "k found": k ?? "none",
      });
      mustNot(k !== null, "a nonce was found");
    }
    return { code: null, seen: `no k of ${SEED_BITS} bits fits, though the generator is stuck` };
  },
};
