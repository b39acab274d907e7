/**
 * The few text styles that parley uses, and the decision whether to use them.
 *
 * Sequences are SGR (ECMA-48 8.3.117). Only base colours occur, which a person's own terminal theme
 * makes readable; there is no background and no 256-colour palette. Yellow, cyan and blue are not
 * among them: in xterm's palette the contrast of yellow and cyan to white is less than 2 to 1, and that of
 * blue to black is little more. Nothing is said by a colour alone.
 *
 * @module
 */

/** How much styling a terminal gets: none, or SGR attributes with the 16-colour palette. */
export type StyleLevel = "none" | "16";

/** A style by name. */
export type StyleName = "bold" | "dim" | "red" | "green" | "magenta";

/** SGR parameters that switch a style on, and off again without touching the other styles. */
const SGR: Readonly<Record<StyleName, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  magenta: [35, 39],
};

/** Switches every style off. */
export const STYLE_RESET = "\x1b[0m";

/**
 * Matches each sequence that this file can produce, and no other: what may pass to a terminal
 * inside text that is otherwise free of escapes.
 */
// deno-lint-ignore no-control-regex
export const STYLE_SEQUENCE = /\x1b\[(?:0|1|2|22|3[125]|39)m/g;

/** Wraps text in styles; it has none of its own, as the end of an inner style would end the outer one. */
export type Styler = (text: string, ...names: StyleName[]) => string;

/**
 * Makes the function that styles text for one terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(styler("16")("alice", "bold"), "\x1b[1malice\x1b[22m");
 * assertEquals(styler("none")("alice", "bold"), "alice");
 * ```
 */
export function styler(level: StyleLevel): Styler {
  if (level === "none") return (text) => text;
  return (text, ...names) => {
    if (text === "") return "";
    const on = names.map((name) => `\x1b[${SGR[name][0]}m`).join("");
    const off = names.toReversed().map((name) => `\x1b[${SGR[name][1]}m`).join("");
    return on + text + off;
  };
}

/** What the person asked for on the command line; `auto` when nothing. */
export type ColorChoice = "auto" | "always" | "never";

/**
 * Decides whether to style the output.
 *
 * An explicit choice (`--color`) wins. Otherwise: no styles for a pipe or file, none when `NO_COLOR` is set and not
 * empty (https://no-color.org), and none for `TERM=dumb` or a missing `TERM`.
 */
export function styleLevel(
  env: Readonly<Record<string, string | undefined>>,
  isTty: boolean,
  choice: ColorChoice = "auto",
): StyleLevel {
  if (choice !== "auto") return choice === "always" ? "16" : "none";
  if (!isTty || env.NO_COLOR) return "none";
  return env.TERM === "dumb" || !env.TERM ? "none" : "16";
}
