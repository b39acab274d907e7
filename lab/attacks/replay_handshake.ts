import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type Attack, mustHaveTaken, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "it is me. Let the courier in";

/** A recorded handshake, played to one of the two. */
export const replayHandshake: Attack = {
  name: "replay-handshake",
  family: "authentication",
  idea:
    "Alice is not there: the relay plays Bob a recording of her, and every signature in it is real.",
  formula: "y_A, g^a, Sign(x_A, g^a), E(K, text): nothing in them says when",
  check: "signature covers a fresh nonce",
  defence: "a signature covers the other side's fresh nonce, too",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    bob.shown.length = 0;
    bob.key = null;
    room.meddle = () => [];
    room.begin("bob");
    for (const event of ["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC", "received_message"]) {
      room.deliver("bob", event, room.sentTexts("alice", event)[0]);
    }
    await lab.until(() => bob.shown.length > 0, "Bob reads again");
    lab.narrate("the relay plays Alice's messages again, to Bob alone", {
      "Bob reads": bob.shown[0]!,
    });
    mustHold(bob.peerKey === alice.elgamal.y && bob.shown[0] === LINE, "Bob reads the recording");
    return `Bob shook hands with a recording and read "${LINE}"`;
  },

  async parley(lab) {
    const identity = SigningKey.generate(GROUP, systemRandom);
    const first = lab.room();
    const [alice, bob] = [await lab.client(first), await lab.client(first, { identity })];
    alice.say(LINE);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads");
    const second = lab.room();
    const again = await lab.client(second, { identity });
    second.meddle = () => [];
    second.begin("alice");
    for (const event of ["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC", "SECURE_BC", "received_message"]) {
      second.deliver("alice", event, first.sent("alice", event)[0]);
    }
    await lab.until(() => again.failure !== null || again.facts !== null, "Bob decides");
    mustNot(again.failure === null, "Bob shook hands with a recording");
    mustHaveTaken(again, "share-sent");
    lab.narrate("Bob, with the same key, hears the recording", { error: again.failure!.message });
    return {
      code: again.failure!.code,
      seen: "Bob refused a signature that was made for another hello",
    };
  },
};
