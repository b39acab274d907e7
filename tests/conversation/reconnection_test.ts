/**
 * A conversation whose connections break: nothing is lost, nothing comes twice, and nobody else gets it.
 */
import { assertEquals } from "@std/assert";
import { advance } from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { FakeRelay, KEY_EXCHANGE, type Seat } from "./fake_relay.ts";
import {
  DISORDER_PATIENCE,
  FLOOD_PAUSE,
  RECEIPT_PATIENCE,
} from "../../lib/conversation/session_watchdog.ts";

/** Two who have met, and told each other where they left off. */
async function pair(relay: FakeRelay, code: string | null = null): Promise<[a: Seat, b: Seat]> {
  const [a, b] = [
    relay.join("alice", { handshake: { code } }),
    relay.join("bob", { handshake: { code } }),
  ];
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  for (const { conversation, delivery } of [a, b]) await conversation.until(() => delivery.ready);
  return [a, b];
}

function delivered({ conversation }: Seat): Promise<void> {
  return conversation.until(() => conversation.undelivered === 0);
}

function say({ conversation }: Seat, ...texts: string[]): void {
  conversation.say(...texts);
}

Deno.test("Conversation: lines typed while the connection is down arrive once, in order, when it is back", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  say(a, "before");
  await b.view.until("message");
  a.drop();
  say(a, "one", "two");
  say(b, "and one back");
  await a.view.until("queued", 3);
  a.comeBack();
  await b.view.until("message", 3);
  await a.view.until("message");
  await Promise.all([delivered(a), delivered(b)]);
  assertEquals(b.view.texts, ["before", "one", "two"]);
  assertEquals(a.view.texts, ["and one back"]);
  assertEquals(b.view.all("message").map(({ sequence }) => sequence), [0, 1, 2]);
});

Deno.test("Conversation: what was sent and not acknowledged is sent again, and what had arrived is not", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  say(a, "arrives");
  await delivered(a);
  relay.lost.add("message");
  say(a, "is lost on the way");
  await a.view.until("sent", 2);
  a.drop();
  relay.lost.clear();
  a.comeBack();
  await b.view.until("message", 2);
  await delivered(a);
  assertEquals(b.view.texts, ["arrives", "is lost on the way"]);
  assertEquals(a.view.all("sent").map(({ line }) => line.sequence), [0, 1, 1]);
  assertEquals(a.view.all("delivered").at(-1)!.count, 2);
});

Deno.test("Conversation: a lost receipt makes nothing come twice", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  say(a, "once");
  await b.view.until("message");
  // Bob has it; before his receipt leaves, the line breaks.
  b.drop();
  b.comeBack();
  await a.view.until("secure", 2);
  await delivered(a);
  say(a, "and on");
  await b.view.until("message", 2);
  assertEquals(b.view.texts, ["once", "and on"]);
});

Deno.test("Conversation reports that the peer is away and back, and not that it has left", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  b.drop();
  await a.view.until("peer-away");
  b.comeBack();
  await a.view.until("secure", 2);
  assertEquals(a.view.all("secure").map(({ again }) => again), [false, true]);
  assertEquals([a.view.all("peer-left"), b.view.all("disconnected").length], [[], 1]);
  assertEquals(b.view.all("reconnected").length, 1);
});

Deno.test("Conversation: a peer that does not come back has left, and the lines stay theirs", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  b.drop();
  await a.view.until("peer-away");
  say(a, "for Bob");
  a.receive({ type: "relay-peer-left" });
  await a.view.until("peer-left");
  assertEquals(a.view.all("peer-left"), [{
    type: "peer-left",
    clean: false,
    undelivered: ["for Bob"],
  }]);
  const c = relay.join("carol");
  await a.view.until("not-sent");
  say(a, "for Carol");
  await c.view.until("message");
  await c.conversation.close();
  await a.view.until("peer-left", 2);
  b.comeBack();
  await b.view.until("message");
  assertEquals([c.view.texts, b.view.texts], [["for Carol"], ["for Bob"]]);
});

Deno.test("Conversation: a line that is entered while another peer comes is for the one that was shown then", async () => {
  const relay = new FakeRelay();
  // The last moment in which Alice takes the room for Bob's.
  const a: Seat = relay.join("alice", {
    admit: ({ peerName }) => {
      if (peerName === "carol") say(a, "for Bob alone", "this, too");
      return null;
    },
  });
  a.conversation.subscribe((event) => {
    // Right behind those, before their turn has come.
    if (event.type === "secure" && event.facts.peerName === "carol") say(a, "for Carol");
  });
  const b = relay.join("bob");
  await Promise.all(
    [a, b].map(({ conversation, delivery }) => conversation.until(() => delivery.ready)),
  );
  b.drop();
  await a.view.until("peer-away");
  const c = relay.join("carol");
  await a.view.until("not-sent");
  assertEquals(a.view.all("not-sent").map(({ lines }) => lines), [["for Bob alone", "this, too"]]);
  await c.view.until("message");
  await c.conversation.close();
  await a.view.until("peer-left");
  b.comeBack();
  await b.view.until("message", 2);
  assertEquals([c.view.texts, b.view.texts], [["for Carol"], ["for Bob alone", "this, too"]]);
});

Deno.test("Conversation: a key exchange in the middle of a session changes nothing", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  a.receive(KEY_EXCHANGE);
  say(a, "still here");
  await b.view.until("message");
  await delivered(a);
  assertEquals([a.view.all("secure").length, b.view.texts], [1, ["still here"]]);
});

Deno.test("Conversation: after the code has proved somebody, only they are let in, without the code", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay, "7-calm-harbor-lantern");
  b.drop();
  await a.view.until("peer-away");
  say(a, "for Bob alone");
  const stranger = relay.join("mallory");
  await a.view.until("refused");
  assertEquals(a.view.all("refused").map(({ error }) => error.code), ["other-peer"]);
  assertEquals([a.view.all("secure").length, a.view.all("error"), stranger.view.texts], [
    1,
    [],
    [],
  ]);
  await stranger.conversation.close();
  b.comeBack();
  await b.view.until("message");
  const [, again] = a.view.all("secure");
  assertEquals([again!.again, again!.facts.invited, b.view.texts], [true, true, ["for Bob alone"]]);
});

Deno.test("Conversation: a handshake that fails later does not end it, and is tried again", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  b.drop();
  await a.view.until("peer-away");
  a.receive({ type: "received", event: "ELGAMAL_PK_BC", payload: new Uint8Array(7) });
  await a.view.until("refused");
  assertEquals([a.view.all("error"), a.view.all("refused")[0]!.error.code], [[], "malformed"]);
  const [timer] = [...relay.timers].filter(({ milliseconds }) =>
    milliseconds === DISORDER_PATIENCE
  );
  timer!.callback();
  assertEquals(relay.restarts, 1);
  b.comeBack();
  await a.view.until("secure", 2);
});

Deno.test("Conversation asks for a fresh session when nothing is acknowledged, each time later", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  relay.lost.add("message");
  say(a, "into the void");
  await a.view.until("sent");
  await a.conversation.until(() => relay.timers.size > 0);
  for (const [round, patience] of [RECEIPT_PATIENCE, 2 * RECEIPT_PATIENCE].entries()) {
    const [timer] = relay.timers;
    assertEquals(timer!.milliseconds, patience);
    relay.timers.delete(timer!);
    timer!.callback();
    assertEquals(relay.restarts, round + 1);
    say(a, "another");
    await a.view.until("sent", round + 2);
    await a.conversation.until(() => relay.timers.size > 0);
  }
  relay.lost.clear();
  a.drop();
  a.comeBack();
  await b.view.until("message", 3);
  await delivered(a);
  assertEquals(relay.timers.size, 0);
});

Deno.test("Conversation: both say goodbye over a broken connection, and are settled", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  relay.lost.add("message");
  say(a, "the last line");
  a.conversation.finish();
  await a.view.until("sent");
  b.conversation.finish();
  a.drop();
  relay.lost.clear();
  a.comeBack();
  for (const { conversation } of [a, b]) await conversation.until(() => conversation.settled);
  assertEquals(b.view.texts, ["the last line"]);
  assertEquals([a.view.all("peer-finished").length, b.view.all("peer-finished").length], [1, 1]);
});

/** What a relay without keys can send: an envelope's length of zeros. */
const FORGED = {
  type: "received",
  event: "received_message",
  payload: new Uint8Array(5000),
} as const;

Deno.test("Conversation: a flood of forged messages ends the session, with one notice that counts, and costs no line", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  for (let i = 0; i < 1000; i++) a.receive(FORGED);
  const restarted = relay.restarts;
  await a.view.until("refused", 2);
  await a.conversation.until(() => relay.timers.size > 0);
  const [timer] = relay.timers;
  assertEquals([timer!.milliseconds, a.conversation.secure], [FLOOD_PAUSE, false]);
  timer!.callback();
  assertEquals(relay.restarts, restarted + 1);
  say(b, "honest");
  a.drop();
  a.comeBack();
  await a.view.until("message");
  assertEquals(a.view.all("refused").length, 2);
});

Deno.test("Conversation: refusals with accepted messages between them end nothing", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  for (let i = 1; i <= 3; i++) {
    for (let j = 0; j < 15; j++) a.receive(FORGED);
    say(b, `line ${i}`);
    await a.view.until("message", i);
  }
  assertEquals([a.conversation.secure, relay.restarts], [true, 0]);
});

Deno.test("Conversation: what waits of a connection that broke is dropped with it", async () => {
  const relay = new FakeRelay();
  const thought = Promise.withResolvers<null>();
  const a = relay.join("alice", { admit: () => thought.promise });
  const b = relay.join("bob");
  await b.view.until("secure");
  for (let i = 0; i < 15; i++) a.receive(FORGED);
  a.drop();
  thought.resolve(null);
  await a.view.until("disconnected");
  assertEquals(a.view.all("refused"), []);
  a.comeBack();
  say(b, "again");
  await a.view.until("message");
});

Deno.test("Conversation does not take the peer for silent while what it sent waits here", async () => {
  const relay = new FakeRelay();
  const [a] = await pair(relay);
  relay.lost.add("message");
  say(a, "into the void");
  await a.view.until("sent");
  await a.conversation.until(() => relay.timers.size > 0);
  a.receive(FORGED);
  a.receive(FORGED);
  const [timer] = relay.timers;
  relay.timers.delete(timer!);
  timer!.callback();
  assertEquals(relay.restarts, 0);
  assertEquals([...relay.timers].map(({ milliseconds }) => milliseconds), [RECEIPT_PATIENCE]);
});

const resumeTwice: typeof advance = async (session, input, environment) => {
  const once = await advance(session, input, environment);
  if (input.type !== "signal" || input.signal.type !== "resume") return once;
  const signal = newResume(seededRandom("again"));
  const twice = await advance(once.session, { type: "signal", signal }, environment);
  return { session: twice.session, effects: [...once.effects, ...twice.effects] };
};

Deno.test("Conversation: a stranger that breaks a rule does not end it while lines wait for somebody else", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  b.drop();
  await a.view.until("peer-away");
  say(a, "for Bob");
  await a.view.until("queued");
  // A second resume breaks the rules.
  const stranger = relay.join("mallory", { advance: resumeTwice });
  await a.view.until("secure", 2);
  await a.view.until("refused");
  assertEquals([a.view.all("error"), a.view.all("refused")[0]!.error.code], [[], "malformed"]);
  await stranger.conversation.close();
  b.comeBack();
  await b.view.until("message");
  assertEquals([stranger.view.texts, b.view.texts], [[], ["for Bob"]]);
});

Deno.test("Conversation gives a session up when more waits than it takes, and says it again in the next", async () => {
  const relay = new FakeRelay();
  const thought = Promise.withResolvers<null>();
  const a = relay.join("alice", { admit: () => thought.promise });
  const b = relay.join("bob");
  await b.view.until("secure");
  const payload = new Uint8Array(1024 * 1024);
  const flood = { type: "received", event: "received_message", payload } as const;
  for (let i = 0; i < 65; i++) a.receive(flood);
  assertEquals(relay.restarts > 0, true);
  thought.resolve(null);
  await a.view.until("secure");
  assertEquals(a.view.all("error"), []);
  await a.conversation.close();
});
