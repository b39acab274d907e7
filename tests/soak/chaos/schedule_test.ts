import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Chance } from "./chance.ts";
import { FAULT_KINDS } from "./fault.ts";
import { describe, drawSchedule, hashOf } from "./schedule.ts";
import { drawWorkload, lineOf } from "./workload.ts";

const FIVE_MINUTES = 300_000;

Deno.test("Chance draws the same for the same label, within its bounds", () => {
  const draw = (label: string) => {
    const chance = new Chance(label);
    return Array.from({ length: 1000 }, () => chance.between(3, 7));
  };
  assertEquals(draw("a"), draw("a"));
  assertNotEquals(draw("a"), draw("b"));
  assertEquals([...new Set(draw("a"))].sort(), [3, 4, 5, 6, 7]);
  // Written down once: another machine, or another version, has to draw the same.
  const chance = new Chance("seed");
  assertEquals(Array.from({ length: 4 }, () => chance.between(0, 999)), [691, 207, 307, 782]);
});

Deno.test("drawSchedule() draws the same for the same seed, and another for another", () => {
  const hashes = [1, 1, 2].map((seed) => hashOf(drawSchedule(seed, FIVE_MINUTES)));
  assertEquals(hashes[0], hashes[1]);
  assertNotEquals(hashes[0], hashes[2]);
});

Deno.test("drawSchedule() has 50 kills and 500 faults in five minutes, of each kind and everywhere", () => {
  const schedule = drawSchedule(1, FIVE_MINUTES);
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
    const schedule = drawSchedule(7, duration);
    let last = 0;
    for (const entry of schedule) {
      assert(entry.at >= last && entry.at < duration, describe(entry));
      last = entry.at;
      if (!("fault" in entry) || !("lasts" in entry.fault)) continue;
      assert(entry.at + entry.fault.lasts <= duration, describe(entry));
    }
  }
});

Deno.test("drawWorkload() has 10,000 lines in five minutes, and files", () => {
  const tasks = drawWorkload(1, FIVE_MINUTES);
  assertEquals(tasks, drawWorkload(1, FIVE_MINUTES));
  const lines = tasks.reduce((sum, task) => sum + ("lines" in task ? task.lines : 0), 0);
  assert(lines >= 10_500, `${lines} lines`);
  assert(tasks.filter((task) => "file" in task).length >= 20);
  assert(tasks.every(({ at }) => at >= 0 && at < FIVE_MINUTES));
});

Deno.test("lineOf() makes lines that differ", () => {
  const lines = new Set(Array.from({ length: 500 }, (_, n) => lineOf(1, "alice", n)));
  assertEquals(lines.size, 500);
  assertEquals(lineOf(1, "bob", 3), lineOf(1, "bob", 3));
});
