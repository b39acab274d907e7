import { diff, failed, show } from "./assertion_error.ts";
import { deepEqual } from "./deep_equal.ts";

/**
 * Asserts that two values are equal by value, all the way down.
 *
 * @typeParam T The type of both values.
 * @param actual What came.
 * @param expected What was expected.
 * @param msg Said when they differ.
 * @throws {AssertionError} If they differ.
 */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!deepEqual(actual, expected)) failed("Values are not equal", msg, diff(actual, expected));
}

/**
 * Asserts that two values are not equal by value.
 *
 * @typeParam T The type of both values.
 * @param actual What came.
 * @param expected What should not have come.
 * @param msg Said when they are equal.
 * @throws {AssertionError} If they are equal.
 */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (deepEqual(actual, expected)) failed(`Expected a value other than ${show(expected)}`, msg);
}

/**
 * Asserts that two values are the same one, by `Object.is`.
 *
 * @typeParam T The type of the expected value.
 * @param actual What came.
 * @param expected What was expected.
 * @param msg Said when they differ.
 * @throws {AssertionError} If they differ.
 */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const [came, wanted] = [show(actual), show(expected)];
  if (came === wanted) failed(`Values look the same and are two different ones`, msg, came);
  failed("Values are not the same one", msg, diff(actual, expected));
}

/**
 * Asserts that two values are not the same one, by `Object.is`.
 *
 * @typeParam T The type of both values.
 * @param actual What came.
 * @param expected What should not have come.
 * @param msg Said when they are the same.
 * @throws {AssertionError} If they are the same.
 */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) failed(`Expected a value that is not ${show(expected)}`, msg);
}
