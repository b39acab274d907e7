import { AssertionError, failed, show } from "./assertion_error.ts";

/**
 * Asserts that a value is truthy.
 *
 * @param expr The value.
 * @param msg The whole message of the error, if it is not.
 * @throws {AssertionError} If it is not.
 */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/**
 * Asserts that a value is neither null nor undefined.
 *
 * @typeParam T The type of the value.
 * @param actual The value.
 * @param msg Said when it is.
 * @throws {AssertionError} If it is.
 */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) failed(`Expected a value, got ${actual}`, msg);
}

/**
 * Asserts that a value is an instance of a class.
 *
 * @typeParam T The class.
 * @param actual The value.
 * @param expectedType The class.
 * @param msg Said when it is not.
 * @throws {AssertionError} If it is not.
 */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any -- a class takes whatever it takes
  T extends abstract new (...args: any[]) => any,
>(actual: unknown, expectedType: T, msg = ""): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  failed(`Expected an instance of ${expectedType.name}, got ${show(actual)}`, msg);
}

/**
 * Asserts that a text contains another.
 *
 * @param actual The text.
 * @param expected What it must contain.
 * @param msg Said when it does not.
 * @throws {AssertionError} If it does not.
 */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) failed(`Expected "${actual}" to contain "${expected}"`, msg);
}

/**
 * Asserts that a text matches a pattern.
 *
 * @param actual The text.
 * @param expected The pattern.
 * @param msg Said when it does not.
 * @throws {AssertionError} If it does not.
 */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) failed(`Expected "${actual}" to match ${expected}`, msg);
}

/**
 * Asserts that `actual > expected`.
 *
 * @typeParam T The type of both values.
 * @param actual The value.
 * @param expected Its bound, itself excluded.
 * @param msg The whole message of the error, if it is not.
 * @throws {AssertionError} If it is not.
 */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  ordered(actual > expected, actual, ">", expected, msg);
}

/**
 * Asserts that `actual >= expected`.
 *
 * @typeParam T The type of both values.
 * @param actual The value.
 * @param expected Its bound.
 * @param msg The whole message of the error, if it is not.
 * @throws {AssertionError} If it is not.
 */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  ordered(actual >= expected, actual, ">=", expected, msg);
}

/**
 * Asserts that `actual < expected`.
 *
 * @typeParam T The type of both values.
 * @param actual The value.
 * @param expected Its bound, itself excluded.
 * @param msg The whole message of the error, if it is not.
 * @throws {AssertionError} If it is not.
 */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  ordered(actual < expected, actual, "<", expected, msg);
}

/**
 * Asserts that `actual <= expected`.
 *
 * @typeParam T The type of both values.
 * @param actual The value.
 * @param expected Its bound.
 * @param msg The whole message of the error, if it is not.
 * @throws {AssertionError} If it is not.
 */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  ordered(actual <= expected, actual, "<=", expected, msg);
}

/**
 * Fails, always.
 *
 * @param msg Why.
 * @throws {AssertionError} Always.
 */
export function fail(msg?: string): never {
  failed("Failed", msg);
}

function ordered(holds: boolean, actual: unknown, sign: string, bound: unknown, msg?: string) {
  if (!holds) throw new AssertionError(msg ?? `Expected ${show(actual)} ${sign} ${show(bound)}`);
}
