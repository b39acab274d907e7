import { stripVTControlCharacters } from "node:util";
import { failed } from "./assertion_error.ts";

// deno-lint-ignore no-explicit-any -- a class takes whatever it takes
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** What a caller demands of an error. */
type Demand = {
  errorClass?: ErrorClass<Error> | undefined;
  includes?: string | undefined;
  msg?: string | undefined;
};

/**
 * Asserts that a function throws.
 *
 * @param fn The function, called once.
 * @param msg Said when it does not.
 * @returns What it threw.
 * @throws {AssertionError} If it throws nothing.
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/**
 * Asserts that a function throws an error of a class, and that its message contains a text.
 *
 * @typeParam E The class.
 * @param fn The function, called once.
 * @param ErrorClass The class.
 * @param msgIncludes What the message must contain; colours do not count.
 * @param msg Said when it does not.
 * @returns The error.
 * @throws {AssertionError} If it throws nothing, or something else.
 */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const demand = demandOf(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    return meets(error, demand);
  }
  failed("Expected the function to throw", demand.msg);
}

/**
 * Asserts that a function's promise rejects.
 *
 * @param fn The function, called once. It must return a promise, and not throw.
 * @param msg Said when it does not.
 * @returns What it rejected with.
 * @throws {AssertionError} If it does not reject.
 */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/**
 * Asserts that a function's promise rejects with an error of a class, and that its message contains a
 * text.
 *
 * @typeParam E The class.
 * @param fn The function, called once. It must return a promise, and not throw.
 * @param ErrorClass The class.
 * @param msgIncludes What the message must contain; colours do not count.
 * @param msg Said when it does not.
 * @returns The error.
 * @throws {AssertionError} If it does not reject, or with something else.
 */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const demand = demandOf(classOrMsg, msgIncludes, msg);
  const promise = started(fn, demand.msg);
  try {
    await promise;
  } catch (error) {
    return meets(error, demand);
  }
  failed("Expected the function to reject", demand.msg);
}

/** Calls the function and insists on a promise: one that throws at once is a different mistake. */
function started(fn: () => PromiseLike<unknown>, msg?: string): PromiseLike<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch (error) {
    failed(`Expected the function to reject, and it threw ${error}`, msg);
  }
  if (typeof promise === "object" && typeof promise?.then === "function") return promise;
  failed("Expected the function to return a promise", msg);
}

/** Tells a caller who gives a class from one who gives a message only. */
function demandOf(
  classOrMsg: ErrorClass<Error> | string | undefined,
  includes: string | undefined,
  msg: string | undefined,
): Demand {
  if (typeof classOrMsg === "string") return { msg: classOrMsg };
  return { errorClass: classOrMsg, includes, msg };
}

/** Returns what was thrown if it meets the demand, and fails if not. */
function meets(error: unknown, { errorClass, includes, msg }: Demand): unknown {
  if (errorClass === undefined) return error;
  if (!(error instanceof errorClass)) failed(`Expected ${errorClass.name}, got ${error}`, msg);
  const message = stripVTControlCharacters(error.message);
  if (includes !== undefined && !message.includes(stripVTControlCharacters(includes))) {
    failed(`Expected the error's message to contain "${includes}", got "${message}"`, msg);
  }
  return error;
}
