import { assertEquals } from "@std/assert";
import { EventQueue } from "../../lib/terminal/event_queue.ts";

Deno.test("EventQueue gives events in order, whether they or their consumer come first", async () => {
  const queue = new EventQueue<number>();
  const early = queue.next();
  queue.push(1);
  queue.push(2);
  assertEquals(await early, { done: false, value: 1 });
  assertEquals(await queue.next(), { done: false, value: 2 });
});

Deno.test("EventQueue gives what came before its end, and nothing after", async () => {
  const queue = new EventQueue<number>();
  queue.push(0);
  queue.end();
  queue.push(1);
  const seen: number[] = [];
  for await (const event of queue) seen.push(event);
  assertEquals(seen, [0]);
});

Deno.test("EventQueue ends a consumer that waits", async () => {
  const queue = new EventQueue<number>();
  const waiting = queue.next();
  queue.end();
  assertEquals((await waiting).done, true);
});

Deno.test("EventQueue.taken() waits until the consumer comes back for more", async () => {
  const queue = new EventQueue<number>();
  const seen: (number | string)[] = [];
  const watch = () => queue.taken().then(() => seen.push("taken"));
  queue.push(1);
  void watch();
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assertEquals(seen, [], "nobody has taken it");
  const consumed = (async () => {
    for await (const event of queue) {
      seen.push(event);
      // A consumer that is not done yet has not come back.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      seen.push(`done with ${event}`);
    }
  })();
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals(seen, [1, "done with 1", "taken"]);
  await queue.taken();
  queue.push(2);
  void watch();
  queue.end();
  await consumed;
  assertEquals(seen.filter((entry) => entry === "taken").length, 2, "the end lets everybody go");
  await queue.taken();
});
