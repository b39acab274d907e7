/**
 * Holds the stand-ins of `tools/std` to std's behaviour. What is linked runs through the same tables, because a table
 * can be wrong, too: where JSR answers that is std itself.
 *
 * The tests' own assertions are Node's: what is under test here can't judge itself.
 */
import * as linkedAssert from "@std/assert";
import { parseArgs as linkedParseArgs } from "@std/cli/parse-args";
import node from "node:assert/strict";
import * as standIn from "../tools/std/assert/mod.ts";
import { parseArgs as parseArgsStandIn } from "../tools/std/cli/parse_args.ts";

/** The functions that both have. */
type Assert = typeof standIn;

const key = Symbol("key");
const bytes = (...values: number[]) => new Uint8Array(values);

/** A class as lib/ has them: what it is stands in its members. */
class Point {
  constructor(readonly x: number) {}
}

function ring(name: string): unknown {
  const one = { name, next: {} };
  one.next = { one };
  return one;
}

const EQUAL: readonly (readonly [unknown, unknown])[] = [
  [NaN, NaN],
  [10n ** 30n, 10n ** 30n],
  [[1, [2, "three"]], [1, [2, "three"]]],
  [{ a: 1, b: { c: undefined } }, { b: { c: undefined }, a: 1 }],
  [{ [key]: 1 }, { [key]: 1 }],
  [bytes(9, 1, 2).subarray(1), bytes(1, 2)],
  [bytes(1).buffer, bytes(1).buffer],
  [new Date(5), new Date(5)],
  [/a+/gi, /a+/gi],
  [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])],
  [new Map([["a", [1]], ["b", [2]]]), new Map([["b", [2]], ["a", [1]]])],
  [new Map([[{ a: 1 }, [1]]]), new Map([[{ a: 1 }, [1]]])],
  [new Point(1), new Point(1)],
  [ring("a"), ring("a")],
];

const UNEQUAL: readonly (readonly [unknown, unknown])[] = [
  [1, "1"],
  [1, 1n],
  [10n ** 30n, 10n ** 30n + 1n],
  [null, undefined],
  [null, {}],
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [[1, 2], [1, 2, 3]],
  [[1, 2], [2, 1]],
  [[1, , 3], [1, undefined, 3]], // deno-lint-ignore no-sparse-arrays
  [[1], { 0: 1 }],
  [{ a: [{ b: [1] }] }, { a: [{ b: [2] }] }],
  [{ [key]: 1 }, { [key]: 2 }],
  [bytes(1, 2, 3), bytes(1, 2, 4)],
  [bytes(1, 2), bytes(1, 2, 0)],
  [bytes(1), new Uint16Array([1])],
  [bytes(1), [1]],
  [{ a: bytes(1) }, { a: bytes(2) }],
  [bytes(1).buffer, bytes(2).buffer],
  [new Date(5), new Date(6)],
  [/a/, /a/i],
  [/a/, /b/],
  [new Set([1, 2]), new Set([1, 3])],
  [new Set([1, 2]), new Set([1, 2, 3])],
  [new Set([{ a: 1 }]), new Set([{ a: 2 }])],
  [new Map([["a", 1]]), new Map([["a", 2]])],
  [new Map([["a", undefined]]), new Map([["b", undefined]])],
  [new Map([[{}, 1]]), new Map([[{}, 2]])],
  [new Map([["a", 1]]), { a: 1 }],
  [new Map([[1, 1]]), new Set([1])],
  [new Point(1), new Point(2)],
  [new Point(1), { x: 1 }],
  [() => 1, () => 1],
  [Symbol("a"), Symbol("a")],
  [ring("a"), ring("b")],
];

const raise = (error: unknown) => () => {
  throw error;
};
const reject = (error: unknown) => () => Promise.reject(error);
const two = new TypeError("one two");

/** For each function, calls that pass and calls that fail; the second argument is the caller's message. */
type Calls = readonly ((std: Assert, msg: string) => unknown)[];
const CALLS: Readonly<Record<keyof Assert, { passes: Calls; fails: Calls }>> = {
  assert: {
    passes: [1, "a", {}, [], true].map((value) => (std) => std.assert(value)),
    fails: [false, 0, "", NaN, null, undefined].map((value) => (std, msg) =>
      std.assert(value, msg)
    ),
  },
  assertEquals: {
    passes: EQUAL.map(([a, b]) => (std) => std.assertEquals(a, b)),
    fails: UNEQUAL.flatMap(([a, b]): Calls => [
      (std, msg) => std.assertEquals(a, b, msg),
      (std, msg) => std.assertEquals(b, a, msg),
    ]),
  },
  assertNotEquals: {
    passes: UNEQUAL.map(([a, b]) => (std) => std.assertNotEquals(a, b)),
    fails: EQUAL.map(([a, b]) => (std, msg) => std.assertNotEquals(a, b, msg)),
  },
  assertStrictEquals: {
    passes: [1, NaN, key, two].map((value) => (std) => std.assertStrictEquals(value, value)),
    fails: [
      (std, msg) => std.assertStrictEquals(0, -0, msg),
      (std, msg) => std.assertStrictEquals({ a: 1 }, { a: 1 }, msg),
      (std, msg) => std.assertStrictEquals<unknown>("1", 1, msg),
    ],
  },
  assertInstanceOf: {
    passes: [
      (std) => std.assertInstanceOf(two, TypeError),
      (std) => std.assertInstanceOf(two, Error),
    ],
    fails: [
      (std, msg) => std.assertInstanceOf(two, RangeError, msg),
      (std, msg) => std.assertInstanceOf(1, Number, msg),
      (std, msg) => std.assertInstanceOf(null, Object, msg),
      (std, msg) => std.assertInstanceOf(Date, Date, msg),
    ],
  },
  assertStringIncludes: {
    passes: ["", "e t", "one two"].map((part) => (std) =>
      std.assertStringIncludes("one two", part)
    ),
    fails: [
      (std, msg) => std.assertStringIncludes("one", "two", msg),
      (std, msg) => std.assertStringIncludes("One", "one", msg),
    ],
  },
  assertMatch: {
    passes: [(std) => std.assertMatch("one two", /^o.*o$/)],
    fails: [(std, msg) => std.assertMatch("one", /two/, msg)],
  },
  assertThrows: {
    passes: [
      ...[two, "a", undefined].map((thrown): Calls[number] => (std) =>
        node.strictEqual(std.assertThrows(raise(thrown)), thrown)
      ),
      (std) => node.strictEqual(std.assertThrows(raise(two), TypeError, "e t"), two),
      (std) => std.assertThrows(raise(two), Error),
    ],
    fails: [
      (std, msg) => std.assertThrows(() => 1, msg),
      (std, msg) => std.assertThrows(() => 1, Error, "", msg),
      (std, msg) => std.assertThrows(() => void reject(two)().catch(() => {}), msg),
      (std, msg) => std.assertThrows(raise(two), RangeError, "", msg),
      (std, msg) => std.assertThrows(raise("a"), Error, "", msg),
      (std, msg) => std.assertThrows(raise(two), TypeError, "three", msg),
    ],
  },
  assertRejects: {
    passes: [
      ...[two, "a", undefined].map((thrown): Calls[number] => async (std) =>
        node.strictEqual(await std.assertRejects(reject(thrown)), thrown)
      ),
      async (std) => node.strictEqual(await std.assertRejects(reject(two), TypeError, "e t"), two),
      (std) => std.assertRejects(reject(two), Error),
      (std) => std.assertRejects(() => ({ then: (_, no) => no!(two) as never })),
    ],
    fails: [
      (std, msg) => std.assertRejects(() => Promise.resolve(1), msg),
      (std, msg) => std.assertRejects(() => Promise.resolve(1), Error, "", msg),
      (std, msg) => std.assertRejects(raise(two) as () => Promise<void>, msg),
      (std, msg) => std.assertRejects((() => 1) as unknown as () => Promise<void>, msg),
      (std, msg) => std.assertRejects(reject(two), RangeError, "", msg),
      (std, msg) => std.assertRejects(reject("a"), Error, "", msg),
      (std, msg) => std.assertRejects(reject(two), TypeError, "three", msg),
    ],
  },
};

for (const [whose, std] of [["the stand-in", standIn], ["@std/assert", linkedAssert]] as const) {
  for (const [name, { passes, fails }] of Object.entries(CALLS)) {
    Deno.test(`${name}() of ${whose} passes and fails where it should, and says what its caller says`, async () => {
      for (const call of passes) await call(std, "");
      for (const call of fails) {
        const failure = Promise.try(() => call(std, "the caller's words"));
        await node.rejects(failure, { name: "AssertionError", message: /the caller's words/ });
      }
    });
  }
}

Deno.test("the stand-in refuses to compare what hides behind getters, and errors", () => {
  class Hidden {
    readonly #x: number;
    constructor(x: number) {
      this.#x = x;
    }
    get x(): number {
      return this.#x;
    }
  }
  const holders = [
    (x: number) => [new Hidden(x)],
    (x: number) => ({ a: new Map([[1, new Hidden(x)]]) }),
    (x: number) => new Set([new Hidden(x)]),
    () => new Error("one"),
    (x: number) => new URL(`http://localhost/${x}`),
  ];
  for (const holder of holders) {
    for (const compare of [standIn.assertEquals, standIn.assertNotEquals]) {
      node.throws(() => compare<unknown>(holder(1), holder(2)), TypeError);
    }
  }
});

type ParseArgs = (args: readonly string[], options: {
  string: string[];
  boolean: string[];
  collect: string[];
  unknown: (arg: string, name?: string) => void;
}) => Record<string, unknown>;

/** What comes of a command line, and what `unknown` was called with. */
function parsed(parseArgs: ParseArgs, line: readonly string[]): unknown {
  const strangers: string[] = [];
  const unknown = (arg: string, name?: string) => {
    strangers.push(arg);
    if (name !== undefined) throw new RangeError(arg);
  };
  try {
    const options = {
      string: ["a", "b", "_"],
      boolean: ["on", "off"],
      collect: ["a", "b"],
      unknown,
    };
    // std's result may have no prototype.
    return { ...parseArgs(line, options), strangers };
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

const NOTHING = { _: [], a: [], b: [], on: false, off: false, strangers: [] };
const LINES: readonly (readonly [line: string[], said: object | string])[] = [
  [[], {}],
  [["--a", "1", "--a=2=3", "--b"], { a: ["1", "2=3"], b: [""] }],
  [["--a=", "--b", "--on"], { a: [""], b: [""], on: true }],
  [["--a", "-1"], "-1"],
  [["--a", "", "x"], { a: [""], _: ["", "x"], strangers: ["", "x"] }],
  [["--a", "-"], { a: [""], _: ["-"], strangers: ["-"] }],
  [["--on", "x"], { on: true, _: ["x"], strangers: ["x"] }],
  [["--on", "false", "--off", "true"], { on: false, off: true }],
  [["--on=false", "--off=no"], { on: false, off: true }],
  [["--no-a=x"], { a: ["x"] }],
  [["--a=x\ny"], { a: ["x\ny"] }],
  [["007", "--", "--a", "1"], { _: ["007", "--a", "1"], strangers: ["007"] }],
  [["--a", "--", "b"], { a: [""], _: ["b"] }],
  [["--no-on"], "--no-on"],
  [["x", "--c=1"], "--c=1"],
  [["-c", "x"], "-c"],
  [["-on"], "-on"],
  [["--__proto__=1"], "--__proto__=1"],
  [["--toString"], "--toString"],
  [["---"], "---"],
];

for (
  const [whose, parseArgs] of [["the stand-in", parseArgsStandIn], ["@std/cli", linkedParseArgs]]
) {
  Deno.test(`parseArgs() of ${whose} reads what lib/cli/options.ts gives it`, () => {
    for (const [line, said] of LINES) {
      const expected = typeof said === "string" ? said : { ...NOTHING, ...said };
      node.deepEqual(parsed(parseArgs as ParseArgs, line), expected, line.join(" "));
    }
  });
}
