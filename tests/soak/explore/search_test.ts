/** The search, on models that are small enough to count by hand. */
import { assertEquals } from "@std/assert";
import { type Model, search } from "./search.ts";
import { demand, Violation } from "./violation.ts";

const STEP = { process: 0, input: 0 };

/** A walk on a square of 10 by 10: free steps go right, counted ones go up. */
function walk(check: Model["check"] = () => {}): Model {
  return {
    first: [0, 0],
    steps(state, counted, visit) {
      const [x, y] = [state[0]!, state[1]!];
      if (counted && y < 9) visit([x, y + 1], STEP);
      if (!counted && x < 9) visit([x + 1, y], STEP);
      return Promise.resolve();
    },
    check,
  };
}

Deno.test("search() visits every state that its count of attacks allows", async () => {
  for (const attacks of [0, 1, 5, 9, 12]) {
    const found = await search(walk(), { depth: Infinity, attacks });
    const rows = Math.min(attacks, 9) + 1;
    assertEquals(found.states, 10 * rows);
    assertEquals(found.visited, found.states);
    assertEquals(found.transitions, 9 * rows + 10 * (rows - 1));
    assertEquals([found.complete, found.counterexample], [true, null]);
  }
});

Deno.test("search() says when its depth left something out", async () => {
  const found = await search(walk(), { depth: 4, attacks: 0 });
  assertEquals([found.states, found.depth, found.complete], [5, 4, false]);
});

Deno.test("search() returns the states that lead to a violation", async () => {
  const model = walk((state) => demand(state[0]! < 3 || state[1]! < 1, "refusal", "there"));
  const { counterexample } = await search(model, { depth: Infinity, attacks: 2 });
  const states = counterexample!.states.map((state) => Array.from(state));
  assertEquals(states, [[0, 0], [1, 0], [2, 0], [3, 0], [3, 1]]);
  assertEquals(counterexample!.violation.property, "refusal");
});

Deno.test("search() returns a violation of a step with the states before it", async () => {
  const model: Model = {
    ...walk(),
    steps(state, _counted, visit) {
      if (state[0] === 1) throw new Violation("failure", "this step", STEP);
      visit([1, 0], STEP);
      return Promise.resolve();
    },
  };
  const { counterexample } = await search(model, { depth: Infinity, attacks: 0 });
  assertEquals(counterexample!.states.map((state) => Array.from(state)), [[0, 0], [1, 0]]);
  assertEquals(counterexample!.violation.step, STEP);
});

Deno.test("search() notes for the model which states nothing follows", async () => {
  const last: string[] = [];
  const model = walk((state, isLast) => {
    if (isLast) last.push(Array.from(state).join());
  });
  await search(model, { depth: Infinity, attacks: 1 });
  assertEquals(last, ["9,0", "9,1"]);
});
