/**
 * JSON whose integers are exact, however long: `JSON.parse` would round them. It is written as everybody writes a
 * first parser, one function that calls itself.
 *
 * @module
 */

/** What a text of JSON holds: an integer is a bigint. */
// deno-lint-ignore no-explicit-any -- a textbook believes what it reads
export type Json = any;

/**
 * Parses a text.
 *
 * @throws {SyntaxError} when it is none
 * @throws {RangeError} when it is nested deeper than the stack
 */
export function parseJson(text: string): Json {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|-?\d+|[[\]{},:]|true|false|null/g) ?? [];
  let at = 0;
  const value = (): Json => {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError("the text ends too early");
    if (token === "[") return list();
    if (token === "{") return record();
    return /^-?\d/.test(token) ? BigInt(token) : JSON.parse(token);
  };
  const list = (): Json[] => {
    const items: Json[] = [];
    for (; tokens[at] !== "]"; at += tokens[at] === "," ? 1 : 0) items.push(value());
    at++;
    return items;
  };
  const record = (): Json => {
    const fields: Json = {};
    for (; tokens[at] !== "}"; at += tokens[at] === "," ? 1 : 0) {
      const name = JSON.parse(tokens[at++] ?? "");
      at++;
      fields[name] = value();
    }
    at++;
    return fields;
  };
  return value();
}

/** Writes fields; a bigint as a number. */
export function writeJson(fields: Record<string, Json>): string {
  const parts = Object.entries(fields).map(([name, value]) =>
    `${JSON.stringify(name)}: ${typeof value === "bigint" ? value : JSON.stringify(value)}`
  );
  return `{${parts.join(", ")}}`;
}
