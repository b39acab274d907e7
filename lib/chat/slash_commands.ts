/**
 * The chat's commands: words that begin with a slash, and the original protocol's `exit`.
 *
 * @module
 */
import { wrapText } from "../terminal/text_width.ts";
import { type ChatCommand, COMMANDS } from "./commands.ts";

/** A typed line, parsed. */
export type ChatInput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "command"; readonly name: string; readonly argument: string }
  | { readonly type: "unknown"; readonly name: string };

/** The command of this name. */
export function findCommand(name: string): ChatCommand | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/**
 * Reads a typed line. `//text` says `/text`, and `\\exit` says `exit`; a command that does not exist is never said.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseInput("//hello"), { type: "text", text: "/hello" });
 * assertEquals(parseInput("/verify yes"), { type: "command", name: "verify", argument: "yes" });
 * ```
 */
export function parseInput(line: string): ChatInput {
  if (line.trim() === "exit") return { type: "command", name: "exit", argument: "" };
  if (line.trim() === "\\exit") return { type: "text", text: "exit" };
  if (!line.startsWith("/")) return { type: "text", text: line };
  if (line.startsWith("//")) return { type: "text", text: line.slice(1) };
  const [, name = "", argument = ""] = line.match(/^\/(\S*)\s*([^]*)$/)!;
  if (findCommand(name) === undefined) return { type: "unknown", name: `/${name}` };
  return { type: "command", name, argument: argument.trim() };
}

/** The words that a command takes. */
const WORDS: Readonly<Record<string, readonly string[]>> = { verify: ["yes"] };

/**
 * What Tab may make of the line: the commands that begin like it, and the words that a command takes.
 *
 * @param more words of the moment that a command takes @default none
 */
export function completeCommand(
  line: string,
  cursor: number,
  more: (name: string) => readonly string[] = () => [],
): readonly string[] {
  const typed = line.slice(0, cursor);
  const [, name = "", word = ""] = typed.match(/^\/(\w+)\s+(\S*)$/) ?? [];
  if (name !== "") {
    return [...WORDS[name] ?? [], ...more(name)].filter((known) => known.startsWith(word));
  }
  if (!/^\/\w*$/.test(typed)) return [];
  return COMMANDS.filter(({ isWhole }) => !isWhole)
    .map(({ name }) => `/${name}`)
    .filter((name) => name.startsWith(typed));
}

/** The narrowest column for what commands do, beside the commands. */
const LEAST_HELP = 16;

/**
 * The lines of `/help`.
 *
 * @param columns the width of the screen
 */
export function helpLines(columns: number): string[] {
  const usage = ({ name, argument }: ChatCommand) => `/${name} ${argument}`.trimEnd();
  const width = Math.max(...COMMANDS.map((command) => usage(command).length));
  const room = columns - width - 4;
  const rows = COMMANDS.flatMap((command) => {
    if (room < LEAST_HELP) return [`  ${usage(command)}`, `    ${command.help}`];
    return wrapText(command.help, room).map((row, i) =>
      `  ${(i === 0 ? usage(command) : "").padEnd(width)}  ${row}`
    );
  });
  return [...rows, "  //text is said as /text, and \\exit as exit."];
}

/** Whether a line may lead to a question of Deno's, which reads the keyboard itself. */
export function mayAskForFile(line: string): boolean {
  const input = parseInput(line);
  return input.type === "command" && input.name === "send" && input.argument !== "";
}
