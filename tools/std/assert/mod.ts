/**
 * A stand-in for `jsr:@std/assert`, for networks that cannot reach jsr.io: the functions that parley's tests use,
 * as thin adapters over `node:assert` and `node:util`. `tools/prepare.ts` decides when it is linked, and
 * `tests/std_stand_ins_test.ts` holds it, and std itself where that is linked, to the same table.
 *
 * It is stricter than std in two things, which are Node's: 0 is not -0, and an object without a prototype is not a
 * plain one. What it can't compare as std does, it refuses with a `TypeError`.
 *
 * @module
 */
import { AssertionError } from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

// deno-lint-ignore no-explicit-any -- a class takes whatever it takes
type Class<T> = abstract new (...args: any[]) => T;

/** Asserts that a value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError({ message: msg });
}

/** Asserts that two values are equal by value, all the way down. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!areEqual(actual, expected)) differ(actual, expected, "deepStrictEqual", msg);
}

/** Asserts that two values differ by value. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (areEqual(actual, expected)) fail(`Expected another value than ${inspect(actual)}`, msg);
}

/** Asserts that two values are the same one, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) differ(actual, expected, "strictEqual", msg);
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  fail(`Expected an instance of ${expectedType.name}, got ${inspect(actual)}`, msg);
}

/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) fail(`Expected "${actual}" to contain "${expected}"`, msg);
}

/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail(`Expected "${actual}" to match ${expected}`, msg);
}

/** Asserts that a function throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class, whose message contains a text. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  errorClass: Class<E>,
  includes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...demand: Demand): unknown {
  try {
    fn();
  } catch (error) {
    return checked(error, demand);
  }
  fail("Expected the function to throw", messageOf(demand));
}

/** Asserts that a function's promise rejects, and resolves to what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that a function's promise rejects with an error of a class, whose message contains a text. */
export function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: Class<E>,
  includes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...demand: Demand
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch {
    // Thrown before there is a promise: no rejection.
  }
  try {
    await promise;
  } catch (error) {
    return checked(error, demand);
  }
  fail("Expected the promise to reject", messageOf(demand));
}

/** What a caller demands of an error: nothing but a message of its own, or a class and a part of the message. */
type Demand = [classOrMessage?: Class<Error> | string, includes?: string, msg?: string];

function messageOf([classOrMessage, , msg]: Demand): string | undefined {
  return typeof classOrMessage === "string" ? classOrMessage : msg;
}

function checked(error: unknown, [errorClass, includes = "", msg]: Demand): unknown {
  if (errorClass === undefined || typeof errorClass === "string") return error;
  assertInstanceOf(error, errorClass, msg);
  assertStringIncludes(error.message, includes, msg);
  return error;
}

function fail(sentence: string, msg?: string): never {
  throw new AssertionError({ message: msg ? `${sentence}: ${msg}` : sentence });
}

/** Fails with Node's own account of a difference. */
function differ(actual: unknown, expected: unknown, operator: string, msg?: string): never {
  fail(new AssertionError({ actual, expected, operator }).message, msg);
}

function areEqual(a: unknown, b: unknown): boolean {
  // What differs in kind is unequal, so one side is enough.
  refuseHidden(a, new Set());
  return isDeepStrictEqual(a, b);
}

/** The prototypes of what Node compares by its contents. */
const COMPARED = new Set<unknown>(
  [Object, Array, Map, Set, Date, RegExp, ArrayBuffer].map(({ prototype }) => prototype),
);

/**
 * Node compares instances of a class by their own properties, and std by getters, too: what differs behind
 * getters alone would count as equal here. Of errors std compares the stacks, too.
 *
 * @throws {TypeError} when a value is an error or an instance of a class with getters, or contains one
 */
function refuseHidden(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (seen.has(value)) return;
  seen.add(value);
  let hides = value instanceof Error;
  for (let at = Object.getPrototypeOf(value); at !== null && !COMPARED.has(at);) {
    hides ||= Object.values(Object.getOwnPropertyDescriptors(at)).some(({ get }) => get);
    at = Object.getPrototypeOf(at);
  }
  if (hides) throw new TypeError(`Cannot compare ${inspect(value)} by value`);
  const entries = value instanceof Map ? [...value].flat() : value instanceof Set ? value : [];
  for (const part of [...entries, ...Object.values(value)]) refuseHidden(part, seen);
}
