import { assertEquals } from "@std/assert";
import { FileLedger } from "./file_ledger.ts";

/** A ledger with two files that were taken, and one that is in doubt. */
function ledger(): FileLedger {
  const ledger = new FileLedger();
  for (const name of ["a", "b", "c"]) ledger.hand(`${name}.bin`, name + name);
  ledger.taken("a.bin");
  ledger.taken("b.bin");
  ledger.senderCrashed();
  return ledger;
}

const audit = (found: Record<string, string>) =>
  ledger().audit(new Map(Object.entries(found))).map(({ what }) => what);

Deno.test("FileLedger finds nothing where every file that was taken is there, whole", () => {
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb" }), []);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb", "c.bin": "cc" }), [], "kept before the kill");
});

Deno.test("FileLedger finds what is missing, changed, there twice, or not whole", () => {
  assertEquals(audit({ "a.bin": "aa" }), ["b.bin (taken) is not there"]);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "b" }), ["b.bin has another content"]);
  assertEquals(audit({ "a.bin": "aa", "b.bin": "bb", "b (2).bin": "bb", ".c.part": "c" }), [
    "b (2).bin was never sent under this name",
    ".c.part was left behind",
  ]);
});

Deno.test("FileLedger finds a file that a client gave up, unless it had not taken it", () => {
  const two = ledger();
  const found = new Map([["a.bin", "aa"], ["b.bin", "bb"]]);
  two.stopped("the other side cannot take c.bin: send it again");
  assertEquals(two.audit(found), []);
  two.stopped("the other side cannot take a.bin: send it again");
  two.stopped("something is wrong");
  assertEquals(two.audit(found).map(({ kind }) => kind), ["file", "file"]);
});

Deno.test("FileLedger waits until all that was taken is there", () => {
  const two = ledger();
  assertEquals(two.waiting, ["a.bin", "b.bin"]);
  two.arrived("a.bin");
  two.taken("a.bin");
  two.look(new Map([["a.bin", "aa"], ["b.bin", "other"]]));
  assertEquals(two.waiting, ["b.bin"]);
  two.look(new Map([["b.bin", "bb"]]));
  assertEquals(two.waiting, []);
  two.taken("c.bin");
  assertEquals(two.waiting, ["c.bin"], "the other side knows of it, so it was taken");
  assertEquals(two.countsOf(new Map([["a.bin", "aa"]])), { taken: 3, whole: 1 });
});
