/**
 * Holds the stand-ins of `tools/std` to std's documented behaviour: tables of cases, run against the
 * stand-ins always, and against std itself wherever it is there, because a table can be wrong too.
 *
 * std is there when `@std/assert` resolves to JSR's package. When `PARLEY_STD` names a checkout of
 * https://github.com/denoland/std, this file runs once more with that checkout's configuration, so that it is.
 *
 * The tests' own assertions are Node's: what is under test here cannot judge itself.
 */

import * as linkedAssert from "@std/assert";
import { parseArgs as linkedParseArgs } from "@std/cli/parse-args";
import assert from "node:assert/strict";
import * as assertStandIn from "../tools/std/assert/mod.ts";
import { parseArgs as parseArgsStandIn } from "../tools/std/cli/mod.ts";
import { canRun, granted } from "./helpers/permissions.ts";

/** std has dozens of functions that the stand-in has not. */
const stdIsHere = "assertAlmostEquals" in linkedAssert;

/** The checkout of std, if there is one to read. */
const checkout = granted({ name: "env", variable: "PARLEY_STD" })
  ? Deno.env.get("PARLEY_STD")
  : undefined;

// ---------------------------------------------------------------- assert

/** One set of the functions. That std's own fits this type is part of what is checked. */
type Assert = typeof assertStandIn;
type Verdict = "passes" | "fails" | "throws TypeError";
type Case = [behaviour: string, verdict: Verdict, run: (std: Assert) => unknown];

class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}
class Ring {
  next: Ring | undefined;
  constructor(readonly name: string) {}
}

function ring(...names: string[]): Ring {
  const rings = names.map((name) => new Ring(name));
  rings.forEach((each, i) => each.next = rings[(i + 1) % rings.length]);
  return rings[0]!;
}

const bytes = (...values: number[]) => new Uint8Array(values);
const key = Symbol("key");
const identity = (value: unknown) => value;

/** Pairs that are equal by value. */
const EQUAL: [behaviour: string, a: unknown, b: unknown][] = [
  ["holds NaN equal to itself", NaN, NaN],
  ["holds 0 equal to -0", 0, -0],
  ["compares bigints", 10n ** 30n, 10n ** 30n],
  ["compares arrays", [1, [2, "three"]], [1, [2, "three"]]],
  ["pays no heed to the order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["pays no heed to a missing prototype", { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
  ["compares undefined members", { a: undefined }, { a: undefined }],
  ["compares by symbols", { [key]: 1 }, { [key]: 1 }],
  ["compares Uint8Arrays", bytes(1, 2, 3), bytes(1, 2, 3)],
  ["compares a view and a copy of it", bytes(9, 1, 2).subarray(1), bytes(1, 2)],
  ["holds 0 equal to -0 in float arrays", new Float64Array([0, NaN]), new Float64Array([-0, NaN])],
  ["compares ArrayBuffers", bytes(1, 2).buffer, bytes(1, 2).buffer],
  ["compares DataViews", new DataView(bytes(1).buffer), new DataView(bytes(1).buffer)],
  ["compares Dates", new Date(5), new Date(5)],
  ["compares invalid Dates", new Date(NaN), new Date(NaN)],
  ["compares RegExps", /a+/gi, /a+/gi],
  ["pays no heed to where a RegExp stands", Object.assign(/a/g, { lastIndex: 1 }), /a/g],
  ["compares URLSearchParams", new URLSearchParams("a=1"), new URLSearchParams({ a: "1" })],
  ["compares URLs", new URL("http://a/b"), new URL("http://a/b")],
  ["pays no heed to the order of a Set", new Set([1, 2]), new Set([2, 1])],
  ["looks into a Set's members", new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 2 }, { a: 1 }])],
  ["pays no heed to the order of a Map", new Map([[1, 2], [3, 4]]), new Map([[3, 4], [1, 2]])],
  ["looks into a Map's keys", new Map([[{ a: 1 }, [1]]]), new Map([[{ a: 1 }, [1]]])],
  ["compares instances of a class", new Point(1), new Point(1)],
  ["compares objects that contain themselves", ring("a", "b"), ring("a", "b")],
  ["holds a function equal to itself", identity, identity],
  ["compares what WeakRefs refer to", new WeakRef({ a: 1 }), new WeakRef({ a: 1 })],
];

/** Pairs that are not. */
const UNEQUAL: [behaviour: string, a: unknown, b: unknown][] = [
  ["tells numbers from texts", 1, "1"],
  ["tells numbers from bigints", 1, 1n],
  ["tells null from undefined", null, undefined],
  ["tells null from an object", null, {}],
  ["sees an undefined member that one lacks", { a: undefined }, {}],
  ["sees an undefined member of another name", { a: undefined }, { b: undefined }],
  ["sees a longer array", [1, 2], [1, 2, 3]],
  ["tells a hole from undefined", [1, , 3], [1, undefined, 3]], // deno-lint-ignore no-sparse-arrays
  ["sees a difference far down", { a: [{ b: [1] }] }, { a: [{ b: [2] }] }],
  ["tells an array from an object", [1], { 0: 1 }],
  ["sees a difference under a symbol", { [key]: 1 }, { [key]: 2 }],
  ["sees one byte", bytes(1, 2, 3), bytes(1, 2, 4)],
  ["sees a longer Uint8Array", bytes(1, 2), bytes(1, 2, 0)],
  ["tells kinds of typed arrays", bytes(1), new Uint16Array([1])],
  ["tells a Uint8Array from an array", bytes(1), [1]],
  ["sees one byte of an ArrayBuffer", bytes(1).buffer, bytes(2).buffer],
  ["sees one millisecond", new Date(5), new Date(6)],
  ["sees a RegExp's flags", /a/, /a/i],
  ["sees a RegExp's source", /a/, /b/],
  ["sees a URLSearchParams' value", new URLSearchParams("a=1"), new URLSearchParams("a=2")],
  ["sees what a WeakRef refers to", new WeakRef({ a: 1 }), new WeakRef({ a: 2 })],
  ["sees a URL's hash", new URL("http://a/#b"), new URL("http://a/#c")],
  ["sees a Set's member", new Set([1, 2]), new Set([1, 3])],
  ["sees a larger Set", new Set([1, 2]), new Set([1, 2, 3])],
  ["sees a value under a key that is an object", new Map([[{}, 1]]), new Map([[{}, 2]])],
  ["tells a Map from an object", new Map([["a", 1]]), { a: 1 }],
  ["tells a Map from a Set", new Map([[1, 1]]), new Set([1])],
  ["sees a Map's value", new Map([["a", 1]]), new Map([["a", 2]])],
  ["sees a Map's undefined value", new Map([["a", undefined]]), new Map([["b", undefined]])],
  ["sees what a getter shows of a private field", new Point(1), new Point(2)],
  ["tells an instance from an object", new Ring("a"), { name: "a", next: undefined }],
  ["sees a difference in a ring", ring("a", "b"), ring("a", "c")],
  ["tells one function from another", () => 1, () => 1],
  ["tells one symbol from another", Symbol("a"), Symbol("a")],
  ["sees an Error's message", new Error("a"), new Error("b")],
  ["tells classes of errors", new TypeError("a"), new RangeError("a")],
];

const refuse = (error: unknown) => () => Promise.reject(error);
const raise = (error: unknown) => () => {
  throw error;
};

const CASES: Record<string, Case[]> = {
  assert: [
    [
      "takes what is truthy",
      "passes",
      (std) => [1, "a", {}, [], true].forEach((x) => std.assert(x)),
    ],
    ["refuses false", "fails", (std) => std.assert(false)],
    ["refuses 0", "fails", (std) => std.assert(0)],
    ["refuses an empty text", "fails", (std) => std.assert("")],
    ["refuses NaN", "fails", (std) => std.assert(NaN)],
    ["refuses null", "fails", (std) => std.assert(null)],
  ],
  assertEquals: [
    ...EQUAL.map(([name, a, b]): Case => [name, "passes", (std) => std.assertEquals(a, b)]),
    ...UNEQUAL.map(([name, a, b]): Case => [name, "fails", (std) => std.assertEquals(a, b)]),
    ["minds not which side is which", "fails", (std) => std.assertEquals<unknown>({}, { a: 1 })],
    [
      "will not compare WeakMaps",
      "throws TypeError",
      (std) => std.assertEquals(new WeakMap(), new WeakMap()),
    ],
    [
      "will not compare WeakSets",
      "throws TypeError",
      (std) => std.assertEquals(new WeakSet(), new WeakSet()),
    ],
  ],
  assertNotEquals: [
    ...EQUAL.map(([name, a, b]): Case => [name, "fails", (std) => std.assertNotEquals(a, b)]),
    ...UNEQUAL.map(([name, a, b]): Case => [name, "passes", (std) => std.assertNotEquals(a, b)]),
  ],
  assertStrictEquals: [
    ["takes the same number", "passes", (std) => std.assertStrictEquals(1, 1)],
    ["takes NaN", "passes", (std) => std.assertStrictEquals(NaN, NaN)],
    ["takes the same object", "passes", (std) => std.assertStrictEquals(key, key)],
    ["tells 0 from -0", "fails", (std) => std.assertStrictEquals(0, -0)],
    ["refuses an equal object", "fails", (std) => std.assertStrictEquals({ a: 1 }, { a: 1 })],
    ["refuses another text", "fails", (std) => std.assertStrictEquals("a", "b")],
  ],
  assertNotStrictEquals: [
    ["takes an equal object", "passes", (std) => std.assertNotStrictEquals({}, {})],
    ["tells 0 from -0", "passes", (std) => std.assertNotStrictEquals(0, -0)],
    ["refuses the same number", "fails", (std) => std.assertNotStrictEquals(1, 1)],
    ["refuses NaN", "fails", (std) => std.assertNotStrictEquals(NaN, NaN)],
  ],
  assertThrows: [
    ["takes any error", "passes", (std) => std.assertThrows(raise(new Error("a")))],
    ["takes what is no error", "passes", (std) => std.assertThrows(raise("a"))],
    ["takes undefined", "passes", (std) => std.assertThrows(raise(undefined))],
    ["takes the class", "passes", (std) => std.assertThrows(raise(new TypeError("a")), TypeError)],
    ["takes a subclass", "passes", (std) => std.assertThrows(raise(new TypeError("a")), Error)],
    ["takes a part of the message", "passes", (std) => {
      std.assertThrows(raise(new Error("one two")), Error, "e t");
    }],
    ["looks through colours", "passes", (std) => {
      std.assertThrows(raise(new Error("\x1b[31mone\x1b[39m two")), Error, "one two");
    }],
    ["returns the error", "passes", (std) => {
      const error = new RangeError("a");
      assert.strictEqual(std.assertThrows(raise(error), RangeError), error);
      assert.strictEqual(std.assertThrows(raise(error)), error);
    }],
    ["refuses a function that returns", "fails", (std) => std.assertThrows(() => 1)],
    ["refuses a promise that rejects", "fails", (std) => {
      std.assertThrows(() => void Promise.reject(new Error()).catch(() => {}));
    }],
    ["refuses another class", "fails", (std) => {
      std.assertThrows(raise(new TypeError("a")), RangeError);
    }],
    ["refuses what is no error, for a class", "fails", (std) => {
      std.assertThrows(raise("a"), Error);
    }],
    ["refuses another message", "fails", (std) => {
      std.assertThrows(raise(new Error("one")), Error, "two");
    }],
  ],
  assertRejects: [
    ["takes any error", "passes", (std) => std.assertRejects(refuse(new Error("a")))],
    ["takes what is no error", "passes", (std) => std.assertRejects(refuse("a"))],
    ["takes the class", "passes", (std) => std.assertRejects(refuse(new TypeError()), TypeError)],
    ["takes a subclass", "passes", (std) => std.assertRejects(refuse(new TypeError()), Error)],
    ["takes a part of the message", "passes", (std) => {
      return std.assertRejects(refuse(new Error("one two")), Error, "e t");
    }],
    ["takes a thenable", "passes", (std) => {
      return std.assertRejects(() => ({ then: (_, reject) => reject!(new Error()) as never }));
    }],
    ["returns the error", "passes", async (std) => {
      const error = new RangeError("a");
      assert.strictEqual(await std.assertRejects(refuse(error), RangeError), error);
      assert.strictEqual(await std.assertRejects(refuse(error)), error);
    }],
    ["refuses a promise that resolves", "fails", (std) => {
      return std.assertRejects(() => Promise.resolve(1));
    }],
    ["refuses a function that throws at once", "fails", (std) => {
      return std.assertRejects(raise(new Error("a")) as () => Promise<void>);
    }],
    ["refuses a function that returns no promise", "fails", (std) => {
      return std.assertRejects((() => 1) as unknown as () => Promise<void>);
    }],
    ["refuses another class", "fails", (std) => {
      return std.assertRejects(refuse(new TypeError("a")), RangeError);
    }],
    ["refuses what is no error, for a class", "fails", (std) => {
      return std.assertRejects(refuse("a"), Error);
    }],
    ["refuses another message", "fails", (std) => {
      return std.assertRejects(refuse(new Error("one")), Error, "two");
    }],
  ],
  assertInstanceOf: [
    ["takes an instance", "passes", (std) => std.assertInstanceOf(new Date(), Date)],
    ["takes a subclass's", "passes", (std) => std.assertInstanceOf(new TypeError(), Error)],
    ["refuses another class", "fails", (std) => std.assertInstanceOf(new Date(), RegExp)],
    ["refuses a primitive", "fails", (std) => std.assertInstanceOf(1, Number)],
    ["refuses null", "fails", (std) => std.assertInstanceOf(null, Object)],
    ["refuses the class itself", "fails", (std) => std.assertInstanceOf(Date, Date)],
  ],
  assertStringIncludes: [
    ["takes a part", "passes", (std) => std.assertStringIncludes("one two", "e t")],
    ["takes nothing", "passes", (std) => std.assertStringIncludes("one", "")],
    ["refuses what is not there", "fails", (std) => std.assertStringIncludes("one", "two")],
    ["minds upper and lower case", "fails", (std) => std.assertStringIncludes("One", "one")],
  ],
  assertMatch: [
    ["takes a match", "passes", (std) => std.assertMatch("one two", /^o.*o$/)],
    ["refuses none", "fails", (std) => std.assertMatch("one", /two/)],
  ],
  assertGreater: [
    ["takes more", "passes", (std) => std.assertGreater(2, 1)],
    ["takes more in bigints", "passes", (std) => std.assertGreater(10n ** 30n, 1n)],
    ["refuses as much", "fails", (std) => std.assertGreater(1, 1)],
    ["refuses less", "fails", (std) => std.assertGreater(0, 1)],
    ["refuses NaN", "fails", (std) => std.assertGreater(NaN, 1)],
  ],
  assertGreaterOrEqual: [
    ["takes more", "passes", (std) => std.assertGreaterOrEqual(2, 1)],
    ["takes as much", "passes", (std) => std.assertGreaterOrEqual(1, 1)],
    ["refuses less", "fails", (std) => std.assertGreaterOrEqual(0, 1)],
  ],
  assertLess: [
    ["takes less", "passes", (std) => std.assertLess(0, 1)],
    ["refuses as much", "fails", (std) => std.assertLess(1, 1)],
    ["refuses more", "fails", (std) => std.assertLess(2, 1)],
  ],
  assertLessOrEqual: [
    ["takes less", "passes", (std) => std.assertLessOrEqual(0, 1)],
    ["takes as much", "passes", (std) => std.assertLessOrEqual(1, 1)],
    ["refuses more", "fails", (std) => std.assertLessOrEqual(2, 1)],
  ],
  assertExists: [
    [
      "takes what is falsy",
      "passes",
      (std) => [0, "", false, NaN].forEach((x) => std.assertExists(x)),
    ],
    ["refuses null", "fails", (std) => std.assertExists(null)],
    ["refuses undefined", "fails", (std) => std.assertExists(undefined)],
  ],
  fail: [["fails", "fails", (std) => std.fail()]],
  AssertionError: [
    ["is an Error of its own name", "passes", (std) => {
      const error = new std.AssertionError("a", { cause: "b" });
      assert(error instanceof Error);
      assert.deepEqual([error.name, error.message, error.cause], ["AssertionError", "a", "b"]);
    }],
  ],
};

/** Calls that fail, each with a message of the caller's. */
const MESSAGES: ((std: Assert, msg: string) => unknown)[] = [
  (std, msg) => std.assert(false, msg),
  (std, msg) => std.assertEquals(1, 2, msg),
  (std, msg) => std.assertEquals({ a: [1] }, { a: [2] }, msg),
  (std, msg) => std.assertNotEquals(1, 1, msg),
  (std, msg) => std.assertStrictEquals(1, 2, msg),
  (std, msg) => std.assertStrictEquals({}, {}, msg),
  (std, msg) => std.assertNotStrictEquals(1, 1, msg),
  (std, msg) => std.assertThrows(() => 1, msg),
  (std, msg) => std.assertThrows(() => 1, Error, "a", msg),
  (std, msg) => std.assertThrows(raise(new Error("b")), Error, "a", msg),
  (std, msg) => std.assertThrows(raise(new Error("b")), TypeError, "b", msg),
  (std, msg) => std.assertRejects(() => Promise.resolve(), msg),
  (std, msg) => std.assertRejects(() => Promise.resolve(), Error, "a", msg),
  (std, msg) => std.assertRejects(refuse(new Error("b")), Error, "a", msg),
  (std, msg) => std.assertInstanceOf(1, Date, msg),
  (std, msg) => std.assertStringIncludes("a", "b", msg),
  (std, msg) => std.assertMatch("a", /b/, msg),
  (std, msg) => std.assertGreater(1, 1, msg),
  (std, msg) => std.assertGreaterOrEqual(0, 1, msg),
  (std, msg) => std.assertLess(1, 1, msg),
  (std, msg) => std.assertLessOrEqual(1, 0, msg),
  (std, msg) => std.assertExists(null, msg),
  (std, msg) => std.fail(msg),
];

async function verdictOf(run: (std: Assert) => unknown, std: Assert): Promise<string> {
  try {
    await run(std);
    return "passes";
  } catch (error) {
    if (error instanceof std.AssertionError) return "fails";
    if (error instanceof TypeError) return "throws TypeError";
    throw error;
  }
}

function testAssert(whose: string, std: Assert, ignore: boolean): void {
  Deno.test({
    name: `the assertions of ${whose} keep std's word`,
    ignore,
    fn: async () => {
      for (const [symbol, cases] of Object.entries(CASES)) {
        for (const [behaviour, verdict, run] of cases) {
          assert.equal(await verdictOf(run, std), verdict, `${symbol}() ${behaviour}`);
        }
      }
    },
  });
  Deno.test({
    name: `the assertions of ${whose} say what their caller has to say`,
    ignore,
    fn: async () => {
      for (const fails of MESSAGES) {
        const failure = Promise.try(() => fails(std, "the caller's words"));
        await assert.rejects(failure, /the caller's words/, String(fails));
      }
    },
  });
}

testAssert("the stand-in", assertStandIn, false);
testAssert("std", linkedAssert, !stdIsHere);

// ---------------------------------------------------------------- parseArgs

type Options = {
  "--"?: boolean;
  alias?: Record<string, string | string[]>;
  boolean?: boolean | string | string[];
  collect?: string | string[];
  default?: Record<string, unknown>;
  negatable?: string | string[];
  stopEarly?: boolean;
  string?: string | string[];
};
type ParseArgs = (args: string[], options?: Options & { unknown?: () => unknown }) => unknown;

/** The command line, the options, and what comes of them. */
const COMMAND_LINES: [line: string[], options: Options, parsed: Record<string, unknown>][] = [
  // Without options: what looks like a number is one.
  [[], {}, { _: [] }],
  [["a", "1", "0x10", "1e3", "1a", ""], {}, { _: ["a", 1, 16, 1000, "1a", ""] }],
  [["-"], {}, { _: ["-"] }],
  [["--a"], {}, { _: [], a: true }],
  [["--a", "b"], {}, { _: [], a: "b" }],
  [["--a", "5"], {}, { _: [], a: 5 }],
  [["--a="], {}, { _: [], a: "" }],
  [["--a=b=c"], {}, { _: [], a: "b=c" }],
  [["--a=-1"], {}, { _: [], a: -1 }],
  [["--a", "-1"], {}, { _: [], a: true, 1: true }],
  [["--a", "--b"], {}, { _: [], a: true, b: true }],
  [["--a", ""], {}, { _: [""], a: true }],
  [["--a", "true", "x"], {}, { _: ["x"], a: "true" }],
  [["--a", "1", "--a", "2"], {}, { _: [], a: 2 }],
  [["--a=x\ny"], {}, { _: [], a: "x\ny" }],
  [["--no-a"], {}, { _: [], "no-a": true }],
  [["--no-a=x"], {}, { _: [], a: "x" }],
  [["--a.b=1", "--a.c", "2"], {}, { _: [], a: { b: 1, c: 2 } }],
  [["--__proto__=1", "--constructor=1"], {}, { _: [] }],
  // Short ones.
  [["-a"], {}, { _: [], a: true }],
  [["-a", "b"], {}, { _: [], a: "b" }],
  [["-abc"], {}, { _: [], a: true, b: true, c: true }],
  [["-abc", "d"], {}, { _: [], a: true, b: true, c: "d" }],
  [["-n5"], {}, { _: [], n: 5 }],
  [["-n=5"], {}, { _: [], n: 5 }],
  [["-n="], {}, { _: [], n: "" }],
  [["-a-"], {}, { _: [], a: "-" }],
  [["-a-", "-b", "c"], {}, { _: [], a: "-", b: "c" }],
  [["-a", "-"], {}, { _: [], a: "-" }],
  [["-a", "--b"], {}, { _: [], a: true, b: true }],
  [["-a/b/c"], {}, { _: [], a: "/b/c" }],
  // The terminator.
  [["--", "--a", "1"], {}, { _: ["--a", "1"] }],
  [["--a", "--", "b"], {}, { _: ["b"], a: true }],
  [["a", "--", "--b", "5"], { "--": true }, { _: ["a"], "--": ["--b", "5"] }],
  [["a"], { "--": true }, { _: ["a"], "--": [] }],
  [["--", "a", "--", "b"], {}, { _: ["a", "--", "b"] }],
  // string
  [["--a", "5"], { string: ["a"] }, { _: [], a: "5" }],
  [["--a"], { string: "a" }, { _: [], a: "" }],
  [["--a", "--b"], { string: ["a"] }, { _: [], a: "", b: true }],
  [["-a"], { string: ["a"] }, { _: [], a: "" }],
  [["-a5"], { string: ["a"] }, { _: [], a: "5" }],
  [["-a", "007"], { string: ["a"] }, { _: [], a: "007" }],
  [["--a", "true"], { string: ["a"] }, { _: [], a: "true" }],
  [["007"], { string: ["_"] }, { _: ["007"] }],
  [[], { string: ["a"] }, { _: [] }],
  // boolean
  [[], { boolean: ["a"] }, { _: [], a: false }],
  [["--a", "b"], { boolean: ["a"] }, { _: ["b"], a: true }],
  [["-a", "b"], { boolean: "a" }, { _: ["b"], a: true }],
  [["--a", "true", "b"], { boolean: ["a"] }, { _: ["b"], a: true }],
  [["--a", "false"], { boolean: ["a"] }, { _: [], a: false }],
  [["-a", "false"], { boolean: ["a"] }, { _: [], a: false }],
  [["--a=false"], { boolean: ["a"] }, { _: [], a: false }],
  [["--a=no"], { boolean: ["a"] }, { _: [], a: true }],
  [["--a", "b", "-c", "d"], { boolean: true }, { _: ["b"], a: true, c: "d" }],
  [["--a=b"], { boolean: true }, { _: [], a: "b" }],
  // negatable
  [["--no-a"], { boolean: ["a"], negatable: ["a"] }, { _: [], a: false }],
  [["--no-a", "b"], { negatable: "a" }, { _: ["b"], a: false }],
  [["--a", "--no-a"], { boolean: ["a"], negatable: ["a"] }, { _: [], a: false }],
  [["--no-a", "--a"], { boolean: ["a"], negatable: ["a"] }, { _: [], a: true }],
  [["--no-b"], { boolean: ["a"], negatable: ["a"] }, { _: [], a: false, "no-b": true }],
  [["--no-a"], { string: ["a"], negatable: ["a"] }, { _: [], a: false }],
  [["--no-b"], { alias: { a: "b" }, negatable: ["a"] }, { _: [], a: false, b: false }],
  // default
  [[], { default: { a: 1 } }, { _: [], a: 1 }],
  [["--a=2"], { default: { a: 1 } }, { _: [], a: 2 }],
  [[], { boolean: ["a"], default: { a: true } }, { _: [], a: true }],
  [[], { boolean: ["a"], default: { a: undefined } }, { _: [], a: undefined }],
  [[], { default: { a: 1 }, alias: { a: "b" } }, { _: [], a: 1, b: 1 }],
  [[], { default: { "a.b": 1 } }, { _: [], a: { b: 1 } }],
  [["--no-a"], { negatable: ["a"], default: { a: "x" } }, { _: [], a: false }],
  // alias
  [["-a", "1"], { alias: { a: "all" } }, { _: [], a: 1, all: 1 }],
  [["--all", "1"], { alias: { a: "all" } }, { _: [], a: 1, all: 1 }],
  [["-b"], { alias: { a: ["b", "c"] } }, { _: [], a: true, b: true, c: true }],
  [["-h", "x"], { boolean: ["help"], alias: { help: "h" } }, { _: ["x"], help: true, h: true }],
  [["-p", "5"], { string: ["port"], alias: { port: "p" } }, { _: [], port: "5", p: "5" }],
  // collect
  [["--a", "1", "--a", "2"], { collect: ["a"] }, { _: [], a: [1, 2] }],
  [["--a=1"], { collect: "a" }, { _: [], a: [1] }],
  [[], { collect: ["a"] }, { _: [] }],
  [[], { collect: ["a"], string: ["a"] }, { _: [], a: [] }],
  [[], { collect: ["a"], boolean: ["a"] }, { _: [], a: [] }],
  [["--a", "1", "--a"], { collect: ["a"], string: ["a"] }, { _: [], a: ["1", ""] }],
  [["-aa"], { collect: ["a"], boolean: ["a"] }, { _: [], a: [true, true] }],
  [["--b=1", "-a2"], { collect: ["a"], alias: { a: "b" } }, { _: [], a: [1, 2], b: [1, 2] }],
  [["--a=1", "--no-a"], { collect: ["a"], negatable: ["a"] }, { _: [], a: false }],
  [[], { collect: ["a"], default: { a: "x" } }, { _: [], a: "x" }],
  // stopEarly
  [["--a", "b", "c", "--d"], { stopEarly: true }, { _: ["c", "--d"], a: "b" }],
  [["c", "5", "--d", "--", "e"], { stopEarly: true }, { _: ["c", "5", "--d", "e"] }],
];

/** Every call that `unknown` gets for a command line, and what is kept if it returns false. */
const UNKNOWNS: [line: string[], options: Options, calls: unknown[][], kept: unknown][] = [
  [["--a=1"], {}, [["--a=1", "a", "1"]], { _: [] }],
  [["--a", "b"], {}, [["--a", "a", "b"]], { _: [] }],
  [["-ab"], {}, [["-ab", "a", true], ["-ab", "b", true]], { _: [] }],
  [["a", "--b"], { boolean: ["b"] }, [["a"]], { _: [], b: true }],
  [["--", "a"], {}, [], { _: ["a"] }],
  [["-h", "x"], { alias: { help: "h" } }, [], { _: [], help: "x", h: "x" }],
  [["--a"], { boolean: true }, [], { _: [], a: true }],
  [["--a=1"], { boolean: true }, [["--a=1", "a", "1"]], { _: [] }],
  [["--a=1"], { collect: ["a"] }, [], { _: [], a: [1] }],
  [["--a"], { default: { a: 1 } }, [["--a", "a", true]], { _: [], a: 1 }],
  [["--no-a"], { negatable: ["a"] }, [["--no-a", "a", false]], { _: [] }],
  [["--no-b"], { boolean: ["b"] }, [["--no-b", "no-b", true]], { _: [], b: false }],
];

function testParseArgs(whose: string, parseArgs: ParseArgs, ignore: boolean): void {
  Deno.test({
    name: `parseArgs() of ${whose} keeps std's word`,
    ignore,
    fn: () => {
      for (const [line, options, parsed] of COMMAND_LINES) {
        assert.deepEqual(parseArgs(line, options), parsed, JSON.stringify([line, options]));
      }
    },
  });
  Deno.test({
    name: `parseArgs() of ${whose} hands to unknown() what std does, and drops what it refuses`,
    ignore,
    fn: () => {
      for (const [line, options, calls, kept] of UNKNOWNS) {
        const came: unknown[][] = [];
        const unknown = (...call: unknown[]) => came.push(call) < 0;
        const parsed = parseArgs(line, { ...options, unknown });
        assert.deepEqual([parsed, came], [kept, calls], JSON.stringify([line, options]));
      }
    },
  });
}

testParseArgs("the stand-in", parseArgsStandIn as ParseArgs, false);
testParseArgs("std", linkedParseArgs as ParseArgs, !stdIsHere);

Deno.test({
  name: "parseArgs() of the stand-in and of std agree on command lines that nobody thought of",
  ignore: !stdIsHere,
  fn: () => {
    const pick = picker(20_000);
    const words = [
      "a",
      "b",
      "-a",
      "-ab",
      "-b5",
      "-a=x",
      "--a",
      "--b",
      "--no-a",
      "--no-b=1",
      "--a=1",
    ];
    words.push(
      "--b=",
      "--cc",
      "5",
      "",
      "-",
      "--",
      "true",
      "false",
      "-1",
      "--cc=true",
      "---",
      "-a-",
    );
    const names = () => ["a", "b", "cc"].filter(() => pick(2) === 0);
    for (let i = 0; i < 20_000; i++) {
      const line = Array.from({ length: pick(6) }, () => words[pick(words.length)]!);
      const options: Options = {
        "--": pick(2) === 0,
        stopEarly: pick(4) === 0,
        boolean: pick(5) === 0 || names(),
        string: names(),
        collect: names(),
        negatable: names(),
        alias: pick(2) === 0 ? {} : { cc: ["a"] },
        default: pick(2) === 0 ? {} : { b: "x" },
      };
      assert.deepEqual(
        parseArgsStandIn(line, options),
        (linkedParseArgs as ParseArgs)(line, options),
        JSON.stringify([line, options]),
      );
    }
  },
});

/** Numbers below a bound, the same ones each time: xorshift32, which is random enough to pick words. */
function picker(seed: number): (bound: number) => number {
  let x = seed;
  return (bound) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % bound;
  };
}

// ---------------------------------------------------------------- types

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if both types are the same. */
function same<A, B>(_: Same<A, B>): void {}

Deno.test("parseArgs() of whichever package is here has std's types", () => {
  const args = linkedParseArgs([], {
    boolean: ["help", "explain"],
    string: ["room", "port", "peer", "theme"],
    collect: ["peer", "extra"],
    negatable: ["theme", "explain"],
    default: { port: 5000, mood: "calm" },
    alias: { help: ["h", "usage"], room: "r" },
    "--": true,
  });
  same<typeof args.help, boolean>(true);
  same<typeof args.h, boolean>(true);
  same<typeof args.usage, boolean>(true);
  same<typeof args.explain, boolean>(true);
  same<typeof args.room, string | undefined>(true);
  same<typeof args.r, string | undefined>(true);
  same<typeof args.theme, string | false | undefined>(true);
  same<typeof args.port, string | number>(true);
  same<typeof args.peer, string[]>(true);
  same<typeof args.extra, unknown[]>(true);
  same<typeof args.mood, unknown>(true);
  same<typeof args.anything, unknown>(true);
  same<typeof args._, (string | number)[]>(true);
  same<typeof args["--"], string[]>(true);

  const all = linkedParseArgs([], { boolean: true, string: "a" });
  same<typeof all.a, string | undefined>(true);
  same<typeof all.b, unknown>(true);

  const untyped = linkedParseArgs([]);
  // deno-lint-ignore no-explicit-any -- std's documented type
  same<typeof untyped.a, any>(true);
  same<typeof untyped._, (string | number)[]>(true);
});

// ---------------------------------------------------------------- std's own sources

Deno.test({
  name: "std's own sources agree with every table here",
  ignore: !canRun || !checkout,
  fn: async () => {
    for (const name of ["assert", "cli"]) {
      const ours = await version(new URL(`../tools/std/${name}/deno.json`, import.meta.url));
      assert.equal(await version(`${checkout}/${name}/deno.json`), ours, `@std/${name}'s version`);
    }
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-lock", "--no-prompt", `--config=${checkout}/deno.json`, import.meta.url],
      env: { NO_COLOR: "1" },
      stderr: "inherit",
    }).output();
    const report = new TextDecoder().decode(stdout);
    // Only this test is ignored over there, because it may run nothing.
    assert(success && / 0 failed \| 1 ignored /.test(report), report);
  },
});

async function version(manifest: string | URL): Promise<string> {
  return JSON.parse(await Deno.readTextFile(manifest)).version;
}
