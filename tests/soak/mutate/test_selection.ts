/** Which tests are to notice a mutant. */
import { distancesFrom, type ImportGraph } from "./import_graph.ts";

/** Most test files that one mutant is tried with: what none of the nearest holds, none is there to hold. */
const MOST_TESTS = 16;

/** The tests that reach a file of lib/, the nearest first. */
export class TestSelection {
  readonly #distances: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(graph: ImportGraph) {
    const tests = [...graph.keys()].filter((path) => path.endsWith("_test.ts")).sort();
    this.#distances = new Map(tests.map((test) => [test, distancesFrom(test, graph)]));
  }

  /** The test files for a mutant of `file`, at most {@link MOST_TESTS}. */
  testsFor(file: string): string[] {
    const near: { test: string; distance: number }[] = [];
    for (const [test, distances] of this.#distances) {
      const distance = distances.get(file);
      if (distance !== undefined) near.push({ test, distance: distance - kinship(file, test) });
    }
    near.sort((a, b) => a.distance - b.distance);
    return near.slice(0, MOST_TESTS).map(({ test }) => test);
  }
}

/** Whether a test is named like the file (2), lies where its folder's tests do (1), or neither (0). */
function kinship(file: string, test: string): 0 | 1 | 2 {
  const own = file.replace(/^lib\//, "tests/").replace(/\.ts$/, "");
  if (test.startsWith(`${own}_`)) return 2;
  return test.startsWith(own.slice(0, own.lastIndexOf("/") + 1)) && own.split("/").length > 2
    ? 1
    : 0;
}
