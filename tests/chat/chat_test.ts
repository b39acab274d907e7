import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTime } from "../helpers/deadline.ts";
import { Chat, type ChatOptions } from "../../lib/chat/chat.ts";
import { CheckError } from "../../lib/errors.ts";
import type { PromptEvent } from "../../lib/terminal/prompt.ts";
import { LEAF_BYTES, MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { SMALL_GROUP } from "../helpers/session_pair.ts";
import { contentOf } from "../transfer/content.ts";
import { MemoryDisk, MemoryStore } from "../transfer/memory_disk.ts";
import { FakeRelay, type JoinOptions } from "../conversation/fake_relay.ts";
import { FakePrompt } from "./fake_prompt.ts";

/** A chat at the fake relay. */
function chatAt(
  relay: FakeRelay,
  name: string,
  options: Partial<ChatOptions> = {},
  kept: readonly string[] = [],
  files: JoinOptions = {},
) {
  const prompt = new FakePrompt();
  const saved: [name: string, text: string][] = [];
  const alerts: string[] = [];
  const seat = relay.prepare(name, { answersGoodbye: true, ...files });
  const chat = new Chat({
    ...seat,
    prompt,
    style: (text) => text,
    clock: () => "17:05",
    save: (name, text) => {
      saved.push([name, text]);
      return Promise.resolve(`transcripts/${name}`);
    },
    clear: () => alerts.push("clear"),
    alert: () => alerts.push("alert"),
    draws: true,
    mayRead: () => true,
    toggleExplanations: () => true,
    sleep: () => new Promise(() => {}),
    ...options,
  });
  if (kept.length > 0) seat.conversation.say(...kept);
  seat.connect();
  return { ...seat, prompt, saved, alerts, code: chat.run(), chat };
}

/** A chat and somebody else, both secure. */
async function pair(options: Partial<ChatOptions> = {}, group = SMALL_GROUP) {
  const relay = new FakeRelay();
  relay.group = group;
  const a = chatAt(relay, "alice", options);
  const b = relay.join("bob");
  await a.view.until("secure");
  await b.view.until("secure");
  for (const { conversation, delivery } of [a, b]) await conversation.until(() => delivery.ready);
  return { relay, a, b };
}

Deno.test("Chat shows the peer, the sixty digits, and the trust in the prompt", async () => {
  const { a } = await pair();
  const { facts } = a.view.all("secure")[0]!;
  const screen = a.prompt.printed.join("\n");
  assertStringIncludes(screen, "secure, unverified: bob; messages are signed");
  const digits = screen.replace(/\s+/g, " ");
  assertStringIncludes(digits, facts.peerFingerprint);
  assertEquals(a.prompt.prompt, "to (unverified) bob> ");
});

Deno.test("Chat shows no digits where a code has compared already", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice", {}, [], { handshake: { code: "7-calm-harbor-lantern" } });
  relay.join("bob", { handshake: { code: "7-calm-harbor-lantern" } });
  await a.view.until("secure");
  const [line, ...more] = a.prompt.printed.slice(-2).filter((line) => line.includes("secure"));
  assertEquals([line, more], [
    "- secure, verified by the invite code: bob; messages are signed",
    [],
  ]);
  assertEquals(a.prompt.printed.filter((line) => /\d{5} \d{5}/.test(line)), []);
});

Deno.test("Chat says once that somebody has left, after their goodbye or without", async () => {
  const { a, b } = await pair();
  b.conversation.finish();
  await b.conversation.until(() => b.conversation.settled);
  assertEquals(a.prompt.status, "bob has said goodbye");
  await b.conversation.close();
  await a.view.until("peer-left");
  const said = a.prompt.printed.filter((line) => /goodbye|left/.test(line));
  assertEquals([said, a.prompt.status], [["- bob has left"], undefined]);
});

Deno.test("Chat /who says whether somebody is away", async () => {
  const { a, b } = await pair();
  b.drop();
  await a.view.until("peer-away");
  a.prompt.type("/who");
  await until(() => a.prompt.printed.includes("your key"));
  const [line] = a.prompt.printed.filter((line) => line.startsWith("- unverified,"));
  assertEquals(line, "- unverified, away, back when the connection is: bob; messages are signed");
});

Deno.test("Chat shows a line above the prompt until it is delivered", async () => {
  const { relay, a, b } = await pair();
  const printed = a.prompt.printed.length;
  // The receipt does not come: only what is said crosses.
  b.mute();
  a.prompt.type("hello 你好\nthere", "/me waves");
  await a.view.until("sent", 2);
  assertEquals(a.prompt.pending, ["→ you> hello 你好␊there", "→ * you waves"]);
  assertEquals(a.prompt.printed.length, printed, "nothing is in the scrollback yet");
  const lines = [...a.delivery.lines];
  a.events.report({ type: "outbox", lines: lines.slice(1) });
  a.events.report({ type: "delivered", count: 1, lines: lines.slice(0, 1) });
  assertEquals(a.prompt.pending, ["→ * you waves"]);
  assertEquals(a.prompt.printed.slice(printed), ["17:05 you> hello 你好\n    | there ✓"]);
  a.events.report({ type: "outbox", lines: [] });
  a.events.report({ type: "delivered", count: 2, lines: lines.slice(1) });
  assertEquals([a.prompt.pending, a.prompt.printed.at(-1)], [[], "17:05 * you waves ✓"]);
  assertEquals(relay.lost.size, 0);
});

Deno.test("Chat shows lines that wait for somebody, and sends them", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice", {}, ["from before"]);
  a.prompt.type("early", "/who");
  await until(() => a.prompt.printed.at(-1) === "- you are alone in the room");
  assertEquals(a.prompt.pending, ["… you> from before", "… you> early"]);
  const b = relay.join("bob");
  await b.view.until("message", 2);
  await a.view.until("delivered");
  assertEquals(b.view.texts, ["from before", "early"]);
  assertEquals(a.prompt.pending, []);
  const said = a.prompt.printed.join("\n").split("\n").filter((line) => line.includes("you>"));
  assertEquals(said, ["17:05 you> from before ✓", "17:05 you> early ✓"]);
});

Deno.test("Chat lets what was sent wait again when the connection breaks", async () => {
  const { relay, a } = await pair();
  relay.lost.add("message");
  a.prompt.type("hello");
  await a.view.until("sent");
  a.drop();
  relay.lost.clear();
  a.comeBack();
  await until(() => a.prompt.blocks.at(-1) === "");
  const [waiting, sent] = ["… you> hello", "→ you> hello"];
  assertEquals(a.prompt.blocks, ["", waiting, sent, waiting, sent, ""], "the same line, again");
});

Deno.test("Chat keeps lines above the prompt when the peer vanished, and lists what is not for the next peer", async () => {
  const { relay, a, b } = await pair();
  relay.lost.add("message");
  a.prompt.type("one", "two");
  await a.view.until("sent", 2);
  await b.conversation.close();
  await a.view.until("peer-left");
  assertEquals(a.prompt.printed.at(-1), "- bob vanished without a goodbye");
  assertEquals(a.prompt.prompt, "nobody here> ");
  assertEquals(a.prompt.pending, ["… you> one", "… you> two"]);
  relay.lost.clear();
  const c = relay.join("carol");
  await a.view.until("not-sent");
  assertEquals(a.prompt.pending, []);
  const listed = a.prompt.printed.join("\n");
  assertStringIncludes(
    listed,
    "- not sent, because somebody else is here now: 2 lines\n  one\n  two",
  );
  a.prompt.type("three");
  await c.view.until("message");
  assertEquals(c.view.texts, ["three"]);
});

heavyTest("Chat draws and prints a burst of 200 lines in a few steps", async () => {
  const { a, b } = await pair();
  const printed = a.prompt.printed.length;
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`);
  a.prompt.type(...lines);
  await b.view.until("message", 200);
  await until(() => a.prompt.pending.length === 0 && a.conversation.undelivered === 0);
  const pieces = a.prompt.printed.slice(printed);
  assertEquals(pieces.join("\n").split("\n"), lines.map((line) => `17:05 you> ${line} ✓`));
  assert(pieces.length <= 50, `${pieces.length} pieces`);
  assert(a.prompt.drawn < 3 * 200, `${a.prompt.drawn} changes`);
});

Deno.test("Chat without a block prints each line once, and reports a burst once", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice", { draws: false });
  a.prompt.type("early");
  await until(() => a.prompt.printed.at(-1) === "17:05 you> early (waiting)");
  const b = relay.join("bob");
  await a.view.until("delivered");
  const printed = a.prompt.printed.length;
  a.prompt.type(...Array.from({ length: 50 }, (_, i) => `line ${i}`));
  await b.view.until("message", 51);
  await until(() => a.conversation.undelivered === 0);
  const own = a.prompt.printed.slice(printed).filter((line) => line.includes("you>"));
  assertEquals(own, Array.from({ length: 50 }, (_, i) => `17:05 you> line ${i} (sent)`));
  const told = a.prompt.printed.slice(printed).filter((line) => line === "- delivered");
  assert(told.length >= 1 && told.length < 10, `${told.length} times`);
  assertEquals(a.prompt.printed.filter((line) => line.includes("early")).length, 1);
  assertEquals(a.prompt.drawn, 0);
});

/** A chat whose lines do not arrive, and whose patience with receipts is over at once. */
async function stalled(options: Partial<ChatOptions> = {}) {
  const goodbye = Promise.withResolvers<void>();
  let sleeps = 0;
  const sleep = (milliseconds: number) => {
    assertEquals(milliseconds, 3_000);
    return sleeps++ === 0 ? Promise.resolve() : goodbye.promise;
  };
  const { a, b } = await pair({ sleep, ...options });
  b.conversation.subscribe(({ type }) => {
    if (type === "peer-finished") goodbye.resolve();
  });
  b.mute();
  a.prompt.type("one", "two");
  await a.view.until("sent", 2);
  return { a, b };
}

for (const answer of ["y", " YES ", undefined]) {
  Deno.test(`Chat asks before it leaves lines behind, and leaves at ${answer}`, async () => {
    const { a, b } = await stalled();
    a.prompt.answers.push(Promise.resolve(answer));
    a.prompt.type("/exit");
    assertEquals(await a.code, 0);
    assertEquals(a.prompt.questions, [
      "2 lines are not known to have arrived: leave anyway? [y/N] ",
    ]);
    assertEquals(a.prompt.printed.slice(-4), [
      "- what has not arrived is lost if you leave",
      "- 2 lines of yours are not known to have arrived",
      "  one",
      "  two",
    ]);
    await b.view.until("peer-finished");
  });
}

for (const answer of ["", "n", "yessir"]) {
  Deno.test(`Chat stays when it is answered ${JSON.stringify(answer)}, and goes on`, async () => {
    const { a, b } = await stalled({ keepsLines: true });
    a.prompt.answers.push(Promise.resolve(answer));
    a.prompt.push({ type: "interrupt", discarded: "" });
    a.prompt.type("three");
    await b.view.until("message", 3);
    assertEquals(b.view.texts, ["one", "two", "three"], "no goodbye was said");
    assertEquals(a.prompt.questions.length, 1);
    assertStringIncludes(a.prompt.printed.at(-1)!, "is kept in your profile and sent next time if");
    assertEquals(a.prompt.status, undefined);
    assert(a.prompt.isOpen);
  });
}

Deno.test("Chat does not ask when the input ends, and lists at most ten lines", async () => {
  const a = chatAt(new FakeRelay(), "alice");
  a.prompt.type(...Array.from({ length: 12 }, (_, i) => `line ${i}`));
  a.prompt.push({ type: "eof", cause: "input" });
  assertEquals(await a.code, 0);
  assertEquals(a.prompt.questions, []);
  assertEquals(a.prompt.printed.slice(-12), [
    "- 12 lines of yours are not known to have arrived",
    ...Array.from({ length: 10 }, (_, i) => `  line ${i}`),
    "  and 2 more",
  ]);
  const b = chatAt(new FakeRelay(), "bob", { keepsLines: true });
  b.prompt.type("the only one");
  b.prompt.push({ type: "eof", cause: "input" });
  assertEquals(await b.code, 0);
  assertEquals(b.prompt.printed.slice(-2), [
    "- 1 line of yours is not known to have arrived; your profile keeps that",
    "  the only one",
  ]);
});

Deno.test("Chat /explain says whether every step is explained from now on", async () => {
  let isOn = false;
  const a = chatAt(new FakeRelay(), "alice", { toggleExplanations: () => isOn = !isOn });
  a.prompt.type("/explain", "/explain", "/exit");
  assertEquals(await a.code, 0);
  assertEquals(a.prompt.printed.filter((line) => line.includes("explain")), [
    "- every step is explained from now on; /explain ends that",
    "- nothing is explained any more",
  ]);
});

Deno.test("Chat breaks words at spaces, marks the rows of what was said, and never breaks digits", async () => {
  const { a, b } = await pair();
  a.prompt.columns = 30;
  const before = a.prompt.printed.length;
  const long = "a message that is longer than thirty columns";
  b.conversation.say(long);
  await a.view.until("message");
  a.prompt.type("/verify", "/help", "/shrug and so on", "/exit now");
  await until(() => a.prompt.printed.some((line) => line.includes("there is no command")));
  const [said, ...own] = a.prompt.printed.slice(before);
  assertEquals(said, "17:05 bob> a message that is\n    | longer than thirty\n    | columns");
  const rows = own.join("\n").split("\n");
  for (const row of rows) assert(row.length <= 30, row);
  const digits = rows.filter((row) => /^ *[\d ]+$/.test(row)).join(" ").replace(/\s+/g, " ").trim();
  assertEquals(digits, a.view.all("secure")[0]!.facts.safetyNumber);
  assertStringIncludes(own.join("\n"), "- there is no command /shrug:\n  /help lists them.");
});

Deno.test("Chat shows a message with its sender, harmless, its lines indented", async () => {
  const { a, b } = await pair();
  b.conversation.say("one\ntwo\x1b[2J");
  await a.view.until("message");
  assertEquals(a.prompt.printed.at(-1), "17:05 bob> one\n    | two␛[2J");
});

for (
  const [how, leave] of [
    ["exit", { type: "line", text: "exit" }],
    ["/exit", { type: "line", text: "/exit" }],
    ["Ctrl-D", { type: "eof", cause: "key" }],
    ["Ctrl-C", { type: "interrupt", discarded: "" }],
  ] as [string, PromptEvent][]
) {
  Deno.test(`Chat leaves at ${how} with 0, after its goodbye`, async () => {
    const { a, b } = await pair();
    a.prompt.push(leave);
    await b.view.until("peer-finished");
    b.conversation.finish();
    assertEquals(await a.code, 0);
    assert(!a.prompt.isOpen);
    await b.view.until("peer-left");
    assertEquals(b.view.all("peer-left")[0]!.clean, true);
  });
}

Deno.test("Chat never says an unknown command, and says how to", async () => {
  const { a, b } = await pair();
  a.prompt.type("/shrug", "//shrug");
  await b.view.until("message");
  assertEquals(b.view.texts, ["/shrug"]);
  assertMatch(a.prompt.printed.join("\n"), /no command \/shrug: .*type \/\/shrug/);
});

Deno.test("Chat does not join a line that comes after the goodbye to the next command", async () => {
  const { a, b } = await pair();
  b.conversation.finish();
  await a.conversation.until(() => a.conversation.finished);
  a.prompt.type("wait!");
  a.prompt.type("/who");
  await until(() => a.prompt.printed.includes("your key"));
  assertEquals([a.prompt.line, b.view.texts], ["", []]);
  assertStringIncludes(a.prompt.printed.join("\n"), "not sent: bob has said goodbye");
});

Deno.test("Chat gives a line back that is too long", async () => {
  const { a } = await pair();
  const tooLong = "x".repeat(MAX_TEXT_BYTES + 1);
  a.prompt.type(tooLong);
  await until(() => a.prompt.line !== "");
  assertEquals(a.prompt.line, tooLong);
});

Deno.test("Chat alerts where the terminal does not say who looks at it, once until a key is pressed", async () => {
  const { a, b } = await pair();
  const say = async (text: string, count: number) => {
    b.conversation.say(text);
    await a.view.until("message", count);
  };
  // The meeting was one.
  assertEquals(a.alerts, ["alert"]);
  await say("one", 1);
  a.prompt.type("/who");
  await until(() => a.prompt.printed.includes("your key"));
  await say("two", 2);
  await say("three", 3);
  assertEquals(a.alerts, ["alert", "alert"]);
});

/** Lets other work go on until something holds. */
async function until(condition: () => boolean): Promise<void> {
  const holds = async () => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await inTime(String(condition), holds());
}

Deno.test("Chat /verify shows digits, words and a picture; /verify yes marks the peer, who stays it", async () => {
  const { a, b } = await pair();
  const before = a.prompt.printed.length;
  a.prompt.type("/verify", "/verify yes");
  await until(() => a.prompt.prompt.includes("verified)") && !a.prompt.prompt.includes("unv"));
  const shown = a.prompt.printed.slice(before);
  const { safetyNumber } = a.view.all("secure")[0]!.facts;
  assertStringIncludes(shown.join(" ").replace(/\s+/g, " "), safetyNumber);
  assertEquals(shown.filter((line) => line.startsWith("  +---")).length, 2);
  assertEquals(a.prompt.prompt, "to (verified) bob> ");
  b.drop();
  b.comeBack();
  await a.view.until("secure", 2);
  assertEquals(a.prompt.prompt, "to (verified) bob> ");
});

heavyTest("Chat /export saves a transcript and says how to check it", async () => {
  const { a, b } = await pair({}, GROUP);
  a.prompt.type("for the record");
  await b.view.until("message");
  a.prompt.type("/export talk");
  await until(() => a.saved.length === 1);
  assertEquals(a.saved[0]![0], "talk");
  assertStringIncludes(a.saved[0]![1], "for the record");
  await until(() => a.prompt.printed.some((line) => line.includes("verify transcripts/talk")));
});

Deno.test("Chat shows an error and ends with its code", async () => {
  const a = chatAt(new FakeRelay(), "alice");
  a.events.report({ type: "error", error: new CheckError("bad-signature", "it does not verify") });
  assertEquals(await a.code, 3);
  assertEquals(a.prompt.printed.at(-1), "! it does not verify");
});

Deno.test("Chat /me says what somebody does, and shows it so on both sides", async () => {
  const relay = new FakeRelay();
  const [a, b] = [chatAt(relay, "alice"), chatAt(relay, "bob")];
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  a.prompt.type("/me", "/me  waves \x1b[2J");
  await b.view.until("message");
  assertEquals(b.view.texts, ["/me waves \x1b[2J"]);
  assertStringIncludes(b.prompt.printed.join("\n"), "17:05 * alice waves ␛[2J");
  await until(() => a.prompt.printed.some((line) => line === "17:05 * you waves ␛[2J ✓"));
});

Deno.test("Chat shows a text that only looks like /me as text", async () => {
  const { a, b } = await pair();
  const texts = ["/meow", "/me ", " /me x"];
  for (const [i, text] of texts.entries()) {
    b.conversation.say(text);
    await a.view.until("message", i + 1);
  }
  const said = a.prompt.printed.filter((line) => line.startsWith("17:05"));
  assertEquals(said.map((line) => line.slice(6)), texts.map((text) => `bob> ${text}`.trimEnd()));
});

Deno.test("Chat /nick is the name for the next peer", async () => {
  const { relay, a, b } = await pair();
  a.prompt.type("/nick", `/nick ${"x".repeat(128)}`, "/nick Åsa");
  await until(() => a.prompt.printed.at(-1)!.includes("will read your name as Åsa"));
  assertStringIncludes(a.prompt.printed.at(-1)!, "bob goes on calling you as before");
  assertEquals(a.prompt.printed.filter((line) => line.includes("a name has 1 to 127")).length, 2);
  await b.conversation.close();
  await a.view.until("peer-left");
  const c = relay.join("carol");
  await c.view.until("secure");
  assertEquals(c.view.all("secure")[0]!.facts.peerName, "Åsa");
});

Deno.test("Chat /nick before anybody is there is what the first one reads", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice");
  a.prompt.type("/nick Åsa", "kept");
  await until(() => a.prompt.pending.length === 1);
  const b = relay.join("bob");
  await b.view.until("message");
  assertEquals(b.view.all("secure")[0]!.facts.peerName, "Åsa");
});

Deno.test("Chat /clear clears", async () => {
  const { a } = await pair();
  a.prompt.type("/clear");
  await until(() => a.alerts.includes("clear"));
});

Deno.test("Chat alerts once when something comes while the window has no focus", async () => {
  const { a, b } = await pair();
  const say = async (text: string, count: number) => {
    b.conversation.say(text);
    await a.view.until("message", count);
  };
  a.prompt.push({ type: "focus", focused: true });
  a.alerts.length = 0;
  await say("seen", 1);
  assertEquals(a.alerts, []);
  a.prompt.push({ type: "focus", focused: false });
  a.prompt.type("/who");
  await until(() => a.prompt.printed.some((line) => line === "your key"));
  await say("unseen", 2);
  await say("unseen, too", 3);
  assertEquals(a.alerts, ["alert"]);
  a.prompt.push({ type: "focus", focused: true });
  a.prompt.push({ type: "focus", focused: false });
  a.prompt.type("/clear");
  await until(() => a.alerts.includes("clear"));
  await say("again", 4);
  assertEquals(a.alerts, ["alert", "clear", "alert"]);
});

Deno.test("Chat /verify yes marks nobody who came after what was compared", async () => {
  const { relay, a, b } = await pair();
  a.prompt.type("/verify");
  await until(() => a.prompt.printed.some((line) => line.includes("/verify yes")));
  b.drop();
  const c = relay.join("carol");
  await a.view.until("secure", 2);
  const before = a.prompt.printed.length;
  a.prompt.type("/verify yes", "/nick");
  await until(() => a.prompt.printed.length >= before + 2);
  assertStringIncludes(a.prompt.printed[before]!, "somebody else than carol");
  assertEquals(a.prompt.prompt, "to (unverified) carol> ");
  await c.conversation.close();
  b.comeBack();
  await a.view.until("secure", 3);
  a.prompt.type("/verify yes");
  await until(() => a.prompt.prompt === "to (verified) bob> ");
});

Deno.test("Chat /verify draws no picture where nothing is to be drawn", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice", { draws: false });
  relay.join("bob");
  await a.view.until("secure");
  a.prompt.type("/verify");
  await until(() => a.prompt.printed.some((line) => line.includes("/verify yes")));
  assertEquals(a.prompt.printed.filter((line) => line.startsWith("  +---")), []);
});

/** Two chats, each with a disk; alice has `photo.jpg`, of some leaves. */
async function withDisks(options: Partial<ChatOptions> = {}, leaves = 3) {
  const relay = new FakeRelay();
  const stores = { alice: new MemoryStore(), bob: new MemoryStore() };
  const content = contentOf(leaves * LEAF_BYTES, 7);
  stores.alice.files.set("photos/photo.jpg", content);
  const join = (name: "alice" | "bob") => {
    const files = { disk: new MemoryDisk(stores[name]), acceptance: "ask" } as const;
    return chatAt(relay, name, options, [], files);
  };
  const [a, b] = [join("alice"), join("bob")];
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  return { relay, a, b, stores, content };
}

Deno.test("Chat /send offers a file, /accept takes it, and both are told", async () => {
  const { a, b, stores, content } = await withDisks();
  b.prompt.push({ type: "focus", focused: false });
  a.prompt.type("/send 'photos/photo.jpg'");
  await b.view.until("file-offered");
  assertStringIncludes(
    b.prompt.text,
    "- alice offers file 1: photo.jpg, 384 KiB. Type /accept 1 or /refuse 1",
  );
  // One for the meeting, one for the offer.
  assertEquals(b.alerts, ["alert", "alert"]);
  b.prompt.type("/accept");
  await Promise.all([a.view.until("file-sent"), b.view.until("file-received")]);
  assertEquals(stores.bob.files.get("received/photo.jpg"), content);
  assertStringIncludes(a.prompt.text, "- offered photo.jpg: waiting for bob to accept");
  assertEquals(a.prompt.printed.at(-1), "- bob has photo.jpg, 384 KiB");
  assertEquals(b.prompt.printed.at(-1), "- received received/photo.jpg, 384 KiB");
  assertEquals(
    [a.prompt.status, b.prompt.status],
    [undefined, undefined],
    "nothing moves any more",
  );
});

heavyTest("Chat shows below the prompt how far files are", async () => {
  const { a, b } = await withDisks({}, 40);
  a.prompt.type("/send photos/photo.jpg");
  await b.view.until("file-offered");
  const seen: (string | undefined)[][] = [[], []];
  for (const [i, { prompt }] of [a, b].entries()) {
    prompt.setStatus = (status) => void seen[i]!.push(prompt.status = status);
  }
  b.prompt.type("/accept 1");
  await Promise.all([a.view.until("file-sent"), b.view.until("file-received")]);
  assertMatch(seen[0]!.join("\n"), /^↑ photo\.jpg \[[#-]{20}\] \d+%/m);
  assertMatch(seen[1]!.join("\n"), /^↓ photo\.jpg \[[#-]{20}\] \d+% .*\/s .* left$/m);
  assertEquals(seen[1]!.at(-1), undefined);
});

heavyTest("Chat without a line reports files at quarters, once each", async () => {
  const { a, b } = await withDisks({ draws: false }, 40);
  a.prompt.type("/send photos/photo.jpg");
  await b.view.until("file-offered");
  b.prompt.type("/accept");
  await b.view.until("file-received");
  const told = b.prompt.printed.filter((line) => line.startsWith("- photo.jpg:"));
  assert(told.length >= 1 && told.length <= 3, told.join("\n"));
  assertEquals(new Set(told).size, told.length);
});

Deno.test("Chat /refuse, /cancel and /files say what became of a file", async () => {
  const { a, b, stores } = await withDisks();
  a.prompt.type("/send photos/photo.jpg", "/send photos/photo.jpg");
  await b.view.until("file-offered", 2);
  b.prompt.type("/refuse", "/refuse 1");
  await a.view.until("file-stopped");
  assertStringIncludes(b.prompt.text, "- which one? 1 photo.jpg, 2 photo.jpg: /refuse 1");
  assertEquals(a.prompt.printed.at(-1), "- bob does not want photo.jpg");
  a.prompt.type("/cancel");
  await b.view.until("file-stopped", 2);
  assertEquals(b.prompt.printed.at(-1), "- alice took photo.jpg back");
  b.prompt.type("/files", "/accept");
  await until(() => b.prompt.printed.at(-1) === "- no file waits for your answer");
  assertEquals(b.prompt.printed.slice(-3, -1), [
    "  1  ↓ photo.jpg, 384 KiB: refused",
    "  2  ↓ photo.jpg, 384 KiB: stopped",
  ]);
  assertEquals(stores.bob.received(), []);
});

heavyTest("Chat says when the disk is full, and /resume goes on when there is room", async () => {
  const { a, b, stores, content } = await withDisks({}, 60);
  stores.bob.room = 20;
  a.prompt.type("/send photos/photo.jpg");
  await b.view.until("file-offered");
  b.prompt.type("/accept");
  await b.view.until("file-held");
  assertStringIncludes(b.prompt.text, "- photo.jpg is paused: disk-full: make it better");
  assertStringIncludes(b.prompt.text, "; /resume 1 tries again");
  stores.bob.room = Infinity;
  b.prompt.type("/resume");
  await b.view.until("file-received");
  assertEquals(stores.bob.files.get("received/photo.jpg"), content);
});

Deno.test("Chat says no line breaks that a paste ends with", async () => {
  const { a, b } = await pair();
  a.prompt.type("one\n\n  two\n\n", "\n", "three");
  await b.view.until("message", 2);
  assertEquals(b.view.texts, ["one\n\n  two", "three"]);
});

heavyTest("Chat /pause and /resume say who paused, and how to go on", async () => {
  const { a, b } = await withDisks({}, 60);
  a.prompt.type("/send photos/photo.jpg");
  await b.view.until("file-offered");
  await a.view.until("delivered");
  b.prompt.type("/accept", "/pause 1");
  await a.view.until("file-held");
  assertEquals(a.prompt.printed.at(-1), "- bob paused photo.jpg");
  assertEquals(b.prompt.printed.at(-1), "- photo.jpg is paused; /resume 1 goes on");
  assertEquals(b.chat.complete("/resume ", 8), ["1"]);
  b.prompt.type("/resume");
  await b.view.until("file-received");
  assertStringIncludes(b.prompt.text, "- photo.jpg goes on");
});

Deno.test("Chat /send reads nothing that may not be read, and says so at once", async () => {
  const asked: string[] = [];
  const mayRead = (path: string) => {
    asked.push(path);
    return false;
  };
  const { a } = await withDisks({ mayRead });
  a.prompt.type("/send photos/photo.jpg", "/send ", "/send missing");
  await until(() => a.prompt.printed.filter((line) => line.includes("was not sent")).length === 2);
  assertEquals(asked, ["photos/photo.jpg", "outbox/missing", "missing"]);
  assertEquals(a.conversation.files.list(), []);
});

Deno.test("Chat /send looks a bare name up in outbox/ first", async () => {
  const { a, b, stores, content } = await withDisks();
  stores.alice.files.set("outbox/photo.jpg", content.slice(1));
  stores.alice.files.set("other.jpg", content);
  a.prompt.type("/send photo.jpg", "/send other.jpg");
  await b.view.until("file-offered", 2);
  assertEquals(b.view.all("file-offered").map(({ name, bytes }) => [name, bytes]), [
    ["photo.jpg", content.length - 1],
    ["other.jpg", content.length],
  ]);
});

Deno.test("Chat /send shows what is wrong with a file, and the chat goes on", async () => {
  const { a, b } = await withDisks();
  a.prompt.type("/send missing", "still here");
  await b.view.until("message");
  assertStringIncludes(a.prompt.text, "! cannot-read");
  assertEquals(a.prompt.status, undefined);
});

for (const keepsLines of [true, false]) {
  Deno.test(`Chat asks before it leaves a file ${keepsLines ? "to the next time" : "behind"}`, async () => {
    const { a, b } = await withDisks({ keepsLines });
    a.prompt.type("/send photos/photo.jpg");
    await b.view.until("file-offered");
    await a.view.until("delivered");
    a.prompt.answers.push(Promise.resolve("n"));
    a.prompt.type("/exit", "stays");
    await b.view.until("message");
    assertEquals(a.prompt.questions, ["1 file is not across: leave anyway? [y/N] "]);
    assertStringIncludes(
      a.prompt.text,
      keepsLines
        ? "it goes on next time"
        : "it has to be offered again, and goes on where it stopped",
    );
    b.prompt.type("/refuse");
    await a.view.until("file-stopped");
    a.prompt.type("/exit");
    b.prompt.type("/exit");
    assertEquals(await a.code, 0);
    assertEquals(a.prompt.questions.length, 1, "a file that is over keeps nobody");
  });
}

Deno.test("Chat leaves at once when a file may be left behind", async () => {
  const { a, b } = await withDisks({ sleep: () => new Promise(() => {}) });
  a.prompt.type("/send photos/photo.jpg");
  await b.view.until("file-offered");
  await a.view.until("delivered");
  a.prompt.answers.push(Promise.resolve("y"));
  a.prompt.type("/exit");
  assertEquals(await a.code, 0);
});

Deno.test("Chat.run() offers the file that the command line names", async () => {
  const { a, b } = await withDisks();
  void a.chat.run("photos/photo.jpg");
  await b.view.until("file-offered");
});
