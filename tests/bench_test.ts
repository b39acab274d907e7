/** The benchmark's arithmetic, and that docs/PERFORMANCE.md says what its JSON has. */
import { assert, assertEquals } from "@std/assert";
import history from "../docs/performance.json" with { type: "json" };
import { GROWTH } from "../bench/growth.ts";
import { median, takeTurns } from "../bench/measure.ts";
import { drawGrowth } from "../bench/plot.ts";
import { type History, type Run, tableLines, withPart } from "../bench/report.ts";
import { ROWS } from "../bench/rows.ts";
import { granted } from "./helpers/permissions.ts";

const HISTORY = history as unknown as History;

Deno.test("median() is the middle one, or between the two in the middle", () => {
  assertEquals([[3], [3, 1, 2], [4, 1, 3, 2]].map(median), [3, 2, 2.5]);
});

Deno.test("takeTurns() takes the ratio round by round", async () => {
  const values = [[10, 5], [40, 10], [9, 3]];
  let turn = 0;
  const next = () => Promise.resolve(values.flat()[turn++]!);
  const found = await takeTurns("ms", 3, next, next);
  assertEquals(found, { ours: 10, peer: 5, ratio: 3, unit: "ms" });
  assertEquals((await takeTurns("s", 1, () => Promise.resolve(2), null)).ratio, null);
});

Deno.test("tableLines() shows targets met and missed, changes, and what could not be measured", () => {
  const run = (ratio: number): Run => ({
    machine: "",
    date: "",
    commit: "",
    growth: [],
    rows: {
      "file": { ours: 2, peer: 1, ratio, unit: "s", notes: ["by the way"] },
      "file-bare": { ours: 40, peer: 100, ratio: 0.4, unit: "MiB/s" },
      "lines": { ours: 250, peer: null, ratio: null, unit: "lines/s" },
      "enter": { failed: "no terminal" },
    },
  });
  assertEquals(tableLines(run(2), run(4)).map((line) => line.replaceAll(/ {2,}/g, " | ")), [
    "row | ours | peer | ratio | target | last | change",
    "file | 2 s | 1 s | 2 | at most 1 | MISSED | 4 | -50 %",
    "file-bare | 40 MiB/s | 100 MiB/s | 0.4 | at least 0.35 | met | 0.4 | +0 %",
    "lines | 250 lines/s | at least 5000 | MISSED | 250 | +0 %",
    "",
    "file: by the way",
    "enter: not measured: no terminal",
  ]);
});

Deno.test("every row and every curve of the benchmark was measured", () => {
  const names = (run: Run | null) =>
    run && [...Object.keys(run.rows), ...run.growth.map(({ name }) => name)].sort();
  const all = [...ROWS, ...GROWTH].map(({ name }) => name).sort();
  assertEquals(names(HISTORY.before), all);
  if (HISTORY.now !== null) assertEquals(names(HISTORY.now), all);
});

Deno.test({
  name: "docs/PERFORMANCE.md and its picture say what docs/performance.json has, for every row",
  ignore: !granted("read"),
  fn() {
    const read = (name: string) =>
      Deno.readTextFileSync(new URL(`../docs/${name}`, import.meta.url));
    const page = read("PERFORMANCE.md");
    for (const { name, what } of ROWS) {
      assert(page.includes(`\`${name}\``) && page.includes(what), name);
    }
    // As `deno fmt` lays tables out, spaces and dashes aside.
    const bare = (text: string) => text.replaceAll(/[\s-]+/g, "");
    assertEquals(bare(page), bare(withPart(page, HISTORY)));
    assertEquals(read("performance.svg"), drawGrowth((HISTORY.now ?? HISTORY.before)!.growth));
  },
});
