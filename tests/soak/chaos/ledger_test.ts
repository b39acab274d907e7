import { assert, assertEquals } from "@std/assert";
import { Ledger } from "./ledger.ts";

/** A ledger in which so many lines were handed and taken. */
function ledgerOf(count: number): Ledger {
  const ledger = new Ledger("alice");
  for (let n = 0; n < count; n++) {
    ledger.hand(`line ${n}`, n);
    ledger.taken(n, `line ${n}`);
  }
  return ledger;
}

function show(ledger: Ledger, ...sequences: number[]): void {
  for (const n of sequences) ledger.shown({ sequence: n, text: `line ${n}`, again: false }, 100);
}

function isSettled({ waiting: { handed, inFlight } }: Ledger): boolean {
  return handed + inFlight === 0;
}

const kinds = (ledger: Ledger) => ledger.audit().map(({ kind }) => kind);

Deno.test("Ledger finds nothing where every line arrived, once and in order", () => {
  const ledger = ledgerOf(3);
  assertEquals(isSettled(ledger), false);
  show(ledger, 0, 1, 2);
  ledger.delivered(3);
  assertEquals([isSettled(ledger), ledger.audit()], [true, []]);
  assertEquals(ledger.times, [100, 99, 98]);
  const none = { notTaken: 0, takenUnsaid: 0, shownAgain: 0 };
  assertEquals(ledger.counts, { taken: 3, arrived: 3, ...none });
});

Deno.test("Ledger finds a line that is lost, at the end and in the middle", () => {
  const ledger = ledgerOf(3);
  show(ledger, 0, 1);
  assertEquals([isSettled(ledger), kinds(ledger)], [false, ["lost"]]);
  const others = ledgerOf(3);
  show(others, 0, 2);
  assertEquals(kinds(others), ["lost"]);
});

Deno.test("Ledger finds a line that is shown twice, under its number or another", () => {
  const ledger = ledgerOf(2);
  show(ledger, 0, 1, 0);
  ledger.shown({ sequence: 2, text: "line 1", again: false }, 0);
  assertEquals(kinds(ledger), ["twice", "twice"]);
});

Deno.test("Ledger finds lines in another order, whatever numbers they have", () => {
  const ledger = ledgerOf(3);
  show(ledger, 0, 2, 1);
  assertEquals(kinds(ledger), ["out of order"]);
  const others = ledgerOf(2);
  others.shown({ sequence: 0, text: "line 1", again: false }, 0);
  others.shown({ sequence: 1, text: "line 0", again: false }, 0);
  assertEquals(kinds(others).toSorted(), ["altered", "altered", "out of order"]);
});

Deno.test("Ledger finds a line that was changed, and one that nobody said", () => {
  const ledger = ledgerOf(2);
  ledger.shown({ sequence: 0, text: "line O", again: false }, 0);
  show(ledger, 1);
  assertEquals(kinds(ledger), ["invented", "lost"]);
});

Deno.test("Ledger finds a line that is shown and was not taken", () => {
  const ledger = ledgerOf(0);
  ledger.hand("a", 0);
  ledger.shown({ sequence: 0, text: "a", again: false }, 0);
  assertEquals([isSettled(ledger), kinds(ledger)], [false, ["invented"]]);
  ledger.taken(0, "a");
  assertEquals([isSettled(ledger), kinds(ledger)], [true, []], "it may be read in this order");
});

Deno.test("Ledger takes a line that is shown again after a kill, with its mark and by another process only", () => {
  const again = { sequence: 1, text: "line 1", again: true };
  const ledger = ledgerOf(2);
  show(ledger, 0, 1);
  ledger.readerCrashed();
  ledger.shown(again, 0);
  assertEquals([kinds(ledger), ledger.counts.shownAgain], [[], 1]);
  ledger.shown(again, 0);
  assertEquals(kinds(ledger), ["twice"], "once for each process");

  const unmarked = ledgerOf(2);
  show(unmarked, 0, 1);
  unmarked.readerCrashed();
  show(unmarked, 1);
  assertEquals(kinds(unmarked), ["twice"]);

  const changed = ledgerOf(2);
  show(changed, 0, 1);
  changed.readerCrashed();
  changed.shown({ ...again, text: "line I" }, 0);
  assertEquals(kinds(changed), ["altered"]);
});

Deno.test("Ledger owes nothing for what a killed client had not taken", () => {
  const ledger = ledgerOf(1);
  ledger.hand("a", 0);
  ledger.hand("b", 0);
  assertEquals(isSettled(ledger), false);
  assertEquals(ledger.senderCrashed(), 2);
  show(ledger, 0);
  assertEquals([isSettled(ledger), kinds(ledger), ledger.counts.notTaken], [true, [], 2]);
});

Deno.test("Ledger takes what was kept right before a kill, once and in its place", () => {
  const ledger = ledgerOf(1);
  ledger.hand("a", 0);
  ledger.hand("b", 0);
  ledger.senderCrashed();
  ledger.hand("c", 0);
  ledger.taken(2, "c");
  show(ledger, 0);
  ledger.shown({ sequence: 1, text: "a", again: false }, 0);
  ledger.shown({ sequence: 2, text: "c", again: false }, 0);
  assertEquals([isSettled(ledger), kinds(ledger)], [true, []]);
  const { notTaken, takenUnsaid } = ledger.counts;
  assertEquals({ notTaken, takenUnsaid }, { notTaken: 1, takenUnsaid: 1 });

  ledger.shown({ sequence: 3, text: "a", again: false }, 0);
  ledger.shown({ sequence: 4, text: "b", again: false }, 0);
  assertEquals(kinds(ledger), ["twice", "out of order"]);
});

Deno.test("Ledger takes lines that have no number yet, and learns it later", () => {
  const ledger = ledgerOf(0);
  ledger.hand("a", 0);
  ledger.hand("b", 0);
  ledger.taken(null, "a");
  ledger.taken(null, "b");
  assertEquals([isSettled(ledger), kinds(ledger)], [false, ["lost", "lost"]]);
  ledger.senderCrashed();
  ledger.taken(5, "a");
  ledger.shown({ sequence: 5, text: "a", again: false }, 0);
  ledger.shown({ sequence: 6, text: "b", again: false }, 0);
  assertEquals([isSettled(ledger), kinds(ledger)], [true, []]);
});

Deno.test("Ledger lets a client say again what it has taken, and nothing else", () => {
  const ledger = ledgerOf(2);
  ledger.hand("c", 0);
  ledger.senderCrashed();
  ledger.taken(1, "line 1");
  ledger.taken(2, "c");
  show(ledger, 0, 1);
  ledger.shown({ sequence: 2, text: "c", again: false }, 0);
  assertEquals(kinds(ledger), []);
  ledger.taken(3, "c");
  ledger.taken(2, "line 2");
  assertEquals(kinds(ledger), ["twice", "invented"]);
  ledger.hand("d", 0);
  ledger.taken(1, "d");
  assert(kinds(ledger).includes("altered"), "two lines with one number");
});

Deno.test("Ledger finds lines that were taken in another order", () => {
  const ledger = ledgerOf(0);
  ledger.hand("a", 0);
  ledger.hand("b", 0);
  ledger.taken(0, "b");
  ledger.taken(1, "a");
  assertEquals(kinds(ledger).filter((kind) => kind === "out of order").length, 1);
});

Deno.test("Ledger finds a receipt for what did not arrive, and believes a client that lost something", () => {
  const ledger = ledgerOf(2);
  show(ledger, 0);
  ledger.delivered(2);
  assertEquals(kinds(ledger), ["lost", "false receipt"]);
  ledger.blame("lost", "from 3 to 4");
  assertEquals(kinds(ledger)[0], "lost");
});
