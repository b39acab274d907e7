import { assert, assertEquals } from "@std/assert";
import { MUTATIONS } from "../tools/mutations.ts";
import { granted } from "./helpers/permissions.ts";

Deno.test({
  name: "every mutation names text that its file has once, and tests that are there",
  ignore: !granted("read"),
  async fn() {
    for (const { check, file, from, to, tests } of MUTATIONS) {
      const text = await Deno.readTextFile(new URL(`../lib/${file}`, import.meta.url));
      assertEquals(text.split(from).length, 2, `${check}, in lib/${file}`);
      assert(from !== to && tests.length > 0, check);
      for (const test of tests) {
        await Deno.stat(new URL(`${test}_test.ts`, import.meta.url));
      }
    }
    const names = MUTATIONS.map(({ check }) => check);
    assertEquals(names.length, new Set(names).size, "each check has a name of its own");
    assert(names.length > 170, `${names.length} mutations`);
  },
});
