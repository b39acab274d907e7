import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const [FIRST, SECOND] = ["You may have the house.", "Once you have paid for it, that is."];

/** A conversation that ends before its end. */
export const cutConversation: Attack = {
  name: "cut-conversation",
  family: "messages",
  idea:
    "The relay keeps the last message to itself and says that Alice has left, as she does every day.",
  formula: "c1, PEER_LEFT: the same as an honest end after c1",
  check: "an end is a signed goodbye",
  defence: "an end is a signed goodbye; without it the other side vanished",
  code: "peer-left",
  answer: "noticed",

  async textbook(lab) {
    const play = async (cut: boolean): Promise<string[]> => {
      const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
      alice.say(FIRST);
      await lab.until(() => bob.shown.length > 0, "Bob reads");
      room.meddle = () => [];
      if (cut) alice.say(SECOND);
      room.claimLeft("bob");
      await lab.until(() => bob.shown.length > 1, "Bob is told that she has left");
      return bob.shown;
    };
    const [honest, cut] = [await play(false), await play(true)];
    lab.narrate("what Bob's screen shows, at an honest end and at this one", {
      honest: honest.join(" "),
      cut: cut.join(" "),
    });
    mustHold(honest.join() === cut.join(), "both ends look alike");
    return `Bob read "${FIRST}" and an end like any other`;
  },

  async parley(lab) {
    const pair = await lab.ownPair();
    const { alice, bob, room } = pair;
    pair.forget();
    alice.say(FIRST);
    await lab.until(() => bob.texts.length > 0, "Bob reads");
    room.meddle = () => [];
    alice.say(SECOND);
    room.claimLeft("bob");
    await lab.until(() => bob.all("peer-left").length > 0, "Bob is told that she has left");
    const { clean } = bob.all("peer-left")[0]!;
    lab.narrate("Bob's client knows a goodbye when there is one", {
      "the end was a goodbye": clean,
    });
    mustNot(clean, "Bob took it for an honest end");
    return { code: "peer-left", seen: "Bob was told: the other side vanished without a goodbye" };
  },
};
