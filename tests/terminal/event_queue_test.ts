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
