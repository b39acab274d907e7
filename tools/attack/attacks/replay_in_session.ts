import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "pay the builder 500 euros";

/** One message, twice. */
export const replayInSession: Attack = {
  name: "replay-in-session",
  family: "messages",
  idea: "The relay hands on a message twice: it decrypts twice, and is obeyed twice.",
  formula: "D(K, c) = D(K, c)",
  check: "a message key opens once",
  defence: "a message key opens one message and is gone",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    room.meddle = (parcel) => [parcel, parcel];
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 1, "Bob reads twice");
    lab.tell("the relay hands it on twice", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [LINE, LINE].join(), "Bob reads it twice");
    return `Bob read "${LINE}" twice`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      room.meddle = (parcel) => parcel.from === "alice" ? [parcel, parcel] : [parcel];
      alice.say(LINE);
      await lab.until(() => bob.texts.includes(LINE), "Bob reads");
      room.meddle = (parcel) => [parcel];
      await pair.speak("alice");
      lab.tell("the relay hands it on twice", {
        "Bob reads": bob.texts.join(" | "),
        "Bob refuses": bob.refusals.join(" "),
      });
      mustNot(bob.texts.filter((text) => text === LINE).length > 1, "Bob read it twice");
      mustNot(bob.refusals.length !== 1, "Bob took the second without a word");
      return { code: bob.refusals[0]!, seen: "Bob read it once and refused the second" };
    }),
};
