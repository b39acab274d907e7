import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import { Delivery, type RecordStore } from "../../lib/delivery/delivery.ts";
import type { OutboxLine } from "../../lib/delivery/outbox.ts";
import { parseRecord } from "../../lib/delivery/record.ts";
import { ParleyError } from "../../lib/errors.ts";
import type { ResumeSignal } from "../../lib/protocol/signal.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

/** A store whose writes the test lets through, or fails. */
class HeldStore implements RecordStore {
  records: Bytes[] = [];
  rewrites = 0;
  extra = 0;
  isFailing = false;
  /** Whether a write waits for {@link HeldStore.release}. */
  isHeld = false;
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  readonly #held: (() => void)[] = [];

  get size(): number {
    return this.extra + this.records.reduce((sum, { length }) => sum + length, 0);
  }

  append(records: readonly Bytes[]): Promise<void> {
    this.calls.push("append");
    return this.#write(() => this.records.push(...records));
  }

  rewrite(records: readonly Bytes[]): Promise<void> {
    this.calls.push("rewrite");
    return this.#write(() => {
      this.rewrites++;
      this.extra = 0;
      this.records = [...records];
    });
  }

  release(most = Infinity): void {
    for (const go of this.#held.splice(0, most)) go();
  }

  get types(): string[] {
    return this.records.map((bytes) => parseRecord(bytes).type);
  }

  async #write(change: () => void): Promise<void> {
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.isFailing) throw new ParleyError("disk-full", "the disk is full");
    change();
  }
}

function deliveryOf(
  store: RecordStore | null,
  records: readonly Bytes[] = [],
  warn: (error: ParleyError) => void = () => {},
): Delivery {
  return new Delivery({
    conversation: "place",
    random: seededRandom(`mail ${records.length}`),
    store,
    records,
    warn,
  });
}

const ANN = utf8("ann's key");
const BEN = utf8("ben's key");

function text(body: string) {
  return { kind: "text", body, time: 17 } as const;
}

/** Adds texts, and waits for the journal. */
async function add(delivery: Delivery, ...bodies: string[]): Promise<void> {
  await delivery.add(bodies.map(text), 0).saved;
}

function heard(body: string) {
  return { kind: "text", body, time: 1, signed: true } as const;
}

function texts(lines: readonly OutboxLine[]): string[] {
  return lines.map(({ text }) => text);
}

/** A peer without a record of us. */
const STRANGER: ResumeSignal = {
  type: "resume",
  stream: new Uint8Array(16).fill(1),
  first: 0,
  known: new Uint8Array(16),
  received: 0,
};

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => done = true);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return done;
}

Deno.test("Delivery: add(), receive(), delivered() and resume() return when the store has it", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  const steps: [string, () => Promise<unknown>][] = [
    ["kept", () => add(delivery, "one", "two")],
    ["resume", () => delivery.resume(STRANGER)],
    ["heard", () => delivery.receive([heard("from Ann")])],
    ["delivered", () => (delivery.sent(), delivery.delivered(1))],
  ];
  for (const [name, act] of steps) {
    if (name === "resume") await delivery.meet(ANN);
    store.isHeld = true;
    const before = store.records.length;
    const acted = act();
    assertEquals([await isDone(acted), store.records.length], [false, before], name);
    store.release();
    await acted;
    assert(store.records.length > before, name);
    store.isHeld = false;
  }
});

Deno.test("Delivery.idle() waits for what nobody waited for, one after the other", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  await delivery.receive([heard("one")]);
  store.isHeld = true;
  delivery.shown(delivery.peer!, 1);
  delivery.remember(delivery.peer!, []);
  const idle = delivery.idle();
  assertEquals(await isDone(idle), false);
  store.release(1);
  assertEquals(await isDone(idle), false);
  store.release();
  await idle;
  assertEquals(store.types.slice(-2), ["shown", "transfers"]);
});

Deno.test("Delivery: what its records hold, the next run goes on with", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await add(delivery, "one", "two");
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await delivery.sealing(1);
  delivery.sent();
  await delivery.delivered(1);
  await delivery.receive([heard("shown")]);
  await delivery.receive([heard("not shown")]);
  delivery.shown(delivery.peer!, 1);
  await delivery.idle();
  const next = deliveryOf(store, store.records);
  const [unshown] = next.unshown();
  next.shown(unshown!.from, 2);
  assertEquals([unshown!.number, unshown!.items.map(({ body }) => body)], [1, ["not shown"]]);
  const { greeting, isSame } = await next.meet(ANN);
  // What a journal gave back is in the journal, and may leave at once.
  await next.resume({ ...STRANGER, known: greeting.stream, received: 1 });
  assertEquals(texts(next.next(9)), ["two"]);
  assertEquals([greeting.first, greeting.received, isSame], [1, 2, false]);
  assertEquals(texts(next.lines), ["two"]);
});

Deno.test("Delivery: a line without an addressee is for the first peer, and for no other", async () => {
  const delivery = deliveryOf(null);
  await add(delivery, "for whoever comes");
  const [line] = delivery.lines;
  assertEquals([line!.addressee, line!.sequence], [delivery.addressee, null]);
  assertEquals((await delivery.meet(ANN)).abandoned, []);
  assertEquals(texts(delivery.lines), ["for whoever comes"]);
  await add(delivery, "for Ann");
  assertEquals(delivery.lines.map(({ addressee, sequence }) => [addressee, sequence]), [
    [delivery.peer, 0],
    [delivery.peer, 1],
  ]);
  const meeting = await delivery.meet(BEN);
  assertEquals(texts(meeting.abandoned), ["for whoever comes", "for Ann"]);
  assertEquals([delivery.lines, delivery.setAside, meeting.isSame], [[], 2, false]);
  await add(delivery, "for Ben");
  await delivery.resume(STRANGER);
  assertEquals(texts(delivery.next(9)), ["for Ben"]);
  const again = await delivery.meet(ANN);
  assertEquals(texts(again.abandoned), ["for Ben"]);
  assertEquals([texts(delivery.lines), delivery.setAside], [["for whoever comes", "for Ann"], 1]);
  const { abandoned, greeting } = await delivery.meet(ANN);
  assertEquals(abandoned, []);
  // A stream of each peer's own, out of fresh randomness.
  assertNotEquals(greeting.stream, meeting.greeting.stream);
});

Deno.test("Delivery.meet(): what is said while the journal is written is for the peer that was there", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  const ann = delivery.peer!;
  const append = store.append.bind(store);
  store.append = async (records) => {
    store.append = append;
    await append(records);
    delivery.add([text("for Ann")], 0);
  };
  const { abandoned } = await delivery.meet(BEN);
  assertEquals([abandoned, delivery.linesFor(ann)].map(texts), [["for Ann"], ["for Ann"]]);
  assertEquals(delivery.lines, []);
});

Deno.test("Delivery: in a new run, what is typed first follows what was kept before", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "old");
  const next = deliveryOf(store, store.records);
  await add(next, "new");
  await next.meet(ANN);
  await next.resume({ ...STRANGER, known: (await next.meet(ANN)).greeting.stream, received: 0 });
  assertEquals(texts(next.next(9)), ["old", "new"]);
});

Deno.test("Delivery: a store that fails is told of once, and holds everything when it works again", async () => {
  const store = new HeldStore();
  const warnings: string[] = [];
  const delivery = deliveryOf(store, [], ({ code }) => warnings.push(code));
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  store.isFailing = true;
  await add(delivery, "in memory");
  assertEquals(delivery.lines.map(({ sequence }) => sequence), [0]);
  assertEquals(await delivery.receive([heard("too")]), 0);
  assertEquals([warnings, texts(delivery.lines)], [["disk-full"], ["in memory"]]);
  store.isFailing = false;
  store.calls.length = 0;
  await add(delivery, "on the disk");
  // An append would stand behind a gap until the rewrite.
  assertEquals(store.calls, ["rewrite"]);
  assertEquals(store.rewrites, 1);
  const next = deliveryOf(store, store.records);
  await next.meet(ANN);
  assertEquals([texts(next.lines), next.received], [["in memory", "on the disk"], 1]);
  await add(delivery, "appended");
  assertEquals([store.rewrites, store.types.at(-1)], [1, "kept"]);
  store.isFailing = true;
  await add(delivery, "again");
  assertEquals(warnings.length, 2);
});

Deno.test("Delivery: an append that succeeds does not make up for one that failed before it", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await delivery.receive([heard("zero")]);
  store.isHeld = true;
  delivery.shown(delivery.peer!, 1);
  const kept = add(delivery, "one");
  // Both are pending. The first fails, the second does not.
  store.isFailing = true;
  store.release(1);
  assertEquals(await isDone(kept), false);
  store.isFailing = false;
  store.isHeld = false;
  store.release();
  await kept;
  // It lasts only once what failed before it lasts, too.
  assertEquals([store.rewrites, store.types.includes("kept")], [1, true]);
  await add(delivery, "two");
  assertEquals(store.rewrites, 1);
  const next = deliveryOf(store, store.records);
  assertEquals(next.unshown(), []);
  await next.meet(ANN);
  assertEquals(texts(next.lines), ["one", "two"]);
});

Deno.test("Delivery: an error that is none of the store's is not taken for one", async () => {
  const bug = new TypeError("a bug");
  const store: RecordStore = {
    size: 0,
    append: () => Promise.reject(bug),
    rewrite: () => Promise.reject(bug),
  };
  const failed = await add(deliveryOf(store), "x").catch((error: unknown) => error);
  assertStrictEquals(failed, bug);
});

Deno.test("Delivery: a journal that has grown is compacted, and again when it has grown four times as large", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await add(delivery, "kept");
  assertEquals(store.rewrites, 0);
  store.extra = 1024 * 1024 - store.size;
  await add(delivery, "not larger than a mebibyte");
  assertEquals(store.rewrites, 0);
  await add(delivery, "grown");
  assertEquals([store.rewrites, store.types], [1, ["kept", "kept", "kept"]]);
  store.extra = 1024 * 1024 - 1000;
  await add(delivery, "not yet");
  assertEquals(store.rewrites, 1);
  const large = "x".repeat(500_000);
  await add(delivery, large, large);
  await add(delivery, "now");
  assertEquals(store.rewrites, 2);
  store.extra = 3 * store.size - 1000;
  await add(delivery, "smaller than four times");
  assertEquals(store.rewrites, 2);
  store.extra += 10_000;
  await add(delivery, "larger");
  assertEquals(store.rewrites, 3);
});

Deno.test("Delivery.next(): a line may leave when the journal has it, and not before", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "one");
  store.isHeld = true;
  const added = add(delivery, "two");
  assertEquals([texts(delivery.lines), texts(delivery.next(9))], [["one", "two"], ["one"]]);
  assertEquals([texts(delivery.next(0)), delivery.unsent], [[], 2]);
  store.release();
  await added;
  assertEquals(texts(delivery.next(9)), ["one", "two"]);
  assertEquals(texts(delivery.next(1)), ["one"]);
});

Deno.test("Delivery: a line is one record from Enter to receipt, and waits again when its session is over", async () => {
  const delivery = deliveryOf(null);
  await add(delivery, "one", "two");
  const [{ id }] = delivery.lines as [OutboxLine];
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  const sent = delivery.sent();
  assertEquals([sent.id, sent.state, sent.sequence, sent.time], [id, "sent", 0, 17]);
  assertEquals(delivery.lines.map(({ state }) => state), ["sent", "waiting"]);
  delivery.part();
  assertEquals(delivery.lines.map(({ id, state }) => [id, state]), [[id, "waiting"], [
    id + 1,
    "waiting",
  ]]);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  delivery.sent();
  const { count, arrived } = await delivery.delivered(1);
  assertEquals([count, arrived.map(({ id }) => id), texts(delivery.lines)], [1, [id], ["two"]]);
});

Deno.test("Delivery.resume() names the lines that turn out to have arrived, and no others", async () => {
  const delivery = deliveryOf(null);
  const { greeting } = await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "one", "two", "three");
  await delivery.sealing(3);
  for (let i = 0; i < 3; i++) delivery.sent();
  delivery.part();
  await delivery.meet(ANN);
  const { arrived, count, lost } = await delivery.resume({
    ...STRANGER,
    known: greeting.stream,
    received: 2,
  });
  assertEquals([texts(arrived), count, lost], [["one", "two"], 2, null]);
  assertEquals(texts(delivery.lines), ["three"]);
});

Deno.test("Delivery.meet() writes a stream once, and a claim only where something waits", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  await delivery.meet(ANN);
  await delivery.meet(ANN);
  assertEquals(store.types, ["stream"]);
  const other = new HeldStore();
  const waiting = deliveryOf(other);
  await add(waiting, "one");
  await waiting.meet(ANN);
  assertEquals(other.types, ["kept", "stream", "claimed"]);
  await waiting.meet(BEN);
  assertEquals(other.types.slice(3), ["stream"]);
});

Deno.test("Delivery: what its lines answer is of the session that stands, and of no other", async () => {
  const delivery = deliveryOf(null);
  const seen = () => delivery.lines.map(({ seen }) => seen);
  delivery.add([text("before anybody was there")], 3);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  delivery.add([text("an answer"), text("another")], 5);
  assertEquals(seen(), [0, 5, 5]);
  delivery.sent();
  delivery.part();
  assertEquals(seen(), [0, 0, 0]);
  delivery.add([text("alone")], 5);
  const ann = delivery.peer!;
  await delivery.meet(BEN);
  await delivery.resume(STRANGER);
  delivery.add([text("for Ann, in a session with Ben")], 2, ann);
  await delivery.meet(ANN);
  assertEquals(seen(), [0, 0, 0, 0, 0]);
});

Deno.test("Delivery: only what was sealed counts as arrived; else another stream begins, and nothing is lost", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  const { greeting } = await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "one", "two");
  const older = [...store.records];
  await delivery.sealing(2);
  delivery.sent();
  delivery.sent();
  // An older copy of the disk is put back, and a line is typed before anybody is met.
  const restored = deliveryOf(store, older);
  await add(restored, "typed since");
  const again = await restored.meet(ANN);
  assertEquals(again.greeting.stream, greeting.stream);
  const resumed = await restored.resume({ ...STRANGER, known: greeting.stream, received: 2 });
  assertEquals([resumed.restored, resumed.arrived, restored.ready], ["ours", [], false]);
  assertEquals(texts(restored.lines), ["one", "two", "typed since"]);
  restored.part();
  const other = await restored.meet(ANN);
  assertEquals([other.greeting.first, other.greeting.stream === greeting.stream], [0, false]);
  // Its reader does not know this stream.
  const met = await restored.resume({ ...STRANGER, known: greeting.stream, received: 2 });
  assertEquals([met.restored, texts(restored.next(9))], [null, ["one", "two", "typed since"]]);
  assertEquals(restored.lines.map(({ sequence }) => sequence), [0, 1, 2]);
});

Deno.test("Delivery.resume() tells a reader that another stream begins, which may repeat the last one", async () => {
  const delivery = deliveryOf(null);
  await delivery.meet(ANN);
  assertEquals((await delivery.resume(STRANGER)).restored, null);
  await delivery.meet(ANN);
  assertEquals((await delivery.resume(STRANGER)).restored, null);
  await delivery.meet(ANN);
  const other = { ...STRANGER, stream: new Uint8Array(16).fill(2) };
  assertEquals((await delivery.resume(other)).restored, "theirs");
});

Deno.test("Delivery.withdraw() takes unsent lines out that are too long, and keeps it", async () => {
  const store = new HeldStore();
  const delivery = deliveryOf(store);
  const { greeting } = await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "long text", "one", "long text, too", "größe", "two");
  await delivery.sealing(1);
  delivery.sent();
  delivery.part();
  await delivery.meet(ANN);
  await delivery.resume({ ...STRANGER, known: greeting.stream, received: 1 });
  assertEquals(texts(await delivery.withdraw(6)), ["long text, too", "größe"]);
  assertEquals(delivery.lines.map(({ text, sequence }) => [text, sequence]), [
    ["one", 1],
    ["two", 2],
  ]);
  assertEquals(texts(delivery.next(9)), ["one", "two"]);
  const next = deliveryOf(store, store.records);
  await next.meet(ANN);
  assertEquals(texts(next.lines), ["one", "two"]);
});

Deno.test("Delivery.inFlight is what was sent and is not acknowledged, in bytes on the wire", async () => {
  const delivery = deliveryOf(null);
  await delivery.meet(ANN);
  await delivery.resume(STRANGER);
  await add(delivery, "one", "größe");
  assertEquals(delivery.inFlight, 0);
  delivery.sent();
  delivery.sent();
  assertEquals(delivery.inFlight, 3 + 7 + 2 * 21);
  await delivery.delivered(1);
  assertEquals([delivery.inFlight, delivery.bytes], [7 + 21, 7]);
  delivery.part();
  assertEquals(delivery.inFlight, 0);
});
