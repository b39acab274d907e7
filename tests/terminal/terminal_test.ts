import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ParleyError } from "../../lib/errors.ts";
import { Terminal, type TerminalEvent } from "../../lib/terminal/terminal.ts";
import { FakeDevice } from "./fake_device.ts";

/** Opens a terminal and collects what it reports, in short. */
function open(focus = false) {
  const device = new FakeDevice();
  const terminal = Terminal.open({ device, focus, suspend: true });
  const events: string[] = [];
  (async () => {
    for await (const event of terminal) events.push(short(event));
    events.push("done");
  })();
  return { device, terminal, events };
}

function short(event: TerminalEvent): string {
  if (event.type === "keys") return event.keys.map(({ name }) => name).join(" ");
  if (event.type === "end") return `end ${event.cause}`;
  return `${event.type} ${event.size.columns}x${event.size.rows}`;
}

/** A test with such a terminal, which is closed at its end. */
function test(name: string, fn: (world: ReturnType<typeof open>) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const world = open();
    await fn(world);
    world.terminal.close();
  });
}

Deno.test("Terminal.open() takes raw mode and bracketed paste, close() gives both back", () => {
  const { device, terminal } = open();
  assertEquals([device.isRaw, [...device.terminal.modes]], [true, ["2004"]]);
  terminal.close();
  assertEquals([device.isRaw, [...device.terminal.modes]], [false, []]);
  assertEquals(device.calls, ["raw", "cooked", "close"]);
  assertEquals(device.leftovers, 0);
  terminal.close();
  terminal.restore();
  assertEquals(device.calls, ["raw", "cooked", "close"], "once");
});

Deno.test("Terminal.open() asks for focus events if they are wanted", () => {
  const { device, terminal } = open(true);
  assertEquals([...device.terminal.modes], ["2004", "1004"]);
  terminal.close();
  assertEquals([...device.terminal.modes], []);
});

Deno.test("Terminal.open() refuses pipes and files", () => {
  const device = new FakeDevice();
  device.isInteractive = false;
  const error = assertThrows(() => Terminal.open({ device }), ParleyError);
  assertEquals(error.code, "no-terminal");
  assertEquals([device.calls, device.leftovers], [[], 0], "and changes nothing");
});

Deno.test("Terminal reports keys that were read together together", async () => {
  const { device, terminal, events } = open();
  await device.type("ab\x1b[A");
  await device.type("c");
  assertEquals(events, ["a b up", "c"]);
  terminal.close();
  await device.settle();
  assertEquals(events, ["a b up", "c", "done"]);
});

test("Terminal waits 50 ms for what follows an ESC", async ({ device, events }) => {
  await device.type("\x1b");
  await device.pass(49);
  await device.type("[A");
  assertEquals(events, ["up"]);
  await device.type("\x1b");
  await device.pass(50);
  assertEquals(events, ["up", "escape"]);
  await device.type("[A");
  assertEquals(events, ["up", "escape", "[ A"]);
});

test("Terminal waits 10 s for the end of a paste", async ({ device, events }) => {
  await device.type("\x1b[200~half");
  await device.pass(9_999);
  assertEquals(events, []);
  await device.type(" and");
  await device.pass(9_999);
  await device.type(" half\x1b[201~");
  assertEquals(events, ["paste"]);
  await device.type("\x1b[200~lost");
  await device.pass(10_000);
  assertEquals(events, ["paste", "paste"]);
});

test("Terminal reports a new size", async ({ device, terminal, events }) => {
  await device.resize(20, 5);
  assertEquals(events, ["resize 20x5"]);
  assertEquals(terminal.size, { columns: 20, rows: 5 });
});

Deno.test("Terminal reports the end of input once, and can still write", async () => {
  const { device, terminal, events } = open();
  await device.endInput();
  assertEquals(events, ["end input", "done"]);
  terminal.write("bye");
  assertEquals(device.terminal.lines, ["bye"]);
  terminal.close();
  assertEquals(device.isRaw, false);
});

test("Terminal writes all of a text in as many pieces as it takes", ({ device, terminal }) => {
  device.onWrite = () => 1;
  terminal.write("hällo 你");
  assertEquals(device.terminal.lines, ["hällo 你"]);
});

Deno.test("Terminal waits where a write would block", () => {
  const { device, terminal } = open();
  let refusals = 3;
  device.onWrite = () => {
    if (refusals-- > 0) throw new Deno.errors.WouldBlock();
    return undefined;
  };
  terminal.write("hello");
  assertEquals(device.terminal.lines, ["hello"]);
  assertEquals(device.calls, ["raw", "pause", "pause", "pause"]);
  terminal.close();
});

for (
  const [what, error] of [
    ["is closed", new Deno.errors.BrokenPipe()],
    ["takes nothing for 10 s", new Deno.errors.WouldBlock()],
    ["has hung up", new Error("Input/output error")],
  ] as const
) {
  Deno.test(`Terminal reports an output that ${what}, and throws nothing`, async () => {
    const { device, terminal, events } = open();
    let writes = 0;
    device.onWrite = () => {
      writes++;
      throw error;
    };
    terminal.write("lost");
    const { length } = device.calls;
    terminal.write("lost too");
    await device.settle();
    assertEquals(events, ["end output", "done"]);
    assertEquals(device.calls.length, length, "later writes are not tried");
    terminal.close();
    assertEquals(device.isRaw, false);
    assertEquals(writes > 0, true);
  });
}

Deno.test("Terminal gives the terminal back when the program ends or fails", () => {
  const { device, terminal } = open();
  terminal.beforeRestore = () => "\r\x1b[K";
  device.unload();
  assertEquals([device.isRaw, [...device.terminal.modes]], [false, []]);
  assertStringIncludes(device.terminal.log, "\r\x1b[K\x1b[?2004l\x1b[0m");
  terminal.close();
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`Terminal gives the terminal back on ${signal} and exits with ${code}`, async () => {
    const { device, terminal } = open();
    await device.signal(signal);
    assertEquals(device.calls, ["raw", "cooked", `exit ${code}`]);
    assertEquals([...device.terminal.modes], []);
    terminal.close();
  });
}

Deno.test("Terminal takes leave when a signal comes, with the terminal given back, and then exits", async () => {
  const { device, terminal, events } = open();
  const { promise, resolve } = Promise.withResolvers<void>();
  terminal.beforeExit = () => {
    device.calls.push("beforeExit");
    return promise;
  };
  await device.signal("SIGTERM");
  assertEquals(device.calls, ["raw", "cooked", "beforeExit"]);
  terminal.write("too late");
  await device.resize(20, 5);
  await device.signal("SIGCONT");
  await device.signal("SIGTERM");
  assertEquals(device.calls, ["raw", "cooked", "beforeExit"], "once, and nothing is drawn");
  assertEquals([events, device.terminal.lines], [["done"], []]);
  resolve();
  await device.settle();
  assertEquals(device.calls, ["raw", "cooked", "beforeExit", "exit 143"]);
  await device.pass(1000);
  assertEquals(device.calls.at(-2), "beforeExit", "exits once");
});

Deno.test("Terminal waits 300 ms for a beforeExit that does not end", async () => {
  const { device, terminal } = open();
  terminal.beforeExit = () => new Promise(() => {});
  await device.signal("SIGHUP");
  await device.pass(299);
  assertEquals(device.calls, ["raw", "cooked"]);
  await device.pass(1);
  assertEquals(device.calls, ["raw", "cooked", "exit 129"]);
});

test("Terminal: suspend() gives back, stops, and takes over on SIGCONT", async ({ device, terminal, events }) => {
  terminal.suspend();
  assertEquals(device.calls, ["raw", "cooked", "stop"]);
  assertEquals([...device.terminal.modes], []);
  terminal.suspend();
  assertEquals(device.calls, ["raw", "cooked", "stop"], "once");
  await device.signal("SIGCONT");
  assertEquals([device.isRaw, [...device.terminal.modes]], [true, ["2004"]]);
  assertEquals(events, ["resume 40x10"]);
  await device.pass(1000);
  assertEquals(events, ["resume 40x10"], "once");
});

test("Terminal: suspend() resumes where nothing could stop it", async ({ device, terminal, events }) => {
  terminal.suspend();
  await device.pass(100);
  assertEquals([device.isRaw, events], [true, ["resume 40x10"]]);
});

Deno.test("Terminal: suspend() does nothing unless it is allowed", () => {
  const device = new FakeDevice();
  for (const suspend of [undefined, false, true]) {
    const terminal = Terminal.open({ device, suspend });
    assertEquals(terminal.canSuspend, suspend === true);
    terminal.suspend();
    terminal.close();
  }
  const untouched = ["raw", "cooked", "close"];
  assertEquals(device.calls, [...untouched, ...untouched, "raw", "cooked", "stop", "close"]);
});

test("Terminal takes over again when something else stopped and continued it", async ({ device, events }) => {
  device.isRaw = false; // as the shell leaves it
  await device.signal("SIGCONT");
  assertEquals([device.isRaw, events], [true, ["resume 40x10"]]);
  assertEquals(device.calls, ["raw", "cooked", "raw"], "a change, or nothing would be set");
});

Deno.test("Terminal: close() while suspended leaves the terminal alone", async () => {
  const { device, terminal } = open();
  terminal.suspend();
  terminal.close();
  await device.signal("SIGCONT");
  await device.pass(1000);
  assertEquals(device.calls, ["raw", "cooked", "stop", "close"]);
});
