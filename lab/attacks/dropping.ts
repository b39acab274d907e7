import { type Attack, mustHold, mustNot } from "../attack.ts";
import type { Meddle } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINES = ["I lend you my car.", "Bring it back by Monday.", "Have a good trip!"];

/** Drops Alice's second message. */
function dropSecond(): Meddle {
  let count = 0;
  return (parcel) => {
    if (parcel.from !== "alice" || parcel.event !== "received_message") return [parcel];
    return ++count === 2 ? [] : [parcel];
  };
}

/** A message that never arrives. */
export const dropping: Attack = {
  name: "dropping",
  family: "messages",
  idea:
    "The relay drops the middle one of three messages; the other two read as if it had never been.",
  formula: "c1, c3",
  check: "chain shows the gap; receipts",
  defence: "the chain shows the gap, later lines wait; receipts tell the sender",
  code: "gap",
  answer: "noticed",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    room.meddle = dropSecond();
    for (const line of LINES) alice.say(line);
    await lab.until(() => bob.shown.length > 1, "Bob reads two");
    lab.narrate("the relay drops the second", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [LINES[0], LINES[2]].join(), "the middle one is gone");
    return `Bob read "${bob.shown.join(" ")}"; neither side knows better`;
  },

  async parley(lab) {
    const pair = await lab.ownPair();
    const { alice, bob, room } = pair;
    pair.forget();
    room.meddle = dropSecond();
    for (const line of LINES) alice.say(line);
    await lab.until(() => bob.all("gap").length > 0 || bob.texts.length > 1, "Bob learns of it");
    await lab.until(() => alice.conversation.undelivered === 2, "Alice knows what has arrived");
    lab.narrate("nobody can make a relay deliver; both are told", {
      "Bob reads": bob.texts.join(" | "),
      "Bob's client tells of gaps": bob.all("gap").length,
      "Alice's lines not known to have arrived": alice.conversation.undelivered,
    });
    mustNot(bob.texts.join() !== LINES[0], `Bob read ${bob.texts.join(" ")}`);
    mustNot(bob.all("gap").length === 0, "Bob was not told");
    return {
      code: "gap",
      seen: "Bob saw a gap and no third line; Alice saw two lines not delivered",
    };
  },
};
