/**
 * JSON objects of a known shape, read strictly and exactly.
 *
 * `JSON.parse` rounds an integer above 2^53, and where an object has a key twice it keeps the last without a word. So
 * this reads the text itself: one object, every key of the shape once and no other, each value an integer of bounded
 * length or a string. Nothing nests, so no input is deep, and no key becomes a property of an object before it is known
 * to be one of the shape's.
 *
 * @module
 */
import { WireError } from "../errors.ts";

/** The type of a value. */
export type FieldKind = "integer" | "text";

/** The keys of an object, and what each has to be. */
export type Shape = Readonly<Record<string, FieldKind>>;

/** The values of a text of a shape. */
export type Fields<S extends Shape> = {
  readonly [Key in keyof S]: S[Key] extends "integer" ? bigint : string;
};

/** Bounds of a text and its integers. */
export interface Limits {
  /** Characters of the whole text. */
  readonly text: number;
  /** Digits of an integer. */
  readonly digits: number;
}

const INTEGER = "an integer of decimal digits, not negative, with no leading zero";

/**
 * Reads a text as an object of this shape, its keys in any order.
 *
 * @param what the message's name in errors
 * @throws {WireError} for everything else
 */
export function parseFields<const S extends Shape>(
  what: string,
  text: string,
  shape: S,
  limits: Limits,
): Fields<S> {
  if (text.length > limits.text) {
    throw new WireError(what, `at most ${limits.text} characters`, String(text.length));
  }
  const reader = new JsonReader(what, text);
  const fields = new Map<string, bigint | string>();
  reader.expect("{");
  do {
    const key = reader.string(what, "a key");
    if (!Object.hasOwn(shape, key)) {
      throw new WireError(what, `the keys ${Object.keys(shape).join(", ")}`, "another key");
    }
    if (fields.has(key)) throw new WireError(`${what}.${key}`, "one value", "a second one");
    reader.expect(":");
    const value = shape[key] === "integer"
      ? reader.integer(`${what}.${key}`, limits.digits)
      : reader.string(`${what}.${key}`);
    fields.set(key, value);
  } while (reader.accept(","));
  reader.expect("}");
  reader.end();
  const missing = Object.keys(shape).find((key) => !fields.has(key));
  if (missing !== undefined) throw new WireError(`${what}.${missing}`, "a value", "none");
  return Object.fromEntries(fields) as Fields<S>;
}

/** A decimal integer as JSON writes it, or `null`. */
export function parseDecimal(text: string): bigint | null {
  return /^(?:0|[1-9][0-9]*)$/.test(text) ? BigInt(text) : null;
}

/** A place in a text. Space between tokens is skipped. */
class JsonReader {
  readonly #what: string;
  readonly #text: string;
  #at = 0;

  constructor(what: string, text: string) {
    this.#what = what;
    this.#text = text;
  }

  /** Takes a sign, if it comes next. */
  accept(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  /** Takes a sign that has to come next. */
  expect(sign: string): void {
    if (!this.accept(sign)) throw this.#unexpected(this.#what, `${sign} of a JSON object`);
  }

  /** Nothing may follow. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected(this.#what, "the end");
  }

  /** Takes a string; JSON.parse decodes it. */
  string(field: string, expected = "a string"): string {
    this.#skipSpace();
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#unexpected(field, expected);
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    const token = this.#text.slice(start, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(token);
    } catch {
      throw new WireError(field, "a JSON string", "a broken one");
    }
  }

  /** Takes an integer of at most so many digits. */
  integer(field: string, mostDigits: number): bigint {
    this.#skipSpace();
    const start = this.#at;
    // All that a JSON number can be made of: 1.0 and 1e3 are taken whole, and refused.
    while (/[-+.0-9eE]/.test(this.#text[this.#at] ?? "")) this.#at++;
    const token = this.#text.slice(start, this.#at);
    if (token === "") throw this.#unexpected(field, INTEGER);
    if (token.length > mostDigits) {
      throw new WireError(field, `at most ${mostDigits} digits`, String(token.length));
    }
    const value = parseDecimal(token);
    if (value === null) throw new WireError(field, INTEGER, "another number");
    return value;
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #unexpected(field: string, expected: string): WireError {
    const isEnd = this.#at >= this.#text.length;
    return new WireError(field, expected, isEnd ? "the end" : "another character");
  }
}
