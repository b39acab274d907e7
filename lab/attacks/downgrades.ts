/**
 * A handshake talked down to something weaker.
 *
 * @module
 */
import { utf8 } from "../../lib/crypto/bytes.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { flip } from "../forge/envelope.ts";
import { changeHello } from "../forge/messages.ts";
import type { Port } from "../harness/connection.ts";
import { changing, changingJson } from "../harness/room.ts";
import { shortLog } from "../math/discrete_log.ts";
import { swapHello } from "../plays/handshake.ts";
import { readWith } from "../plays/textbook_share.ts";
import { seal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import { generateKey, MODP, type TextbookGroup, TOY, TOY_ORDER } from "../textbook/elgamal.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";
import { Tap } from "../textbook/tap.ts";
import { KEM } from "./kem.ts";

const BITS = "nobody can break 2048 bits";

/** What the textbook speaks, the best first; the last for customers abroad. */
const SUITES: Readonly<Record<string, TextbookGroup>> = { modp2048: MODP, export: TOY };

/** A client that agrees with the other side on the best suite that both list. */
class NegotiatingClient extends TextbookClient {
  #keys = Object.fromEntries(
    Object.entries(SUITES).map(([name, group]) => [name, generateKey(group, this.random)]),
  );

  protected override sendHello(): void | Promise<void> {
    const keys = Object.entries(this.#keys).map(([name, { y }]) => [name, y]);
    return super.sendHello({ suites: Object.keys(SUITES), ...Object.fromEntries(keys) });
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    const suite = Object.keys(SUITES).find((name) => hello.suites.includes(name))!;
    this.group = SUITES[suite]!;
    this.elgamal = this.#keys[suite]!;
    return super.receiveHello({ y: hello[suite] });
  }
}

const suiteDowngrade: Attack = {
  name: "suite-downgrade",
  idea:
    "The relay strikes the good suites from both lists; both agree on the weakest, which it breaks.",
  formula: "[modp2048, export] -> [export]: a from g^a in 2 * 2^16 steps, for p has 32 bits",
  check: "one suite, no list",
  defence: "there is one suite and no list; another one's hello is an error",
  code: "suite-mismatch",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(
      NegotiatingClient,
      changingJson("ELGAMAL_PK_BC", (hello) => ({ ...hello, suites: ["export"] })),
    );
    await lab.tell(alice, BITS, bob);
    const exponent = shortLog(TOY, alice.share, TOY_ORDER)!;
    const text = readWith(room, modPow(bob.share, exponent, TOY.p));
    lab.narrate("both sign shares of 32 bits, and the relay takes the logarithm", {
      p: TOY.p,
      "g^a": alice.share,
      a: exponent,
      "the relay reads": text,
    });
    mustHold(text === BITS, "the relay reads");
    return `both agreed on 32 bits, and the relay read "${text}"`;
  },

  parley(lab) {
    lab.narrate("the relay turns Alice's hello into one of the original protocol: a number");
    const { y } = generateKey(MODP, systemRandom);
    return swapHello(lab, () => String(y), "identity-sent");
  },
};

const GUILTY = "the judge decides: guilty = 1";
const NOT_GUILTY = "the judge decides: guilty = 0";

/** A textbook that signs messages if both sides want that. */
class AskingClient extends SignedClient {
  #signs = true;

  protected override sendHello(): void | Promise<void> {
    return super.sendHello({ signed: true });
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    this.#signs = hello.signed;
    return super.receiveHello(hello);
  }

  protected override sendMessage(text: string): void {
    if (this.#signs) super.sendMessage(text);
    else this.port.emit("message", writeJson(seal(this.key!, this.random(16), text)));
  }

  protected override receiveMessage(fields: Json): void {
    if (this.#signs) super.receiveMessage(fields);
    else this.shown.push(this.open(fields));
  }
}

const signatureDowngrade: Attack = {
  name: "signature-downgrade",
  idea:
    "The relay tells each that the other wants no signatures on messages; then it may change them.",
  formula: "{y, signed: true} -> {y, signed: false}; then C xor d",
  check: "signature covers both hellos",
  defence: "the signature covers both hellos, modes and all",
  code: "bad-signature",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair(AskingClient, (parcel) => {
      const fields = parseJson(String(parcel.payload));
      if (parcel.event === "ELGAMAL_PK_BC") {
        return [{ ...parcel, payload: writeJson({ ...fields, signed: false }) }];
      }
      if (parcel.event !== "received_message") return [parcel];
      const message = flip(Uint8Array.fromBase64(fields.message), -1, 0x01).toBase64();
      return [{ ...parcel, payload: writeJson({ ...fields, message }) }];
    });
    alice.say(GUILTY);
    await lab.until(() => bob.shown.length + bob.refused.length > 0, "Bob reads");
    lab.narrate("neither signs, since neither believes that the other wants it", {
      "Alice said": GUILTY,
      "Bob reads": bob.shown[0] ?? "nothing",
    });
    mustHold(bob.shown[0] === NOT_GUILTY, "the changed line is read");
    return `nothing was signed, and Bob read "${NOT_GUILTY}"`;
  },

  async parley(lab) {
    await lab.control();
    await lab.control({ deniable: true });
    const deniable = (hello: Uint8Array) => changeHello(hello, () => ({ deniable: true }));
    const room = lab.room(changing("ELGAMAL_PK_BC", deniable));
    // Alice wants no signatures, and Bob does. The relay tells her that he does not want any, either.
    const [alice, bob] = [await lab.client(room, { deniable: true }), await lab.client(room)];
    bob.say(GUILTY);
    await lab.decision(alice, bob);
    mustNot(bob.facts !== null || alice.facts !== null, "one of the two has a session");
    const seen = "Alice refused: Bob's signature covers the hello he sent";
    return lab.refusal(alice, "share-sent", "Alice hears that both want no signatures", seen);
  },
};

const CODE = "4-mellow-river-castle";
const AGREED = "as we agreed on the telephone";

/** A textbook that checks a code if the other side names one: older clients do not. */
class ObligingClient extends TextbookClient {
  constructor(port: Port, readonly code: string | undefined) {
    super(port);
  }

  protected override sendHello(): void | Promise<void> {
    // JSON leaves out a field that is undefined.
    return super.sendHello({ code: this.code });
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    const isWrong = this.code !== undefined && ![undefined, this.code].includes(hello.code);
    if (isWrong) return void this.refused.push("wrong code");
    return super.receiveHello(hello);
  }
}

const codeLeftOut: Attack = {
  name: "code-left-out",
  idea:
    "A stranger says that he uses no invite code; a program that checks one if it comes lets him in.",
  formula: "{y, code} -> {y}: nothing to compare, nothing that differs",
  check: "a code on both sides or neither",
  defence: "each hello says whether a code is part of the exchange, and both must say the same",
  code: "suite-mismatch",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, ObligingClient, CODE);
    const stranger = await lab.textbook(room, ObligingClient, undefined);
    alice.say(AGREED);
    await lab.until(() => stranger.shown.length + alice.refused.length > 0, "Alice speaks");
    lab.narrate("the stranger's hello has no code in it", { "he reads": stranger.shown.join() });
    mustHold(stranger.shown[0] === AGREED, "the stranger reads");
    return `a stranger without a code read "${AGREED}"`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    await lab.peerControl();
    const room = lab.room();
    const alice = await lab.client(room, { code: CODE });
    alice.say(AGREED);
    const stranger = await lab.peer(room);
    await lab.until(() => alice.refusals.length > 0 || alice.facts !== null, "the victim decides");
    mustNot(alice.facts !== null || stranger.texts.length > 0, "Alice let the stranger in");
    mustReach(alice.failure === null, "she waits for the one who has the code");
    lab.narrate("Alice sees a hello without a code", { refused: alice.refusals[0]! });
    return {
      code: alice.refusals[0]!,
      seen: "Alice ended the session, sent nothing, and waits on",
    };
  },
};

const SIGNED = "version 1 is signed";

/** A textbook with a version in it, and a program that knows one. */
class VersionedClient extends TextbookClient {
  protected override sendShare(): void {
    super.sendShare({ version: 1n });
  }

  protected override receiveShare(fields: Json): void {
    switch (fields.version) {
      case 1n:
        if (!this.isSigned(fields)) return;
    }
    // Whatever a later version does about signatures, its share will still be a share.
    this.agreeOn(fields.deff_public_key);
  }
}

const unknownVersion: Attack = {
  name: "unknown-version",
  idea: "The relay writes version 2: a program that checks what version 1 says checks nothing.",
  formula: "switch (version) { case 1: verify }",
  check: "another version is an error",
  defence: "another version is another protocol, and its hello an error",
  code: "suite-mismatch",

  async textbook(lab) {
    const tap = new Tap(() => ({ version: 2n, s1: 0n, s2: 0n }));
    const { alice, bob } = await lab.textbookPair(VersionedClient, tap.meddle);
    await lab.tell(alice, SIGNED, bob);
    lab.narrate("the relay's own share, version 2, signed with zeros", {
      share: tap.share,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === SIGNED && bob.peerKey === alice.elgamal.y, "the relay reads");
    return `no signature was checked; the relay read "${SIGNED}"`;
  },

  parley: (lab) =>
    swapHello(lab, (hello) => {
      const next = Uint8Array.from(hello);
      next.set(utf8("parley-2"));
      return next;
    }, "identity-sent"),
};

export const DOWNGRADES: readonly Attack[] = [
  suiteDowngrade,
  ...KEM,
  signatureDowngrade,
  codeLeftOut,
  unknownVersion,
];
