/**
 * The strict reader of JSON. More random texts:
 *
 *     deno test tests/classic/json_test.ts -- 1000000
 */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { parseDecimal, parseFields } from "../../lib/classic/json.ts";
import { WireError } from "../../lib/errors.ts";
import { Dice } from "../helpers/mutants.ts";

/** How many random texts are read. */
const TEXTS = Number(Deno.args[0] ?? 15_000);

const SHAPE = { n: "integer", s: "text" } as const;
const LIMITS = { text: 200, digits: 40 };

const parse = (text: string) => parseFields("thing", text, SHAPE, LIMITS);

Deno.test("parseFields() reads integers of any length exactly", () => {
  const n = 2n ** 130n + 1n;
  assertEquals(parse(`{"n": ${n}, "s": "x"}`), { n, s: "x" });
  const digits = "9".repeat(3000);
  const limits = { text: 4000, digits: 3000 };
  assertEquals(parseFields("thing", `{"n":${digits}}`, { n: "integer" }, limits), {
    n: BigInt(digits),
  });
});

const GOOD: readonly [text: string, n: bigint, s: string][] = [
  [`{"n":0,"s":""}`, 0n, ""],
  [`{"s":"x","n":7}`, 7n, "x"],
  [` \t\r\n{ "n" : 10 , "s" : "a b" } \n`, 10n, "a b"],
  [`{"\\u006e":1,"s":"\\/\\"\\\\\\n\\u00e9\\ud83d\\ude00"}`, 1n, '/"\\\né😀'],
  [`{"n":${"9".repeat(40)},"s":"é😀"}`, 10n ** 40n - 1n, "é😀"],
];

for (const [text, n, s] of GOOD) {
  Deno.test(`parseFields() reads ${text.slice(0, 60)}`, () => assertEquals(parse(text), { n, s }));
}

/** Each has one fault. */
const BAD: readonly [text: string, field: string, expected: string, got: string][] = [
  ["", "thing", "{", "the end"],
  ["{", "thing", "a key", "the end"],
  ["[]", "thing", "{", "another character"],
  ["null", "thing", "{", "another character"],
  ["{}", "thing", "a key", "another character"],
  [`{"n":1}`, "thing.s", "a value", "none"],
  [`{"s":""}`, "thing.n", "a value", "none"],
  [`{"n":1,"s":"","n":1}`, "thing.n", "one value", "a second one"],
  [`{"n":1,"s":"","\\u006e":2}`, "thing.n", "one value", "a second one"],
  [`{"n":1,"s":"","x":1}`, "thing", "the keys n, s", "another key"],
  [`{"n":1,"s":"","__proto__":1}`, "thing", "the keys n, s", "another key"],
  [`{"n":1,"s":"","toString":1}`, "thing", "the keys n, s", "another key"],
  [`{"n":1,"s":"","":1}`, "thing", "the keys n, s", "another key"],
  [`{"N":1,"s":""}`, "thing", "the keys n, s", "another key"],
  [`{"n":-1,"s":""}`, "thing.n", "not negative", "another number"],
  [`{"n":+1,"s":""}`, "thing.n", "not negative", "another number"],
  [`{"n":-0,"s":""}`, "thing.n", "not negative", "another number"],
  [`{"n":01,"s":""}`, "thing.n", "no leading zero", "another number"],
  [`{"n":00,"s":""}`, "thing.n", "no leading zero", "another number"],
  [`{"n":1.0,"s":""}`, "thing.n", "an integer", "another number"],
  [`{"n":1.,"s":""}`, "thing.n", "an integer", "another number"],
  [`{"n":.1,"s":""}`, "thing.n", "an integer", "another number"],
  [`{"n":1e3,"s":""}`, "thing.n", "an integer", "another number"],
  [`{"n":1E3,"s":""}`, "thing.n", "an integer", "another number"],
  [`{"n":0x1,"s":""}`, "thing", "}", "another character"],
  [`{"n":1n,"s":""}`, "thing", "}", "another character"],
  [`{"n":1_0,"s":""}`, "thing", "}", "another character"],
  [`{"n":1 0,"s":""}`, "thing", "}", "another character"],
  [`{"n":,"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":"1","s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":true,"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":null,"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":[1],"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":{},"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":NaN,"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":\u0661,"s":""}`, "thing.n", "an integer", "another character"],
  [`{"n":${"1".repeat(41)},"s":""}`, "thing.n", "at most 40 digits", "41"],
  [`{"n":1,"s":2}`, "thing.s", "a string", "another character"],
  [`{"n":1,"s":null}`, "thing.s", "a string", "another character"],
  [`{"n":1,"s":'x'}`, "thing.s", "a string", "another character"],
  [`{"n":1,"s":"x}`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"x\\`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"x\\"}`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"\\x41"}`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"\\u12"}`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"a\nb"}`, "thing.s", "a JSON string", "a broken one"],
  [`{"n":1,"s":"a\0b"}`, "thing.s", "a JSON string", "a broken one"],
  [`{n:1,"s":""}`, "thing", "a key", "another character"],
  [`{"n" 1,"s":""}`, "thing", ":", "another character"],
  [`{"n":1 "s":""}`, "thing", "}", "another character"],
  [`{"n":1,"s":"",}`, "thing", "a key", "another character"],
  [`{,"n":1,"s":""}`, "thing", "a key", "another character"],
  [`{"n":1,"s":""`, "thing", "}", "the end"],
  [`{"n":1,"s":""}}`, "thing", "the end", "another character"],
  [`{"n":1,"s":""}{"n":1,"s":""}`, "thing", "the end", "another character"],
  [`{"n":1,"s":""}\0`, "thing", "the end", "another character"],
  [`\ufeff{"n":1,"s":""}`, "thing", "{", "another character"],
  [`{"n":1,\u00a0"s":""}`, "thing", "a key", "another character"],
  [`{"n":1,/**/"s":""}`, "thing", "a key", "another character"],
  [`{"n":1,"s":"${"x".repeat(200)}"}`, "thing", "at most 200 characters", "214"],
  [`${"[".repeat(200)}`, "thing", "{", "another character"],
];

for (const [text, field, expected, got] of BAD) {
  Deno.test(`parseFields() refuses ${JSON.stringify(text).slice(0, 60)}`, () => {
    const error = assertThrows(() => parse(text), WireError);
    assertEquals([error.field, error.got], [field, got]);
    assert(error.expected.includes(expected), error.expected);
  });
}

/** What JSON.parse makes of it, if that is an object of the shape with integers that it could read exactly. */
function reference(text: string): { n: bigint; s: string } | null {
  const sources: string[] = [];
  const reviver = (key: string, value: unknown, context: { source?: string }) => {
    if (key === "n" && typeof value === "number") sources.push(context.source!);
    return value;
  };
  let value: unknown;
  try {
    value = JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { n, s } = value as Record<string, unknown>;
  if (Object.keys(value).sort().join() !== "n,s" || typeof s !== "string") return null;
  if (typeof n !== "number" || sources.length !== 1) return null;
  return /^(0|[1-9]\d*)$/.test(sources[0]!) ? { n: BigInt(sources[0]!), s } : null;
}

/** How many keys of the shape a text seems to have. */
function keysIn(text: string): number {
  return text.match(/"(n|s|\\u006e)"\s*:/g)?.length ?? 0;
}

/** Pieces that random texts are made of. */
const PIECES = [
  ...'{ } [ ] : , " \\ - . e é 0 1 12 null "" "x" "n" "s" "n": "s": "n":1 "s":"y"'.split(" "),
  " ",
  "\n",
  "\\u0041",
  "__proto__",
];

/** A text of random pieces, or one in good form with some of them in it. */
function randomText(dice: Dice): string {
  const pieces = (count: number) => Array.from({ length: count }, () => dice.pick(PIECES)).join("");
  if (dice.below(4) === 0) return pieces(dice.below(12));
  const [text] = dice.pick(GOOD);
  const [at, cut] = [dice.below(text.length + 1), dice.below(3)];
  return text.slice(0, at) + pieces(dice.below(3)) + text.slice(at + cut);
}

heavyTest(`parseFields() agrees with JSON.parse on ${TEXTS} random texts`, () => {
  const dice = new Dice(1);
  let [read, twice] = [0, 0];
  for (let i = 0; i < TEXTS; i++) {
    const text = randomText(dice);
    const expected = reference(text);
    try {
      const fields = parse(text);
      assertEquals(fields, expected!, text);
      read++;
    } catch (error) {
      assertInstanceOf(error, WireError, text);
      // JSON.parse lets a key come twice, and knows no limits.
      if (keysIn(text) > 2) twice++;
      else assert(expected === null || error.expected.startsWith("at most"), text);
    }
  }
  assert(read > TEXTS / 20, `${read} were in good form`);
  assert(twice > TEXTS / 1000, `${twice} had a key twice`);
});

Deno.test("parseFields() takes time in proportion to the text, also for long strings and many spaces", () => {
  const limits = { text: 2 ** 21, digits: 1 };
  const long = "x".repeat(2 ** 20);
  for (const text of [`{"s":"${long}"}`, `{"s":"${"\\n".repeat(2 ** 19)}"}`]) {
    assertEquals(parseFields("thing", text, { s: "text" }, limits).s.length > 2 ** 18, true);
  }
  const spaces = " ".repeat(2 ** 20);
  assertEquals(parseFields("thing", `${spaces}{"s":""}`, { s: "text" }, limits), { s: "" });
});

Deno.test("parseDecimal() takes what JSON calls an integer, without a sign", () => {
  assertEquals(["0", "7", "10", "9".repeat(40)].map(parseDecimal), [0n, 7n, 10n, 10n ** 40n - 1n]);
  for (
    const text of ["", "-1", "+1", "01", "00", "1.", "1e3", " 1", "1\n", "0x1", "1n", "٣", "1_0"]
  ) {
    assertEquals(parseDecimal(text), null, text);
  }
});
