/**
 * Everything that can happen to a file on its way, in any order: cuts, pauses, kills, a full disk, a damaged one.
 */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { equalBytes } from "../../lib/crypto/bytes.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { flipBit } from "../helpers/mutants.ts";
import { contentOf } from "./content.ts";
import { Pair, type Side } from "./two_sides.ts";

const PATH = "home/photo.jpg";

type Who = "alice" | "bob";

/** One thing that happens. */
type Fault =
  | { readonly type: "carry"; readonly who: Who; readonly most: number; readonly rest: boolean }
  | { readonly type: "cut" | "connect" | "damage" }
  | { readonly type: "pause" | "resume"; readonly who: Who }
  | { readonly type: "crash"; readonly who: Who; readonly back: number; readonly left: Left }
  | { readonly type: "room"; readonly leaves: number };

/** What is left after a power cut of a leaf that was not flushed. */
type Left = "nothing" | "all" | "rubbish";

const who = fc.constantFrom<Who>("alice", "bob");
const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("carry"),
      who,
      most: fc.integer({ min: 1, max: 4 }),
      rest: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("cut", "damage") }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("connect") }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pause"), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("resume"), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("crash"),
      who,
      back: fc.integer({ min: 0, max: 1 }),
      left: fc.constantFrom<Left>("nothing", "all", "rubbish"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("room"), leaves: fc.integer({ min: 0, max: 6 }) }),
  },
) as fc.Arbitrary<Fault>;

/** Pauses or resumes what can be paused or resumed. */
function press(side: Side, key: "pause" | "resume"): void {
  for (const { phase, number } of side.transfers.list()) {
    if (phase === "active" || phase === "held") side.transfers.act(key, number);
  }
}

function decide(side: Side): void {
  for (const { phase, number, direction } of side.transfers.list()) {
    if (phase === "offered" && direction === "in") side.transfers.act("accept", number);
  }
}

async function happen(pair: Pair, fault: Fault): Promise<void> {
  switch (fault.type) {
    case "carry":
      pair.carry(pair[fault.who], fault.most);
      if (fault.rest) await pair.rest();
      return;
    case "cut":
      return pair.cut();
    case "connect":
      return pair.connect();
    case "pause":
    case "resume":
      return press(pair[fault.who], fault.type);
    case "crash":
      pair.cut();
      return pair[fault.who].crash(fault.back, (leaf) => {
        if (fault.left === "nothing") return null;
        return fault.left === "all" ? leaf : new Uint8Array(leaf.length);
      });
    case "room":
      pair.bob.store.room = fault.leaves;
      return;
    case "damage":
      for (const { leaves } of pair.bob.store.partials.values()) {
        // Only what no process has read yet: nobody can know of more.
        if (leaves.length > 0 && !pair.open) {
          pair.cut();
          await pair.rest();
          pair.bob.crash(0, (leaf) => leaf);
          leaves[0] = flipBit(leaves[0]!, 1);
        }
      }
      return;
  }
}

/** All is well again, and both users want the file. */
async function recover(pair: Pair, killed: boolean): Promise<void> {
  pair.bob.store.room = Infinity;
  for (let rounds = 0; rounds < 4; rounds++) {
    // A side that forgot something is told in the next session. Nothing else needs another one.
    if (killed) pair.cut();
    pair.connect();
    await pair.settle();
    decide(pair.bob);
    press(pair.bob, "resume");
    press(pair.alice, "resume");
    await pair.settle();
  }
}

const RUNS = Number(Deno.args[0] ?? 60);

heavyTest("a file arrives once and whole, or both users know that it did not", async () => {
  let whole = 0;
  let faults = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 0, max: 7 * LEAF_BYTES }),
      async (happenings, bytes) => {
        const pair = new Pair();
        const content = contentOf(bytes, 5);
        pair.alice.store.files.set(PATH, content);
        pair.connect();
        await pair.offer(PATH);
        decide(pair.bob);
        for (const happening of happenings) await happen(pair, happening);
        faults += happenings.filter(({ type }) => type !== "carry" && type !== "connect").length;
        const killed = happenings.some(({ type }) => type === "crash" || type === "damage");
        await recover(pair, killed);
        const { files } = pair.bob.store;
        const received = pair.bob.store.received();
        assert(received.length <= 1, received.join());
        for (const path of received) assert(equalBytes(files.get(path)!, content), "damaged");
        const told = (side: Side) => side.events.some(({ type }) => type === "file-stopped");
        if (received.length === 0) {
          // Only a side that was killed before it remembered anything does not know.
          const known = pair.alice.transfers.list().length + pair.bob.transfers.list().length;
          assert(told(pair.alice) || told(pair.bob) || known === 0, "nobody was told");
          // And that is the only reason.
          assert(killed, "without any kill");
        } else {
          whole++;
          assertEquals(pair.bob.store.partials.size, 0);
          assert(pair.bob.events.some(({ type }) => type === "file-received"));
        }
      },
    ),
    { numRuns: RUNS, seed: 6 },
  );
  assert(whole > RUNS * 0.7 && faults > RUNS * 4, `${whole} whole, ${faults} faults`);
});
