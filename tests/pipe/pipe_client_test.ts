import { heavyTest } from "../helpers/permissions.ts";
import { assertEquals } from "@std/assert";
import { CheckError, ParleyError } from "../../lib/errors.ts";
import type { PipeInput } from "../../lib/pipe/lines.ts";
import { PipeClient } from "../../lib/pipe/pipe_client.ts";
import { FakeRelay } from "../conversation/fake_relay.ts";
import { input, never, silence } from "./inputs.ts";

const PATIENCE = 120_000;

function pipe(relay: FakeRelay, name: string) {
  const seat = relay.prepare(name, { patience: PATIENCE });
  const client = new PipeClient({ ...seat, save: null });
  seat.connect();
  return { ...seat, client, recorder: seat.view };
}

/** Lets clocks of the relay's world run out. */
function expire(relay: FakeRelay, patience: number): void {
  const timers = [...relay.timers].filter(({ milliseconds }) => milliseconds === patience);
  for (const { callback } of timers) callback();
}

Deno.test("PipeClient: two pipes hear each other out, and both end with 0", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const codes = await Promise.all([
    a.client.run(input(["1", "2"], ["3"]), never),
    b.client.run(input(["x"]), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals([a.recorder.texts, b.recorder.texts], [["x"], ["1", "2", "3"]]);
});

heavyTest("PipeClient: 600 lines pass the high-water mark in order", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const lines = Array.from({ length: 600 }, (_, i) => String(i));
  const codes = await Promise.all([
    a.client.run(input(lines.slice(0, 520), lines.slice(520)), never),
    b.client.run(input(), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals(b.recorder.texts, lines);
});

Deno.test("PipeClient reads no further while 8192 lines have not arrived", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<PipeInput> {
    for (;; read++) yield say("x");
  }
  const a = pipe(new FakeRelay(), "alice");
  const { promise, resolve } = Promise.withResolvers<void>();
  const code = a.client.run(endless(), promise);
  await a.recorder.until("queued", 8192);
  resolve();
  // One more is read when it is over, to no end.
  assertEquals([await code, read], [1, 8192]);
});

Deno.test("PipeClient: a line that can't be sent is reported, and the exit code is 1", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const bad = new ParleyError("line-too-long", "line 2 is too long");
  const codes = await Promise.all([
    a.client.run(input(["1"], bad, ["3"]), never),
    b.client.run(input(), never),
  ]);
  assertEquals(codes, [1, 0]);
  assertEquals(b.recorder.texts, ["1", "3"]);
  assertEquals(a.recorder.all("refused").map(({ error }) => error.code), ["line-too-long"]);
});

Deno.test("PipeClient: a peer that vanishes ends it with 1", async () => {
  const relay = new FakeRelay();
  const a = pipe(relay, "alice");
  const b = relay.join("bob");
  const code = a.client.run(silence(), never);
  await b.view.until("secure");
  await a.recorder.until("secure");
  await b.conversation.close();
  assertEquals(await code, 1);
});

Deno.test("PipeClient: a check that fails ends it with 3", async () => {
  const a = pipe(new FakeRelay(), "alice");
  const code = a.client.run(silence(), never);
  a.events.report({ type: "error", error: new CheckError("bad-signature", "x") });
  assertEquals(await code, 3);
});

Deno.test("PipeClient: an interruption ends it with 0, or with 1 when lines are undelivered", async () => {
  const a = pipe(new FakeRelay(), "alice");
  assertEquals(await a.client.run(silence(), Promise.resolve()), 0);
  const b = pipe(new FakeRelay(), "bob");
  const { promise, resolve } = Promise.withResolvers<void>();
  const code = b.client.run(input(["never delivered"]), promise);
  await b.conversation.until(() => b.conversation.undelivered === 1);
  resolve();
  assertEquals(await code, 1);
});

/** What a script asks for, and then the end of input. */
async function* script(...items: PipeInput[]): AsyncGenerator<PipeInput> {
  yield* items;
}

const say = (...lines: string[]): PipeInput => ({ type: "lines", lines });

Deno.test("PipeClient: {finish} ends the input, and both leave with 0", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const codes = await Promise.all([
    a.client.run(script(say("1"), { type: "finish" }, say("2")), never),
    b.client.run(input(), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals(b.recorder.texts, ["1"]);
});

Deno.test("PipeClient: a line that the relay does not let pass is refused, what follows goes, and it ends with 1", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  a.receive({ type: "limits", payloadBytes: 20_000 });
  await a.conversation.until(() => a.conversation.longestText < 20_000);
  const codes = await Promise.all([
    a.client.run(script(say("1", "x".repeat(20_000), "2")), never),
    b.client.run(input(), never),
  ]);
  assertEquals(codes, [1, 0]);
  assertEquals(b.recorder.texts, ["1", "2"]);
  assertEquals(a.recorder.all("refused").map(({ error }) => error.code), ["line-too-long"]);
});

Deno.test("PipeClient reads no more while much waits to arrive, in lines or in bytes", async () => {
  for (const [lines, length] of [[300, 1], [10, 100_000]] as const) {
    const relay = new FakeRelay();
    const a = pipe(relay, "alice");
    let read = 0;
    const endless = async function* (): AsyncGenerator<PipeInput> {
      while (true) {
        read += lines;
        yield say(...Array.from({ length: lines }, () => "x".repeat(length)));
      }
    };
    const stopped = Promise.withResolvers<void>();
    const code = a.client.run(endless(), stopped.promise);
    const most = lines === 300 ? 8400 : 30;
    await a.conversation.until(() => a.conversation.undelivered >= most);
    stopped.resolve();
    assertEquals(await code, 1);
    // What it asks for when it is stopped is not said any more.
    assertEquals(read, most + lines);
  }
});

Deno.test("PipeClient: {verify} waits for somebody; the peer's key will do as digits, spaces do not matter", async () => {
  const relay = new FakeRelay();
  const a = pipe(relay, "alice");
  const digits = Promise.withResolvers<string>();
  async function* asks(): AsyncGenerator<PipeInput> {
    yield { type: "verify", digits: null };
    yield { type: "verify", digits: await digits.promise };
    yield say("hello");
  }
  const code = a.client.run(asks(), never);
  const b = pipe(relay, "bob");
  const other = b.client.run(input(), never);
  await a.recorder.until("safety");
  const { peerFingerprint, words } = a.recorder.all("safety")[0]!;
  assertEquals(words.split(" ").length, 16);
  digits.resolve(peerFingerprint.replaceAll(" ", ""));
  assertEquals([await code, await other], [0, 0]);
  assertEquals(a.recorder.all("verified").length, 1);
  assertEquals(b.recorder.texts, ["hello"]);
});

Deno.test("PipeClient: digits that differ end it with 3, and neither a line nor a goodbye follows", async () => {
  for (const digits of ["", "0".repeat(60)]) {
    const relay = new FakeRelay();
    const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
    const asks = script({ type: "verify", digits }, say("a secret"));
    assertEquals(await a.client.run(asks, never), 3);
    await b.recorder.until("peer-left");
    assertEquals([b.recorder.texts, b.recorder.all("peer-finished")], [[], []]);
    assertEquals(a.recorder.all("error").map(({ error }) => error.code), ["unverified"]);
  }
});

Deno.test("PipeClient: {export} without a place to save, and {join} too late, are refused; exit code 1", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const asks = script({ type: "export", name: "x" }, { type: "join", code: "7-a-b" }, say("1"));
  const codes = await Promise.all([
    a.client.run(asks, never),
    b.client.run(input(), never),
  ]);
  assertEquals(codes, [1, 0]);
  const refused = a.recorder.all("refused").map(({ error }) => error.code);
  assertEquals(refused, ["nothing-to-export", "bad-input"]);
});

Deno.test("PipeClient.deliver() leaves when the other side has everything, without its goodbye", async () => {
  const relay = new FakeRelay();
  const a = pipe(relay, "alice");
  a.conversation.say("it is done");
  const code = a.client.deliver(never);
  const b = relay.join("bob");
  assertEquals(await code, 0);
  await b.view.until("peer-left");
  assertEquals([b.view.texts, b.view.all("peer-left")[0]!.clean], [["it is done"], true]);
});

Deno.test("PipeClient.deliver() ends with 1 when time runs out, or the other side vanishes first", async () => {
  const nobody = new FakeRelay();
  const a = pipe(nobody, "alice");
  a.conversation.say("it is done");
  a.conversation.giveUpAfter(3_000);
  const late = a.client.deliver(never);
  expire(nobody, 3_000);
  assertEquals(await late, 1);
  assertEquals(a.recorder.all("error").map(({ error }) => error.code), ["timeout"]);

  const relay = new FakeRelay();
  const b = pipe(relay, "alice");
  relay.lost.add("message");
  b.conversation.say("it is done");
  const code = b.client.deliver(never);
  const c = relay.join("bob");
  await b.recorder.until("secure");
  await c.conversation.close();
  assertEquals(await code, 1);
  assertEquals(b.recorder.all("peer-left")[0]!.undelivered, ["it is done"]);
});

Deno.test("PipeClient waits for a lost connection, goes on, and ends with 0", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const codes = [
    a.client.run(input(["1", "2"]), never),
    b.client.run(input(["x"]), never),
  ];
  await b.recorder.until("message");
  a.drop();
  await b.recorder.until("peer-away");
  a.comeBack();
  assertEquals(await Promise.all(codes), [0, 0]);
  assertEquals([a.recorder.texts, b.recorder.texts], [["x"], ["1", "2"]]);
  assertEquals([...relay.timers].filter(({ milliseconds }) => milliseconds === PATIENCE), []);
});

Deno.test("PipeClient ends with 1 when the connection does not come back in time, and says how much is lost", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const code = a.client.run(silence(), never);
  await a.recorder.until("secure");
  b.drop();
  await a.recorder.until("peer-away");
  a.conversation.say("into the void");
  await a.recorder.until("queued");
  expire(relay, PATIENCE);
  assertEquals(await code, 1);
  const { error } = a.recorder.all("error")[0]!;
  assertEquals([error.code, /arrived: 1\./.test(error.message)], ["lost", true]);
});

Deno.test("PipeClient that has heard and said everything does not wait for long behind a lost connection", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const code = a.client.run(silence(), never);
  await Promise.all([a.recorder.until("secure"), b.recorder.until("secure")]);
  b.conversation.finish();
  await a.recorder.until("peer-finished");
  a.drop();
  await a.recorder.until("disconnected");
  expire(relay, 5_000);
  assertEquals(await code, 0);
});
