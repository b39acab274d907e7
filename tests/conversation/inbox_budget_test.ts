import { assert } from "@std/assert";
import { InboxBudget } from "../../lib/conversation/inbox_budget.ts";

const MOST = 64 * 1024 * 1024;

Deno.test("InboxBudget has room for 64 MiB, in which each message takes 256 bytes beside its payload", () => {
  const budget = new InboxBudget();
  assert(!budget.reserve(new Uint8Array(MOST - 255)));
  assert(budget.reserve(new Uint8Array(MOST - 2 * 256 - 3)));
  for (const payload of ["four", new ArrayBuffer(4), new Uint8Array(4)]) {
    assert(!budget.reserve(payload));
  }
  for (const payload of ["abc", new ArrayBuffer(3), new Uint8Array(3)]) {
    assert(budget.reserve(payload));
    assert(!budget.reserve(null), "a message takes room without a payload, too");
    budget.release(payload);
  }
});
