import { modPow } from "../../lib/crypto/modular.ts";
import { randomBits, randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { solve } from "../forge/elgamal.ts";
import { type Equation, keyFromShortNonces } from "../math/nonces.ts";
import { harvest } from "../plays/harvest.ts";
import { signsAs, TEXTBOOK_ORDER, textbookSignatures } from "../plays/textbook_nonces.ts";

/** Long enough for a Diffie-Hellman exponent, and that is the mistake. */
const NONCE_BITS = 256;
const DEBT = "I owe Mallory 3000 euros";

/** Nonces whose upper bits are zero. */
export const shortNonces: Attack = {
  name: "short-nonces",
  family: "signatures",
  idea:
    "To save time k gets 256 bits, as in Diffie-Hellman: two signatures and a lattice give the key.",
  formula: "k2 = a k1 + b (mod q) has one short solution: reduce (1, a), (0, q), round (0, -b)",
  check: "nonce as wide as q",
  defence: "k has the full width of q",
  code: null,
  answer: "refused",

  async textbook(lab) {
    const nonce = () => randomBits(NONCE_BITS, systemRandom) | 1n;
    const { alice, share, line } = await textbookSignatures(lab, nonce);
    const x = keyFromShortNonces(share, line, TEXTBOOK_ORDER);
    lab.narrate("two signatures, two equations, three unknowns of which two are short", {
      s1: share.s,
      s2: line.s,
    });
    lab.narrate("a lattice of two dimensions has one point that fits", {
      "x found": x,
      "x of Alice mod q": alice.elgamal.x % TEXTBOOK_ORDER,
    });
    mustHold(signsAs(alice.elgamal.y, x, DEBT), "the key found signs as Alice's");
    return `the peer has Alice's private key and signs "${DEBT}"`;
  },

  async parley(lab) {
    const { p, q, g } = GROUP;
    const x = randomNonZeroBelow(q, systemRandom);
    const sample = (): Equation => {
      const [k, m] = [randomBits(NONCE_BITS, systemRandom), randomBits(256, systemRandom)];
      const r = modPow(g, k, p);
      return { m, r, s: solve(x, k, m, r) };
    };
    mustReach(keyFromShortNonces(sample(), sample(), q) === x, "the method works in this group");
    const { y, share, line } = await harvest(lab, "good");
    const found = keyFromShortNonces(share, line, q);
    lab.narrate("the same lattice over two signatures of a real client", { "x found": found });
    mustNot(modPow(g, found, p) === y, "the private key was found");
    return { code: null, seen: "the lattice's point is not the key: no nonce is short" };
  },
};
