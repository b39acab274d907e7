/**
 * A relay that repeats, reorders, drops and reflects whole messages.
 *
 * @module
 */
import { type Attack, mustHold, mustNot } from "../attack.ts";
import { honestly, inTurn } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";
import { CIPHERTEXTS, HEADERS } from "./ciphertexts.ts";

const PAYMENT = "pay the builder 500 euros";
const [EARLY, LATE] = ["and the gardener 50", "that is all"];

const replayInSession: Attack = {
  name: "replay-in-session",
  idea: "The relay hands on a message twice: it decrypts twice, and is obeyed twice.",
  formula: "D(K, c) = D(K, c)",
  check: "a message key opens once",
  defence: "a message key opens one message and is gone",
  code: "bad-message",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    room.meddle = (parcel) => [parcel, parcel];
    alice.say(PAYMENT);
    await lab.until(() => bob.shown.length > 1, "Bob reads twice");
    lab.narrate("the relay hands it on twice", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [PAYMENT, PAYMENT].join(), "Bob reads it twice");
    return `Bob read "${PAYMENT}" twice`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      room.meddle = (parcel) => parcel.from === "alice" ? [parcel, parcel] : [parcel];
      alice.say(PAYMENT);
      await lab.until(() => bob.texts.includes(PAYMENT), "Bob reads");
      // The second, then the first, then the first again.
      room.meddle = inTurn(() => [], (early, late) => [late, early, early]);
      await pair.sayApart(EARLY, LATE);
      await lab.until(() => bob.texts.includes(LATE) || bob.failure !== null, "Bob reads both");
      room.meddle = honestly;
      await pair.speak("alice");
      lab.narrate("the relay hands on a message twice, and later one that was overtaken", {
        "Bob reads": bob.texts.join(" | "),
        "Bob refuses": bob.refusals.join(" "),
      });
      const twice = [PAYMENT, EARLY].filter((line) =>
        bob.texts.indexOf(line) !== bob.texts.lastIndexOf(line)
      );
      mustNot(twice.length > 0, `Bob read ${twice} twice`);
      const [first, second, ...more] = bob.refusals;
      mustNot(second === undefined || more.length > 0, "Bob took a second without a word");
      const seen = "Bob read each once and refused the second";
      return { code: first === second ? first! : null, seen };
    }),
};

const ORDER = "yes, do it";

const replayAcrossSessions: Attack = {
  name: "replay-across-sessions",
  idea: "Keys live as long as the program: what was recorded in one session is valid in the next.",
  formula: "K = SHA-256(g^ab), with the same a and b in both",
  check: "fresh keys in each session",
  defence: "every session has fresh shares, nonces and keys",
  code: "bad-message",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    await lab.tell(alice, ORDER, bob);
    const recorded = room.sentTexts("alice", "received_message")[0]!;
    alice.key = bob.key = null;
    room.begin();
    await lab.until(() => alice.key !== null && bob.key !== null, "they meet again");
    bob.shown.length = 0;
    room.deliver("bob", "received_message", recorded);
    await lab.until(() => bob.shown.length > 0, "Bob reads again");
    lab.narrate("a new handshake, and yesterday's ciphertext", { "Bob reads": bob.shown[0]! });
    mustHold(bob.shown[0] === ORDER, "Bob reads yesterday's answer");
    return `in the second session Bob read "${ORDER}" of the first`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      const first = bob.facts!.sessionId.toHex();
      alice.say(ORDER);
      await lab.until(() => bob.texts.includes(ORDER), "Bob reads");
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
      mustNot(bob.texts.filter((text) => text === ORDER).length > 1, "Bob read it again");
      return lab.onlyRefusal(bob, "Bob refused it and read Alice's next line");
    }),
};

const [WEDDING, CAKE] = ["Shall we cancel the wedding? No.", "Shall we order the cake? Yes."];

const reordering: Attack = {
  name: "reordering",
  idea: "The relay hands on the second message before the first; nothing says which was which.",
  formula: "c2, c1: each decrypts by itself",
  check: "numbers: early ones are held",
  defence: "every bundle has its number; what is ahead of its turn is held back",
  code: "gap",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    room.meddle = inTurn(() => [], (first, second) => [second, first]);
    alice.say(WEDDING);
    alice.say(CAKE);
    await lab.until(() => bob.shown.length > 1, "Bob reads both");
    lab.narrate("the relay swaps two messages", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [CAKE, WEDDING].join(), "Bob reads them the wrong way round");
    return "Bob read the second line first and had no way to tell";
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { bob, room } = pair;
      room.meddle = inTurn(() => [], (first, second) => [second, first]);
      await pair.sayApart(WEDDING, CAKE);
      await lab.until(() => bob.texts.length > 1 || bob.failure !== null, "Bob reads both");
      const kinds = bob.events.map(({ type }) => type)
        .filter((type) => type === "gap" || type === "message");
      lab.narrate("the relay swaps two messages", {
        "what Bob's client tells, in order": kinds.join(", "),
        "Bob reads": bob.texts.join(" | "),
      });
      mustNot(bob.texts.join() !== [WEDDING, CAKE].join(), `Bob read ${bob.texts.join(" | ")}`);
      mustNot(kinds[0] !== "gap", "the second was not held back");
      return { code: kinds[0]!, seen: "Bob was told of a gap, and then read both in their order" };
    }),
};

const CAR = ["I lend you my car.", "Bring it back by Monday.", "Have a good trip!"];

const dropping: Attack = {
  name: "dropping",
  idea:
    "The relay drops the middle one of three messages; the other two read as if it had never been.",
  formula: "c1, c3",
  check: "numbers show the gap; receipts",
  defence: "the numbers show the gap, later lines wait; receipts tell the sender",
  code: "gap",
  answer: "noticed",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    room.meddle = inTurn((first) => [first], () => []);
    for (const line of CAR) alice.say(line);
    await lab.until(() => bob.shown.length > 1, "Bob reads two");
    lab.narrate("the relay drops the second", { "Bob reads": bob.shown.join(" | ") });
    mustHold(bob.shown.join() === [CAR[0], CAR[2]].join(), "the middle one is gone");
    return `Bob read "${bob.shown.join(" ")}"; neither side knows better`;
  },

  async parley(lab) {
    const pair = await lab.ownPair();
    const { alice, bob, room } = pair;
    room.meddle = inTurn((first) => [first], () => []);
    await pair.sayApart(...CAR);
    await lab.until(() => bob.all("gap").length > 0 || bob.texts.length > 1, "Bob learns of it");
    await lab.until(() => alice.conversation.undelivered === 2, "Alice knows what has arrived");
    lab.narrate("nobody can make a relay deliver; both are told", {
      "Bob reads": bob.texts.join(" | "),
      "Bob's client tells of gaps": bob.all("gap").length,
      "Alice's lines not known to have arrived": alice.conversation.undelivered,
    });
    mustNot(bob.texts.join() !== CAR[0], `Bob read ${bob.texts.join(" ")}`);
    mustNot(bob.all("gap").length === 0, "Bob was not told");
    const seen = "Bob saw a gap and no third line; Alice saw two lines not delivered";
    return { code: "gap", seen };
  },
};

const [HOUSE, CONDITION] = ["You may have the house.", "Once you have paid for it, that is."];

const cutConversation: Attack = {
  name: "cut-conversation",
  idea:
    "The relay keeps the last message to itself and says that Alice has left, as she does every day.",
  formula: "c1, PEER_LEFT: the same as an honest end after c1",
  check: "an end is a signed goodbye",
  defence: "an end is a signed goodbye; without it the other side vanished",
  code: "peer-left",
  answer: "noticed",

  async textbook(lab) {
    const play = async (cut: boolean): Promise<string[]> => {
      const { alice, bob, room } = await lab.textbookPair(TextbookClient);
      await lab.tell(alice, HOUSE, bob);
      room.meddle = () => [];
      if (cut) alice.say(CONDITION);
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
    return `Bob read "${HOUSE}" and an end like any other`;
  },

  async parley(lab) {
    const { alice, bob, room } = await lab.ownPair();
    alice.say(HOUSE);
    await lab.until(() => bob.texts.length > 0, "Bob reads");
    room.meddle = () => [];
    alice.say(CONDITION);
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

const AGREEMENT = "yes, I agree";

const messageReflection: Attack = {
  name: "message-reflection",
  idea:
    "The relay sends Alice's message back to her; one key serves both ways, so Bob seems to say it.",
  formula: "K = SHA-256(g^ab) for both directions: D(K, c) reads the same at either end",
  check: "each way has its own keys",
  defence: "each direction has its own chain of keys",
  code: "bad-message",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    room.meddle = (parcel) => [{ ...parcel, to: parcel.from }];
    await lab.tell(alice, AGREEMENT, alice);
    lab.narrate("the relay sends Alice her own message", { "Alice reads": alice.shown[0]! });
    mustHold(alice.shown[0] === AGREEMENT && bob.shown.length === 0, "Alice reads her own line");
    return `Alice read her own "${AGREEMENT}" as Bob's; Bob never saw it`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, bob, room } = pair;
      room.meddle = inTurn((first) => [{ ...first, to: "alice" }, first]);
      alice.say(AGREEMENT);
      await lab.until(() => bob.texts.includes(AGREEMENT), "Bob reads the line");
      await pair.speak("bob");
      lab.narrate("the relay sends Alice her own message", {
        "Alice refuses": alice.refusals.join(" "),
      });
      mustNot(alice.texts.includes(AGREEMENT), "Alice read her own line as Bob's");
      return lab.onlyRefusal(alice, "Alice refused it; Bob read it and answered");
    }),
};

export const MESSAGES: readonly Attack[] = [
  replayInSession,
  replayAcrossSessions,
  reordering,
  dropping,
  cutConversation,
  ...CIPHERTEXTS,
  messageReflection,
  ...HEADERS,
];
