import { type Attack, mustHold, mustNot } from "../attack.ts";
import type { Meddle, Parcel } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";

const [FIRST, SECOND] = ["Shall we cancel the wedding? No.", "Shall we order the cake? Yes."];

/** Holds Alice's first message back until she has sent a second. */
function swapTwo(): Meddle {
  let held: Parcel | null = null;
  return (parcel) => {
    if (parcel.from !== "alice" || parcel.event !== "received_message") return [parcel];
    if (held === null) {
      held = parcel;
      return [];
    }
    const both = [parcel, held];
    held = null;
    return both;
  };
}

/** Two messages in the wrong order. */
export const reordering: Attack = {
  name: "reordering",
  family: "messages",
  idea: "The relay hands on the second message before the first; nothing says which was which.",
  formula: "c2, c1: each decrypts by itself",
  check: "chain: early ones are held",
  defence: "statements form a chain; what is ahead of its turn is held back",
  code: "gap",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    room.meddle = swapTwo();
    alice.say(FIRST);
    alice.say(SECOND);
    await lab.until(() => bob.shown.length > 1, "Bob reads both");
    lab.narrate("the relay swaps two messages", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [SECOND, FIRST].join(), "Bob reads them the wrong way round");
    return "Bob read the second line first and had no way to tell";
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      room.meddle = swapTwo();
      alice.say(FIRST);
      alice.say(SECOND);
      await lab.until(() => bob.texts.length > 1 || bob.failure !== null, "Bob reads both");
      const kinds = bob.events.map(({ type }) => type)
        .filter((type) => type === "gap" || type === "message");
      lab.narrate("the relay swaps two messages", {
        "what Bob's client tells, in order": kinds.join(", "),
        "Bob reads": bob.texts.join(" | "),
      });
      mustNot(bob.texts.join() !== [FIRST, SECOND].join(), `Bob read ${bob.texts.join(" | ")}`);
      mustNot(kinds[0] !== "gap", "the second was not held back");
      return { code: kinds[0]!, seen: "Bob was told of a gap, and then read both in their order" };
    }),
};
