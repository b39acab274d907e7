import { assertEquals } from "@std/assert";
import { FileBooks } from "../../tools/chaos/file_books.ts";

/** Books with two files that were taken, one by name, one by its id, too, and one that is in doubt. */
function books(): FileBooks {
  const books = new FileBooks();
  books.hand("a.bin", "aa");
  books.mentioned("1", "a.bin");
  books.hand("b.bin", "bb");
  books.mentioned("2", "b.bin");
  books.hand("c.bin", "cc");
  books.senderDied();
  return books;
}

const audit = (found: Record<string, string>) =>
  books().audit(new Map(Object.entries(found))).map(({ what }) => what);

Deno.test("FileBooks finds nothing where every file that was taken is there, whole", () => {
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb" }), []);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb", "c.bin": "cc" }), [], "kept before the kill");
});

Deno.test("FileBooks finds what is missing, changed, there twice, or not whole", () => {
  assertEquals(audit({ "a.bin": "aa" }), ["b.bin (taken) is not there"]);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "b" }), ["b.bin has another content"]);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb", "b (2).bin": "bb", "c.bin.part": "c" }), [
    "b (2).bin was never sent under this name",
    "c.bin.part was left behind",
  ]);
});

Deno.test("FileBooks is settled when the sender knows that all is whole", () => {
  const two = books();
  assertEquals([two.settled, two.waiting], [false, ["a.bin", "b.bin"]]);
  two.sent("1", null);
  two.mentioned("1", null);
  two.sent("2", null);
  assertEquals([two.settled, two.waiting], [true, []]);
  assertEquals(two.countsOf(new Map([["a.bin", "aa"]])), { taken: 2, whole: 1 });
});
