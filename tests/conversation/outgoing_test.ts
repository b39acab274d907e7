/** What goes into a bundle, and how much of it. */
import { assertEquals } from "@std/assert";
import { Outgoing } from "../../lib/conversation/outgoing.ts";
import { FRAME_BYTES, PayloadLimit } from "../../lib/conversation/payload_limit.ts";
import { utf8 } from "../../lib/crypto/bytes.ts";
import type { Delivery } from "../../lib/delivery/delivery.ts";
import { encodeBundle } from "../../lib/protocol/bundle.ts";
import { BUNDLE_BYTES, MAX_BUNDLE_ITEMS, MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";
import { pad } from "../../lib/protocol/padding.ts";
import type { OwnItem } from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { ENVELOPE_OVERHEAD_BYTES } from "../../lib/protocol/wire.ts";
import { MIN_PAYLOAD_BYTES } from "../../lib/relay/wire_events.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { memoryDelivery } from "./fake_relay.ts";

const HOLD = { type: "file-hold", id: new Uint8Array(16) } as const;
const GET = {
  type: "file-get",
  id: new Uint8Array(16),
  kept: 0,
  from: 0,
  until: 1,
  key: new Uint8Array(32),
} as const;
const END: OwnItem = { type: "end", text: "", time: 0, seen: 0 };

/** Lines that wait in a session that has begun. */
async function outgoing(...texts: string[]) {
  const delivery: Delivery = memoryDelivery("alice");
  await delivery.meet(utf8("bob's key"));
  await delivery.resume(newResume(seededRandom("bob")));
  await delivery.add(texts.map((body) => ({ kind: "text", body, time: 5 })), 0).saved;
  const limit = new PayloadLimit();
  return { delivery, limit, queue: new Outgoing(delivery, limit) };
}

/** The next bundle: how many items of each type. Its lines count as sent. */
function take(
  { delivery, queue }: Awaited<ReturnType<typeof outgoing>>,
  end: OwnItem | null = null,
) {
  const batch = queue.next(7, end);
  if (batch === null) return null;
  for (let i = 0; i < batch.lines; i++) delivery.sent();
  batch.sent();
  const types = batch.items.map(({ type }) => type);
  return { types, counts: Object.fromEntries(types.map((type) => [type, 0])), batch };
}

/** Bytes of a bundle with these items and a signature. */
function sizeOf(items: readonly OwnItem[]): number {
  return encodeBundle({
    number: 0,
    received: 0,
    items: items.map((item) => "text" in item ? { ...item, body: utf8(item.text) } : item),
    signature: new Uint8Array(768),
  }).length;
}

Deno.test("Outgoing.next() fills a bundle up to 61,439 bytes and no further", async () => {
  const all = await outgoing(...Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(65)));
  let said = 0;
  for (let next = take(all); next !== null; next = take(all)) {
    const { items, lines } = next.batch;
    said += lines;
    assertEquals(sizeOf(items) <= BUNDLE_BYTES, true);
    if (said < 1000) assertEquals(sizeOf(items) + 21 + 65 > BUNDLE_BYTES, true);
  }
  assertEquals(said, 1000);
});

Deno.test("Outgoing.next() takes at most 1024 items", async () => {
  const all = await outgoing(...Array.from({ length: 1500 }, () => ""));
  assertEquals(take(all)?.batch.lines, MAX_BUNDLE_ITEMS);
  assertEquals(take(all, END)?.types.length, 477);
});

Deno.test("Outgoing.next() sends a longer text alone, and what is before and behind it apart", async () => {
  const all = await outgoing("before", "x".repeat(70_000), "behind", "it");
  all.queue.add(HOLD, () => {});
  const bundles = [take(all), take(all), take(all, END), take(all)].map((next) => next?.types);
  assertEquals(bundles, [["file-hold", "text"], ["text"], ["text", "text", "end"], undefined]);
});

Deno.test("Outgoing.next(): signals stand before lines, and the end is last, when nothing else waits", async () => {
  const all = await outgoing("one");
  const told: string[] = [];
  for (let i = 0; i < 1000; i++) all.queue.add(GET, () => told.push("get"));
  all.queue.add(HOLD, () => told.push("hold"));
  const first = take(all, END)!;
  assertEquals([new Set(first.types), first.types.length, told.length], [
    new Set(["file-get"]),
    787,
    787,
  ]);
  const last = take(all, END)!.types;
  assertEquals(last.slice(-3), ["file-hold", "text", "end"]);
  assertEquals([last.length, told.at(-1)], [216, "hold"]);
});

Deno.test("Outgoing.drop() lets everybody go who waits for a signal", async () => {
  const all = await outgoing();
  const told: string[] = [];
  all.queue.add(HOLD, () => told.push("hold"));
  all.queue.drop();
  assertEquals([told, take(all)], [["hold"], null]);
});

Deno.test("Outgoing.next() stops at 4 MiB that are not acknowledged, and goes on when some are", async () => {
  const all = await outgoing(...Array.from({ length: 9 }, () => "x".repeat(512 * 1024)));
  for (let i = 0; i < 7; i++) assertEquals(take(all)?.types, ["text"]);
  assertEquals(take(all, END), null);
  // What is no statement goes on.
  all.queue.add(HOLD, () => {});
  assertEquals(take(all, END)?.types, ["file-hold"]);
  await all.delivery.delivered(1);
  assertEquals([take(all)?.types, take(all)], [["text"], null]);
});

Deno.test("Outgoing.next() says when a line was said; of one that the first edition kept, now", async () => {
  const all = await outgoing("new");
  await all.delivery.add([{ kind: "text", body: "old" }], 0).saved;
  const times = take(all)!.batch.items.map((item) => "text" in item && item.time);
  assertEquals(times, [5, 7]);
});

Deno.test("PayloadLimit: the longest text and bundle are what fits in the relay's limit, and never more than there is", () => {
  const limit = new PayloadLimit();
  assertEquals([limit.text, limit.bundle, limit.carriesFiles], [
    MAX_TEXT_BYTES,
    BUNDLE_BYTES,
    true,
  ]);
  for (const bytes of [MIN_PAYLOAD_BYTES, 20_000, 64_209, 64_210, 543_441, 543_440, 100_000]) {
    limit.state(bytes);
    const wire = (text: number, fits: boolean) => {
      const item: OwnItem = { type: "text", text: "x".repeat(text), time: 0, seen: 0 };
      const envelope = ENVELOPE_OVERHEAD_BYTES + pad(new Uint8Array(sizeOf([item]))).length;
      assertEquals(envelope <= bytes, fits, `${text} bytes in ${bytes}`);
    };
    wire(limit.text, true);
    if (limit.text < MAX_TEXT_BYTES) wire(limit.text + 1, false);
    assertEquals(limit.bundle <= BUNDLE_BYTES, true);
    assertEquals(limit.isEnough, true);
  }
  limit.state(16_384);
  assertEquals([limit.text, limit.bundle], [12_501, 13_311]);
  limit.state(FRAME_BYTES - 1);
  assertEquals(limit.carriesFiles, false);
  limit.state(10);
  assertEquals([limit.isEnough, limit.text], [false, 0]);
});

Deno.test("PayloadLimit.refused() believes the smaller number, and hopes once without progress", () => {
  const limit = new PayloadLimit();
  assertEquals([limit.refused(50_000), limit.bytes], [true, 50_000]);
  // The relay says again what it does not keep.
  limit.state(1_000_000);
  assertEquals([limit.bytes, limit.refused()], [50_000, false]);
  limit.progress();
  assertEquals([limit.refused(60_000), limit.bytes, limit.refused()], [true, 50_000, false]);
});
