import { assertEquals } from "@std/assert";
import { InputQueue } from "../../lib/conversation/queue.ts";

/** A queue that writes down what it took, and `idle`. */
function recordingQueue(): { queue: InputQueue<string>; taken: string[] } {
  const taken: string[] = [];
  const queue = new InputQueue<string>({
    take: (input) => Promise.resolve(void taken.push(input)),
    idle: () => Promise.resolve(void taken.push("idle")),
    broken: (cause) => taken.push(String(cause)),
  });
  return { queue, taken };
}

Deno.test("InputQueue takes inputs in order, a timer's before those that wait", async () => {
  const { queue, taken } = recordingQueue();
  for (const input of ["a", "b", "c", "d"]) queue.post(input);
  queue.postFirst("timer");
  assertEquals([queue.waiting, queue.length], [["timer", "b", "c", "d"], 4]);
  await queue.until(() => taken.includes("idle"));
  assertEquals(taken, ["a", "timer", "b", "c", "d", "idle"]);
});

Deno.test("InputQueue drops what is not wanted any more, and nothing else", async () => {
  const { queue, taken } = recordingQueue();
  for (const input of ["taken", "a", "b", "c"]) queue.post(input);
  const asked: string[] = [];
  queue.drop((input) => {
    asked.push(input);
    return input === "b";
  });
  await queue.until(() => taken.includes("idle"));
  assertEquals([asked, taken], [["a", "b", "c"], ["taken", "a", "c", "idle"]]);
});

Deno.test("InputQueue lets a steady stream of inputs hold nothing up that waits for idleness", async () => {
  const { queue, taken } = recordingQueue();
  for (let i = 0; i < 100; i++) queue.post(`${i}`);
  await queue.until(() => taken.length === 104);
  const idle = taken.flatMap((input, at) => input === "idle" ? [at] : []);
  assertEquals(idle, [32, 65, 98, 103]);
});

Deno.test("InputQueue takes nothing once it is closed", async () => {
  const { queue, taken } = recordingQueue();
  queue.post("a");
  queue.post("b");
  queue.close();
  queue.postFirst("c");
  queue.post("d");
  await queue.until(() => false);
  assertEquals([taken, queue.length], [["a"], 0]);
});
