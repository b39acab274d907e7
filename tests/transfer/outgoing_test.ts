import { assert, assertEquals } from "@std/assert";
import { ParleyError } from "../../lib/errors.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { isHeld, type TransferInput } from "../../lib/transfer/machine.ts";
import {
  advanceOutgoing,
  newOutgoing,
  type OutgoingTransfer,
} from "../../lib/transfer/outgoing.ts";
import { brief, ID, type Input, inputOf, stop } from "./machine_words.ts";

const GONE = new ParleyError("cannot-read", "gone");

/** A machine and what it did. */
class Run {
  state: OutgoingTransfer;

  constructor(leaves = 100) {
    this.state = newOutgoing({ id: ID, bytes: leaves * LEAF_BYTES });
  }

  /** Gives inputs, and takes what came of all of them. */
  after(...inputs: Input[]): string[] {
    const effects: string[] = [];
    for (const input of inputs) {
      const step = advanceOutgoing(this.state, inputOf(input));
      this.state = step.state;
      effects.push(...step.effects.map(brief));
    }
    return effects;
  }

  /** Reads and hands over as long as something is to be read; what was read. */
  serve(): number[] {
    const leaves: number[] = [];
    while (this.state.reading !== null) {
      leaves.push(this.state.reading);
      this.after(leaf(this.state.reading), "sealed");
    }
    return leaves;
  }
}

const get = (from: number): TransferInput => ({ type: "file-get", id: ID, from });
const kept = (count: number): TransferInput => ({ type: "file-kept", id: ID, count });
const leaf = (index: number): TransferInput => ({
  type: "read",
  index,
  data: new Uint8Array(1),
  proof: [],
});

/** A transfer in which the receiver has asked for all. */
function begun(leaves = 100): Run {
  const run = new Run(leaves);
  assertEquals(run.after("opened", "delivered", get(0)), ["has 0", "read 0"]);
  return run;
}

Deno.test("advanceOutgoing() asks in each session what the other side has, once it has the offer", () => {
  const run = new Run();
  assertEquals(run.after("opened", "closed"), []);
  assertEquals(run.after("delivered", "opened"), ["tell file-query"]);
  assertEquals(run.after("closed", "opened"), ["tell file-query"]);
});

Deno.test("advanceOutgoing() reads one leaf at a time, and the next when that one is handed over", () => {
  const run = begun();
  assertEquals(run.after(leaf(0)), ["leaf 0"]);
  assertEquals(run.after("sealed"), ["read 1"]);
  assertEquals(run.after(leaf(1), "sealed"), ["leaf 1", "read 2"]);
});

Deno.test("advanceOutgoing() sends a window, and more as leaves are kept", () => {
  const run = begun();
  assertEquals(run.serve(), [0, 1, 2, 3]);
  // An answer for two: two more.
  assertEquals(run.after(kept(2)), ["has 2", "read 4"]);
  assertEquals(run.serve(), [4, 5]);
  // An answer for four: a window of eight.
  assertEquals(run.after(kept(6)), ["has 6", "read 6"]);
  assertEquals(run.serve().length, 8);
  assertEquals(run.after(kept(14)), ["has 14", "read 14"]);
  assertEquals(run.serve().length, 16);
  // An answer for one: a slow line. What is in flight has to drain first.
  assertEquals(run.after(kept(15)), ["has 15"]);
  assertEquals(run.after(kept(28)), ["has 28", "read 30"]);
});

Deno.test("advanceOutgoing() never has more than 64 leaves in flight", () => {
  const run = begun(10_000);
  for (let round = 0; round < 12; round++) {
    run.serve();
    assert(run.state.next - run.state.kept <= 64);
    run.after(kept(run.state.next));
  }
  assertEquals(run.state.window, 64);
});

Deno.test("advanceOutgoing() ignores an answer that is late, twice, or for what was never sent", () => {
  const run = begun();
  run.serve();
  assertEquals(run.after(kept(5), kept(0)), []);
  run.after(kept(2));
  assertEquals(run.after(kept(2), kept(1)), []);
  assertEquals(run.after("closed", kept(3), "opened", kept(3)), ["tell file-query"]);
});

Deno.test("advanceOutgoing() ignores a question that crossed its query, and serves every other", () => {
  const run = begun();
  assertEquals(run.after(get(0)), []);
  run.serve();
  assertEquals(run.after(get(0)), []);
  run.after(kept(2));
  run.serve();
  // What is on the receiver's disk turned out to be damaged.
  assertEquals(run.after(get(1)), ["has 1", "read 1"]);
  // Nothing is there.
  assertEquals(run.after(get(100), get(2 ** 40)), []);
});

Deno.test("advanceOutgoing() drops a leaf that was asked for before a pause, a cut or another question", () => {
  for (const between of [["pause"], ["file-hold"], ["closed"], [get(7)]] as const) {
    const run = begun();
    run.after(...between);
    const effects = run.after(leaf(0));
    assertEquals(effects, typeof between[0] === "object" ? ["read 7"] : []);
    assertEquals(run.state.busy, typeof between[0] === "object");
  }
});

Deno.test("advanceOutgoing() reads nothing while the last leaf of the session before is handed over", () => {
  const run = begun();
  run.after(leaf(0));
  assertEquals(run.after("closed", "opened", get(0)), ["tell file-query", "has 0"]);
  assertEquals(run.after("sealed"), ["read 0"]);
});

Deno.test("advanceOutgoing() goes on after each side's pause when the receiver asks again", () => {
  const run = begun();
  run.serve();
  assertEquals(run.after("file-hold"), ["held by peer"]);
  assert(isHeld(run.state));
  assertEquals(run.after(kept(2)), []);
  assertEquals(run.after(get(4)), ["has 4", "read 4"]);
  assert(!isHeld(run.state));
  run.serve();
  assertEquals(run.after("pause", "pause"), ["tell file-hold", "held by you"]);
  assertEquals(run.after(get(5)), ["tell file-hold"]);
  assertEquals(run.after("resume"), ["tell file-query"]);
  assertEquals(run.after(get(5)), ["has 5", "read 5"]);
});

Deno.test("advanceOutgoing() waits until both have ended their pauses", () => {
  const run = begun();
  run.serve();
  run.after("file-hold", "pause");
  assertEquals(run.after(get(0)), ["tell file-hold"]);
  assert(isHeld(run.state));
  run.after("file-hold");
  assertEquals(run.after("resume"), ["tell file-query"]);
  assert(isHeld(run.state));
  assertEquals(run.after(get(0)), ["has 0", "read 0"]);
});

Deno.test("advanceOutgoing() reports its pause in a new session, and forgets the other side's", () => {
  const run = begun();
  run.serve();
  run.after("pause", "file-hold", "closed");
  assertEquals(run.after("opened"), ["tell file-hold"]);
  assertEquals(run.after("resume"), ["tell file-query"]);
  assert(!isHeld(run.state));
  assertEquals(run.after(get(0)), ["has 0", "read 0"]);
});

Deno.test("advanceOutgoing() takes a question that overtakes the session's beginning for the next answer", () => {
  const run = new Run();
  assertEquals(run.after(get(0), "opened"), ["tell file-query"]);
  assertEquals(run.after(get(0)), ["has 0", "read 0"]);
});

Deno.test("advanceOutgoing() is done when the receiver says so, whatever it has counted", () => {
  const run = begun();
  assertEquals(run.after(stop("received")), ["has 100", "done"]);
  assertEquals(run.after(leaf(0), "sealed", kept(1), "file-hold", stop("refused"), "cancel"), []);
  assertEquals(run.after("closed", "opened"), []);
  assertEquals(run.after(get(0)), ["tell stop failed"]);
});

Deno.test("advanceOutgoing() stops when either side says so, while a leaf is read or handed over", () => {
  for (const reason of ["refused", "failed", "changed", "cancelled"] as const) {
    const run = begun();
    assertEquals(run.after(stop(reason)), [`stopped by peer: ${reason}`]);
    assertEquals(run.after(leaf(0), "sealed", kept(1)), []);
  }
  const run = begun();
  run.after(leaf(0));
  assertEquals(run.after("cancel"), ["tell stop cancelled", "stopped by you: cancelled"]);
  assertEquals(run.after("sealed", "cancel"), []);
  // Cut short: the receiver asks again, and is told again.
  assertEquals(run.after("closed", "opened", get(0)), ["tell stop cancelled"]);
});

Deno.test("advanceOutgoing() reports in the next session what it stopped without one", () => {
  const run = begun();
  run.serve();
  assertEquals(run.after("closed", "pause", "cancel"), [
    "held by you",
    "stopped by you: cancelled",
  ]);
  assert(!isHeld(run.state));
  assertEquals(run.after("opened"), ["tell stop cancelled"]);
  assertEquals(run.after("closed", "opened"), []);
});

Deno.test("advanceOutgoing() stops when the file changed, or can't be read", () => {
  assertEquals(begun().after("bad"), ["tell stop changed", "stopped by you: changed"]);
  assertEquals(begun().after({ type: "failed", error: GONE }), [
    "tell stop failed",
    "stopped by you: failed",
  ]);
});
