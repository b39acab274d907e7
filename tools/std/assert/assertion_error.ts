import { AssertionError as NodeAssertionError } from "node:assert/strict";
import { inspect } from "node:util";

/** What every failed assertion throws. */
export class AssertionError extends Error {
  /**
   * @param message What was expected, and what came.
   * @param options The `cause`, where there is one.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/**
 * Throws an `AssertionError` that says what was expected, then what the caller had to say about it.
 *
 * @param expectation A sentence without its full stop.
 * @param msg The caller's own message.
 * @param detail Further lines, such as a diff.
 */
export function failed(expectation: string, msg: string | undefined, detail = ""): never {
  const sentence = msg ? `${expectation}: ${msg}` : `${expectation}.`;
  throw new AssertionError(detail === "" ? sentence : `${sentence}\n${detail}`);
}

/**
 * Renders a value for a failure's message, on several lines where it is large.
 *
 * @param value Any value.
 * @returns Its text.
 */
export function show(value: unknown): string {
  return inspect(value, { depth: 10, maxArrayLength: 200, sorted: true });
}

/**
 * Renders where two values differ, as `node:assert` does.
 *
 * @param actual What came.
 * @param expected What was expected.
 * @returns A diff of several lines.
 */
export function diff(actual: unknown, expected: unknown): string {
  return new NodeAssertionError({ actual, expected, operator: "deepStrictEqual" }).message;
}
