/**
 * Files that do not get across: the receiver learns of it before the goodbye, says so, and its script fails.
 */
import { assert, assertEquals } from "@std/assert";
import type { PipeInput } from "../../lib/pipe/lines.ts";
import { PipeClient } from "../../lib/pipe/pipe_client.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { FakeRelay, type JoinOptions, type Seat } from "../conversation/fake_relay.ts";
import { contentOf } from "../transfer/content.ts";
import { MemoryDisk } from "../transfer/memory_disk.ts";
import { FakeClock } from "../helpers/relay_world.ts";
import { input, never } from "./inputs.ts";

const LEAVES = 40;

/** A sender and a receiver on pipes; `end` is called when the first leaves have come. */
async function ends(end: (sender: Seat, receiver: Seat, content: Uint8Array) => void) {
  const relay = new FakeRelay();
  const content = contentOf(LEAVES * LEAF_BYTES);
  const disks = [new MemoryDisk(), new MemoryDisk()];
  disks[0]!.store.files.set("plan.pdf", content);
  const prepare = (name: string, options: JoinOptions) => {
    const seat = relay.prepare(name, options);
    const client = new PipeClient({ ...seat, save: null });
    return { ...seat, client };
  };
  const a = prepare("alice", { disk: disks[0]! });
  const b = prepare("bob", { disk: disks[1]!, acceptance: "all" });
  const moving = Promise.withResolvers<void>();
  let isMoving = false;
  b.events.subscribe((event) => {
    if (isMoving || event.type !== "file-progress" || event.done === 0) return;
    isMoving = true;
    end(a, b, content);
    moving.resolve();
  });
  async function* send(): AsyncGenerator<PipeInput> {
    yield { type: "send-file", path: "plan.pdf" };
    await moving.promise;
    yield { type: "finish" };
  }
  async function* take(): AsyncGenerator<PipeInput> {
    await moving.promise;
    yield { type: "finish" };
  }
  for (const { connect } of [a, b]) connect();
  const codes = await Promise.all([a.client.run(send(), never), b.client.run(take(), never)]);
  return { codes, a, b, received: disks[1]!.store.received() };
}

const ENDS: Readonly<Record<string, [by: Parameters<typeof ends>[0], code: string]>> = {
  "the sender takes it back": [(a) => a.conversation.files.act("cancel", 1), "file-cancelled"],
  "it has changed": [(_a, _b, content) => content.fill(9, -1), "file-changed"],
};

for (const [what, [end, code]] of Object.entries(ENDS)) {
  Deno.test(`PipeClient: when ${what}, the receiver hears of it before the goodbye, and both end with 1`, async () => {
    const { codes, a, b, received } = await ends(end);
    assertEquals(codes, [1, 1]);
    assertEquals(b.view.all("file-stopped").map((event) => event.code), [code]);
    const types = b.view.events.map(({ type }) => type);
    assert(types.indexOf("file-stopped") < types.indexOf("peer-finished"));
    // What was in flight is no fault.
    for (const { view } of [a, b]) assertEquals(view.all("refused"), []);
    assertEquals(received, []);
  });
}

Deno.test("PipeClient: a file that its receiver does not want any more is a failure of the sender only", async () => {
  const { codes, a, b } = await ends((_a, b) => b.conversation.files.act("cancel", 1));
  assertEquals(codes, [1, 0]);
  for (const { view } of [a, b]) {
    assertEquals(view.all("file-stopped").map((event) => event.code), ["file-refused"]);
    assertEquals(view.all("refused"), []);
  }
});

Deno.test("PipeClient: a pause reaches the other side, and what was in flight is no fault", async () => {
  for (const who of [0, 1]) {
    const { codes, a, b, received } = await ends((...seats) => {
      const [own, other] = [seats[who] as Seat, seats[1 - who] as Seat];
      own.conversation.files.act("pause", 1);
      void other.view.until("file-held").then(() => own.conversation.files.act("resume", 1));
    });
    assertEquals(codes, [0, 0]);
    for (const { view } of [a, b]) assertEquals(view.all("refused"), []);
    assertEquals(received, ["received/plan.pdf"]);
  }
});

Deno.test("PipeClient: a file that is offered behind the other side's goodbye keeps nobody, and its sender fails", async () => {
  const relay = new FakeRelay();
  const disk = new MemoryDisk();
  disk.store.files.set("plan.pdf", contentOf(1));
  const [a, b] = [relay.prepare("alice", { disk }), relay.prepare("bob", {})];
  const clients = [a, b].map((seat) => new PipeClient({ ...seat, save: null }));
  async function* late(): AsyncGenerator<PipeInput> {
    await a.view.until("peer-finished");
    yield { type: "send-file", path: "plan.pdf" };
  }
  const codes = [clients[0]!.run(late(), never), clients[1]!.run(input(), never)];
  for (const { connect } of [a, b]) connect();
  assertEquals(await Promise.all(codes), [1, 0]);
});

/** A sender, and a receiver whose input has ended; nothing but the clock and the sender's goodbye lets it go. */
function takers(clock: FakeClock) {
  const relay = new FakeRelay();
  const disks = [new MemoryDisk(), new MemoryDisk()];
  for (const name of ["one", "two"]) disks[0]!.store.files.set(name, contentOf(9));
  const [a, b] = (["alice", "bob"] as const).map((name, i) => {
    const acceptance = i === 0 ? "none" : "all";
    const seat = relay.prepare(name, { disk: disks[i]!, acceptance });
    const after = i === 0 ? undefined : clock.after;
    return { ...seat, client: new PipeClient({ ...seat, save: null, after }) };
  }) as [Taker, Taker];
  for (const { connect } of [a, b]) connect();
  return { a, b, done: b.client.run(input(), never) };
}

type Taker = Seat & { readonly client: PipeClient };

Deno.test("PipeClient that takes files waits behind its input for all that the other side offers", async () => {
  const { a, b, done } = takers(new FakeClock());
  async function* send(): AsyncGenerator<PipeInput> {
    for (const [i, path] of ["one", "two"].entries()) {
      await b.view.until("secure");
      yield { type: "send-file", path };
      await a.view.until("file-sent", i + 1);
    }
  }
  assertEquals(await Promise.all([a.client.run(send(), never), done]), [0, 0]);
  assertEquals(b.view.all("file-received").length, 2);
});

Deno.test("PipeClient that takes files does not wait for ever for one", async () => {
  const clock = new FakeClock();
  const { a, b, done } = takers(clock);
  await b.view.until("secure");
  await b.conversation.until(() => clock.running.length > 0);
  assertEquals([clock.running, b.conversation.finished], [[30_000], false]);
  clock.fire();
  await a.view.until("peer-finished");
  assertEquals(await Promise.all([a.client.run(input(), never), done]), [0, 0]);
});
