import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";
import { OwnKeysTap } from "../textbook/tap.ts";

const LINE = "meet me at nine at the old mill";
const [CODE, GUESS] = ["7-calm-harbor-lantern", "7-calm-harbor-lion"];

/** The relay with keys of its own. */
export const manInTheMiddle: Attack = {
  name: "man-in-the-middle",
  family: "authentication",
  idea: "The relay gives each side keys of its own, reads what one says, and says it to the other.",
  formula: "Alice <- g^ab' -> relay <- g^a'b -> Bob: two secrets, and the relay has both",
  check: "invite code in the key exchange",
  defence: "the invite code is in the key exchange",
  code: "bad-code",
  answer: "refused",

  async textbook(lab) {
    const tap = new OwnKeysTap();
    const { alice, bob } = await lab.textbookPair((port) => new TextbookClient(port), tap.meddle);
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("each side verified a signature, by the relay's key", {
      "Alice's key": alice.elgamal.y,
      "what Bob takes for it": bob.peerKey!,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === LINE && bob.shown[0] === LINE, "the relay read what Bob read");
    return `the relay read "${LINE}", and Bob too`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const room = lab.room();
    const { read, legs } = lab.middle(room, GUESS);
    const [alice, bob] = [
      await lab.client(room, { code: CODE }),
      await lab.client(room, { code: CODE }),
    ];
    alice.say(LINE);
    await lab.until(
      () => [alice, bob].every(({ failure, facts }) => failure !== null || facts !== null),
      "both decide",
    );
    lab.narrate("the relay has a key exchange with each, and guesses the code", {
      "their code": CODE,
      "its guess": GUESS,
    });
    mustNot(read.length > 0 || legs.alice.secure || legs.bob.secure, "the relay came between them");
    mustReach(bob.failure?.code === alice.failure?.code, "both refuse, for one reason");
    lab.narrate("both end the session", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "both refused, and the relay read nothing" };
  },
};
