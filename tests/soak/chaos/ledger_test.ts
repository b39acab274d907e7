import { assert, assertEquals } from "@std/assert";
import { Ledger } from "./ledger.ts";

/** Books in which so many lines were handed and taken. */
function booksOf(count: number): Ledger {
  const books = new Ledger("alice");
  for (let n = 0; n < count; n++) {
    books.hand(`line ${n}`, n);
    books.taken(n, `line ${n}`);
  }
  return books;
}

function show(books: Ledger, ...sequences: number[]): void {
  for (const n of sequences) books.shown({ sequence: n, text: `line ${n}`, again: false }, 100);
}

const kinds = (books: Ledger) => books.audit().map(({ kind }) => kind);

Deno.test("Ledger finds nothing where every line arrived, once and in order", () => {
  const books = booksOf(3);
  assertEquals(books.settled, false);
  show(books, 0, 1, 2);
  books.delivered(3);
  assertEquals([books.settled, books.audit()], [true, []]);
  assertEquals(books.times, [100, 99, 98]);
  const none = { notTaken: 0, takenUnsaid: 0, shownAgain: 0 };
  assertEquals(books.counts, { taken: 3, arrived: 3, ...none });
});

Deno.test("Ledger finds a line that is lost, at the end and in the middle", () => {
  const books = booksOf(3);
  show(books, 0, 1);
  assertEquals([books.settled, kinds(books)], [false, ["lost"]]);
  const others = booksOf(3);
  show(others, 0, 2);
  assertEquals(kinds(others), ["lost"]);
});

Deno.test("Ledger finds a line that is shown twice, under its number or another", () => {
  const books = booksOf(2);
  show(books, 0, 1, 0);
  books.shown({ sequence: 2, text: "line 1", again: false }, 0);
  assertEquals(kinds(books), ["twice", "twice"]);
});

Deno.test("Ledger finds lines in another order, whatever numbers they have", () => {
  const books = booksOf(3);
  show(books, 0, 2, 1);
  assertEquals(kinds(books), ["out of order"]);
  const others = booksOf(2);
  others.shown({ sequence: 0, text: "line 1", again: false }, 0);
  others.shown({ sequence: 1, text: "line 0", again: false }, 0);
  assertEquals(kinds(others).toSorted(), ["altered", "altered", "out of order"]);
});

Deno.test("Ledger finds a line that was changed, and one that nobody said", () => {
  const books = booksOf(2);
  books.shown({ sequence: 0, text: "line O", again: false }, 0);
  show(books, 1);
  assertEquals(kinds(books), ["invented", "lost"]);
});

Deno.test("Ledger finds a line that is shown and was not taken", () => {
  const books = booksOf(0);
  books.hand("a", 0);
  books.shown({ sequence: 0, text: "a", again: false }, 0);
  assertEquals([books.settled, kinds(books)], [false, ["invented"]]);
  books.taken(0, "a");
  assertEquals([books.settled, kinds(books)], [true, []], "it may be read in this order");
});

Deno.test("Ledger takes a line that is shown again after a kill, with its mark and by another process only", () => {
  const again = { sequence: 1, text: "line 1", again: true };
  const books = booksOf(2);
  show(books, 0, 1);
  books.readerDied();
  books.shown(again, 0);
  assertEquals([kinds(books), books.counts.shownAgain], [[], 1]);
  books.shown(again, 0);
  assertEquals(kinds(books), ["twice"], "once for each process");

  const unmarked = booksOf(2);
  show(unmarked, 0, 1);
  unmarked.readerDied();
  show(unmarked, 1);
  assertEquals(kinds(unmarked), ["twice"]);

  const changed = booksOf(2);
  show(changed, 0, 1);
  changed.readerDied();
  changed.shown({ ...again, text: "line I" }, 0);
  assertEquals(kinds(changed), ["altered"]);
});

Deno.test("Ledger owes nothing for what a killed client had not taken", () => {
  const books = booksOf(1);
  books.hand("a", 0);
  books.hand("b", 0);
  assertEquals(books.settled, false);
  assertEquals(books.senderDied(), 2);
  show(books, 0);
  assertEquals([books.settled, kinds(books), books.counts.notTaken], [true, [], 2]);
});

Deno.test("Ledger takes what was kept right before a kill, once and in its place", () => {
  const books = booksOf(1);
  books.hand("a", 0);
  books.hand("b", 0);
  books.senderDied();
  books.hand("c", 0);
  books.taken(2, "c");
  show(books, 0);
  books.shown({ sequence: 1, text: "a", again: false }, 0);
  books.shown({ sequence: 2, text: "c", again: false }, 0);
  assertEquals([books.settled, kinds(books)], [true, []]);
  const { notTaken, takenUnsaid } = books.counts;
  assertEquals({ notTaken, takenUnsaid }, { notTaken: 1, takenUnsaid: 1 });

  books.shown({ sequence: 3, text: "a", again: false }, 0);
  books.shown({ sequence: 4, text: "b", again: false }, 0);
  assertEquals(kinds(books), ["twice", "out of order"]);
});

Deno.test("Ledger takes lines that have no number yet, and learns it later", () => {
  const books = booksOf(0);
  books.hand("a", 0);
  books.hand("b", 0);
  books.taken(null, "a");
  books.taken(null, "b");
  assertEquals([books.settled, kinds(books)], [false, ["lost", "lost"]]);
  books.senderDied();
  books.taken(5, "a");
  books.shown({ sequence: 5, text: "a", again: false }, 0);
  books.shown({ sequence: 6, text: "b", again: false }, 0);
  assertEquals([books.settled, kinds(books)], [true, []]);
});

Deno.test("Ledger lets a client say again what it has taken, and nothing else", () => {
  const books = booksOf(2);
  books.hand("c", 0);
  books.senderDied();
  books.taken(1, "line 1");
  books.taken(2, "c");
  show(books, 0, 1);
  books.shown({ sequence: 2, text: "c", again: false }, 0);
  assertEquals(kinds(books), []);
  books.taken(3, "c");
  books.taken(2, "line 2");
  assertEquals(kinds(books), ["twice", "invented"]);
  books.hand("d", 0);
  books.taken(1, "d");
  assert(kinds(books).includes("altered"), "two lines with one number");
});

Deno.test("Ledger finds lines that were taken in another order", () => {
  const books = booksOf(0);
  books.hand("a", 0);
  books.hand("b", 0);
  books.taken(0, "b");
  books.taken(1, "a");
  assertEquals(kinds(books).filter((kind) => kind === "out of order").length, 1);
});

Deno.test("Ledger finds a receipt for what did not arrive, and believes a client that lost something", () => {
  const books = booksOf(2);
  show(books, 0);
  books.delivered(2);
  assertEquals(kinds(books), ["lost", "false receipt"]);
  books.lost("from 3 to 4");
  assertEquals(kinds(books)[0], "lost");
});
