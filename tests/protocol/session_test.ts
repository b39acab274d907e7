/** The conversation after the handshake: two honest people, and a relay that may be anything. */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromUtf8 } from "../../lib/crypto/bytes.ts";
import {
  MAX_BUNDLE_ITEMS,
  MAX_TEXT_BYTES,
  MIN_PADDED_BYTES,
} from "../../lib/protocol/constants.ts";
import { isSettled } from "../../lib/protocol/session.ts";
import { ENVELOPE_OVERHEAD_BYTES } from "../../lib/protocol/wire.ts";
import {
  effectsOf,
  emitted,
  EPOCH,
  type Name,
  NAMES,
  type Parcel,
  securedPair,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import { permutations } from "../helpers/mutants.ts";
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
    await conversation.finish(name);
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
  assertEquals(said.map(({ statement }) => fromUtf8(statement.body)), ["one", "two"]);
  assertEquals(shown.map(({ statement }) => statement), said.map(({ statement }) => statement));
  assertEquals(shown.map(({ statement: { sequence, time } }) => [sequence, time]), [
    [0, EPOCH],
    [1, EPOCH + 5000],
  ]);
  assertEquals(shown.map(({ signed }) => signed), [true, true]);
});

heavyTest("advance() throws for whatever our side sends before the session is secure", async () => {
  const { alice } = await recordedHandshake();
  for (const moment of [alice.waiting, alice.started, alice.exchanging, alice.confirming]) {
    await assertRejects(() => moment.after({ type: "send", items: [] }), TypeError, "Cannot send");
  }
});

Deno.test("advance() refuses whatever is said after the goodbye, a second one too", async () => {
  const conversation = await securedPair();
  await conversation.finish("alice");
  const before = conversation.sessions.alice;
  assertEquals(onlyError(await conversation.say("alice", "wait")).code, "finished");
  assert(conversation.sessions.alice === before, "a refusal changes nothing");
  assertEquals(onlyError(await conversation.finish("alice")).code, "finished");
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
  const items = Array.from({ length: MAX_BUNDLE_ITEMS + 1 }, () => "x");
  await assertRejects(() => conversation.say("alice", ...items), RangeError, "1025 items");
});

Deno.test("advance() replaces a lone surrogate, which no UTF-8 can hold", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "a\ud800b");
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), ["a\ufffdb"]);
});

Deno.test("advance() signs a bundle once, and so all of it is signed when it is shown", async () => {
  const conversation = await securedPair();
  const texts = Array.from({ length: 40 }, (_, i) => String(i));
  assertEquals(emitted(await conversation.say("alice", ...texts)).length, 1);
  await conversation.run();
  const shown = effectsOf(conversation.effects.bob, "message");
  assertEquals(shown.map(({ text }) => text), texts);
  assert(shown.every(({ signed }) => signed));
  const signed = shown.filter(({ statement }) => statement.signature !== null);
  assertEquals(signed, shown.slice(-1));
});

Deno.test("advance() signs the goodbye", async () => {
  const conversation = await securedPair();
  await conversation.finish("alice");
  await conversation.run();
  const [finished] = effectsOf(conversation.effects.bob, "peer-finished");
  assertEquals(finished!.statement.kind, "end");
  assert(finished!.statement.signature !== null);
});

Deno.test("advance() signs nothing in a deniable session, and says so", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", ...Array.from({ length: 37 }, String));
  await conversation.finish("alice");
  await conversation.run();
  const shown = effectsOf(conversation.effects.bob, "message");
  assertEquals(shown.length, 37);
  assert(shown.every(({ statement, signed }) => statement.signature === null && !signed));
  const [finished] = effectsOf(conversation.effects.bob, "peer-finished");
  assertEquals(finished!.statement.signature, null);
});

Deno.test("advance() sends one receipt when it is idle, and none when there is nothing new", async () => {
  const conversation = await securedPair({ deniable: true });
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  for (const text of ["one", "two", "three"]) await conversation.say("alice", text);
  await conversation.deliver("bob");
  await conversation.deliver("bob");
  assertEquals(typesOf(await conversation.input("bob", { type: "idle" })), ["emit"]);
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  assertEquals(await conversation.deliver("alice"), [{ type: "delivered", count: 2 }]);
  // A receipt is itself never acknowledged: two clients can't echo each other.
  assertEquals(await conversation.input("alice", { type: "idle" }), []);
  await conversation.settle();
  assertEquals(effectsOf(conversation.effects.alice, "delivered").at(-1)!.count, 3);
});

Deno.test("advance() acknowledges with whatever it sends", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "one", "two");
  await conversation.deliver("bob");
  await conversation.say("bob", "three");
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  assertEquals(typesOf(await conversation.deliver("alice")), ["delivered", "message"]);
});

Deno.test("advance() binds each statement to what its author had read when he said it", async () => {
  const conversation = await securedPair({ deniable: true });
  const seenBy = (name: Name) =>
    effectsOf(conversation.effects[name], "said").map(({ statement }) => statement.seen);
  await conversation.say("alice", "a0", "a1");
  const yes = conversation.statement("bob", "text", "said before anything came");
  await conversation.deliver("bob");
  await conversation.send("bob", yes, conversation.statement("bob", "text", "b1"));
  await conversation.run();
  await conversation.say("alice", "a2");
  await conversation.say("bob", "b2");
  await conversation.run();
  await conversation.say("bob", "b3");
  await conversation.settle();
  assertEquals({ alice: seenBy("alice"), bob: seenBy("bob") }, {
    alice: [0, 0, 2],
    bob: [0, 2, 2, 3],
  });
  assertEquals(conversation.textsShownTo("alice"), [
    "said before anything came",
    "b1",
    "b2",
    "b3",
  ]);
  // What was answered is not kept: only what may be answered still.
  for (const heads of ["ownHeads", "peerHeads"] as const) {
    const [{ first, hashes }] = conversation.sessions.alice.channel![heads] as [never];
    assertEquals(
      [first, (hashes as Uint8Array).length / 32],
      heads === "ownHeads" ? [3, 1] : [2, 3],
    );
  }
});

Deno.test("advance() throws for a statement that answers what did not come, or less than the last one", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "a0", "a1");
  await conversation.run();
  await conversation.say("bob", "b0");
  const before = conversation.sessions.bob;
  const item = conversation.statement("bob", "text", "x");
  for (const seen of [1, 3]) {
    await assertRejects(() => conversation.send("bob", { ...item, seen } as never), RangeError);
  }
  assert(conversation.sessions.bob === before);
});

Deno.test("isSettled() needs both goodbyes and both receipts, and no handshake is settled", async () => {
  const conversation = SessionPair.of();
  assert(!isSettled(conversation.sessions.alice));
  const secured = await securedPair({ deniable: true });
  const settled = () => NAMES.map((name) => isSettled(secured.sessions[name]));
  await secured.say("alice", "one");
  await secured.settle();
  assertEquals(settled(), [false, false]);
  await secured.finish("alice");
  await secured.settle();
  assertEquals(settled(), [false, false]);
  await secured.finish("bob");
  await secured.run();
  assertEquals(settled(), [false, false], "Bob can't know that Alice has his goodbye");
  await secured.input("alice", { type: "idle" });
  assertEquals(settled(), [true, false], "Alice has all of it, and has said so");
  await secured.run();
  assertEquals(settled(), [true, true]);
});

Deno.test("every bundle of up to the least padded length has one length on the wire", async () => {
  const conversation = await securedPair();
  await conversation.say("alice", "", "x");
  await conversation.say("alice", "x".repeat(MIN_PADDED_BYTES - 811));
  await conversation.finish("alice");
  const lengths = conversation.inbound.bob.map(({ payload }) => (payload as Uint8Array).length);
  await conversation.run();
  lengths.push(...emitted(await conversation.input("bob", { type: "idle" })).map((b) => b.length));
  assertEquals(lengths.length, 4);
  assertEquals(new Set(lengths), new Set([ENVELOPE_OVERHEAD_BYTES + MIN_PADDED_BYTES]));
});

/** Alice's next bundles, on their way to Bob: a text each, and the goodbye. */
async function burst(conversation: SessionPair, ...texts: string[]): Promise<Parcel[]> {
  for (const text of texts) await conversation.say("alice", text);
  await conversation.finish("alice");
  return [...conversation.inbound.bob];
}

Deno.test("bundles that arrive out of order are held and then applied in order, each once", async () => {
  const conversation = await securedPair({ deniable: true });
  const parcels = await burst(conversation, "0", "1", "2", "3");
  const arrive = async (i: number) => {
    const { event, payload } = parcels[i]!;
    const effects = await conversation.receive("bob", event, payload);
    return effects.map((effect) => effect.type === "message" ? effect.text : effect.type);
  };
  assertEquals(await arrive(4), ["gap"]);
  assertEquals(await arrive(2), ["gap"]);
  assertEquals(await arrive(0), ["0", "gap"]);
  assertEquals(await arrive(1), ["1", "2", "gap"]);
  assertEquals(await arrive(3), ["3", "peer-finished"]);
  assertEquals(conversation.textsShownTo("bob"), ["0", "1", "2", "3"]);
});

Deno.test("every order in which four bundles may arrive shows them in the order in which they were sent", async () => {
  const conversation = await securedPair({ deniable: true });
  const parcels = await burst(conversation, "0", "1", "2");
  for (const order of permutations([0, 1, 2, 3])) {
    const fork = conversation.fork();
    for (const i of order) await fork.receive("bob", parcels[i]!.event, parcels[i]!.payload);
    assertEquals(fork.textsShownTo("bob"), ["0", "1", "2"]);
    const { held, peer } = fork.sessions.bob.channel!;
    assertEquals([held, peer.ended], [[], true]);
  }
});

Deno.test("nothing that is held is acknowledged or answered", async () => {
  const conversation = await securedPair({ deniable: true });
  await burst(conversation, "0", "1");
  await conversation.deliver("bob", 1);
  assertEquals(await conversation.input("bob", { type: "idle" }), []);
  await conversation.say("bob", "b0");
  const [said] = effectsOf(conversation.effects.bob, "said");
  assertEquals(said!.statement.seen, 0);
});

Deno.test("a relay that withholds a message is detected: by the gap, the receipts and the missing goodbye", async () => {
  const conversation = await securedPair({ deniable: true });
  await burst(conversation, "0", "1");
  conversation.inbound.bob.splice(1, 1);
  await conversation.settle();
  assertEquals(conversation.textsShownTo("bob"), ["0"]);
  assertEquals(effectsOf(conversation.effects.bob, "gap"), [{ type: "gap" }]);
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
  await conversation.finish("alice");
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

Deno.test("advance() makes a turn that is due when it is idle, and sends nothing for that", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "one");
  await conversation.deliver("bob");
  await conversation.input("bob", { type: "idle" });
  await conversation.deliver("alice");
  const isDue = () => conversation.sessions.alice.channel!.ratchet.turn !== null;
  assertEquals(isDue(), true);
  assertEquals([await conversation.input("alice", { type: "idle" }), isDue()], [[], false]);
  const turned = conversation.sessions.alice;
  await conversation.input("alice", { type: "idle" });
  assert(conversation.sessions.alice === turned, "once");
  await conversation.say("alice", "two");
  await conversation.run();
  assertEquals(conversation.textsShownTo("bob"), ["one", "two"]);
});
