/**
 * What a person can type beside text: commands that begin with a slash, and the original protocol's `exit`.
 *
 * @module
 */

/** A command of the terminal client. */
export interface ChatCommand {
  /** Without its slash. */
  readonly name: string;
  /** What may follow it. */
  readonly argument: string;
  /** One line for `/help`. */
  readonly help: string;
}

/** All commands, in the order of `/help`. */
export const COMMANDS: readonly ChatCommand[] = [
  { name: "verify", argument: "[yes]", help: "show what to compare with the other side" },
  { name: "who", argument: "", help: "show who is here, and both keys" },
  { name: "export", argument: "NAME", help: "save the signed transcript as a file" },
  { name: "explain", argument: "", help: "explain every message and ratchet step, or stop" },
  { name: "help", argument: "", help: "show this" },
  { name: "exit", argument: "", help: "leave; so do exit, Ctrl-D and Ctrl-C" },
];

/** What a typed line means. */
export type ChatInput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "command"; readonly name: string; readonly argument: string }
  | { readonly type: "unknown"; readonly name: string };

/** The command of this name. */
export function findCommand(name: string): ChatCommand | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/**
 * Reads a typed line. `//text` says `/text`; a command that does not exist is never said.
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
  if (!line.startsWith("/")) return { type: "text", text: line };
  if (line.startsWith("//")) return { type: "text", text: line.slice(1) };
  const [, name = "", argument = ""] = line.match(/^\/(\S*)\s*([^]*)$/)!;
  if (findCommand(name) === undefined) return { type: "unknown", name: `/${name}` };
  return { type: "command", name, argument: argument.trim() };
}

/** What Tab may make of the line: the commands that begin like it. */
export function completeCommand(line: string, cursor: number): readonly string[] {
  const typed = line.slice(0, cursor);
  if (!/^\/\w*$/.test(typed)) return [];
  return COMMANDS.map(({ name }) => `/${name}`).filter((name) => name.startsWith(typed));
}

/** The lines of `/help`. */
export function helpLines(): string[] {
  const usage = ({ name, argument }: ChatCommand) => `/${name} ${argument}`.trimEnd();
  const width = Math.max(...COMMANDS.map((command) => usage(command).length));
  const rows = COMMANDS.map((command) => `  ${usage(command).padEnd(width)}  ${command.help}`);
  return [...rows, "  A line that begins with // is said with one slash."];
}
