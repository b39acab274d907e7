import { modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { solve } from "../forge/elgamal.ts";
import { type Equation, keyFromRepeatedNonce } from "../math/nonces.ts";
import { harvest } from "../plays/harvest.ts";
import { signsAs, TEXTBOOK_ORDER, textbookSignatures } from "../plays/textbook_nonces.ts";
import { drawNonce } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";

const DEBT = "I owe Mallory 1000 euros";

/** One nonce, two signatures. */
export const nonceReuse: Attack = {
  name: "nonce-reuse",
  family: "signatures",
  idea:
    "A generator that repeats itself makes two signatures with one k: the private key falls out.",
  formula: "k = (m1 - m2) / (s1 - s2) mod q, then x = (m1 - k s1) / r mod q",
  check: "nonce from key, message, entropy",
  defence: "k is derived from key and message, and fresh entropy (RFC 6979, 3.6)",
  code: null,
  answer: "refused",

  async textbook(lab) {
    const stuck = drawNonce(MODP, systemRandom);
    const { alice, share, line } = await textbookSignatures(lab, () => stuck);
    const x = keyFromRepeatedNonce(share, line, TEXTBOOK_ORDER)!;
    lab.narrate("two signatures of Alice's have one r", {
      r1: share.r,
      r2: line.r,
      m1: share.m,
      m2: line.m,
    });
    lab.narrate("the peer solves for k, and for x", {
      "x found": x,
      "x of Alice mod q": alice.elgamal.x % TEXTBOOK_ORDER,
    });
    mustHold(signsAs(alice.elgamal.y, x, DEBT), "the key found signs as Alice's");
    return `the peer has Alice's private key and signs "${DEBT}"`;
  },

  async parley(lab) {
    const { p, q, g } = GROUP;
    const [x, k] = [randomNonZeroBelow(q, systemRandom), randomNonZeroBelow(q, systemRandom)];
    const sample = (m: bigint): Equation => {
      const r = modPow(g, k, p);
      return { m, r, s: solve(x, k, m, r) };
    };
    mustReach(
      keyFromRepeatedNonce(sample(1n), sample(2n), q) === x,
      "the method works in this group",
    );
    const { y, share, line } = await harvest(lab, "stuck");
    lab.narrate("Alice's generator says the same byte for ever, and still", {
      r1: share.r,
      r2: line.r,
    });
    const found = keyFromRepeatedNonce(share, line, q);
    lab.narrate("the same method gives a number that is not her key", {
      found: found ?? "nothing",
    });
    mustNot(share.r === line.r, "two signatures have one nonce");
    mustNot(found !== null && modPow(g, found, p) === y, "the private key was found");
    return {
      code: null,
      seen: "with a generator stuck at one byte, two signatures have two nonces",
    };
  },
};
