/**
 * Diffie-Hellman shares and groups that a malicious peer chose.
 *
 * @module
 */
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold } from "../attack.ts";
import { element } from "../forge/elgamal.ts";
import { tamperHello } from "../forge/messages.ts";
import type { Port } from "../harness/connection.ts";
import { factorialPrimes, productOf, smoothLog } from "../math/discrete_log.ts";
import { meetHostilePeer, meetPeerWithShare } from "../plays/handshake.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import { MODP, type Signature, type TextbookGroup } from "../textbook/elgamal.ts";
import type { Json } from "../textbook/json.ts";

/** A share whose every power is the share itself: the secret is known before the victim has said a word. */
function idempotentShare(about: Pick<Attack, "name" | "idea" | "formula">, share: bigint): Attack {
  return {
    ...about,
    check: "1 < share < p - 1, a square",
    defence: "a share is a square between 1 and p - 1",
    code: "bad-share",

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

const shareZero: Attack = idempotentShare({
  name: "share-zero",
  idea: "A share of 0 makes the secret 0, whatever the victim's exponent: every bystander reads.",
  formula: '0^a = 0, so K = SHA-256("0")',
}, 0n);

const shareOne: Attack = idempotentShare({
  name: "share-one",
  idea:
    "A share of 1 makes the secret 1: the peer has chosen the key before the victim said a word.",
  formula: '1^a = 1, so K = SHA-256("1")',
}, 1n);

const shareMinusOne: Attack = {
  name: "share-minus-one",
  idea: "A share of p - 1 has order 2: two possible secrets, and which it is tells if a is odd.",
  formula: "(-1)^a = 1 for even a, p - 1 for odd a",
  check: "1 < share < p - 1, a square",
  defence: "a share is a square between 1 and p - 1",
  code: "bad-share",

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

const shareNonResidue: Attack = {
  name: "share-non-residue",
  idea:
    "The share is -g^b, outside the subgroup: the secret's sign tells the last bit of the exponent.",
  formula: "(-g^b)^a = (-1)^a (g^a)^b: the peer knows (g^a)^b and tries both signs",
  check: "(share/p) = 1",
  defence: "a share is a square: (share/p) = 1",
  code: "bad-share",

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

const LINE = "only you and I will ever know";

/** 320! + 1 is a prime of 2207 bits, and p - 1 has no factor above 317. 367 generates all of [1, p). */
const SMOOTH = 320;

function smoothGroup(): TextbookGroup {
  return { p: productOf(factorialPrimes(SMOOTH)) + 1n, g: 367n };
}

/** A client that takes the group from whoever proposes one beside the ElGamal key. */
class ObligingClient extends TextbookClient {
  readonly #home = this.group;

  constructor(port: Port, readonly proposal: TextbookGroup | null, exponent?: bigint) {
    super(port);
    this.exponent = exponent ?? this.exponent;
  }

  protected override sendHello(): void | Promise<void> {
    return super.sendHello({ ...this.proposal });
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    const { p, g } = hello;
    this.group = p === undefined ? this.#home : { p, g };
    return super.receiveHello(hello);
  }

  /** Signatures stay in the group in which the key was made. */
  override sign(text: string): Signature {
    return this.#atHome(() => super.sign(text));
  }

  protected override verify(text: string, signature: Signature): boolean {
    return this.#atHome(() => super.verify(text, signature));
  }

  #atHome<T>(act: () => T): T {
    const away = this.group;
    this.group = this.#home;
    const result = act();
    this.group = away;
    return result;
  }
}

const peerSuppliedGroup: Attack = {
  name: "peer-supplied-group",
  idea: "Mallory proposes a prime whose p - 1 has small factors only: logarithms are easy there.",
  formula:
    "p = 320! + 1, p - 1 = 2^i 3^j … 317: a modulo each small prime, in turn (Pohlig, Hellman)",
  check: "the suite pins the group",
  defence: "the suite names the group; no message has a field for one",
  code: "malformed",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, ObligingClient, null);
    const bob = await lab.textbook(room, ObligingClient, null);
    await lab.tell(alice, LINE, bob);
    // The program still runs, with the same exponent, when Mallory meets it.
    const other = lab.room(undefined, { begins: false });
    const group = smoothGroup();
    const again = await lab.textbook(other, ObligingClient, null, alice.exponent);
    await lab.textbook(other, ObligingClient, group);
    other.begin();
    await lab.until(() => again.key !== null, "Alice shakes hands with Mallory");
    const exponent = smoothLog(group, again.share, factorialPrimes(SMOOTH));
    const text = readWith(room, modPow(bob.share, exponent, bob.group.p));
    lab.narrate("Alice raised Mallory's g to her exponent, modulo Mallory's p", {
      p: group.p,
      "g^a mod p": again.share,
      "a found": exponent,
      "a of Alice": alice.exponent,
    });
    lab.narrate("with a, her talk with Bob opens, which was recorded before", { text });
    mustHold(exponent === alice.exponent && text === LINE, "all of a is found");
    return `Mallory found all 2048 bits of a, and read "${text}"`;
  },

  parley(lab) {
    const { p, g } = smoothGroup();
    const tamper = tamperHello((hello) => concatBytes(hello, element(p), element(g)));
    lab.narrate("Mallory's hello has p and g behind it", { p, g });
    return meetHostilePeer(lab, { tamper }, "identity-sent");
  },
};

export const SHARES: readonly Attack[] = [
  shareZero,
  shareOne,
  shareMinusOne,
  shareNonResidue,
  peerSuppliedGroup,
];
