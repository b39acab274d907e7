/**
 * A stand-in for `jsr:@std/assert`, for networks that cannot reach jsr.io.
 *
 * It has the functions that parley's tests use and no others, written against std's documented
 * behaviour on top of `node:assert` and `node:util`. `tests/std_stand_ins_test.ts` holds it to that
 * behaviour, and to std's own sources wherever they can be read. `tools/prepare.ts` decides when it is
 * used; where JSR answers, it never is.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export {
  assert,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
  fail,
} from "./conditions.ts";
export {
  assertEquals,
  assertNotEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "./equality.ts";
export { assertRejects, assertThrows } from "./throwing.ts";
