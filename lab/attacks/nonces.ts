/**
 * Private keys out of badly chosen nonces.
 *
 * @module
 */
import { challenge } from "../../lib/crypto/elgamal.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import {
  type Random,
  randomBits,
  randomNonZeroBelow,
  systemRandom,
} from "../../lib/crypto/random.ts";
import { hashStatement } from "../../lib/protocol/statement.ts";
import { GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { decodeSignature, solve } from "../forge/elgamal.ts";
import { EXCHANGE_CONTEXT, exchangeMessage, STATEMENT_CONTEXT } from "../forge/messages.ts";
import type { Lab } from "../harness/lab.ts";
import { shortLog } from "../math/discrete_log.ts";
import {
  type Equation,
  keyFromNonce,
  keyFromRepeatedNonce,
  keyFromShortNonces,
} from "../math/nonces.ts";
import { digest, drawNonce, MODP, sign, verify } from "../textbook/elgamal.ts";
import { parseJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

/** A public key, and what its owner has signed. */
interface Harvest {
  readonly y: bigint;
  /** The signature on its share. */
  readonly share: Equation;
  /** The signature on a line that it said. */
  readonly line: Equation;
}

/** The victim's randomness: as it should be, or a generator that has failed and says the same for ever. */
const SOURCES: Readonly<Record<"good" | "stuck", Random>> = {
  good: systemRandom,
  stuck: (length) => new Uint8Array(length).fill(0x42),
};

/** Meets a real client and collects its signatures; once for each source. */
function harvest(lab: Lab, source: keyof typeof SOURCES): Promise<Harvest> {
  return lab.once(`harvest ${source}`, async () => {
    const { peer, secure } = await meet(lab, SOURCES[source]);
    await lab.until(() => peer.texts.length > 0, "the peer reads");
    const said = peer.effects.find((effect) => effect.type === "message")!;
    const { peerIdentity, transcript, sessionId, role } = secure;
    const { helloLow, helloHigh, shareLow, shareHigh } = transcript;
    const [victimHello, peerHello, shareBytes] = role === "high"
      ? [helloLow, helloHigh, shareLow]
      : [helloHigh, helloLow, shareHigh];
    const share = parseShareMessage(shareBytes);
    const equation = async (context: string, message: Uint8Array, bytes: Uint8Array) => {
      const { r, s } = decodeSignature(bytes);
      return { m: await challenge(GROUP, context, peerIdentity.y, r, message), r, s };
    };
    const { statement } = said;
    const exchange = await exchangeMessage(victimHello, peerHello, share);
    // It is the first that anybody has said, so it answers nothing but the handshake.
    const hash = await hashStatement(sessionId, peerIdentity, statement, sessionId);
    return {
      y: peerIdentity.y,
      share: await equation(EXCHANGE_CONTEXT, exchange, share.signature),
      line: await equation(STATEMENT_CONTEXT, hash, statement.signature!),
    };
  });
}

/** A peer meets the victim. */
async function meet(lab: Lab, random: Random) {
  const room = lab.room();
  const victim = await lab.client(room, { random });
  victim.say("a line that is signed");
  const peer = await lab.peer(room);
  await lab.until(() => peer.secure || victim.failure !== null, "the two meet");
  mustReach(victim.failure === null, "the two meet");
  return { peer, secure: peer.effects.find((effect) => effect.type === "secure")! };
}

/** A signature of parley-1's kind with a nonce of one's choice. */
function signed(x: bigint, k: bigint, m: bigint): Equation {
  const r = modPow(GROUP.g, k, GROUP.p);
  return { m, r, s: solve(x, k, m, r) };
}

/** The order of g: textbook signatures are equations modulo this, too. */
const TEXTBOOK_ORDER = (MODP.p - 1n) / 2n;

const LINE = "good morning";
const DEBT = "I owe Mallory 1000 euros";

/** Alice, whose nonces come from `nonce`, shakes hands with a peer and says a line. */
async function textbookSignatures(lab: Lab, nonce: () => bigint) {
  const room = lab.room();
  const alice = await lab.textbook(room, SignedClient, { nonce });
  await lab.textbook(room, SignedClient);
  alice.say(LINE);
  const line = parseJson(await lab.firstMessage(room));
  const share = parseJson(room.sentTexts("alice", "DEFF_HELLMAN_PK_BC")[0]!);
  return {
    alice,
    share: { m: digest(String(share.deff_public_key)), r: share.s1, s: share.s2 },
    line: { m: digest(LINE), r: line.s1, s: line.s2 },
  };
}

/** Holds that x is the private key of y as far as anybody can tell: it signs a debt, and the signature verifies. */
function mustSignAs(y: bigint, x: bigint): void {
  const m = digest(DEBT);
  const signs = modPow(MODP.g, x, MODP.p) === y &&
    verify(MODP, y, m, sign(MODP, x, m, drawNonce(MODP, systemRandom)));
  mustHold(signs, "the key found signs as Alice's");
}

const nonceReuse: Attack = {
  name: "nonce-reuse",
  idea:
    "A generator that repeats itself makes two signatures with one k: the private key falls out.",
  formula: "k = (m1 - m2) / (s1 - s2) mod q, then x = (m1 - k s1) / r mod q",
  check: "nonce from key, message, entropy",
  defence: "k is derived from key and message, and fresh entropy (RFC 6979, 3.6)",
  code: null,

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
    mustSignAs(alice.elgamal.y, x);
    return `the peer has Alice's private key and signs "${DEBT}"`;
  },

  async parley(lab) {
    const { p, q, g } = GROUP;
    const [x, k] = [randomNonZeroBelow(q, systemRandom), randomNonZeroBelow(q, systemRandom)];
    const solved = keyFromRepeatedNonce(signed(x, k, 1n), signed(x, k, 2n), q);
    mustReach(solved === x, "the method works in this group");
    const { y, share, line } = await harvest(lab, "stuck");
    lab.narrate("Alice's generator says the same byte for ever, and still", {
      r1: share.r,
      r2: line.r,
    });
    const found = keyFromRepeatedNonce(share, line, q);
    const shown = found ?? "nothing";
    lab.narrate("the same method gives a number that is not her key", { found: shown });
    mustNot(share.r === line.r, "two signatures have one nonce");
    mustNot(found !== null && modPow(g, found, p) === y, "the private key was found");
    const seen = "with a generator stuck at one byte, two signatures have two nonces";
    return { code: null, seen };
  },
};

/** What a generator of 28 bits can say. */
const SEED_BITS = 28;

const guessableNonce: Attack = {
  name: "guessable-nonce",
  idea: "A k out of a small seed is found from r = g^k; then one signature gives the private key.",
  formula: "g^j = r g^(-im) for some i, j < m = 2^14 (baby steps, giant steps), x = (m - k s) / r",
  check: "nonce as wide as q",
  defence: "k has the full width of q",
  code: null,

  async textbook(lab) {
    const nonce = () => randomBits(SEED_BITS, systemRandom) | 1n;
    const { alice, share } = await textbookSignatures(lab, nonce);
    const k = shortLog(MODP, share.r, 2 ** SEED_BITS);
    mustHold(k !== null, "the nonce is found");
    const x = keyFromNonce(share, k!, TEXTBOOK_ORDER);
    lab.narrate("about 2 * 2^14 multiplications find the nonce", { r: share.r, k: k! });
    lab.narrate("one division finds the key", { "x found": x });
    mustSignAs(alice.elgamal.y, x);
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

/** Long enough for a Diffie-Hellman exponent, and that is the mistake. */
const NONCE_BITS = 256;

const shortNonces: Attack = {
  name: "short-nonces",
  idea:
    "To save time k gets 256 bits, as in Diffie-Hellman: two signatures and a lattice give the key.",
  formula: "k2 = a k1 + b (mod q) has one short solution: reduce (1, a), (0, q), round (0, -b)",
  check: "nonce as wide as q",
  defence: "k has the full width of q",
  code: null,

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
    mustSignAs(alice.elgamal.y, x);
    return `the peer has Alice's private key and signs "${DEBT}"`;
  },

  async parley(lab) {
    const { p, q, g } = GROUP;
    const x = randomNonZeroBelow(q, systemRandom);
    const sample = () =>
      signed(x, randomBits(NONCE_BITS, systemRandom), randomBits(256, systemRandom));
    mustReach(keyFromShortNonces(sample(), sample(), q) === x, "the method works in this group");
    const { y, share, line } = await harvest(lab, "good");
    const found = keyFromShortNonces(share, line, q);
    lab.narrate("the same lattice over two signatures of a real client", { "x found": found });
    mustNot(modPow(g, found, p) === y, "the private key was found");
    return { code: null, seen: "the lattice's point is not the key: no nonce is short" };
  },
};

export const NONCES: readonly Attack[] = [nonceReuse, guessableNonce, shortNonces];
