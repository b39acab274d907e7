import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type PromptEvent, PromptLoop, type PromptOptions } from "../../lib/terminal/prompt.ts";
import { Terminal } from "../../lib/terminal/terminal.ts";
import { FakeDevice } from "./fake_device.ts";

/** A prompt on a terminal in memory, and what it reports. */
function start(options: Partial<PromptOptions> = {}, columns = 40, rows = 10) {
  const device = new FakeDevice(columns, rows);
  const terminal = Terminal.open({ device, focus: true, suspend: true });
  const prompt = new PromptLoop(terminal, { prompt: "you> ", ...options });
  const events: (PromptEvent | "done")[] = [];
  (async () => {
    for await (const event of prompt) events.push(event);
    events.push("done");
  })();
  return { device, prompt, events, terminal: device.terminal };
}

/** A test with such a prompt, which is closed at its end. */
function test(name: string, fn: (world: ReturnType<typeof start>) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const world = start();
    await fn(world);
    world.prompt.close();
  });
}

test("PromptLoop gives a line for each Enter, and keeps what is typed behind it", async ({ device, prompt, events, terminal }) => {
  await device.type("hello\rthere");
  assertEquals(events, [{ type: "line", text: "hello" }]);
  assertEquals(terminal.lines, ["you> there"]);
  assertEquals(prompt.line, "there");
});

Deno.test("PromptLoop keeps what was entered before anybody reads, in order", async () => {
  const device = new FakeDevice(40, 10);
  const prompt = new PromptLoop(Terminal.open({ device }), { prompt: "> " });
  await device.type("one\rtwo\r\x03three");
  const events: PromptEvent[] = [];
  const reader = (async () => {
    for await (const event of prompt) events.push(event);
  })();
  assertEquals(prompt.line, "three");
  prompt.close();
  await reader;
  assertEquals(events, [
    { type: "line", text: "one" },
    { type: "line", text: "two" },
    { type: "interrupt", discarded: "" },
  ]);
});

test("PromptLoop takes an entered line away: the program prints its own", async ({ device, prompt, terminal }) => {
  await device.type("hello\r");
  prompt.print("12:00 you: hello");
  assertEquals(terminal.lines, ["12:00 you: hello", "you>"]);
});

test("PromptLoop prints above a line that is being written", async ({ device, prompt, terminal }) => {
  await device.type("draft\x1b[D");
  prompt.print("bob: hi");
  assertEquals(terminal.lines, ["bob: hi", "you> draft"]);
  assertEquals(terminal.cursor, [1, 9]);
});

test("PromptLoop shows prompt and status as they change", async ({ device, prompt, terminal }) => {
  await device.type("hi");
  prompt.setPrompt("alice> ");
  prompt.setStatus("connected");
  assertEquals(terminal.lines, ["alice> hi", "connected"]);
  prompt.setStatus("");
  prompt.setLine("other");
  assertEquals(terminal.lines, ["alice> other"]);
});

Deno.test("PromptLoop.setPending() shows lines above the prompt until they are printed", async () => {
  const { device, prompt, terminal } = start();
  await device.type("draft");
  prompt.setPending(["one"]);
  prompt.setPending(["one", "two"]);
  assertEquals(terminal.lines, ["you> draft"], "not before what runs now is done");
  await device.settle();
  assertEquals(terminal.lines, ["one", "two", "you> draft"]);
  await device.type("\r");
  assertEquals(terminal.lines, ["one", "two", "you>"]);
  const { length } = terminal.log;
  prompt.setPending(["two"]);
  prompt.print("12:00 one");
  assertEquals(terminal.lines, ["12:00 one", "two", "you>"], "in one step");
  assertEquals(terminal.log.slice(length).split("\x1b[?2026h").length, 2, "of one update");
  prompt.close();
  assertEquals(terminal.lines, ["12:00 one"]);
  prompt.setPending(["three"]);
  await device.settle();
  assertEquals(terminal.lines, ["12:00 one"]);
});

Deno.test("PromptLoop.setPending() costs a bounded number of bytes for each line of a burst", async () => {
  const { device, prompt, terminal } = start({}, 40, 24);
  const bytesFor = async (lines: number) => {
    const { length } = terminal.log;
    const typed = Array.from({ length: lines }, (_, i) => `line ${i}`);
    for (const [i, line] of typed.entries()) {
      await device.type(`${line}\r`);
      prompt.setPending(typed.slice(0, i + 1));
      await device.settle();
    }
    prompt.setPending([]);
    await device.settle();
    return terminal.log.length - length;
  };
  const [few, many] = [await bytesFor(50), await bytesFor(200)];
  assert(many < 6 * few, `${few} bytes for 50 lines, ${many} for 200`);
  prompt.close();
});

test("PromptLoop writes nothing for entered lines that go, but what is left at the end", async ({ device, events, terminal }) => {
  const { length } = terminal.log;
  await device.type(Array.from({ length: 200 }, (_, i) => `line ${i}\r`).join("") + "rest");
  while (events.length < 200) await device.settle();
  assertEquals(terminal.log.slice(length), "rest");
});

Deno.test("PromptLoop.columns follows the window", async () => {
  const { device, prompt } = start({}, 80);
  assertEquals(prompt.columns, 80);
  await device.resize(40, 20);
  assertEquals(prompt.columns, 40);
  prompt.close();
});

test("PromptLoop gives a paste of many lines as one line event", async ({ device, events }) => {
  await device.type("\x1b[200~one\ntwo\x1b[201~");
  assertEquals(events, []);
  await device.type("\r");
  assertEquals(events, [{ type: "line", text: "one\ntwo" }]);
});

test("PromptLoop redraws once for all that was typed at once", async ({ device, terminal }) => {
  const { length } = terminal.log;
  await device.type("hello\x01\x05 world");
  assertEquals(terminal.log.slice(length), "hello world");
});

test("PromptLoop reports C-c with what it threw away, and C-d", async ({ device, events, terminal }) => {
  await device.type("draft\x03\x03\x04");
  assertEquals(events, [
    { type: "interrupt", discarded: "draft" },
    { type: "interrupt", discarded: "" },
    { type: "eof", cause: "key" },
  ]);
  assertEquals(terminal.lines, ["you> draft", "you>", "you>"]);
});

test("PromptLoop reports the focus and does not redraw for it", async ({ device, events, terminal }) => {
  const { length } = terminal.log;
  await device.type("\x1b[O\x1b[I");
  assertEquals(events, [{ type: "focus", focused: false }, { type: "focus", focused: true }]);
  assertEquals(terminal.log.length, length);
});

Deno.test("PromptLoop ends when input or output is gone", async () => {
  const input = start();
  await input.device.endInput();
  assertEquals(input.events, [{ type: "eof", cause: "input" }, "done"]);
  input.prompt.close();
  const output = start();
  output.device.onWrite = () => {
    throw new Deno.errors.BrokenPipe();
  };
  output.prompt.print("lost");
  await output.device.settle();
  assertEquals(output.events, [{ type: "eof", cause: "output" }, "done"]);
  output.prompt.close();
});

Deno.test("PromptLoop: close() takes the prompt away and lets print() go on", async () => {
  const { device, prompt, events, terminal } = start();
  await device.type("draft");
  prompt.print("bob: hi");
  prompt.close();
  await device.settle();
  assertEquals([events, device.isRaw, device.leftovers], [["done"], false, 0]);
  assertEquals(terminal.lines, ["bob: hi"]);
  prompt.print("bye\x1b");
  prompt.close();
  assertEquals(terminal.log.endsWith("bye␛\n"), true);
});

const WORDS = ["/verify", "/versions", "/quit"];

Deno.test("PromptLoop completes on Tab, and shows candidates until the next key", async () => {
  const { device, prompt, terminal } = start({ completer: () => WORDS });
  prompt.setStatus("connected");
  await device.type("/v\t");
  assertEquals(terminal.lines, ["you> /ver", "connected"]);
  await device.type("\t");
  assertEquals(terminal.lines, ["you> /ver", "/verify  /versions"]);
  assertEquals(terminal.bells, 1);
  await device.type("i");
  assertEquals(terminal.lines, ["you> /veri", "connected"]);
  await device.type("\t");
  assertEquals(prompt.line, "/verify ");
  prompt.close();
});

Deno.test("PromptLoop says why it refuses, and rings", async () => {
  const { device, prompt, terminal } = start({}, 80);
  await device.type(`\x1b[200~${"x".repeat(65_537)}\x1b[201~`);
  assertEquals(terminal.lines, [
    "you>",
    "Not inserted: a message holds 65,536 characters, and this would make 65,537.",
  ]);
  assertEquals(terminal.bells, 1);
  await device.type("ok");
  assertEquals(terminal.lines, ["you> ok"]);
  prompt.close();
});

test("PromptLoop searches its history in the prompt's place", async ({ device, terminal }) => {
  await device.type("meet at noon\r\x12noo");
  assertEquals(terminal.lines, ["(reverse-i-search)`noo': meet at noon"]);
  await device.type("\x07");
  assertEquals(terminal.lines, ["you>"]);
});

test("PromptLoop: ask() keeps a secret off the screen, the history and the events", async ({ device, prompt, events, terminal }) => {
  await device.type("draft");
  const answer = prompt.ask("passphrase: ", { mask: "•" });
  prompt.print("bob: hi");
  await device.type("hunter2");
  assertEquals(terminal.lines, ["bob: hi", "passphrase: •••••••"]);
  assertEquals(prompt.line, "draft");
  await device.type("\r");
  assertEquals(await answer, "hunter2");
  assertEquals(terminal.lines, ["bob: hi", "passphrase: •••••••", "you> draft"]);
  await device.type("\x15\x1b[A\x19");
  assertEquals(events, []);
  assertEquals(prompt.line, "draft", "only the draft was killed");
  assertEquals(terminal.log.includes("hunter2"), false);
});

Deno.test("PromptLoop: ask() gives undefined for C-c, C-d, the end of input and close()", async () => {
  for (const end of ["\x03", "\x04"]) {
    const { device, prompt, events } = start();
    const answer = prompt.ask("code: ");
    await device.type(end);
    assertEquals([await answer, events], [undefined, []]);
    prompt.close();
  }
  const ended = start();
  const unanswered = ended.prompt.ask("code: ");
  await ended.device.endInput();
  assertEquals(await unanswered, undefined);
  assertEquals(await ended.prompt.ask("and now: "), undefined, "nobody is there to answer");
  ended.prompt.close();
  const closed = start();
  const given = closed.prompt.ask("code: ");
  closed.prompt.close();
  assertEquals([await given, await closed.prompt.ask("again: ")], [undefined, undefined]);
});

test("PromptLoop: ask() asks one question at a time", async ({ device, prompt, terminal }) => {
  const answer = prompt.ask("name: ");
  await device.type("bob");
  assertThrows(() => prompt.ask("other: "), Error, "another question is open");
  assertEquals(terminal.lines, ["name: bob"]);
  await device.type("by\r");
  assertEquals(await answer, "bobby");
});

Deno.test("PromptLoop: C-z leaves the line on the screen and draws it again afterwards", async () => {
  const { device, prompt, terminal } = start({}, 80);
  await device.type("draft\x1a");
  assertEquals(device.calls, ["raw", "cooked", "stop"]);
  const note = "Stopped. To continue: fg";
  assertEquals(terminal.lines, [note, "you> draft"]);
  prompt.print("bob: hi");
  assertEquals(terminal.lines, [note, "you> draft", "bob: hi"], "no prompt while it is stopped");
  prompt.setStatus("connected");
  const { length } = terminal.log;
  await device.signal("SIGWINCH");
  assertEquals(terminal.log.length, length);
  terminal.write("\r"); // a cooked terminal adds it to the newline
  await device.signal("SIGCONT");
  assertEquals(terminal.lines, [note, "you> draft", "bob: hi", "you> draft", "connected"]);
  await device.type("s");
  assertEquals(terminal.lines.at(-2), "you> drafts");
  prompt.close();
});

Deno.test("PromptLoop: C-z says so where it can do nothing", async () => {
  const device = new FakeDevice(80);
  const prompt = new PromptLoop(Terminal.open({ device }), { prompt: "you> " });
  await device.type("draft\x1a");
  const note = "Ctrl-Z does nothing without --suspend: a task runner would hang.";
  assertEquals(device.terminal.lines, ["you> draft", note]);
  assertEquals(device.calls, ["raw"]);
  prompt.close();
});

test("PromptLoop follows the size of the window", async ({ device, prompt, terminal }) => {
  prompt.print("bob: hi");
  await device.type("a".repeat(30));
  await device.resize(20, 10);
  assertEquals(terminal.lines, ["bob: hi", "you> " + "a".repeat(15), "     " + "a".repeat(15)]);
  await device.resize(60, 10);
  assertEquals(terminal.lines, ["bob: hi", "you> " + "a".repeat(30)]);
});

test("PromptLoop: C-l clears the screen and keeps the line", async ({ device, prompt, terminal }) => {
  prompt.print("bob: hi");
  await device.type("draft\x0c");
  assertEquals(terminal.lines, ["you> draft"]);
  assertEquals(terminal.transcript[0], "bob: hi");
});

test("PromptLoop leaves a written line on the screen when the program fails", async ({ device, terminal }) => {
  await device.type("draft\x01");
  device.unload();
  assertEquals(terminal.lines, ["you> draft"]);
  assertEquals(terminal.cursor, [1, 0], "and the error goes below it");
  assertStringIncludes(terminal.log, "\x1b[?2004l");
});

Deno.test("PromptLoop.clear() takes what the screen shows to the scrollback, and keeps the line", async () => {
  const { device, prompt, terminal } = start();
  prompt.print("bob: hi");
  await device.type("draft");
  prompt.clear();
  assertEquals(terminal.lines, ["you> draft"]);
  assertStringIncludes(terminal.transcript.join("\n"), "bob: hi");
  prompt.close();
  prompt.clear();
});

test("PromptLoop.notify() asks for a desktop notification, and lets no control out of a text", async ({ device, prompt }) => {
  const written: string[] = [];
  device.onWrite = (bytes) => {
    written.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  prompt.notify("parley: something new");
  prompt.notify("a\x07\x1b]0;b\u009c你\n");
  assertEquals(written, ["\x1b]9;parley: something new\x07", "\x1b]9;a]0;b\x07"]);
  device.onWrite = () => undefined;
  await device.settle();
});
