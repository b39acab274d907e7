import { heavyTest } from "../helpers/permissions.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { CheckError, ParleyError, UnreachableError } from "../../lib/errors.ts";
import { verifyTranscript } from "../../lib/protocol/transcript.ts";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { HANDSHAKE_PATIENCE } from "../../lib/protocol/constants.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { ADDRESS, FakeRelay, KEY_EXCHANGE } from "./fake_relay.ts";

Deno.test("Conversation: lines said before anybody is there arrive in order", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.conversation.say("one", "two");
  a.conversation.say("three");
  assertEquals(a.conversation.undelivered, 3);
  const b = relay.join("bob");
  await b.view.until("message", 3);
  assertEquals(b.view.texts, ["one", "two", "three"]);
  await a.conversation.until(() => a.conversation.undelivered === 0);
  assertEquals(a.view.all("waiting"), [{ type: "waiting", ...ADDRESS }]);
});

Deno.test("Conversation: both say goodbye, everything is delivered, and both are settled", async () => {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  a.conversation.say("hello");
  for (const { conversation } of [a, b]) conversation.finish();
  for (const { conversation } of [a, b]) await conversation.until(() => conversation.settled);
  assertEquals(b.view.texts, ["hello"]);
  await a.conversation.close();
  await b.view.until("peer-left");
  assertEquals(b.view.all("peer-left"), [{ type: "peer-left", clean: true, undelivered: [] }]);
});

Deno.test("Conversation: the next peer gets a fresh session", async () => {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  await b.view.until("secure");
  await b.conversation.close();
  await a.view.until("peer-left");
  const c = relay.join("carol");
  await a.view.until("secure", 2);
  a.conversation.say("hello Carol");
  await c.view.until("message");
  const [first, second] = a.view.all("secure");
  assert(first!.facts.safetyNumber !== second!.facts.safetyNumber);
});

Deno.test("Conversation: a line kept for somebody who left is not sent to somebody else", async () => {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  await b.conversation.close();
  await a.view.until("peer-left");
  a.conversation.say("for Bob's eyes");
  const c = relay.join("carol");
  await a.view.until("not-sent");
  assertEquals(a.view.all("not-sent"), [{ type: "not-sent", lines: ["for Bob's eyes"] }]);
  a.conversation.say("for Carol");
  await c.view.until("message");
  assertEquals(c.view.texts, ["for Carol"]);
});

Deno.test("Conversation: a line kept for somebody who left is sent when the same key comes back", async () => {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  await b.conversation.close();
  await a.view.until("peer-left");
  a.conversation.say("welcome back");
  const again = relay.join("bob");
  await again.view.until("message");
  assertEquals(again.view.texts, ["welcome back"]);
});

Deno.test("Conversation: a final refusal and an unreachable relay are errors, others are not", async () => {
  const { receive, view } = new FakeRelay().join("alice");
  const refusal = (code: "no-peer" | "room-full") => ({ code, message: "x" });
  receive({ type: "refusal", refusal: refusal("no-peer"), final: false });
  receive({ type: "refusal", refusal: refusal("room-full"), final: true });
  receive({ type: "unreachable", error: new UnreachableError("y") });
  await view.until("error", 2);
  // It loses nothing: what was not delivered is sent again.
  assertEquals(view.all("refused"), []);
  assertEquals(view.all("error").map(({ error }) => [error.code, error.exitCode]), [
    ["room-full", 1],
    ["unreachable", 4],
  ]);
});

Deno.test("Conversation leaves a relay that lets less than 16,384 bytes pass, and no other", async () => {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  b.receive({ type: "limits", payloadBytes: 16_384 });
  await b.view.until("secure");
  a.receive({ type: "limits", payloadBytes: 16_383 });
  await a.view.until("error");
  assertEquals(a.view.all("error").map(({ error }) => error.code), ["relay-limit"]);
  assertEquals(b.view.all("error"), []);
});

Deno.test("Conversation says what to do when the room is full", async () => {
  const { receive, view } = new FakeRelay().join("alice");
  receive({
    type: "refusal",
    refusal: { code: "room-full", message: "room r is full" },
    final: true,
  });
  await view.until("error");
  const { code, message } = view.all("error")[0]!.error;
  assertEquals(code, "room-full");
  assertStringIncludes(message, "--room NAME");
});

Deno.test("Conversation.admit holds everything back while it thinks, and what it refuses is sent nothing", async () => {
  const relay = new FakeRelay();
  const thought = Promise.withResolvers<CheckError>();
  const a = relay.join("alice", { admit: () => thought.promise });
  const b = relay.join("bob");
  a.conversation.say("early");
  await b.view.until("secure");
  b.conversation.say("are you there?");
  await b.view.until("queued");
  assertEquals([a.view.all("secure"), a.view.all("message"), b.view.all("message")], [[], [], []]);
  thought.resolve(new CheckError("unverified", "x"));
  await a.view.until("error");
  a.conversation.say("late");
  await a.conversation.close();
  await b.view.until("peer-left");
  assertEquals([a.sent.includes("SECURE"), a.sent.includes("message")], [true, false]);
  assertEquals([b.view.texts, b.view.all("delivered"), a.view.texts], [[], [], []]);
});

Deno.test("Conversation: a relay that breaks while nobody is there loses nothing and says so once", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.conversation.say("kept");
  a.receive({ type: "disconnected" });
  a.receive({ type: "connected" });
  await a.view.until("reconnected");
  assertEquals([a.view.all("waiting").length, a.view.all("peer-left")], [1, []]);
  const b = relay.join("bob");
  await b.view.until("message");
  assertEquals(b.view.texts, ["kept"]);
});

Deno.test("Conversation holds a handshake to its time, and stops the clock when it is done", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.receive(KEY_EXCHANGE);
  await a.view.until("step", 3);
  assertEquals([...relay.timers].map(({ milliseconds }) => milliseconds), [HANDSHAKE_PATIENCE]);
  for (const { callback } of relay.timers) callback();
  await a.view.until("error");
  assertEquals(a.view.all("error")[0]!.error.code, "handshake-timeout");
  const other = new FakeRelay();
  const [b, c] = [other.join("bob"), other.join("carol")];
  await Promise.all([b.view.until("secure"), c.view.until("secure")]);
  const left = [...other.timers].filter(({ milliseconds }) => milliseconds === HANDSHAKE_PATIENCE);
  assertEquals(left, []);
});

Deno.test("Conversation: a handshake's clock stops with the conversation", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.receive(KEY_EXCHANGE);
  await a.conversation.until(() => relay.timers.size === 1);
  await a.conversation.close();
  assertEquals(relay.timers.size, 0);
});

Deno.test("Conversation: a clock that runs out as its handshake ends leaves the next one alone", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.receive(KEY_EXCHANGE);
  await a.conversation.until(() => relay.timers.size === 1);
  const [late] = relay.timers;
  a.receive({ type: "relay-peer-left" });
  a.receive(KEY_EXCHANGE);
  late!.callback();
  a.receive({
    type: "refusal",
    refusal: { code: "bad-payload", message: "the last input" },
    final: false,
  });
  await a.view.until("refused");
  assertEquals(a.view.all("error"), []);
});

Deno.test("Conversation: a stranger in an inviter's room ends nothing, and the one who has the code still comes", async () => {
  const relay = new FakeRelay();
  const code = "7-calm-harbor-lantern";
  const a = relay.join("alice", { handshake: { code } });
  // Bytes that are no hello, and somebody without a code.
  a.receive({ type: "received", event: "ELGAMAL_PK_BC", payload: Uint8Array.of(1) });
  await a.view.until("refused");
  const stranger = relay.join("mallory");
  await a.view.until("refused", 2);
  await stranger.conversation.close();
  assertEquals(a.view.all("refused").map(({ error }) => error.code), [
    "malformed",
    "suite-mismatch",
  ]);
  a.conversation.say("for the one with the code");
  const b = relay.join("bob", { handshake: { code } });
  await b.view.until("message");
  assertEquals([a.view.all("error"), stranger.view.texts, b.view.texts], [
    [],
    [],
    ["for the one with the code"],
  ]);
});

Deno.test("Conversation.close() between our proof of the code and theirs reports that it is spent", async () => {
  const relay = new FakeRelay();
  const code = "7-calm-harbor-lantern";
  relay.lost.add("SECURE");
  const a = relay.join("alice", { handshake: { code } });
  const b = relay.join("bob", { handshake: { code } });
  await a.conversation.until(() =>
    a.view.all("step").some(({ step }) => step === "secret-computed")
  );
  await a.conversation.close();
  assertEquals(a.view.all("code-spent").length, 1);
  await b.conversation.close();
});

Deno.test("Conversation.close() silences everything and is done once", async () => {
  const { conversation, receive, view, isClosed } = new FakeRelay().join("alice");
  await view.until("waiting");
  await conversation.close();
  await conversation.close();
  receive({ type: "connected" });
  assert(isClosed());
  assertStrictEquals(view.all("waiting").length, 1);
});

heavyTest("Conversation.exportTranscripts() holds both sides' lines, and verifies", async () => {
  const relay = new FakeRelay();
  relay.group = GROUP;
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  a.conversation.say("one", "two");
  await b.view.until("message", 2);
  b.conversation.say("three");
  await a.view.until("message");
  for (const { conversation } of [a, b]) {
    const [exported] = await conversation.exportTranscripts();
    const { text, omitted } = exported!;
    assertStrictEquals(omitted, 0);
    const { counts, names } = await verifyTranscript(utf8(text));
    assertEquals([counts.low, counts.high].sort(), [1, 2]);
    assertEquals([names.low, names.high].sort(), ["alice", "bob"]);
  }
});

Deno.test("Conversation.exportTranscripts() refuses without a conversation, and in a deniable one", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice", { handshake: { deniable: true } });
  const codeOf = async () =>
    (await assertRejects(() => a.conversation.exportTranscripts(), ParleyError)).code;
  assertEquals(await codeOf(), "nothing-to-export");
  relay.join("bob", { handshake: { deniable: true } });
  await a.view.until("secure");
  assertEquals(await codeOf(), "nothing-to-export");
});
