import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, drawSchedule, FAULT_KINDS, hashOf } from "./schedule.ts";
import { drawWorkload, lineOf } from "./workload.ts";

const FIVE_MINUTES = 300_000;

Deno.test("drawSchedule() has 50 kills and 550 faults in five minutes, of each kind and everywhere", () => {
  const schedule = drawSchedule(1, FIVE_MINUTES);
  // Written down once: another machine, or another version, has to draw the same.
  assertEquals(hashOf(schedule), "972b0421ed3e0238");
  assertNotEquals(hashOf(drawSchedule(2, FIVE_MINUTES)), hashOf(schedule));
  const kills = schedule.flatMap((entry) => "kill" in entry ? [entry.kill.target] : []);
  assert(kills.length >= 50, `${kills.length} kills`);
  for (const target of ["relay", "alice", "bob"]) {
    assert(kills.filter((killed) => killed === target).length >= 16, target);
  }
  const faults = schedule.flatMap((entry) => "fault" in entry ? [entry] : []);
  assert(faults.length >= 550, `${faults.length} faults`);
  for (const kind of FAULT_KINDS) {
    const sides = new Set(faults.filter(({ fault }) => fault.kind === kind).map((f) => f.side));
    assertEquals(sides.size, 2, kind);
  }
});

Deno.test("drawSchedule() is in order, and over in time", () => {
  for (const duration of [3_000, 25_000, FIVE_MINUTES]) {
    let last = 0;
    for (const entry of drawSchedule(7, duration)) {
      assert(entry.at >= last && entry.at < duration, describe(entry));
      last = entry.at;
      if (!("fault" in entry) || !("lasts" in entry.fault)) continue;
      assert(entry.at + entry.fault.lasts <= duration, describe(entry));
    }
  }
});

Deno.test("drawWorkload() has 10,000 lines in five minutes, which differ, and files", () => {
  const tasks = drawWorkload(1, FIVE_MINUTES);
  assertEquals(tasks, drawWorkload(1, FIVE_MINUTES));
  const count = tasks.reduce((sum, task) => sum + ("lines" in task ? task.lines : 0), 0);
  assert(count >= 10_500, `${count} lines`);
  assertEquals(new Set(Array.from({ length: 500 }, (_, n) => lineOf(1, "alice", n))).size, 500);
  assert(tasks.filter((task) => "file" in task).length >= 20);
  assert(tasks.every(({ at }) => at >= 0 && at < FIVE_MINUTES));
});
