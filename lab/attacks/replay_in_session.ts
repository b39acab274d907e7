import { type Attack, mustHold, mustNot } from "../attack.ts";
import { honestly, type Meddle, type Parcel } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "pay the builder 500 euros";
const [EARLY, LATE] = ["and the gardener 50", "that is all"];

/** Hands on Alice's second message, then the first, then the first again. */
function overtaken(): Meddle {
  let early: Parcel | null = null;
  return (parcel) => {
    if (parcel.from !== "alice") return [parcel];
    if (early === null) {
      early = parcel;
      return [];
    }
    return [parcel, early, early];
  };
}

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
    lab.narrate("the relay hands it on twice", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [LINE, LINE].join(), "Bob reads it twice");
    return `Bob read "${LINE}" twice`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      room.meddle = (parcel) => parcel.from === "alice" ? [parcel, parcel] : [parcel];
      alice.say(LINE);
      await lab.until(() => bob.texts.includes(LINE), "Bob reads");
      room.meddle = overtaken();
      alice.say(EARLY);
      alice.say(LATE);
      await lab.until(() => bob.texts.includes(LATE) || bob.failure !== null, "Bob reads both");
      room.meddle = honestly;
      await pair.speak("alice");
      lab.narrate("the relay hands on a message twice, and later one that was overtaken", {
        "Bob reads": bob.texts.join(" | "),
        "Bob refuses": bob.refusals.join(" "),
      });
      const twice = [LINE, EARLY].filter((line) =>
        bob.texts.indexOf(line) !== bob.texts.lastIndexOf(line)
      );
      mustNot(twice.length > 0, `Bob read ${twice} twice`);
      const [first, second, ...more] = bob.refusals;
      mustNot(second === undefined || more.length > 0, "Bob took a second without a word");
      return {
        code: first === second ? first! : null,
        seen: "Bob read each once and refused the second",
      };
    }),
};
