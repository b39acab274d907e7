import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHaveTaken, mustHold, mustNot } from "../attack.ts";
import { changeHello, signedShare } from "../forge/messages.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, drawNonce, generateKey, sign } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { asFields } from "../textbook/tap.ts";

const LINE = "I found the treasure. Signed: your friend";

/** Alice's share under Mallory's name. */
export const identityMisbinding: Attack = {
  name: "identity-misbinding",
  family: "authentication",
  idea:
    "Mallory signs Alice's share: Bob gives Mallory the credit for what Alice says, unread by Mallory.",
  formula: "Bob gets y_M, g^a, Sign(x_M, g^a): the right secret, the wrong name",
  check: "signature covers both hellos",
  defence: "a share's signature covers both hellos, identities and all",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const mallory = generateKey(MODP, systemRandom);
    const { alice, bob } = await lab.textbookPair((port) => new TextbookClient(port), (parcel) => {
      const { from, event, payload } = parcel;
      if (from === "bob") return [parcel];
      if (event === "ELGAMAL_PK_BC") return [{ ...parcel, payload: String(mallory.y) }];
      if (event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const { deff_public_key } = parseJson(String(payload));
      const nonce = drawNonce(MODP, systemRandom);
      const signature = sign(MODP, mallory.x, digest(String(deff_public_key)), nonce);
      return [{ ...parcel, payload: writeJson({ deff_public_key, ...asFields(signature) }) }];
    });
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("Bob reads Alice, and takes her for Mallory", {
      "Mallory's key": mallory.y,
      "whom Bob talks to": bob.peerKey!,
      "Bob reads": bob.shown[0]!,
    });
    mustHold(bob.peerKey === mallory.y && bob.shown[0] === LINE, "Bob reads it as Mallory's");
    mustHold(alice.peerKey === bob.elgamal.y, "Alice knows that she talks to Bob");
    return `Bob thanked Mallory for "${LINE}"`;
  },

  async parley(lab) {
    await lab.control();
    const mallory = SigningKey.generate(GROUP, systemRandom);
    const room = lab.room(async (parcel) => {
      const { from, event } = parcel;
      if (from === "bob") return [parcel];
      const payload = parcel.payload as Uint8Array;
      const rename = (hello: Uint8Array) =>
        changeHello(hello, () => ({ identity: mallory.publicKey.bytes }));
      if (event === "ELGAMAL_PK_BC") return [{ ...parcel, payload: rename(payload) }];
      if (event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const [aliceHello] = room.sent("alice", "ELGAMAL_PK_BC");
      const [bobHello] = room.sent("bob", "ELGAMAL_PK_BC");
      const { signature: _, ...unsigned } = parseShareMessage(payload);
      const share = await signedShare(mallory, rename(aliceHello!), bobHello!, unsigned);
      return [{ ...parcel, payload: share }];
    });
    const [alice, bob] = [await lab.client(room), await lab.client(room)];
    alice.say(LINE);
    await lab.until(
      () => bob.steps.includes("signature-verified") || bob.failure !== null,
      "Bob verifies Mallory's signature on Alice's share",
    );
    mustHaveTaken(bob, "signature-verified");
    await lab.until(() => alice.failure !== null || alice.facts !== null, "Alice decides");
    mustNot(alice.failure === null || bob.facts !== null, "Bob has a session with Mallory's name");
    lab.narrate("Bob has signed what he saw, a hello with Mallory's key; Alice sent another", {
      error: alice.failure!.message,
    });
    return {
      code: alice.failure!.code,
      seen: "Alice refused Bob's signature over a hello that she never sent",
    };
  },
};
