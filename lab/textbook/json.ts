/**
 * JSON whose integers are exact, however long, and which believes all else: `JSON.parse` with a reviver, which walks
 * what it parsed by calling itself. lib/classic/json.ts is how to read such messages strictly.
 *
 * @module
 */

/** What a text of JSON holds: an integer is a bigint. */
// deno-lint-ignore no-explicit-any -- a textbook believes what it reads
export type Json = any;

/** TypeScript's library does not have the source texts of JSON's numbers yet (ECMA-262, 2026). */
const exact = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: Json, context: { source: string }) => Json,
  ): Json;
  rawJSON(text: string): Json;
};

/**
 * Parses a text.
 *
 * @throws {SyntaxError} when it is none, or holds a number that is no integer
 * @throws {RangeError} when it is nested deeper than the stack
 */
export function parseJson(text: string): Json {
  return exact.parse(
    text,
    (_name, value, { source }) => typeof value === "number" ? BigInt(source) : value,
  );
}

/** Writes fields; a bigint as a number. */
export function writeJson(fields: Record<string, Json>): string {
  return JSON.stringify(
    fields,
    (_name, value) => typeof value === "bigint" ? exact.rawJSON(String(value)) : value,
  );
}
