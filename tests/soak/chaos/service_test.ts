import { assertEquals } from "@std/assert";
import { inTime } from "../../helpers/deadline.ts";
import { ConditionVariable } from "./condition.ts";
import { Child, type Ended } from "./child.ts";
import { readEvent } from "./client_event.ts";
import { Service } from "./service.ts";
import { canRun, canWriteTemp, tempDir } from "../../helpers/permissions.ts";
import { StillClock } from "./still_clock.ts";

/** A process that ends when it is told. */
class FakeChild {
  readonly #ended = Promise.withResolvers<Ended>();
  readonly ended = this.#ended.promise;
  kill = () => this.end(137);
  end = (code: number) => this.#ended.resolve({ code, stderr: "" });
}

/** A service of such processes, and what happened to it. */
function fakeService() {
  const clock = new StillClock();
  const children: FakeChild[] = [];
  const story: string[] = [];
  const told = new ConditionVariable(clock);
  const service = new Service({
    start: () => {
      children.push(new FakeChild());
      return children.at(-1) as unknown as Child;
    },
    onStart: () => story.push("started"),
    onGone: ({ code }, wasKilled) => {
      story.push(`${wasKilled ? "killed" : "ended"} ${code}`);
      told.notifyAll();
    },
    clock,
  });
  return { clock, children, story, service };
}

Deno.test("Service starts its program again after a kill, when its pause is over", async () => {
  const { clock, children, story, service } = fakeService();
  await using _ = service;
  service.kill(300);
  assertEquals(service.current, null, "a process that is being killed takes nothing any more");
  await clock.someoneWaits();
  assertEquals([service.current, story], [null, ["started", "killed 137"]]);
  clock.advance(300);
  await until(() => children.length === 2);
  assertEquals([service.killed, story.length], [1, 3]);
});

Deno.test("Service starts its program again after it ended by itself", async () => {
  const { clock, children, story, service } = fakeService();
  await using _ = service;
  children[0]!.end(4);
  await clock.someoneWaits();
  clock.advance(500);
  await until(() => children.length === 2);
  assertEquals([service.killed, story], [0, ["started", "ended 4", "started"]]);
});

Deno.test("Service kills a process that is away soon after it is back", async () => {
  const { clock, children, story, service } = fakeService();
  await using _ = service;
  service.kill(300);
  service.kill(200);
  await clock.someoneWaits();
  assertEquals(service.killed, 1);
  clock.advance(300);
  await until(() => children.length === 2);
  await clock.someoneWaits();
  assertEquals(service.killed, 1);
  clock.advance(200);
  await until(() => story.length === 4);
  assertEquals([service.killed, story.at(-1)], [2, "killed 137"]);
});

Deno.test("Service.last() lets the process end, and starts none after it", async () => {
  const { children, story, service } = fakeService();
  const last = service.last();
  children[0]!.end(0);
  await last;
  assertEquals(story, ["started", "ended 0"]);
});

/** Turns of the event loop, without time. */
async function until(condition: () => boolean): Promise<void> {
  const holds = async () => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await inTime(String(condition), holds());
}

Deno.test("ConditionVariable.until() waits for a state of things, and not longer than it may", async () => {
  const clock = new StillClock();
  const condition = new ConditionVariable(clock);
  const { signal } = new AbortController();
  let count = 0;
  const reached = condition.until(() => count === 2, 1000, signal);
  for (; count < 2; count++) condition.notifyAll();
  condition.notifyAll();
  assertEquals(await reached, true);
  const missed = condition.until(() => false, 1000, signal);
  clock.advance(1000);
  assertEquals(await missed, false);
  assertEquals(await condition.until(() => false, 1000, AbortSignal.abort()), false);
});

Deno.test("readEvent() reads what a client prints, and leaves alone what a kill cut off", () => {
  const event = readEvent('{"event":"message","text":"x","sequence":3,"again":true}')!;
  assertEquals([event.event, event.text, event.sequence, event.again], ["message", "x", 3, true]);
  assertEquals(readEvent('{"event":"file-received","path":"received/a.bin"}')!.name, "a.bin");
  assertEquals(readEvent('{"event":"mess'), null);
});

Deno.test({
  name: "Child hands over every line that a killed process printed before it reports its end",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    const program = `${folder.path}/program.js`;
    await Deno.writeTextFile(
      program,
      `const line = "x".repeat(2000) + "\\n";
       for (let i = 0; i < 20; i++) Deno.stdout.writeSync(new TextEncoder().encode(line));
       console.error("error");
       console.log("ready");
       for await (const chunk of Deno.stdin.readable) Deno.stdout.writeSync(chunk);`,
    );
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    const echoed = Promise.withResolvers<void>();
    const child = new Child({
      args: ["run", "--quiet", "--no-prompt", program],
      cwd: folder.path,
      onLine: (line) => {
        lines.push(line);
        if (line === "ready") ready.resolve();
        if (line === "hello") echoed.resolve();
      },
    });
    await ready.promise;
    child.write("hello\n");
    await echoed.promise;
    child.kill();
    child.write("to nobody\n");
    const { stderr } = await child.ended;
    assertEquals([lines.length, stderr], [22, "error\n"]);
  },
});
