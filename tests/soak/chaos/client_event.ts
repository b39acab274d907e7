/**
 * What a client prints, as far as it matters here. docs/SCRIPTING.md has all of it.
 *
 * @module
 */

/** An event, with the fields that some of them have. */
export interface ClientEvent {
  /** Its name. */
  readonly event: string;
  /** The number of a message in its sender's stream; `null` where it has none yet. */
  readonly sequence: number | null;
  /** What it says. */
  readonly text: string;
  /** It may have been shown before a kill. */
  readonly again: boolean;
  /** How many have arrived. */
  readonly count: number | null;
  /** Of an error. */
  readonly code: string;
  /** Of an error. */
  readonly message: string;
  /** A file's, without folders. */
  readonly name: string | null;
}

/** Reads a line; `null` for one that was cut off by a kill. */
export function readEvent(line: string): ClientEvent | null {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return null;
  }
  const text = (name: string) => typeof fields[name] === "string" ? fields[name] : null;
  const number = (name: string) => typeof fields[name] === "number" ? fields[name] : null;
  const path = text("name") ?? text("path");
  return {
    event: text("event") ?? "",
    sequence: number("sequence"),
    text: text("text") ?? "",
    again: fields.again === true,
    count: number("count"),
    code: text("code") ?? "",
    message: text("message") ?? "",
    name: path?.split("/").at(-1) ?? null,
  };
}
