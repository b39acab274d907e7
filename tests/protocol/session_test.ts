/** The conversation after the handshake: two honest people, and a relay that may be anything. */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { MAX_TEXT_BYTES, MAX_UNSIGNED } from "../../lib/protocol/constants.ts";
import { isSettled, type OwnInput } from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import {
  effectsOf,
  emitted,
  EPOCH,
  type Name,
  NAMES,
  securedPair,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import { permutations } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { onlyError, recordedHandshake } from "./recording.ts";

/** Texts that something on the way might spoil. */
const TEXTS = [
  "hello",
  "",
  "wörld 你好 👋🏽",
  "\ufeffa byte order mark, kept",
  "line\nbreaks\r\nand\ttabs\0and nulls",
  "\u202eoverride\u001b[31m",
  "x".repeat(10_000),
];

Deno.test("advance() carries a conversation from the first hello to the last receipt", async () => {
  const conversation = SessionPair.of();
  await conversation.meet();
  await conversation.say("alice", ...TEXTS);
  await conversation.settle();
  await conversation.say("bob", "and back");
  await conversation.say("alice", "both");
  await conversation.say("bob", "at once");
  await conversation.settle();
  assertEquals(conversation.textsShownTo("bob"), [...TEXTS, "both"]);
  assertEquals(conversation.textsShownTo("alice"), ["and back", "at once"]);
  for (const name of NAMES) {
    assert(!isSettled(conversation.sessions[name]));
    await conversation.input(name, { type: "finish" });
  }
  await conversation.settle();
  for (const name of NAMES) {
    assert(isSettled(conversation.sessions[name]));
    assertEquals(effectsOf(conversation.effects[name], "peer-finished").length, 1);
    const effects = await conversation.input(name, { type: "peer-left" });
    assertEquals(effects, [{ type: "peer-left", clean: true }]);
    const { phase, channel } = conversation.sessions[name];
    assertEquals([phase, channel], ["ended", null]);
    assertEquals(effectsOf(conversation.effects[name], "failed"), []);
    assertEquals(effectsOf(conversation.effects[name], "refused"), []);
  }
});

Deno.test("advance() shows the same statements on both sides, with times by the sender's clock", async () => {
  const conversation = await securedPair();
  let time = EPOCH;
  conversation.environments.alice = { ...conversation.environments.alice, now: () => time };
  await conversation.say("alice", "one");
  time = EPOCH + 5000;
  await conversation.say("alice", "two");
  await conversation.run();
  const said = effectsOf(conversation.effects.alice, "said");
  const shown = effectsOf(conversation.effects.bob, "message");
  assertEquals(said.map(({ text }) => text), ["one", "two"]);
  assertEquals(shown.map(({ statement }) => statement), said.map(({ statement }) => statement));
  assertEquals(shown.map(({ statement: { sequence, time } }) => [sequence, time]), [
    [0, EPOCH],
    [1, EPOCH + 5000],
  ]);
  assertEquals(shown.map(({ signed }) => signed), [true, true]);
});

heavyTest("advance() throws for whatever our side sends before the session is secure", async () => {
  const { alice } = await recordedHandshake();
  const inputs: OwnInput[] = [
    { type: "say", texts: ["too early"] },
    {
      type: "offer",
      offer: { id: new Uint8Array(16), name: "a", bytes: 0, root: new Uint8Array(32) },
    },
    { type: "signal", signal: newResume(seededRandom("too early")) },
    { type: "finish" },
  ];
  for (const moment of [alice.waiting, alice.started, alice.exchanging, alice.confirming]) {
    for (const input of inputs) {
      await assertRejects(() => moment.after(input), TypeError, `Cannot ${input.type} before`);
    }
  }
});

Deno.test("advance() refuses a text after the goodbye, and ignores a second goodbye", async () => {
  const conversation = await securedPair();
  await conversation.input("alice", { type: "finish" });
  const before = conversation.sessions.alice;
  assertEquals(onlyError(await conversation.say("alice", "wait")).code, "finished");
  assert(conversation.sessions.alice === before, "a refusal changes nothing");
  assertEquals(await conversation.input("alice", { type: "finish" }), []);
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), []);
});

Deno.test("advance() takes a text of 512 KiB, and throws for a longer one, before it changes anything", async () => {
  const conversation = await securedPair({ deniable: true });
  const longest = "é".repeat(MAX_TEXT_BYTES / 2);
  await conversation.say("alice", longest);
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), [longest]);
  const before = conversation.sessions.alice;
  const tooLong = longest + "x";
  await assertRejects(() => conversation.say("alice", "fine", tooLong), RangeError, "524288 bytes");
  assert(conversation.sessions.alice === before);
  assertEquals(conversation.inbound.bob, []);
});

Deno.test("advance() replaces a lone surrogate, which no UTF-8 can hold", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "a\ud800b");
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), ["a\ufffdb"]);
});

Deno.test("advance() signs the last of a burst and every 32nd, and says what a signature covers", async () => {
  const conversation = await securedPair();
  const texts = Array.from({ length: 2 * MAX_UNSIGNED + 6 }, (_, i) => String(i));
  await conversation.say("alice", ...texts);
  await conversation.run();
  const shown = effectsOf(conversation.effects.bob, "message");
  assertEquals(shown.map(({ text }) => text), texts);
  const signed = shown.flatMap(({ signed, statement }, i) => {
    assertEquals(signed, statement.signature !== null);
    return signed ? [i] : [];
  });
  assertEquals(signed, [31, 63, 69]);
  const covered = effectsOf(conversation.effects.bob, "covered").map(({ count }) => count);
  assertEquals(covered, [32, 64, 70]);
});

Deno.test("advance() signs the goodbye", async () => {
  const conversation = await securedPair();
  await conversation.input("alice", { type: "finish" });
  await conversation.run();
  const [finished] = effectsOf(conversation.effects.bob, "peer-finished");
  assertEquals(finished!.statement.kind, "end");
  assert(finished!.statement.signature !== null);
});

Deno.test("advance() signs nothing in a deniable session, and says so", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", ...Array.from({ length: MAX_UNSIGNED + 5 }, String));
  await conversation.input("alice", { type: "finish" });
  await conversation.run();
  const shown = effectsOf(conversation.effects.bob, "message");
  assertEquals(shown.length, MAX_UNSIGNED + 5);
  assert(shown.every(({ statement, signed }) => statement.signature === null && signed));
  const [finished] = effectsOf(conversation.effects.bob, "peer-finished");
  assertEquals(finished!.statement.signature, null);
});

Deno.test("advance() sends one receipt when it is idle, and none when there is nothing new", async () => {
  const conversation = await securedPair({ deniable: true });
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  await conversation.say("alice", "one", "two", "three");
  await conversation.deliver("bob");
  await conversation.deliver("bob");
  assertEquals(typesOf(await conversation.input("bob", { type: "idle" })), ["emit"]);
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  assertEquals(await conversation.deliver("alice"), [{ type: "delivered", count: 2 }]);
  await conversation.settle();
  assertEquals(effectsOf(conversation.effects.alice, "delivered").at(-1)!.count, 3);
});

Deno.test("advance() takes receipts in any order: an older one says nothing new", async () => {
  const conversation = await securedPair({ deniable: true });
  for (const text of ["one", "two"]) {
    await conversation.say("alice", text);
    await conversation.deliver("bob");
    await conversation.input("bob", { type: "idle" });
  }
  assertEquals(await conversation.deliver("alice", 1), [{ type: "delivered", count: 2 }]);
  assertEquals(await conversation.deliver("alice"), []);
});

Deno.test("advance() binds each statement to what its sender had read, whatever crosses on the way", async () => {
  const conversation = await securedPair({ deniable: true });
  const seenBy = (name: Name) =>
    effectsOf(conversation.effects[name], "said").map(({ statement }) => statement.seen);
  await conversation.say("alice", "a0", "a1");
  await conversation.say("bob", "b0");
  await conversation.deliver("bob");
  await conversation.say("bob", "b1");
  await conversation.run();
  await conversation.say("alice", "a2");
  await conversation.say("bob", "b2");
  await conversation.run();
  await conversation.say("bob", "b3");
  await conversation.settle();
  assertEquals({ alice: seenBy("alice"), bob: seenBy("bob") }, {
    alice: [0, 0, 2],
    bob: [0, 1, 2, 3],
  });
  assertEquals(conversation.textsShownTo("alice"), ["b0", "b1", "b2", "b3"]);
  assertEquals(conversation.textsShownTo("bob"), ["a0", "a1", "a2"]);
  // What was answered is not kept: only what may be answered still.
  const { heads } = conversation.sessions.alice.channel!;
  assertEquals([heads.count, heads.before], [3, null]);
});

Deno.test("advance() counts statements that were shown, not those that are held", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "a0", "a1", "a2");
  await conversation.deliver("bob", 2);
  await conversation.say("bob", "b0");
  const [said] = effectsOf(conversation.effects.bob, "said");
  assertEquals(said!.statement.seen, 0);
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), ["a0", "a1", "a2"]);
  assertEquals(conversation.textsShownTo("alice"), ["b0"]);
});

Deno.test("isSettled() needs both goodbyes and both receipts, and no handshake is settled", async () => {
  const conversation = SessionPair.of();
  assert(!isSettled(conversation.sessions.alice));
  const secured = await securedPair({ deniable: true });
  const settled = () => NAMES.map((name) => isSettled(secured.sessions[name]));
  await secured.say("alice", "one");
  await secured.settle();
  assertEquals(settled(), [false, false]);
  await secured.input("alice", { type: "finish" });
  await secured.settle();
  assertEquals(settled(), [false, false]);
  await secured.input("bob", { type: "finish" });
  await secured.run();
  assertEquals(settled(), [false, false], "Bob can't know that Alice has his goodbye");
  await secured.input("alice", { type: "idle" });
  assertEquals(settled(), [true, false], "Alice has all of it, and has said so");
  await secured.run();
  assertEquals(settled(), [true, true]);
});

Deno.test("every message up to 192 bytes, a receipt and a goodbye have one length on the wire", async () => {
  const conversation = await securedPair();
  await conversation.say("alice", "", "x");
  await conversation.say("alice", "x".repeat(192));
  await conversation.input("alice", { type: "finish" });
  const lengths = conversation.inbound.bob.map(({ payload }) => (payload as Uint8Array).length);
  await conversation.run();
  lengths.push(...emitted(await conversation.input("bob", { type: "idle" })).map((b) => b.length));
  assertEquals(lengths.length, 5);
  assertEquals(new Set(lengths), new Set([4049]));
});

Deno.test("statements that arrive out of order are held and then shown in order, each once", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "0", "1", "2", "3");
  await conversation.input("alice", { type: "finish" });
  const parcels = [...conversation.inbound.bob];
  const arrive = async (i: number) => {
    const { event, payload } = parcels[i]!;
    const effects = await conversation.receive("bob", event, payload);
    return effects.map((effect) =>
      effect.type === "message"
        ? effect.text
        : effect.type === "gap"
        ? `gap ${effect.from}..${effect.to}`
        : effect.type
    );
  };
  assertEquals(await arrive(4), ["gap 0..4"]);
  assertEquals(await arrive(2), []);
  assertEquals(await arrive(0), ["0", "gap 1..2"], "what is missing now");
  assertEquals(await arrive(1), ["1", "2", "gap 3..4"]);
  assertEquals(await arrive(3), ["3", "peer-finished"]);
  assertEquals(conversation.textsShownTo("bob"), ["0", "1", "2", "3"]);
});

Deno.test("every order in which four statements may arrive shows them in the order in which they were said", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "0", "1", "2", "3");
  const parcels = conversation.inbound.bob.splice(0);
  for (const order of permutations([0, 1, 2, 3])) {
    const fork = conversation.fork();
    for (const i of order) await fork.receive("bob", parcels[i]!.event, parcels[i]!.payload);
    assertEquals(fork.textsShownTo("bob"), ["0", "1", "2", "3"]);
    assertEquals(fork.sessions.bob.channel!.held, []);
  }
});

Deno.test("a signature covers what was held, too", async () => {
  const conversation = await securedPair();
  await conversation.say("alice", "0", "1", "2");
  await conversation.deliver("bob", 2);
  await conversation.deliver("bob", 1);
  const effects = await conversation.deliver("bob");
  assertEquals(typesOf(effects), ["message", "message", "covered", "message"]);
  assertEquals(effectsOf(effects, "message").map(({ signed }) => signed), [false, false, true]);
});

Deno.test("a relay that withholds a message is detected: by the gap, the receipts and the missing goodbye", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "0", "1", "2");
  conversation.inbound.bob.splice(1, 1);
  await conversation.settle();
  assertEquals(conversation.textsShownTo("bob"), ["0"]);
  assertEquals(effectsOf(conversation.effects.bob, "gap"), [{ type: "gap", from: 1, to: 2 }]);
  assertEquals(effectsOf(conversation.effects.alice, "delivered"), [
    { type: "delivered", count: 1 },
  ]);
  for (const name of NAMES) {
    const effects = await conversation.input(name, { type: "peer-left" });
    assertEquals(effects, [{ type: "peer-left", clean: false }]);
  }
});

Deno.test("a relay that cuts off the end can't make it look like a goodbye", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "the end is missing");
  await conversation.input("alice", { type: "finish" });
  conversation.inbound.bob.pop();
  await conversation.run();
  const [left] = effectsOf(await conversation.input("bob", { type: "peer-left" }), "peer-left");
  assertEquals(left!.clean, false);
});

Deno.test("a relay that announces the room again, or late, changes nothing", async () => {
  const conversation = await securedPair();
  const before = conversation.sessions.alice;
  assertEquals(await conversation.input("alice", { type: "start" }), []);
  assert(conversation.sessions.alice === before);
  const { alice } = await recordedHandshake();
  for (const moment of [alice.started, alice.exchanging, alice.confirming]) {
    const again = await moment.after({ type: "start" });
    assertEquals(again.effects, []);
    assert(again.session === moment.session);
  }
});

Deno.test("nobody reads on the relay what two say, whatever they say", async () => {
  const conversation = SessionPair.of({ alice: { name: "needle name" } });
  await conversation.meet();
  await conversation.say("bob", "needle in a message");
  await conversation.settle();
  assertEquals(conversation.textsShownTo("alice"), ["needle in a message"]);
  for (const { payload } of conversation.posted) {
    assert(!new TextDecoder().decode(payload as Uint8Array).includes("needle"));
  }
  assert(conversation.posted.length >= 8);
});

Deno.test("a session that ended has nothing left of its keys", async () => {
  const conversation = await securedPair();
  await conversation.input("alice", { type: "peer-left" });
  const { options: _, ...rest } = conversation.sessions.alice;
  assertEquals(rest, { phase: "ended", handshake: null, channel: null });
  assertEquals(isSettled(conversation.sessions.alice), false);
  // And one that is secure has nothing left of its handshake.
  assertEquals(conversation.sessions.bob.handshake, null);
});
