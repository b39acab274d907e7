import { assertEquals } from "@std/assert";
import { CheckError, ParleyError } from "../../lib/errors.ts";
import type { LineInput } from "../../lib/client/lines.ts";
import { PipeClient } from "../../lib/client/pipe_client.ts";
import { FakeRelay, RecordingView } from "./fake_relay.ts";

/** Lines and then the end of input. */
async function* input(...items: (string[] | ParleyError)[]): AsyncGenerator<LineInput> {
  for (const item of items) {
    yield item instanceof ParleyError
      ? { type: "bad-line", error: item }
      : { type: "lines", lines: item };
  }
}

/** Input that never ends. */
const silence = (): AsyncIterable<LineInput> => ({
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
});

const never = new Promise<void>(() => {});

function pipe(relay: FakeRelay, name: string) {
  const recorder = new RecordingView();
  const client = new PipeClient(recorder);
  const seat = relay.join(name, {}, new RecordingView(client));
  return { ...seat, client, recorder };
}

Deno.test("PipeClient: two pipes hear each other out, and both end with 0", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const codes = await Promise.all([
    a.client.run(a.conversation, input(["1", "2"], ["3"]), never),
    b.client.run(b.conversation, input(["x"]), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals([a.recorder.texts, b.recorder.texts], [["x"], ["1", "2", "3"]]);
});

Deno.test("PipeClient: a thousand lines pass the high-water mark in order", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const lines = Array.from({ length: 1000 }, (_, i) => String(i));
  const codes = await Promise.all([
    a.client.run(a.conversation, input(lines.slice(0, 600), lines.slice(600)), never),
    b.client.run(b.conversation, input(), never),
  ]);
  assertEquals(codes, [0, 0]);
  assertEquals(b.recorder.texts, lines);
});

Deno.test("PipeClient: a line that can't be sent is reported, and the exit code is 1", async () => {
  const relay = new FakeRelay();
  const [a, b] = [pipe(relay, "alice"), pipe(relay, "bob")];
  const bad = new ParleyError("line-too-long", "line 2 is too long");
  const codes = await Promise.all([
    a.client.run(a.conversation, input(["1"], bad, ["3"]), never),
    b.client.run(b.conversation, input(), never),
  ]);
  assertEquals(codes, [1, 0]);
  assertEquals(b.recorder.texts, ["1", "3"]);
  assertEquals(a.recorder.all("refused").map(({ error }) => error.code), ["line-too-long"]);
});

Deno.test("PipeClient: a peer that vanishes ends it with 1", async () => {
  const relay = new FakeRelay();
  const a = pipe(relay, "alice");
  const b = relay.join("bob");
  const code = a.client.run(a.conversation, silence(), never);
  await b.view.until("secure");
  await a.recorder.until("secure");
  await b.conversation.close();
  assertEquals(await code, 1);
});

Deno.test("PipeClient: a check that fails ends it with 3", async () => {
  const a = pipe(new FakeRelay(), "alice");
  const code = a.client.run(a.conversation, silence(), never);
  a.client.show({ type: "error", error: new CheckError("bad-signature", "x") });
  assertEquals(await code, 3);
});

Deno.test("PipeClient: an interruption ends it with 0, or with 1 when lines are undelivered", async () => {
  const a = pipe(new FakeRelay(), "alice");
  assertEquals(await a.client.run(a.conversation, silence(), Promise.resolve()), 0);
  const b = pipe(new FakeRelay(), "bob");
  const { promise, resolve } = Promise.withResolvers<void>();
  const code = b.client.run(b.conversation, input(["never delivered"]), promise);
  await b.conversation.until(() => b.conversation.undelivered === 1);
  resolve();
  assertEquals(await code, 1);
});
