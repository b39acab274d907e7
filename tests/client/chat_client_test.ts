import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChatClient, type ChatPrompt } from "../../lib/client/chat_client.ts";
import { CheckError } from "../../lib/errors.ts";
import type { PromptEvent } from "../../lib/terminal/prompt.ts";
import { FakeRelay, RecordingView } from "./fake_relay.ts";

/** A prompt that a test types into and reads. */
class FakePrompt implements ChatPrompt {
  readonly printed: string[] = [];
  prompt = "";
  status: string | undefined;
  line = "";
  isOpen = true;
  readonly #events: PromptEvent[] = [];
  #wake: () => void = () => {};

  type(...lines: string[]): void {
    for (const text of lines) this.push({ type: "line", text });
  }

  push(event: PromptEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PromptEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  print(text: string): void {
    this.printed.push(text);
  }
  setPrompt(prompt: string): void {
    this.prompt = prompt;
  }
  setStatus(status?: string): void {
    this.status = status;
  }
  setLine(text: string): void {
    this.line = text;
  }
  close(): void {
    this.isOpen = false;
  }
}

/** A chat at the fake relay. */
function chatAt(relay: FakeRelay, name: string, draws = true) {
  const prompt = new FakePrompt();
  const saved: [name: string, text: string][] = [];
  const alerts: string[] = [];
  const chat = new ChatClient({
    prompt,
    style: (text) => text,
    clock: () => "17:05",
    save: (name, text) => {
      saved.push([name, text]);
      return Promise.resolve(`transcripts/${name}`);
    },
    clear: () => alerts.push("clear"),
    alert: () => alerts.push("alert"),
    draws,
    toggleExplanations: () => true,
    sleep: () => new Promise(() => {}),
  });
  const seat = relay.join(name, {}, new RecordingView(chat));
  return { ...seat, prompt, saved, alerts, code: chat.run(seat.conversation), chat };
}

/** A chat and somebody else, both secure. */
async function pair() {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice");
  const b = relay.join("bob");
  await a.view.until("secure");
  await b.view.until("secure");
  return { relay, a, b };
}

Deno.test("ChatClient shows who is there, the sixty digits, and the trust in the prompt", async () => {
  const { a } = await pair();
  const { facts } = a.view.all("secure")[0]!;
  const screen = a.prompt.printed.join("\n");
  assertStringIncludes(screen, "secure with bob: unverified; messages are signed");
  const digits = screen.replace(/\s+/g, " ");
  assertStringIncludes(digits, facts.peerFingerprint);
  assertEquals(a.prompt.prompt, "to bob (unverified)> ");
});

Deno.test("ChatClient says a typed line and shows it when it is on its way", async () => {
  const { a, b } = await pair();
  a.prompt.type("hello 你好");
  await b.view.until("message");
  assertEquals(b.view.texts, ["hello 你好"]);
  assertStringIncludes(a.prompt.printed.join("\n"), "17:05 you> hello 你好");
});

Deno.test("ChatClient shows a message with its sender, harmless, its lines indented", async () => {
  const { a, b } = await pair();
  b.conversation.post({ type: "say", texts: ["one\ntwo\x1b[2J"] });
  await a.view.until("message");
  assertEquals(a.prompt.printed.at(-1), "17:05 bob> one\n      two␛[2J");
});

Deno.test("ChatClient counts what is not delivered in its status line", async () => {
  const { a, b } = await pair();
  a.prompt.type("hello");
  await b.view.until("message");
  await a.view.until("delivered");
  assertEquals(a.prompt.status, undefined);
});

for (
  const [how, leave] of [
    ["exit", { type: "line", text: "exit" }],
    ["/exit", { type: "line", text: "/exit" }],
    ["Ctrl-D", { type: "eof", cause: "key" }],
    ["Ctrl-C", { type: "interrupt", discarded: "" }],
  ] as [string, PromptEvent][]
) {
  Deno.test(`ChatClient leaves at ${how} with 0, after its goodbye`, async () => {
    const { a, b } = await pair();
    a.prompt.push(leave);
    await b.view.until("peer-finished");
    b.conversation.post({ type: "finish" });
    assertEquals(await a.code, 0);
    assert(!a.prompt.isOpen);
    await b.view.until("peer-left");
    assertEquals(b.view.all("peer-left")[0]!.clean, true);
  });
}

Deno.test("ChatClient never says an unknown command, and tells how to", async () => {
  const { a, b } = await pair();
  a.prompt.type("/shrug", "//shrug");
  await b.view.until("message");
  assertEquals(b.view.texts, ["/shrug"]);
  assertMatch(a.prompt.printed.join("\n"), /no command \/shrug: .*type \/\/shrug/);
});

Deno.test("ChatClient gives a line back that comes after the goodbye", async () => {
  const { a, b } = await pair();
  b.conversation.post({ type: "finish" });
  await a.conversation.until(() => a.conversation.finished);
  a.prompt.type("wait!");
  a.prompt.type("/who");
  await until(() =>
    a.prompt.printed.at(-1)?.includes("your key") === false && a.prompt.line !== ""
  );
  assertEquals(a.prompt.line, "wait!");
});

/** Lets other work go on until something holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("ChatClient /verify shows digits, words and a picture; /verify yes marks the peer", async () => {
  const { a } = await pair();
  const before = a.prompt.printed.length;
  a.prompt.type("/verify", "/verify yes");
  await until(() => a.prompt.prompt.includes("verified)") && !a.prompt.prompt.includes("unv"));
  const shown = a.prompt.printed.slice(before);
  const { safetyNumber } = a.view.all("secure")[0]!.facts;
  assertStringIncludes(shown.join(" ").replace(/\s+/g, " "), safetyNumber);
  assertEquals(shown.filter((line) => line.startsWith("  +---")).length, 2);
  assertEquals(a.prompt.prompt, "to bob (verified)> ");
});

Deno.test("ChatClient /export saves a transcript and tells how to check it", async () => {
  const { a, b } = await pair();
  a.prompt.type("for the record");
  await b.view.until("message");
  a.prompt.type("/export talk");
  await until(() => a.saved.length === 1);
  assertEquals(a.saved[0]![0], "talk");
  assertStringIncludes(a.saved[0]![1], "for the record");
  await until(() => a.prompt.printed.at(-1)!.includes("deno task verify transcripts/talk"));
});

Deno.test("ChatClient shows an error and ends with its code", async () => {
  const a = chatAt(new FakeRelay(), "alice");
  a.chat.show({ type: "error", error: new CheckError("bad-signature", "it does not verify") });
  assertEquals(await a.code, 3);
  assertEquals(a.prompt.printed.at(-1), "! it does not verify");
});

Deno.test("ChatClient lists what had not arrived when the peer vanished", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice");
  const b = relay.join("bob");
  await a.view.until("secure");
  await b.view.until("secure");
  await b.conversation.close();
  await a.view.until("peer-left");
  assertStringIncludes(a.prompt.printed.join("\n"), "bob vanished without a goodbye");
  assertEquals(a.prompt.prompt, "nobody here> ");
});

Deno.test("ChatClient /me says what somebody does, and shows it so on both sides", async () => {
  const relay = new FakeRelay();
  const [a, b] = [chatAt(relay, "alice"), chatAt(relay, "bob")];
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  a.prompt.type("/me", "/me  waves \x1b[2J");
  await b.view.until("message");
  assertEquals(b.view.texts, ["/me waves \x1b[2J"]);
  assertStringIncludes(b.prompt.printed.join("\n"), "17:05 * alice waves ␛[2J");
  await until(() => a.prompt.printed.some((line) => line === "17:05 * you waves ␛[2J"));
});

Deno.test("ChatClient shows a text that only looks like /me as text", async () => {
  const { a, b } = await pair();
  const texts = ["/meow", "/me ", " /me x"];
  for (const [i, text] of texts.entries()) {
    b.conversation.post({ type: "say", texts: [text] });
    await a.view.until("message", i + 1);
  }
  const said = a.prompt.printed.filter((line) => line.startsWith("17:05"));
  assertEquals(said.map((line) => line.slice(6)), texts.map((text) => `bob> ${text}`));
});

Deno.test("ChatClient /nick is what the next one who comes reads", async () => {
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

Deno.test("ChatClient /nick before anybody is there is what the first one reads", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice");
  a.prompt.type("/nick Åsa", "kept");
  await until(() => a.prompt.printed.some((line) => line.includes("kept until")));
  const b = relay.join("bob");
  await b.view.until("message");
  assertEquals(b.view.all("secure")[0]!.facts.peerName, "Åsa");
});

Deno.test("ChatClient /clear clears", async () => {
  const { a } = await pair();
  a.prompt.type("/clear");
  await until(() => a.alerts.includes("clear"));
});

Deno.test("ChatClient alerts once when something comes while the window has no focus", async () => {
  const { a, b } = await pair();
  const say = async (text: string, count: number) => {
    b.conversation.post({ type: "say", texts: [text] });
    await a.view.until("message", count);
  };
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

Deno.test("ChatClient /verify draws no picture where nothing is to be drawn", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, "alice", false);
  relay.join("bob");
  await a.view.until("secure");
  a.prompt.type("/verify");
  await until(() => a.prompt.printed.some((line) => line.includes("/verify yes")));
  assertEquals(a.prompt.printed.filter((line) => line.startsWith("  +---")), []);
});
