import { assert, assertEquals } from "@std/assert";
import { StateStore } from "./state_store.ts";

Deno.test("StateStore keeps each state once, in the order in which they came", () => {
  const store = new StateStore(3);
  // More than its first capacity, so that it grows, several times.
  const count = 5000;
  const stateOf = (n: number) => [n % 7, Math.floor(n / 7), n * 1000];
  for (let n = 0; n < count; n++) assert(store.add(stateOf(n), Math.max(n - 1, 0)));
  for (let n = 0; n < count; n++) assert(!store.add(stateOf(n), 0), `${n} is there already`);
  assertEquals(store.size, count);
  for (let n = 0; n < count; n += 97) assertEquals([...store.at(n)], stateOf(n));
});

Deno.test("StateStore finds the way from the first state", () => {
  const store = new StateStore(1);
  const parents = [0, 0, 0, 1, 3];
  for (const [place, parent] of parents.entries()) store.add([place * 10], parent);
  assertEquals(store.pathTo(4), [0, 1, 3, 4]);
  assertEquals(store.pathTo(0), [0]);
  assertEquals([0, 1, 2, 3, 4].map((place) => store.depthOf(place)), [0, 1, 1, 2, 3]);
});
