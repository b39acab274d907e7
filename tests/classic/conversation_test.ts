import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PipeClient } from "../../lib/pipe/pipe_client.ts";
import { linesUntilExit } from "../../lib/pipe/lines.ts";
import { noticeFor } from "../../lib/conversation/notices.ts";
import { eventToJson } from "../../lib/conversation/events.ts";
import { ParleyError, UnreachableError } from "../../lib/errors.ts";
import { FakeClock } from "../helpers/relay_world.ts";
import { ADDRESS, KEY_EXCHANGE } from "../conversation/fake_relay.ts";
import { ClassicRelay } from "./classic_relay.ts";
import { input, never, silence } from "../pipe/inputs.ts";

Deno.test("ClassicConversation: lines said before anybody is there arrive in order, and nothing else is told", async () => {
  const relay = new ClassicRelay();
  const a = relay.join("alice");
  a.conversation.say("one", "two");
  a.conversation.say("three");
  assertEquals(a.conversation.undelivered, 3);
  const b = relay.join("bob");
  await b.view.until("message", 3);
  assertEquals(b.view.texts, ["one", "two", "three"]);
  assertEquals(a.conversation.undelivered, 0);
  const [waiting, ...rest] = a.view.events;
  assertEquals(waiting, { type: "waiting", ...ADDRESS });
  const types = rest.filter(({ type }) => type !== "step").map(({ type }) => type);
  assertEquals(types, ["insecure", "sent", "sent", "sent"]);
  assertEquals(a.view.all("step").map(({ step }) => step), [
    "keys-made",
    "key-exchange",
    "identity-sent",
    "identity-received",
    "share-sent",
    "signature-verified",
    "secret-computed",
  ]);
});

Deno.test("ClassicConversation is settled when it is finished and all is handed to the relay, not before", async () => {
  const relay = new ClassicRelay();
  const a = relay.join("alice");
  assertEquals(a.conversation.settled, false);
  a.conversation.say("one");
  a.conversation.finish();
  await a.view.until("waiting");
  assertEquals(a.conversation.settled, false);
  const b = relay.join("bob");
  await a.conversation.until(() => a.conversation.settled);
  await b.view.until("message");
  assertEquals(b.view.texts, ["one"]);
});

Deno.test("ClassicConversation waits before its first line, and listens before it leaves", async () => {
  const clock = new FakeClock();
  const relay = new ClassicRelay(clock.after);
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  a.conversation.say("early");
  await a.view.until("insecure");
  await b.view.until("insecure");
  a.conversation.finish();
  assertEquals([clock.running.toSorted((x, y) => x - y), a.view.all("sent")], [[
    500,
    500,
    2000,
    2000,
  ], []]);
  clock.fire();
  await b.view.until("message");
  // Our line was the last that was said: from there the pause counts.
  assertEquals([clock.running, a.conversation.settled], [[2000, 2000], false]);
  b.conversation.say("late");
  await a.view.until("message");
  assertEquals(a.conversation.settled, false);
  clock.fire();
  await a.conversation.until(() => a.conversation.settled);
  await Promise.all([a, b].map(({ conversation }) => conversation.close()));
  assertEquals(clock.running, []);
});

Deno.test("ClassicConversation with nothing to say is not settled before the relay is reached", async () => {
  const { conversation, view, connect, receive } = new ClassicRelay().prepare("alice");
  conversation.finish();
  assertEquals(conversation.settled, false);
  connect();
  await view.until("waiting");
  receive({ type: "disconnected" });
  await conversation.until(() => conversation.settled);
});

Deno.test("ClassicConversation: the next peer gets a fresh session and the lines kept meanwhile", async () => {
  const relay = new ClassicRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("insecure");
  await b.view.until("insecure");
  await b.conversation.close();
  await a.view.until("peer-left");
  assertEquals(a.view.all("peer-left"), [{ type: "peer-left", clean: true, undelivered: [] }]);
  assertEquals(a.conversation.open, false);
  a.conversation.say("for whoever comes");
  const c = relay.join("carol");
  await c.view.until("message");
  assertEquals(c.view.texts, ["for whoever comes"]);
  assertEquals(a.view.all("insecure").length, 2);
});

Deno.test("ClassicConversation: a peer that leaves during the handshake is not mentioned, and no line is lost", async () => {
  const relay = new ClassicRelay();
  const a = relay.join("alice");
  a.conversation.say("kept");
  a.receive(KEY_EXCHANGE);
  a.receive({ type: "relay-peer-left" });
  a.receive({ type: "connected" });
  await a.view.until("waiting", 2);
  const b = relay.join("bob");
  await b.view.until("message");
  assertEquals([b.view.texts, a.view.all("peer-left")], [["kept"], []]);
});

Deno.test("ClassicConversation lists the lines that came too late for the peer that left", async () => {
  const relay = new ClassicRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("insecure");
  await b.view.until("insecure");
  a.receive({ type: "relay-peer-left" });
  a.conversation.say("too late");
  await a.view.until("peer-left");
  assertEquals(a.view.all("peer-left")[0]!.undelivered, ["too late"]);
});

Deno.test("ClassicConversation: a broken connection, refusals and an unreachable relay are told as in parley-1", async () => {
  const { receive, view } = new ClassicRelay().join("alice");
  const refusal = (code: "no-peer" | "room-full") => ({ code, message: "x" });
  receive({ type: "disconnected" });
  receive({ type: "refusal", refusal: refusal("no-peer"), final: false });
  receive({ type: "refusal", refusal: refusal("room-full"), final: true });
  receive({ type: "unreachable", error: new UnreachableError("y") });
  await view.until("error", 2);
  assertEquals(view.all("disconnected").length, 1);
  assertEquals(view.all("refused").map(({ error }) => error.code), ["no-peer"]);
  assertEquals(view.all("error").map(({ error }) => error.code), ["room-full", "unreachable"]);
});

Deno.test("ClassicConversation.undelivered counts a line while it is being encrypted", async () => {
  const relay = new ClassicRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("insecure");
  await b.view.until("insecure");
  a.conversation.say("one", "two");
  let looks = 0;
  for (; a.view.all("sent").length < 2; looks++) {
    assertEquals(a.conversation.undelivered, 2);
    await Promise.resolve();
  }
  assert(looks > 1);
  assertEquals(a.conversation.undelivered, 0);
});

/** Two others meet, which takes longer than whatever is in flight here. */
async function elsewhere(): Promise<void> {
  const relay = new ClassicRelay();
  relay.join("carol");
  await relay.join("dave").view.until("insecure");
}

Deno.test("ClassicConversation.close() silences what is being done just then", async () => {
  const { conversation, receive, view } = new ClassicRelay().join("alice");
  await view.until("waiting");
  await elsewhere();
  receive(KEY_EXCHANGE);
  await conversation.close();
  await elsewhere();
  assertEquals(view.events.map(({ type }) => type), ["waiting"]);
});

Deno.test("ClassicConversation.close() silences everything and is done once", async () => {
  const { conversation, receive, view } = new ClassicRelay().join("alice");
  await view.until("waiting");
  await conversation.close();
  await conversation.close();
  receive({ type: "connected" });
  assertEquals(view.all("waiting").length, 1);
});

function pipe(relay: ClassicRelay, name: string) {
  const seat = relay.prepare(name);
  const client = new PipeClient({ ...seat, save: null });
  seat.connect();
  return { ...seat, client, recorder: seat.view };
}

Deno.test("PipeClient in the suite classic leaves once all is handed over; one that listens ends with 0", async () => {
  const relay = new ClassicRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const codes = await Promise.all([
    a.client.run(input(["1", "2"], ["3"]), never),
    b.client.run(silence(), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals(b.recorder.texts, ["1", "2", "3"]);
});

Deno.test("PipeClient in the suite classic ends with 1 when its peer is gone and lines are left, and when it is interrupted", async () => {
  const a = pipe(new ClassicRelay(), "alice");
  a.events.report({ type: "peer-left", clean: true, undelivered: ["x"] });
  assertEquals(await a.client.run(silence(), never), 1);
  const b = pipe(new ClassicRelay(), "bob");
  const { promise, resolve } = Promise.withResolvers<void>();
  const code = b.client.run(input(["never sent"]), promise);
  await b.conversation.until(() => b.conversation.undelivered === 1);
  resolve();
  assertEquals(await code, 1);
});

Deno.test("PipeClient in the suite classic ends with 3 at a signature that does not verify", async () => {
  const a = pipe(new ClassicRelay(), "alice");
  const code = a.client.run(input(["never sent"]), never);
  const share = '{"deff_public_key": 5, "s1": 6, "s2": 7}';
  a.receive({ type: "received", event: "ELGAMAL_PK_BC", payload: "12345" });
  a.receive({ type: "received", event: "DEFF_HELLMAN_PK_BC", payload: share });
  assertEquals(await code, 3);
  assertEquals(a.recorder.all("error").map(({ error }) => error.code), ["bad-signature"]);
  assertEquals(a.recorder.all("sent"), []);
});

Deno.test("linesUntilExit() ends at a line that is the word exit, and gives what stands before it", async () => {
  const gather = async (...items: (string[] | ParleyError)[]) => {
    const lines = [];
    for await (const item of linesUntilExit(input(...items))) {
      lines.push(
        ...(item.type === "lines" ? item.lines : item.type === "bad-line" ? [item.error.code] : []),
      );
    }
    return lines;
  };
  const bad = new ParleyError("line-too-long", "x");
  assertEquals(await gather(["1", "exit", "2"], ["3"]), ["1"]);
  assertEquals(await gather(["1"], bad, ["exit"], ["3"]), ["1", "line-too-long"]);
  assertEquals(await gather(["exits", "Exit", " exit", "exit "]), [
    "exits",
    "Exit",
    " exit",
    "exit ",
  ]);
  assertEquals(await gather(), []);
});

Deno.test("noticeFor() and eventToJson() say that the suite is insecure", () => {
  const warning = { type: "warning", code: "insecure-suite", message: "it is" } as const;
  assertEquals(noticeFor(warning), "warning: it is");
  assertEquals(eventToJson(warning), {
    event: "warning",
    code: "insecure-suite",
    message: "it is",
  });
  const insecure = { type: "insecure", suite: "classic" } as const;
  assertStringIncludes(noticeFor(insecure)!, "INSECURELY");
  assertEquals(eventToJson(insecure), { event: "insecure", suite: "classic" });
});

Deno.test("ClassicConversation ends at a peer that speaks parley-1, with what to do", async () => {
  const { receive, view } = new ClassicRelay().join("alice");
  const payload = new Uint8Array(1610);
  receive({ type: "received", event: "ELGAMAL_PK_BC", payload });
  await view.until("error");
  const { error } = view.all("error")[0]!;
  assertEquals([error.code, error.exitCode], ["suite-mismatch", 3]);
  assertStringIncludes(error.message, "leave out --classic");
});
