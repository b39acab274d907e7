import { challenge, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import { encodeShare, GROUP, parseHello, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHaveTaken, mustHold, mustNot, mustReach } from "../attack.ts";
import { decodeSignature, encodeSignature, equationHolds } from "../forge/elgamal.ts";
import { EXCHANGE_CONTEXT, exchangeMessage } from "../forge/messages.ts";
import { MODP } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

const LINE = "pay Mallory 100 euros";

/** A second spelling of one signature. */
export const sPlusQ: Attack = {
  name: "s-plus-q",
  family: "signatures",
  idea:
    "s and s + q verify alike: a message gets a second signature, and no list of seen ones knows it.",
  formula: "r has order q, so r^(s+q) = r^s",
  check: "0 < s < q",
  defence: "0 < s < q: one signature, one spelling",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new SignedClient(port));
    room.meddle = (parcel) => {
      if (parcel.event !== "received_message") return [parcel];
      const fields = parseJson(String(parcel.payload));
      const s2 = fields.s2 + (MODP.p - 1n) / 2n;
      lab.narrate("the relay hands on the message, again, and with s + q", {
        s: fields.s2,
        "s + q": s2,
      });
      return [parcel, parcel, { ...parcel, payload: writeJson({ ...fields, s2 }) }];
    };
    alice.say(LINE);
    await lab.until(() => bob.shown.length + bob.refused.length >= 3, "Bob reads all three");
    lab.narrate("Bob knows the plain repetition, and not the other", {
      "Bob reads": bob.shown.join(" | "),
      "Bob refuses": bob.refused.join(" | "),
    });
    mustHold(bob.refused.length === 1, "the plain repetition is refused");
    mustHold(bob.shown.join() === [LINE, LINE].join(), "the message is accepted twice");
    return `Bob accepted "${LINE}" twice, with two valid signatures`;
  },

  async parley(lab) {
    await lab.control();
    const room = lab.room(async (parcel) => {
      if (parcel.from !== "alice" || parcel.event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const share = parseShareMessage(parcel.payload as Uint8Array);
      const { r, s } = decodeSignature(share.signature);
      const signature = { r, s: s + GROUP.q };
      const [aliceHello] = room.sent("alice", "ELGAMAL_PK_BC");
      const [bobHello] = room.sent("bob", "ELGAMAL_PK_BC");
      const { y } = VerifyingKey.parse(GROUP, parseHello(aliceHello!).identity)!;
      const message = await exchangeMessage(aliceHello!, bobHello!, share);
      const h = await challenge(GROUP, EXCHANGE_CONTEXT, y, r, message);
      mustReach(equationHolds(y, h, signature), "s + q solves the equation, too");
      lab.narrate("the relay writes s + q into Alice's share; the equation holds", {
        s,
        "s + q": signature.s,
      });
      return [{
        ...parcel,
        payload: encodeShare({ ...share, signature: encodeSignature(signature) }),
      }];
    });
    const [, bob] = [await lab.client(room), await lab.client(room)];
    await lab.until(
      () => bob.failure !== null || bob.steps.includes("signature-verified"),
      "Bob decides",
    );
    mustNot(bob.failure === null, "Bob took the second spelling");
    mustHaveTaken(bob, "share-sent");
    lab.narrate("Bob ends the session", { error: bob.failure!.message });
    return { code: bob.failure!.code, seen: "Bob refused the second spelling of a real signature" };
  },
};
