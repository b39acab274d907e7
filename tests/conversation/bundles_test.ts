/**
 * Bundles in a conversation: what a relay may do to them, and what a line says of when it was said.
 */
import { assertEquals } from "@std/assert";
import { DISORDER_PATIENCE } from "../../lib/conversation/session_watchdog.ts";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { parseRecord } from "../../lib/delivery/record.ts";
import { Delivery, type RecordStore } from "../../lib/delivery/delivery.ts";
import { advance } from "../../lib/protocol/session.ts";
import type { PeerEvent, RelayedEvent } from "../../lib/relay/wire_events.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { EPOCH } from "../helpers/session_pair.ts";
import { FakeRelay, type Seat } from "./fake_relay.ts";

/** Two who have met, and told each other where they left off. */
async function pair(relay: FakeRelay): Promise<[a: Seat, b: Seat]> {
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  for (const seat of [a, b]) await ready(seat);
  return [a, b];
}

async function ready({ conversation, delivery }: Seat): Promise<void> {
  await conversation.until(() => conversation.secure && delivery.ready);
}

/** What somebody has emitted under this name, oldest first. */
function emitted({ view }: Seat, event: RelayedEvent): Bytes[] {
  return view.events.flatMap((one) =>
    one.type === "wire" && one.direction === "out" && one.event === event ? [one.payload] : []
  );
}

function hand(seat: Seat, payload: Uint8Array, event: PeerEvent = "received_message"): void {
  seat.receive({ type: "received", event, payload });
}

Deno.test("Conversation: what is said while a bundle is made shares the next one", async () => {
  const relay = new FakeRelay();
  const [a, b] = await pair(relay);
  const before = a.sent.length;
  for (let i = 0; i < 100; i++) a.conversation.say(`${i}`);
  await b.view.until("message", 100);
  assertEquals(b.view.texts, Array.from({ length: 100 }, (_, i) => `${i}`));
  assertEquals(a.sent.slice(before), ["message"]);
  await a.conversation.until(() => a.conversation.undelivered === 0);
  assertEquals(b.sent.filter((event) => event === "message").length, 2, "its resume, one receipt");
});

/** Alice says lines, a bundle each, while the relay keeps her bundles back, her first one included. */
async function keptBack(count: number) {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  relay.lost.add("message");
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  await a.conversation.until(() => emitted(a, "message").length > 0);
  await b.conversation.until(() => emitted(b, "message").length > 0);
  hand(a, emitted(b, "message")[0]!);
  await ready(a);
  for (let i = 1; i <= count; i++) {
    a.conversation.say(`${i}`);
    await a.view.until("sent", i);
  }
  const [first, ...others] = emitted(a, "message");
  for (const payload of [...others, first!]) hand(b, payload);
  return { relay, a, b };
}

Deno.test("Conversation: a first bundle that comes behind 63 others holds them up, and all are shown in order", async () => {
  const { relay, b } = await keptBack(63);
  await b.view.until("message", 63);
  assertEquals(b.view.texts, Array.from({ length: 63 }, (_, i) => `${i + 1}`));
  assertEquals(b.view.all("gap").length > 0, true);
  await b.conversation.until(() => relay.timers.size === 1);
  assertEquals(relay.restarts, 0);
});

Deno.test("Conversation: behind 65 others it leaves a gap; a fresh session brings the rest", async () => {
  const { relay, a, b } = await keptBack(65);
  await b.view.until("message", 64);
  a.conversation.say("behind the gap");
  await a.view.until("sent", 66);
  hand(b, emitted(a, "message").at(-1)!);
  const patience = () =>
    [...relay.timers].find(({ milliseconds }) => milliseconds === DISORDER_PATIENCE);
  await b.conversation.until(() => patience() !== undefined);
  patience()!.callback();
  assertEquals(relay.restarts, 1);
  relay.lost.clear();
  b.drop();
  b.comeBack();
  await b.view.until("message", 66);
  const texts = [...Array.from({ length: 65 }, (_, i) => `${i + 1}`), "behind the gap"];
  assertEquals(b.view.texts, texts);
});

Deno.test("Conversation: envelopes that overtake the end of the handshake are opened right after it, up to sixteen", async () => {
  const relay = new FakeRelay();
  relay.lost.add("SECURE");
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  for (const seat of [a, b]) {
    await seat.conversation.until(() => emitted(seat, "SECURE").length > 0);
  }
  hand(b, emitted(a, "SECURE")[0]!, "SECURE_BC");
  await b.conversation.until(() => b.sent.includes("message"));
  for (let i = 0; i < 16; i++) hand(a, new Uint8Array(4049));
  await a.view.until("refused");
  // Bob's own one was there first.
  assertEquals(a.view.all("refused").map(({ error }) => error.code), ["unexpected"]);
  hand(a, emitted(b, "SECURE")[0]!, "SECURE_BC");
  await ready(a);
  await ready(b);
});

/** A relay that says how much it passes. */
async function limited(payloadBytes: number): Promise<[FakeRelay, Seat]> {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  a.receive({ type: "limits", payloadBytes });
  await a.conversation.until(() => a.conversation.longestText < 500_000);
  return [relay, a];
}

const TOO_LARGE = { code: "payload-too-large", message: "too large" } as const;

Deno.test("Conversation: a text that does not pass the relay is refused with both numbers, and the next one goes", async () => {
  const [relay, a] = await limited(20_000);
  const { longestText } = a.conversation;
  a.conversation.say("fits", "x".repeat(longestText + 1), "goes on", "y".repeat(longestText));
  const b = relay.join("bob");
  await b.view.until("message", 3);
  assertEquals(b.view.texts, ["fits", "goes on", "y".repeat(longestText)]);
  const [{ error }] = a.view.all("refused") as [never];
  const { code, message } = error as { code: string; message: string };
  assertEquals([code, message.match(/\d+/g)], [
    "line-too-long",
    [longestText + 1, longestText].map(String),
  ]);
});

Deno.test("Conversation: a line that waits and never passes this relay is withdrawn, and those behind it go", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  const long = "x".repeat(30_000);
  a.conversation.say("one", long, "two");
  await a.view.until("queued", 3);
  a.receive({ type: "limits", payloadBytes: 20_000 });
  const b = relay.join("bob");
  await b.view.until("message", 2);
  await a.view.until("delivered");
  assertEquals(b.view.texts, ["one", "two"]);
  assertEquals(a.view.all("not-sent").map(({ lines }) => lines), [[long]]);
  assertEquals(a.view.all("refused").map(({ error }) => error.code), ["line-too-long"]);
  assertEquals([a.conversation.undelivered, a.view.all("error")], [0, []]);
});

Deno.test("Conversation: a relay that refuses what it said it passes gets a fresh session, and the second time none", async () => {
  const relay = new FakeRelay();
  const [a] = await pair(relay);
  const refuse = (limit?: number) =>
    a.receive({ type: "refusal", refusal: { ...TOO_LARGE, limit }, final: false });
  refuse(50_000);
  await a.view.until("refused");
  assertEquals([relay.restarts, a.conversation.longestText < 50_000], [1, true]);
  a.conversation.say("arrives");
  await a.view.until("delivered");
  refuse();
  await a.view.until("refused", 2);
  assertEquals([relay.restarts, a.view.all("error")], [2, []]);
  refuse();
  await a.view.until("error");
  assertEquals([relay.restarts, a.view.all("error")[0]!.error.code], [2, "relay-limit"]);
});

Deno.test("Conversation: a relay through which no file passes is told of at once", async () => {
  const [, a] = await limited(135_236);
  const code = await a.conversation.sendFile("x").catch(({ code }) => code);
  assertEquals(code, "relay-limit");
  let accepted: unknown = null;
  try {
    a.conversation.files.act("accept", 1);
  } catch (error) {
    accepted = (error as { code: string }).code;
  }
  assertEquals(accepted, "relay-limit");
});

Deno.test("Conversation: a line has the time at which it was said, and answers what its author had read then", async () => {
  const relay = new FakeRelay();
  const heard: [text: string, time: number, seen: number][] = [];
  const a = relay.join("alice", {
    advance: async (session, input, environment) => {
      const step = await advance(session, input, environment);
      for (const effect of step.effects) {
        if (effect.type !== "message") continue;
        const { time, seen } = effect.statement;
        heard.push([effect.text, (time - EPOCH) / 1000, seen]);
      }
      return step;
    },
  });
  const b = relay.join("bob");
  for (const seat of [a, b]) await ready(seat);
  b.conversation.say("before any question");
  await a.view.until("message");
  a.conversation.say("a question");
  await b.view.until("message");
  b.drop();
  b.conversation.say("typed last night");
  const typed = b.delivery.lines.at(-1)!.time!;
  a.conversation.say("this morning's question");
  await a.view.until("queued", 2);
  b.comeBack();
  await a.view.until("message", 2);
  await b.view.until("message", 2);
  b.conversation.say("its answer");
  await a.view.until("message", 3);
  assertEquals(heard.map(([text, , seen]) => [text, seen]), [
    ["before any question", 0],
    ["typed last night", 0],
    ["its answer", 1],
  ]);
  assertEquals(a.view.all("message")[1]!.time, typed);
});

/** A store of which a copy can be put back. */
class Copies implements RecordStore {
  records: Bytes[] = [];

  get size(): number {
    return 0;
  }

  append(records: readonly Bytes[]): Promise<void> {
    this.records.push(...records);
    return Promise.resolve();
  }

  rewrite(records: readonly Bytes[]): Promise<void> {
    this.records = [...records];
    return Promise.resolve();
  }

  delivery(seed: string, records: readonly Bytes[] = []): Delivery {
    this.records = [...records];
    const random = seededRandom(seed);
    return new Delivery({ conversation: "place", random, store: this, records, warn: () => {} });
  }
}

Deno.test("Conversation: the journal knows how far lines are sealed before a bundle leaves", async () => {
  const relay = new FakeRelay();
  const disk = new Copies();
  const a = relay.join("alice", { delivery: disk.delivery("sealed") });
  const b = relay.join("bob");
  await ready(a);
  const sealed = () =>
    disk.records.map(parseRecord).reduce(
      (last, one) => one.type === "sealed" ? one.count : last,
      0,
    );
  const known: number[] = [];
  a.conversation.subscribe((event) => {
    if (event.type === "wire" && event.direction === "out") known.push(sealed());
  });
  a.conversation.say("one", "two");
  await b.view.until("message", 2);
  await a.view.until("delivered");
  a.conversation.say("three");
  await b.view.until("message", 3);
  assertEquals(known, [2, 3]);
});

Deno.test("Conversation: of a disk that was put back nothing counts as delivered that never went", async () => {
  const relay = new FakeRelay();
  const disk = new Copies();
  const a = relay.join("alice", { delivery: disk.delivery("first run") });
  const b = relay.join("bob");
  await ready(a);
  const older = [...disk.records];
  a.conversation.say("one", "two");
  await a.view.until("delivered");
  await a.conversation.close();
  const again = relay.join("alice", { delivery: disk.delivery("second run", older) });
  again.conversation.say("typed before anybody came");
  await again.view.until("warning");
  assertEquals([again.view.all("warning")[0]!.code, relay.restarts], ["restored", 1]);
  assertEquals([again.view.all("delivered"), b.view.texts], [[], ["one", "two"]]);
  again.drop();
  again.comeBack();
  await b.view.until("message", 3);
  await again.view.until("delivered");
  assertEquals(b.view.texts.at(-1), "typed before anybody came");
  assertEquals(b.view.all("warning").map(({ code }) => code), ["restored"]);
});
