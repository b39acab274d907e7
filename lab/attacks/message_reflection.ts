import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "yes, I agree";

/** A message that comes back to its sender. */
export const messageReflection: Attack = {
  name: "message-reflection",
  family: "messages",
  idea:
    "The relay sends Alice's message back to her; one key serves both ways, so Bob seems to say it.",
  formula: "K = SHA-256(g^ab) for both directions: D(K, c) reads the same at either end",
  check: "each way has its own keys",
  defence: "each direction has its own chain of keys",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    room.meddle = (parcel) => [{ ...parcel, to: parcel.from }];
    alice.say(LINE);
    await lab.until(() => alice.shown.length > 0, "Alice reads");
    lab.narrate("the relay sends Alice her own message", { "Alice reads": alice.shown[0]! });
    mustHold(alice.shown[0] === LINE && bob.shown.length === 0, "Alice reads her own line");
    return `Alice read her own "${LINE}" as Bob's; Bob never saw it`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      let reflected = false;
      room.meddle = (parcel) => {
        if (reflected || parcel.from !== "alice") return [parcel];
        reflected = true;
        return [{ ...parcel, to: "alice" }, parcel];
      };
      alice.say(LINE);
      await lab.until(() => bob.texts.includes(LINE), "Bob reads the line");
      await pair.speak("bob");
      lab.narrate("the relay sends Alice her own message", {
        "Alice refuses": alice.refusals.join(" "),
      });
      mustNot(alice.texts.includes(LINE), "Alice read her own line as Bob's");
      mustNot(alice.refusals.length !== 1, "Alice took it without a word");
      return { code: alice.refusals[0]!, seen: "Alice refused it; Bob read it and answered" };
    }),
};
