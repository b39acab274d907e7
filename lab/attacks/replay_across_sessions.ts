import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "yes, do it";

/** A message of one session, in the next. */
export const replayAcrossSessions: Attack = {
  name: "replay-across-sessions",
  family: "messages",
  idea: "Keys live as long as the program: what was recorded in one session is valid in the next.",
  formula: "K = SHA-256(g^ab), with the same a and b in both",
  check: "fresh keys in each session",
  defence: "every session has fresh shares, nonces and keys",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const recorded = room.sentTexts("alice", "received_message")[0]!;
    alice.key = bob.key = null;
    room.begin();
    await lab.until(() => alice.key !== null && bob.key !== null, "they meet again");
    bob.shown.length = 0;
    room.deliver("bob", "received_message", recorded);
    await lab.until(() => bob.shown.length > 0, "Bob reads again");
    lab.narrate("a new handshake, and yesterday's ciphertext", { "Bob reads": bob.shown[0]! });
    mustHold(bob.shown[0] === LINE, "Bob reads yesterday's answer");
    return `in the second session Bob read "${LINE}" of the first`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      const first = bob.facts!.sessionId.toHex();
      alice.say(LINE);
      await lab.until(() => bob.texts.includes(LINE), "Bob reads");
      await pair.settle();
      const recorded = room.sent("alice", "received_message")[0]!;
      room.claimLeft("alice");
      room.claimLeft("bob");
      room.begin();
      await lab.until(
        () => [alice, bob].every(({ facts }) => facts!.sessionId.toHex() !== first),
        "they meet again",
      );
      lab.narrate("a second session of the same two", { first, second: bob.facts!.sessionId });
      room.deliver("bob", "received_message", recorded);
      await pair.speak("alice");
      lab.narrate("the recorded message comes again", { "Bob refuses": bob.refusals.join(" ") });
      mustNot(bob.texts.filter((text) => text === LINE).length > 1, "Bob read it again");
      mustNot(bob.refusals.length !== 1, "Bob took it without a word");
      return { code: bob.refusals[0]!, seen: "Bob refused it and read Alice's next line" };
    }),
};
