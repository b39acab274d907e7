/** Holds the generator of mutants (tests/soak/mutate/) to what it makes of small sources, and its exclusions to lib/. */
import { assert, assertEquals } from "@std/assert";
import { granted } from "./helpers/permissions.ts";
import type { Mutant } from "./soak/mutate/mutant.ts";

// The TypeScript compiler asks for environment variables as soon as it is loaded.
const ignore = !granted("run", "read");

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** Each mutant of a text as [operator, from, to], without those that change nothing. */
async function changes(text: string, variadic: string[] = []): Promise<string[][]> {
  const { changesCode, mutantsOf } = await import("./soak/mutate/mutant.ts");
  const { compile } = await import("./soak/mutate/syntax.ts");
  return mutantsOf("lib/a.ts", text, new Set(variadic))
    .filter((mutant) => changesCode(text, compile(text), mutant))
    .map(({ operator, from, to }) => [operator, from, to]);
}

const SOURCES: Record<string, [text: string, expected: string[][]]> = {
  "a guard": ["function f() { if (ok) return; }", [
    ["delete guard", "if (ok) return;", "{}"],
    ["negate condition", "ok", "!(ok)"],
  ]],
  "a comparison": ["const x = a < b;", [["flip operator", "<", "<="]]],
  "an equality, negated once": ["if (a === b) f(); else g();", [
    ["flip operator", "===", "!=="],
    ["skip step", "f();", ";"],
    ["skip step", "g();", ";"],
  ]],
  "two conditions": ["const x = a && b;", [
    ["drop operand", "a && b", "a"],
    ["drop operand", "a && b", "b"],
    ["flip operator", "&&", "||"],
  ]],
  "the fields of a hash": ["const x = join(a, b);", [
    ["drop element", "a, ", ""],
    ["drop element", ", b", ""],
  ]],
  "an array in a function": ["const f = () => [a, ...b];", [
    ["drop element", "a, ", ""],
    ["drop element", ", ...b", ""],
  ]],
  "an override": ["const x = { ...old, a: b };", [
    ["drop override", "...old, ", ""],
    ["drop override", ", a: b", ""],
  ]],
  "steps, but for the base class": ["class A extends B { constructor() { super(); go(); } }", [
    ["skip step", "go();", ";"],
  ]],
  "numbers of both kinds": ["const x = 7, y = 0x10n;", [
    ["shift constant", "7", "(8)"],
    ["shift constant", "7", "(6)"],
    ["shift constant", "0x10n", "(17n)"],
    ["shift constant", "0x10n", "(15n)"],
  ]],
  "no table": ["const x = [1, 2, 3, 4, 5, 6, 7, 8, 9];", []],
  "a label": ['const x = utf8("parley-1 root");', [["change label", "", "un"]]],
  "chance": ["const x = this.random(N);", [[
    "no randomness",
    "this.random(N)",
    "new Uint8Array(N)",
  ]]],
  "copies": ["const x = copyBytes(a), y = b.slice(), z = [...c];", [
    ["no copy", "copyBytes(a)", "a"],
    ["no copy", "b.slice()", "b"],
    ["no copy", "[...c]", "c"],
  ]],
  "no types, imports and comments": [
    'import "./b1.ts"; type A = 1 | 2; /** 3 */ interface B { c: 4 } const d = e as 5;',
    [],
  ],
};

for (const [what, [text, expected]] of Object.entries(SOURCES)) {
  test(`mutantsOf() makes mutants of ${what}`, async () => {
    assertEquals((await changes(text, ["join"])).sort(), [...expected].sort());
  });
}

test("a mutant knows its function, its line and its text", async () => {
  const { mutantsOf, mutate } = await import("./soak/mutate/mutant.ts");
  const text = "class Box {\n  #shut() {\n    lock();\n  }\n}\n";
  const [mutant] = mutantsOf("lib/a.ts", text, new Set());
  assertEquals([mutant!.scope, mutant!.line, mutant!.result], ["Box.#shut", 3, ";"]);
  assertEquals(mutate(text, mutant!), text.replace("lock();", ";"));
});

test("sample() draws the same for one seed, in any order and beside new mutants", async () => {
  const { sample } = await import("./soak/mutate/sample.ts");
  const mutant = (file: string, from: string): Mutant => {
    return {
      file,
      from,
      to: "",
      start: 0,
      end: 1,
      line: 1,
      scope: "",
      operator: "skip step",
      result: "",
    };
  };
  const all = ["lib/a/x.ts", "lib/a/y.ts", "lib/b/z.ts"]
    .flatMap((file) => Array.from({ length: 9 }, (_, i) => mutant(file, `${i}`)));
  const drawn = sample(all, 4, 7, () => true);
  assertEquals(drawn.map(({ file }) => file.split("/")[1]).join(""), "aaaabbbb");
  assertEquals(sample(all.toReversed(), 4, 7, () => true), drawn);
  const kept = sample([...all, mutant("lib/c.ts", "")], 4, 7, () => true);
  assertEquals(kept.slice(1), drawn);
  assert(sample(all, 4, 8, () => true).some((one) => !drawn.includes(one)));
  assert(sample(all, 4, 7, (one) => one !== drawn[0]).every((one) => one !== drawn[0]));
});

test("testsFor() finds tests by what they import and start, the nearest first", async () => {
  const { importGraph, TestSelection } = await import("./soak/mutate/test_selection.ts");
  const texts = new Map(Object.entries({
    "deno.json": '{ "command": "deno run start.ts" }',
    "start.ts": 'import { a } from "./lib/a/a.ts";',
    "lib/a/a.ts": 'export * from "./b.ts"; import type { C } from "../c.ts";',
    "lib/a/b.ts": "",
    "lib/c.ts": "",
    "tests/a/b_test.ts": 'const b = await import("../../lib/a/a.ts");',
    "tests/any_test.ts": 'import "../lib/a/b.ts"; import "./helper.ts";',
    "tests/helper.ts": "",
    "tests/named_test.ts": 'run("start.ts");',
    "tests/task_test.ts": 'import configuration from "../deno.json" with { type: "json" };',
    "tests/type_test.ts": 'import type { B } from "../lib/a/b.ts";',
  }));
  const selection = new TestSelection(importGraph(texts));
  assertEquals(selection.testsFor("lib/a/b.ts"), [
    ...["tests/a/b_test.ts", "tests/any_test.ts", "tests/named_test.ts", "tests/task_test.ts"],
  ]);
  assertEquals(selection.testsFor("lib/c.ts"), []);
});

test("report() counts by folder, names survivors and leaves out what the compiler refuses", async () => {
  const { report } = await import("./soak/mutate/report.ts");
  const mutant: Mutant = {
    ...{ file: "lib/crypto/a.ts", from: "x();", to: ";", start: 0, end: 4 },
    ...{ line: 3, scope: "go", operator: "skip step", result: ";" },
  };
  const caught = { mutant, verdict: { type: "caught", by: "a test" } } as const;
  const survived = { mutant, verdict: { type: "survived" } } as const;
  const { lines, good } = report([caught, survived, { mutant, verdict: { type: "no types" } }]);
  assertEquals(lines, [
    "survived: lib/crypto/a.ts:3 in go, skip step: x(); => ;",
    "lib/crypto: 1 of 2 caught, 50.0 % (at least 95 %); 1 more that only the compiler refuses",
  ]);
  assertEquals([good, report([caught]).good], [false, true]);
});

test("every exclusion names mutants that there are", async () => {
  const { EXCLUSIONS, excludes } = await import("./soak/mutate/exclusions.ts");
  const { mutantsOf } = await import("./soak/mutate/mutant.ts");
  for (const exclusion of EXCLUSIONS) {
    const file = `lib/${exclusion.file}`;
    const text = await Deno.readTextFile(new URL(`../${file}`, import.meta.url));
    const found = mutantsOf(file, text, new Set(["concatBytes", "taggedHash", "sha256"]))
      .filter((mutant) => excludes(exclusion, mutant));
    assert(found.length > 0, JSON.stringify(exclusion));
  }
});
