import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";
import { OwnKeysTap } from "../textbook/tap.ts";

const LINE = "the number of the account is 4711";

/** An end that never was, and a new beginning. */
export const forgedReset: Attack = {
  name: "forged-reset",
  family: "authentication",
  idea:
    'The relay says "begin again" in mid-talk and brings its own keys; lines that wait go to it.',
  formula: "KEY_EXCHANGE, y', g^c, Sign(x', g^c): a new key with somebody new",
  check: "kept lines go to one identity",
  defence: "lines kept for one identity are not sent to another",
  code: "not-sent",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    alice.say("hello Bob");
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const tap = new OwnKeysTap();
    room.meddle = tap.meddle;
    const before = alice.key;
    alice.key = null;
    room.begin();
    alice.say(LINE);
    await lab.until(() => tap.read.length > 0, "the relay reads");
    lab.narrate("Alice's program shook hands again, in the middle of the talk", {
      "the key before": before!,
      "the key now, with the relay": alice.key!,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === LINE && alice.peerKey !== bob.elgamal.y, "the relay reads");
    return `Alice went on with the relay: it read "${LINE}"`;
  },

  async parley(lab) {
    const pair = await lab.ownPair();
    const { alice, room } = pair;
    pair.forget();
    const { sessionId } = alice.facts!;
    const mallory = lab.leg(room, "alice");
    // Saying only "begin again" does nothing.
    room.begin("alice");
    await pair.speak("bob");
    mustReach(alice.facts!.sessionId === sessionId, "the session still stands");
    room.meddle = ({ from, event, payload }) => {
      if (from === "alice") mallory.hear(event, payload);
      return [];
    };
    room.claimLeft("alice");
    await lab.until(() => alice.all("peer-left").length > 0, "Alice hears that Bob has left");
    alice.say(LINE);
    room.begin("alice");
    await lab.until(
      () => alice.all("not-sent").length > 0 || mallory.texts.length > 0 || alice.failure !== null,
      "Alice's client decides what becomes of the line",
    );
    const kept = alice.all("not-sent").flatMap(({ lines }) => lines);
    lab.narrate("Alice writes while nobody is there, and then the relay is", {
      "Alice was told that Bob vanished": !alice.all("peer-left")[0]!.clean,
      "what waits and is not sent": kept.join(),
      "the relay reads": mallory.texts.join() || "nothing",
    });
    mustNot(mallory.texts.length > 0 || kept.join() !== LINE, "the line went to the relay");
    return {
      code: "not-sent",
      seen: "the line stayed with Alice, and she was told so",
    };
  },
};
