import { assertEquals, assertStringIncludes } from "@std/assert";
import { ClassicChat, completeClassicCommand } from "../../lib/classic/chat.ts";
import { CheckError } from "../../lib/errors.ts";
import { MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";
import { FakePrompt } from "../chat/fake_prompt.ts";
import { ClassicRelay } from "./classic_relay.ts";

/** A chat at the relay in memory. */
function chatAt(relay: ClassicRelay, name: string) {
  const prompt = new FakePrompt();
  const seat = relay.prepare(name);
  const chat = new ClassicChat({ ...seat, prompt, style: (text) => text, clock: () => "17:05" });
  seat.connect();
  return { ...seat, prompt, chat, code: chat.run() };
}

/** A chat and somebody else, who have met. */
async function pair() {
  const relay = new ClassicRelay();
  const a = chatAt(relay, "alice");
  const b = relay.join("bob");
  await a.view.until("insecure");
  await b.view.until("insecure");
  return { relay, a, b };
}

Deno.test("ClassicChat warns in its prompt at every line", async () => {
  const relay = new ClassicRelay();
  const a = chatAt(relay, "alice");
  assertEquals(a.prompt.prompt, "INSECURE, nobody here> ");
  a.events.report({ type: "warning", code: "insecure-suite", message: "it is" });
  assertEquals(a.prompt.printed.at(-1), "! warning: it is");
  const b = relay.join("bob");
  await a.view.until("insecure");
  assertEquals(a.prompt.prompt, "INSECURE, to the other side> ");
  assertStringIncludes(a.prompt.printed.at(-1)!, "INSECURELY");
  await b.conversation.close();
  await a.view.until("peer-left");
  assertEquals(a.prompt.prompt, "INSECURE, nobody here> ");
});

Deno.test("ClassicChat says a typed line, and shows both sides' harmlessly", async () => {
  const { a, b } = await pair();
  a.prompt.type("hello 你好");
  await b.view.until("message");
  assertEquals(b.view.texts, ["hello 你好"]);
  assertEquals(a.prompt.printed.at(-1), "17:05 you> hello 你好");
  b.conversation.say("one\ntwo\x1b[2J");
  await a.view.until("message");
  assertEquals(a.prompt.printed.at(-1), "17:05 they> one\n      two␛[2J");
});

Deno.test("ClassicChat keeps lines until somebody is there, and says so", async () => {
  const relay = new ClassicRelay();
  const a = chatAt(relay, "alice");
  a.prompt.type("early");
  await a.conversation.until(() => a.conversation.undelivered === 1);
  assertEquals(a.prompt.printed.at(-1), "- kept until somebody is there: early");
  const b = relay.join("bob");
  await b.view.until("message");
  assertEquals(b.view.texts, ["early"]);
});

for (const line of ["exit", "/exit", " exit "]) {
  Deno.test(`ClassicChat leaves at ${JSON.stringify(line)}, without saying it`, async () => {
    const { a, b } = await pair();
    a.prompt.type("last words");
    a.prompt.type(line);
    assertEquals(await a.code, 0);
    await b.view.until("peer-left");
    assertEquals(b.view.texts, ["last words"]);
    assertEquals(a.prompt.printed.at(-1), "17:05 you> last words");
  });
}

Deno.test("ClassicChat leaves at Ctrl-D and at Ctrl-C on an empty line, and names what was not sent", async () => {
  const a = chatAt(new ClassicRelay(), "alice");
  a.prompt.push({ type: "focus", focused: true });
  a.prompt.push({ type: "interrupt", discarded: "half a line" });
  a.prompt.type("unsent");
  await a.conversation.until(() => a.conversation.undelivered === 1);
  a.prompt.push({ type: "interrupt", discarded: "" });
  assertEquals(await a.code, 0);
  assertEquals(a.prompt.printed.at(-1), "- 1 of your lines never left");
  const b = chatAt(new ClassicRelay(), "bob");
  b.prompt.push({ type: "eof", cause: "key" });
  assertEquals(await b.code, 0);
});

Deno.test("ClassicChat knows two commands, and never says one that it does not know", async () => {
  const { a, b } = await pair();
  a.prompt.type("/help");
  for (const command of ["/verify yes", "/who", "/export x", "/nonsense"]) a.prompt.type(command);
  a.prompt.type("");
  a.prompt.type("//slash");
  await b.view.until("message");
  assertEquals(b.view.texts, ["/slash"]);
  const printed = a.prompt.printed.join("\n");
  assertStringIncludes(printed, "/exit  leave");
  for (const command of ["/verify yes", "/who", "/export x", "/nonsense"]) {
    assertStringIncludes(printed, `there is no command ${command} in this protocol`);
  }
  assertEquals(completeClassicCommand("/", 1), ["/help", "/exit"]);
  assertEquals(completeClassicCommand("/v", 2), []);
  assertEquals(completeClassicCommand("/e", 2), ["/exit"]);
});

Deno.test("ClassicChat puts a line that is too long back into the prompt", async () => {
  const { a } = await pair();
  const tooLong = "x".repeat(MAX_TEXT_BYTES + 1);
  a.prompt.type(tooLong);
  a.prompt.type("exit");
  assertEquals(await a.code, 0);
  assertEquals(a.prompt.line, tooLong);
  assertStringIncludes(a.prompt.printed.join("\n"), "not sent: 524289 bytes are too long");
});

Deno.test("ClassicChat shows an error and ends with its code; a refusal goes by", async () => {
  const a = chatAt(new ClassicRelay(), "alice");
  a.events.report({ type: "refused", error: new CheckError("unexpected", "no\x1b[m") });
  assertEquals(a.prompt.printed.at(-1), "! no␛[m");
  a.events.report({ type: "error", error: new CheckError("bad-signature", "it does not verify") });
  assertEquals(await a.code, 3);
  assertStringIncludes(a.prompt.printed.join("\n"), "! it does not verify");
});
