import { concatBytes } from "../../lib/crypto/bytes.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { type Attack, mustHold } from "../attack.ts";
import { element } from "../forge/elgamal.ts";
import { tamperHello } from "../forge/messages.ts";
import type { Port } from "../harness/connection.ts";
import type { Room } from "../harness/room.ts";
import { factorialPrimes, productOf, smoothLog } from "../math/discrete_log.ts";
import { meetHostilePeer } from "../plays/hostile_peer.ts";
import { readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import type { TextbookGroup } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";

const LINE = "only you and I will ever know";

/** 320! + 1 is a prime of 2207 bits, and p - 1 has no factor above 317. 367 generates all of [1, p). */
const SMOOTH = 320;

function smoothGroup(): TextbookGroup {
  return { p: productOf(factorialPrimes(SMOOTH)) + 1n, g: 367n };
}

/** A client that takes the group from whoever proposes one beside the ElGamal key. */
class ObligingClient extends TextbookClient {
  readonly #home: TextbookGroup;
  readonly #proposal: TextbookGroup | null;

  constructor(port: Port, proposal: TextbookGroup | null) {
    super(port);
    this.#home = this.group;
    this.#proposal = proposal;
  }

  protected override sendKey(): void {
    const proposal = this.#proposal ?? {};
    this.port.emit("ELGAMAL_PK", writeJson({ y: this.elgamal.y, ...proposal }));
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const { y, p, g } = parseJson(payload);
    this.peerKey = y;
    this.group = p === undefined ? this.#home : { p, g };
    return this.sendShare();
  }

  /** Signatures stay in the group in which the key was made. */
  override sign(text: string) {
    return this.#atHome(() => super.sign(text));
  }

  protected override verify(text: string, signature: { r: bigint; s: bigint }): boolean {
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

/** What a room has heard of the first one's message. */
const hasSpoken = (room: Room) => room.sentTexts("alice", "received_message").length > 0;

/** A group out of the attacker's hands. */
export const peerSuppliedGroup: Attack = {
  name: "peer-supplied-group",
  family: "the key exchange",
  idea: "Mallory proposes a prime whose p - 1 has small factors only: logarithms are easy there.",
  formula:
    "p = 320! + 1, p - 1 = 2^i 3^j … 317: a modulo each small prime, in turn (Pohlig, Hellman)",
  check: "the suite pins the group",
  defence: "the suite names the group; no message has a field for one",
  code: "malformed",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ObligingClient(port, null));
    const bob = await lab.textbook(room, (port) => new ObligingClient(port, null));
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    // The program still runs, with the same exponent, when Mallory meets it.
    const other = lab.room(undefined, { begins: false });
    const group = smoothGroup();
    const again = await lab.textbook(other, (port) => {
      const same = new ObligingClient(port, null);
      same.exponent = alice.exponent;
      return same;
    });
    await lab.textbook(other, (port) => new ObligingClient(port, group));
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
    mustHold(exponent === alice.exponent && text === LINE && hasSpoken(room), "all of a is found");
    return `Mallory found all 2048 bits of a, and read "${text}"`;
  },

  parley(lab) {
    const { p, g } = smoothGroup();
    const tamper = tamperHello((hello) => concatBytes(hello, element(p), element(g)));
    lab.narrate("Mallory's hello has p and g behind it", { p, g });
    return meetHostilePeer(lab, { tamper }, "identity-sent");
  },
};
