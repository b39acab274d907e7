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

const GONE: TransferInput = { type: "failed", error: new ParleyError("cannot-read", "gone") };
const CHANGED: TransferInput = { type: "failed", error: new ParleyError("file-changed", "other") };

/** A machine and what it did. */
class Run {
  state: OutgoingTransfer;

  constructor(leaves = 100) {
    this.state = newOutgoing({ id: ID, bytes: leaves * LEAF_BYTES, root: new Uint8Array(32) });
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

  /** Hands over what is on its way, and what goes then, to the end; how many leaves that were. */
  serve(): number {
    let count = 0;
    for (; this.state.sending > 0; count++) this.after("sent");
    return count;
  }
}

/** Asks for a window; all before it are stored. */
const get = (from: number, until = from + 2, kept = from): TransferInput => {
  return { type: "file-get", id: ID, kept, from, until, key: new Uint8Array(32) };
};

/** A transfer in which the receiver has asked for the first two leaves. */
function begun(leaves = 100): Run {
  const run = new Run(leaves);
  assertEquals(run.after("opened", "delivered", get(0)), ["has 0", "leaf 0", "leaf 1"]);
  return run;
}

Deno.test("advanceOutgoing() asks in each session what the other side has, once it has the offer", () => {
  const run = new Run();
  assertEquals(run.after("opened", "closed"), []);
  assertEquals(run.after("delivered", "opened"), ["tell file-query"]);
  assertEquals(run.after("closed", "opened"), ["tell file-query"]);
});

Deno.test("advanceOutgoing() sends what a window asks for, four leaves at a time, and no more", () => {
  const run = new Run();
  run.after("opened", "delivered");
  assertEquals(run.after(get(0, 6)), ["has 0", "leaf 0", "leaf 1", "leaf 2", "leaf 3"]);
  assertEquals(run.after("sent", "sent"), ["leaf 4", "leaf 5"]);
  assertEquals(run.after("sent", "sent", "sent", "sent"), []);
});

Deno.test("advanceOutgoing() sends windows one behind the other, each from its own first place", () => {
  const run = new Run();
  run.after("opened", "delivered", get(0, 3), get(3, 6, 1));
  assertEquals(run.state.kept, 1);
  const step = advanceOutgoing(run.state, { type: "sent" });
  const [effect] = step.effects;
  assert(effect?.type === "leaf");
  assertEquals([effect.index, effect.place], [4, 1]);
  // A window behind the last one queues, also when that has gone already.
  run.serve();
  const before = run.state.run;
  assertEquals(run.after(get(6)), ["has 6", "leaf 6", "leaf 7"]);
  assertEquals(run.after(get(8, 9, 7)), ["has 7", "leaf 8"]);
  assertEquals(run.state.run, before);
});

Deno.test("advanceOutgoing() replaces all windows by one that does not follow them", () => {
  const run = new Run();
  run.after("opened", "delivered", get(0, 6), get(6, 9));
  const before = run.state.run;
  assertEquals(run.after(get(2, 4)), ["has 2"]);
  assert(run.state.run !== before);
  // What was on its way makes room for it.
  assertEquals(run.after("sent", "sent"), ["leaf 2", "leaf 3"]);
  assertEquals(run.serve(), 4);
});

Deno.test("advanceOutgoing() ignores a window beyond the file, and a ninth one", () => {
  const run = begun();
  for (const [from, until] of [[99, 101], [100, 101], [2 ** 40, 2 ** 40 + 1]]) {
    assertEquals(run.after(get(from!, until)), []);
  }
  for (let from = 2; from < 20; from += 2) run.after(get(from));
  // The first has all of its leaves on the way; so has the second.
  assertEquals(run.state.windows.length, 8);
  assertEquals(run.state.windows.at(-1)!.until, 20);
  assertEquals(run.after(get(20)), []);
  assertEquals(run.state.windows.at(-1)!.until, 20);
});

Deno.test("advanceOutgoing() makes windows void by a pause, a cut, or the other side's pause", () => {
  for (const between of ["pause", "file-hold", "closed", "cancel"] as const) {
    const run = new Run();
    run.after("opened", "delivered", get(0, 10));
    const before = run.state.run;
    run.after(between);
    assert(run.state.run !== before);
    assertEquals([run.serve(), run.state.windows], [4, []], between);
  }
});

Deno.test("advanceOutgoing() goes on after each side's pause when the receiver asks again", () => {
  const run = begun();
  run.serve();
  assertEquals(run.after("file-hold"), ["held by peer"]);
  assert(isHeld(run.state));
  assertEquals(run.after(get(4)), ["has 4", "leaf 4", "leaf 5"]);
  assert(!isHeld(run.state));
  run.serve();
  assertEquals(run.after("pause", "pause"), ["tell file-hold", "held by you"]);
  assertEquals(run.after(get(5)), ["tell file-hold"]);
  assertEquals(run.after("resume"), ["tell file-query"]);
  assertEquals(run.after(get(5, 6)), ["has 5", "leaf 5"]);
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
  assertEquals(run.after(get(0, 1)), ["has 0", "leaf 0"]);
});

Deno.test("advanceOutgoing() reports its pause in a new session, and forgets the other side's", () => {
  const run = begun();
  run.serve();
  run.after("pause", "file-hold", "closed");
  assertEquals(run.after("opened"), ["tell file-hold"]);
  assertEquals(run.after("resume"), ["tell file-query"]);
  assert(!isHeld(run.state));
  assertEquals(run.after(get(0, 1)), ["has 0", "leaf 0"]);
});

Deno.test("advanceOutgoing() answers nothing between two sessions", () => {
  const run = new Run();
  assertEquals(run.after(get(0)), []);
  assertEquals(run.after("delivered", "opened", "closed", get(0)), ["tell file-query"]);
  assertEquals(run.after("opened"), ["tell file-query"]);
});

Deno.test("advanceOutgoing() is done when the receiver says so, whatever it has counted", () => {
  const run = begun();
  assertEquals(run.after(stop("received")), ["has 100", "done"]);
  assertEquals(run.after("sent", "file-hold", stop("refused"), "cancel", GONE), []);
  assertEquals(run.after("closed", "opened"), []);
  assertEquals(run.after(get(0)), ["tell stop failed"]);
});

Deno.test("advanceOutgoing() stops when either side says so, while leaves are on their way", () => {
  for (const reason of ["refused", "failed", "changed", "cancelled"] as const) {
    const run = begun();
    assertEquals(run.after(stop(reason)), [`stopped by peer: ${reason}`]);
    assertEquals(run.after("sent"), []);
  }
  const run = begun();
  assertEquals(run.after("cancel"), ["tell stop cancelled", "stopped by you: cancelled"]);
  assertEquals(run.after("sent", "cancel"), []);
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

Deno.test("advanceOutgoing() stops when the file changed, or can't be read, and says so once", () => {
  const changed = begun();
  assertEquals(changed.after(CHANGED), ["tell stop changed", "stopped by you: changed"]);
  // The leaves behind it fail with it.
  assertEquals(changed.after(CHANGED, GONE), []);
  const gone = begun();
  assertEquals(gone.after(GONE), ["tell stop failed", "stopped by you: failed"]);
});
