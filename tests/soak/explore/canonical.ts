/** When two states are the same: a text that is equal for equal values. */
import { createHash } from "node:crypto";

/** Values are immutable, so what was once written of an object holds for good. */
const written = new WeakMap<object, string>();

/** A text that is longer than its digest is kept as that. */
const DIGEST_CHARACTERS = 64;

/**
 * Everything that can be read of a value, in one text. Private fields can't be read, and need not: a key pair's
 * public half, which can, belongs to one private half only.
 */
export function canonical(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  let text = written.get(value);
  if (text === undefined) {
    const whole = canonicalObject(value);
    text = whole.length > DIGEST_CHARACTERS ? digestOf(whole) : whole;
    written.set(value, text);
  }
  return text;
}

function canonicalObject(value: object): string {
  if (value instanceof Uint8Array) return `x${value.toHex()}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).map(([name, inner]) => `${name}:${canonical(inner)}`);
  return `{${entries.sort().join()}}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
