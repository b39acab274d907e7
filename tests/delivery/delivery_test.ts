import { assert, assertEquals } from "@std/assert";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import { Correspondence, type RecordStore } from "../../lib/delivery/delivery.ts";
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
  readonly #held: (() => void)[] = [];

  get size(): number {
    return this.extra + this.records.reduce((sum, { length }) => sum + length, 0);
  }

  append(records: readonly Bytes[]): Promise<void> {
    return this.#write(() => this.records.push(...records));
  }

  rewrite(records: readonly Bytes[]): Promise<void> {
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

function mailOf(
  store: RecordStore | null,
  records: readonly Bytes[] = [],
  warn: (error: ParleyError) => void = () => {},
): Correspondence {
  return new Correspondence({ place: "place", random: seededRandom("mail"), store, records, warn });
}

const ANN = utf8("ann's key");
const BEN = utf8("ben's key");

function text(body: string) {
  return { kind: "text", body } as const;
}

function heard(body: string) {
  return { kind: "text", body, time: 1, signed: true } as const;
}

function bodies(items: readonly { body: string }[]): string[] {
  return items.map(({ body }) => body);
}

/** Somebody who knows nothing of us. */
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

Deno.test("Correspondence: keep(), hear(), delivered() and resume() return when the store has it", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  const steps: [string, () => Promise<unknown>][] = [
    ["kept", () => mail.keep([text("one"), text("two")])],
    ["resume", () => mail.resume(STRANGER)],
    ["heard", () => mail.hear(heard("from Ann"))],
    ["delivered", () => (mail.say(), mail.delivered(1))],
  ];
  for (const [name, act] of steps) {
    if (name === "resume") await mail.meet(ANN);
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

Deno.test("Correspondence.idle() waits for what nobody waited for, one after the other", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  await mail.meet(ANN);
  await mail.hear(heard("one"));
  store.isHeld = true;
  mail.shown(mail.tag!, 1);
  mail.remember(mail.tag!, []);
  const idle = mail.idle();
  assertEquals(await isDone(idle), false);
  store.release(1);
  assertEquals(await isDone(idle), false);
  store.release();
  await idle;
  assertEquals(store.types.slice(-2), ["shown", "transfers"]);
});

Deno.test("Correspondence: what its records hold, the next run goes on with", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  await mail.keep([text("one"), text("two")]);
  await mail.meet(ANN);
  await mail.resume(STRANGER);
  mail.say();
  await mail.delivered(1);
  await mail.hear(heard("shown"));
  await mail.hear(heard("not shown"));
  mail.shown(mail.tag!, 1);
  await mail.idle();
  const next = mailOf(store, store.records);
  const [unshown] = next.unshown();
  assertEquals([unshown!.number, bodies(unshown!.items)], [1, ["not shown"]]);
  const { greeting, isSame } = await next.meet(ANN);
  assertEquals([greeting.first, greeting.received, isSame], [1, 2, false]);
  assertEquals(bodies(next.kept), ["two"]);
});

Deno.test("Correspondence: what is kept for nobody yet is for the first who comes, and for nobody else", async () => {
  const mail = mailOf(null);
  const { to: place, number } = await mail.keep([text("for whoever comes")]);
  assertEquals([place, number], [mail.addressee, null]);
  assertEquals((await mail.meet(ANN)).abandoned, []);
  assertEquals(bodies(mail.kept), ["for whoever comes"]);
  assertEquals((await mail.keep([text("for Ann")])).number, 1);
  const meeting = await mail.meet(BEN);
  assertEquals(bodies(meeting.abandoned), ["for whoever comes", "for Ann"]);
  assertEquals([mail.kept, mail.setAside, meeting.isSame], [[], 2, false]);
  await mail.keep([text("for Ben")]);
  await mail.resume(STRANGER);
  assertEquals(bodies(mail.next(9)), ["for Ben"]);
  const again = await mail.meet(ANN);
  assertEquals(bodies(again.abandoned), ["for Ben"]);
  assertEquals([bodies(mail.kept), mail.setAside], [["for whoever comes", "for Ann"], 1]);
});

Deno.test("Correspondence: in a new run, what is typed first follows what was kept before", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  await mail.meet(ANN);
  await mail.resume(STRANGER);
  await mail.keep([text("old")]);
  const next = mailOf(store, store.records);
  await next.keep([text("new")]);
  await next.meet(ANN);
  await next.resume({ ...STRANGER, known: (await next.meet(ANN)).greeting.stream, received: 0 });
  assertEquals(bodies(next.next(9)), ["old", "new"]);
});

Deno.test("Correspondence: a store that fails is told of once, and holds everything when it works again", async () => {
  const store = new HeldStore();
  const warnings: string[] = [];
  const mail = mailOf(store, [], ({ code }) => warnings.push(code));
  await mail.meet(ANN);
  await mail.resume(STRANGER);
  store.isFailing = true;
  assertEquals((await mail.keep([text("in memory")])).number, 0);
  assertEquals(await mail.hear(heard("too")), 0);
  assertEquals([warnings, bodies(mail.kept)], [["disk-full"], ["in memory"]]);
  store.isFailing = false;
  await mail.keep([text("on the disk")]);
  assertEquals(store.rewrites, 1);
  const next = mailOf(store, store.records);
  await next.meet(ANN);
  assertEquals([bodies(next.kept), next.received], [["in memory", "on the disk"], 1]);
  await mail.keep([text("appended")]);
  assertEquals([store.rewrites, store.types.at(-1)], [1, "kept"]);
  store.isFailing = true;
  await mail.keep([text("again")]);
  assertEquals(warnings.length, 2);
});

Deno.test("Correspondence: an append that succeeds does not make up for one that failed before it", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  await mail.meet(ANN);
  await mail.resume(STRANGER);
  await mail.hear(heard("zero"));
  store.isHeld = true;
  mail.shown(mail.tag!, 1);
  const kept = mail.keep([text("one")]);
  // Both are under way. The first fails, the second does not.
  store.isFailing = true;
  store.release(1);
  assertEquals(await isDone(kept), false);
  store.isFailing = false;
  store.isHeld = false;
  store.release();
  await kept;
  // It lasts only once what failed before it lasts, too.
  assertEquals([store.rewrites, store.types.includes("kept")], [1, true]);
  await mail.keep([text("two")]);
  assertEquals(store.rewrites, 1);
  const next = mailOf(store, store.records);
  assertEquals(next.unshown(), []);
  await next.meet(ANN);
  assertEquals(bodies(next.kept), ["one", "two"]);
});

Deno.test("Correspondence: an error that is none of the store's is not taken for one", async () => {
  const bug = new TypeError("a bug");
  const store: RecordStore = {
    size: 0,
    append: () => Promise.reject(bug),
    rewrite: () => Promise.reject(bug),
  };
  const failed = await mailOf(store).keep([text("x")]).catch((error: unknown) => error);
  assertEquals(failed, bug);
});

Deno.test("Correspondence: a journal that has grown is compacted, and again when it has grown four times as large", async () => {
  const store = new HeldStore();
  const mail = mailOf(store);
  await mail.keep([text("kept")]);
  assertEquals(store.rewrites, 0);
  store.extra = 1024 * 1024;
  await mail.keep([text("grown")]);
  assertEquals([store.rewrites, store.types], [1, ["kept", "kept"]]);
  store.extra = 1024 * 1024 - 1000;
  await mail.keep([text("not yet")]);
  assertEquals(store.rewrites, 1);
  const large = "x".repeat(500_000);
  await mail.keep([text(large), text(large)]);
  await mail.keep([text("now")]);
  assertEquals(store.rewrites, 2);
  store.extra = 3 * store.size - 1000;
  await mail.keep([text("smaller than four times")]);
  assertEquals(store.rewrites, 2);
  store.extra += 10_000;
  await mail.keep([text("larger")]);
  assertEquals(store.rewrites, 3);
});
