import { assert, assertEquals } from "@std/assert";
import { ParleyError } from "../../lib/errors.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import {
  advanceIncoming,
  type IncomingTransfer,
  newIncoming,
} from "../../lib/transfer/incoming.ts";
import { hashLeaf, HashTree } from "../../lib/transfer/hash_tree.ts";
import { isHeld, type TransferInput } from "../../lib/transfer/machine.ts";
import { flipBit } from "../helpers/mutants.ts";
import { contentOf, leafOf, treeOf } from "./content.ts";
import { brief, ID, type Input, inputOf, stop } from "./machine_words.ts";

const LEAVES = 10;
const CONTENT = contentOf((LEAVES - 1) * LEAF_BYTES + 5);
const TREE = await treeOf(CONTENT);
const FULL = new ParleyError("disk-full", "no space");

/** A machine and what it did. */
class Run {
  state: IncomingTransfer;
  /** How much of what was on the disk is good. */
  prefix = Infinity;

  constructor(bytes = CONTENT.length) {
    this.state = newIncoming({ id: ID, bytes, root: TREE.root });
  }

  /** Gives inputs, and takes what came of all of them. */
  after(...inputs: Input[]): string[] {
    const effects: string[] = [];
    for (const input of inputs) {
      const prefix = (index: number) => Math.min(index, this.prefix);
      const step = advanceIncoming(this.state, inputOf(input), prefix);
      this.state = step.state;
      effects.push(...step.effects.map(brief));
    }
    return effects;
  }

  /** Gives leaves, and what the disk says to them. */
  take(...indices: number[]): string[] {
    const effects: string[] = [];
    for (const index of indices) {
      effects.push(...this.after(leaf(index)));
      if (effects.at(-1) === `write ${index}`) effects.push(...this.after(wrote(index + 1)));
    }
    return effects;
  }
}

const leaf = (index: number, data = leafOf(CONTENT, index)): TransferInput => ({
  type: "leaf",
  index,
  proof: TREE.proof(index),
  data,
});
const ready = (count: number): TransferInput => ({ type: "ready", count });
const wrote = (count: number): TransferInput => ({ type: "wrote", count });
const failed: TransferInput = { type: "failed", error: FULL };
const finished: TransferInput = { type: "finished", path: "received/a" };

/** A transfer that was accepted, with so much of it on the disk. */
function begun(count = 0): Run {
  const run = new Run();
  assertEquals(run.after("opened", "accept"), ["prepare"]);
  assertEquals(run.after(ready(count)), [`has ${count}`, `ask ${count}`]);
  return run;
}

Deno.test("advanceIncoming() does nothing before the user has decided", () => {
  const run = new Run();
  assertEquals(
    run.after("opened", "file-query", leaf(0), "file-hold", "pause", "resume"),
    [],
  );
  assertEquals(run.after("closed", "opened", "file-query"), []);
});

Deno.test("advanceIncoming() writes leaves in their order, and names the file when all are there", () => {
  const run = begun();
  assertEquals(run.take(0, 1), ["write 0", "has 1", "write 1", "has 2"]);
  assertEquals((run.take(2, 3, 4, 5, 6, 7, 8)).at(-1), "has 9");
  assertEquals(run.take(9), ["write 9", "has 10", "finish"]);
  assertEquals(run.after(finished), ["tell stop received", "done"]);
  // Cut short: the sender asks again.
  assertEquals(run.after("closed", "opened", "file-query"), ["tell stop received"]);
  assertEquals(run.after(leaf(0), stop("cancelled"), "cancel", "accept", failed), []);
});

Deno.test("advanceIncoming() takes leaves while those before them are being written", () => {
  const run = begun(7);
  assertEquals(run.after(leaf(7), leaf(8), wrote(8), leaf(9)), [
    "write 7",
    "write 8",
    "has 8",
    "write 9",
  ]);
  // What is being written is not asked for again.
  assertEquals(run.after("pause", "resume"), ["tell file-hold", "held by you", "ask 10"]);
  assertEquals(run.after(wrote(9), wrote(10)), ["has 9", "has 10", "finish"]);
});

Deno.test("advanceIncoming() drops every leaf but the next, and every leaf when it has not asked", () => {
  const run = begun();
  run.take(0);
  assertEquals(run.after(leaf(0), leaf(2), leaf(9)), []);
  assertEquals(run.after("pause"), ["tell file-hold", "held by you"]);
  assertEquals(run.after(leaf(1)), []);
  assertEquals(run.after("resume"), ["ask 1"]);
  assertEquals(run.after("file-hold", leaf(1)), ["held by peer"]);
  assert(isHeld(run.state));
  assertEquals(run.after("file-query"), ["ask 1"]);
  assertEquals(run.after("file-query"), []);
  assertEquals(run.after("closed", leaf(1), "opened"), ["ask 1"]);
  assertEquals(run.after("file-hold", "closed", "opened", "accept"), [
    "held by peer",
    "ask 1",
  ]);
  assert(!isHeld(run.state));
});

Deno.test("advanceIncoming() stops at a leaf that the root does not vouch for", () => {
  const genuine = leafOf(CONTENT, 0);
  const spoiled: TransferInput[] = [
    leaf(0, flipBit(genuine, 77)),
    leaf(0, genuine.slice(1)),
    leaf(0, leafOf(CONTENT, 1)),
    { type: "leaf", index: 0, proof: TREE.proof(1), data: genuine },
    { type: "leaf", index: 0, proof: TREE.proof(0).slice(1), data: genuine },
  ];
  for (const input of spoiled) {
    const run = begun();
    assertEquals(run.after(input), [
      "tell stop changed",
      "discard",
      "stopped by peer: changed",
    ]);
    assertEquals(run.after(leaf(0)), []);
  }
});

Deno.test("advanceIncoming() takes a leaf of the length that its place has only, though the root covers it", () => {
  // Whoever makes the tree can hash what he likes into it.
  const short = contentOf(2 * LEAF_BYTES);
  const data = leafOf(short, 0).slice(0, 9);
  const hashes = new Uint8Array(64);
  hashes.set(hashLeaf(data));
  const tree = HashTree.build(short.length, hashes);
  const run = new Run();
  run.state = newIncoming({ id: ID, bytes: short.length, root: tree.root });
  run.after("opened", "accept", ready(0));
  const effects = run.after({ type: "leaf", index: 0, proof: tree.proof(0), data });
  assertEquals(effects[0], "tell stop changed");
});

Deno.test("advanceIncoming() judges what was on the disk by the first leaf that comes", () => {
  const good = begun(6);
  assertEquals((good.take(6)).slice(0, 1), ["write 6"]);
  const bad = begun(6);
  bad.prefix = 4;
  assertEquals(bad.after(leaf(6)), ["ask 4"]);
  assertEquals(bad.after(leaf(7)), []);
  bad.prefix = 0;
  assertEquals((bad.take(4)).at(0), "write 4");
});

Deno.test("advanceIncoming() names a file that is whole already, and finds out what of it is not", () => {
  const whole = new Run();
  whole.after("opened", "accept");
  assertEquals(whole.after(ready(LEAVES)), ["has 10", "finish"]);
  assertEquals(whole.after(leaf(0), "file-hold", "file-query", stop("cancelled")), []);
  assertEquals(whole.after("damaged"), ["ask 9"]);
  whole.prefix = 8;
  assertEquals(whole.after(leaf(9)), ["ask 8"]);
  const effects = whole.take(8, 9);
  assertEquals(effects.at(-1), "finish");
  // It can't be damaged any more; if it is all the same it is begun again, once.
  assertEquals(whole.after("damaged"), ["discard", "prepare"]);
  whole.after(ready(0));
  whole.take(...Array(LEAVES).keys());
  assertEquals(whole.after("damaged"), [
    "tell stop changed",
    "discard",
    "stopped by peer: changed",
  ]);
});

Deno.test("advanceIncoming() needs no leaf for an empty file", () => {
  const run = new Run(0);
  assertEquals(run.after("accept", ready(0)), ["prepare", "has 0", "finish"]);
  assertEquals(run.after(finished), ["done"]);
  assertEquals(run.after("opened", "file-query"), ["tell stop received"]);
});

Deno.test("advanceIncoming() pauses when the disk fails, and tries again when it is resumed", () => {
  const run = begun();
  run.take(0, 1, 2);
  assertEquals(run.after(leaf(3), failed), [
    "write 3",
    "tell file-hold",
    "held by disk-full",
  ]);
  assert(isHeld(run.state));
  // The leaves behind it fail with it.
  assertEquals(run.after(failed), []);
  assertEquals(run.after(leaf(3), "file-query"), ["tell file-hold"]);
  assertEquals(run.after("closed", "opened"), ["tell file-hold"]);
  assertEquals(run.after("resume"), ["prepare"]);
  assertEquals(run.after(ready(3)), ["has 3", "ask 3"]);
});

Deno.test("advanceIncoming() tries again when the disk fails at the very end", () => {
  const run = begun(9);
  assertEquals((run.take(9)).at(-1), "finish");
  assertEquals(run.after(failed), ["tell file-hold", "held by disk-full"]);
  assertEquals(run.after("resume", ready(10)), ["prepare", "has 10", "finish"]);
});

Deno.test("advanceIncoming() goes on without a session as far as it can, and asks in the next one", () => {
  const run = new Run();
  assertEquals(run.after("accept"), ["prepare"]);
  assertEquals(run.after(ready(2)), ["has 2"]);
  assertEquals(run.after("opened"), ["ask 2"]);
  run.take(2);
  assertEquals(run.after("closed", "pause", "opened"), ["held by you", "tell file-hold"]);
  assertEquals(run.after("closed", "resume", "opened"), ["ask 3"]);
});

Deno.test("advanceIncoming() opens the partial file in the first session after a restart", () => {
  const run = new Run();
  run.state = { ...run.state, phase: "active" };
  assertEquals(run.after("opened", "file-query"), ["prepare"]);
  assertEquals(run.after(ready(1)), ["has 1", "ask 1"]);
});

Deno.test("advanceIncoming() keeps what came when the sender fails, and nothing when he takes it back", () => {
  for (const reason of ["cancelled", "changed", "received", "refused"] as const) {
    const run = begun();
    assertEquals(run.after(stop(reason)), ["discard", `stopped by peer: ${reason}`]);
    assertEquals(run.after("file-query"), ["tell stop failed"]);
  }
  const run = begun();
  assertEquals(run.after(stop("failed")), ["stopped by peer: failed"]);
  const offered = new Run();
  assertEquals(offered.after("opened", stop("cancelled")), ["stopped by peer: cancelled"]);
});

Deno.test("advanceIncoming() sends a refusal, at once or in the next session", () => {
  const run = new Run();
  assertEquals(run.after("refuse"), ["stopped by you: refused"]);
  assertEquals(run.after("accept", "file-query"), []);
  assertEquals(run.after("opened"), ["tell stop refused"]);
  assertEquals(run.after("closed", "opened", "file-query"), ["tell stop refused"]);
  const late = begun();
  assertEquals(late.after(leaf(0), "cancel"), [
    "write 0",
    "tell stop refused",
    "discard",
    "stopped by you: refused",
  ]);
  assertEquals(late.after(leaf(1), "file-query"), ["tell stop refused"]);
});

Deno.test("advanceIncoming() checks what was on the disk once, and trusts it from the first leaf on", () => {
  const run = begun(4);
  run.take(4);
  // Asked again it would be told that all of it is bad.
  run.prefix = 0;
  assertEquals((run.take(5)).slice(0, 2), ["write 5", "has 6"]);
  const bad = begun(4);
  bad.prefix = 2;
  assertEquals(bad.after(leaf(4)), ["ask 2"]);
  bad.prefix = 0;
  assertEquals((bad.take(2))[0], "write 2");
});

Deno.test("advanceIncoming(): a sender that asks again has ended its pause", () => {
  const run = begun();
  run.take(0);
  assertEquals([run.after("file-hold"), isHeld(run.state)], [["held by peer"], true]);
  assertEquals([run.after("file-query"), isHeld(run.state)], [["ask 1"], false]);
});

Deno.test("advanceIncoming() is paused once, however often the user says so", () => {
  const run = begun();
  run.take(0);
  assertEquals(run.after("pause"), ["tell file-hold", "held by you"]);
  assertEquals(run.after("pause", "pause"), []);
  assertEquals(run.after("resume"), ["ask 1"]);
});
