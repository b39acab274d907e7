/**
 * `--help`, from a command's description: one screen of 24 lines, and with `--help all` every option.
 *
 * @module
 */
import { allOptions, type Command, type Option, usageOf } from "./options.ts";

/** The width that help is made for, in columns. */
const COLUMNS = 80;

/** The help of a command, fit for 80 columns; the short one, with what most need, for a screen of 24 lines, too. */
export function helpText(command: Command, detail: "short" | "all" = "short"): string {
  const { operands } = command;
  const options = allOptions(command);
  const [rare, common] = [options.filter(({ rare }) => rare), options.filter(({ rare }) => !rare)];
  const isShort = detail === "short" && rare.length > 0;
  const names = rare.map(({ name }) => `--${name}`);
  return [
    command.summary,
    "",
    ["Usage:", command.name, ...(operands ? [operands.usage] : []), "[options]"].join(" "),
    "",
    ...(operands ? [...rows(operands.forms), ""] : []),
    ...rows((isShort ? common : options).map((option) => [usageOf(option), helpOf(option)])),
    ...(isShort ? wrap(`Also: ${names.join(" ")} (see --help all)`) : [""]),
    ...(command.note === undefined ? [] : [...wrap(command.note, ""), ""]),
    ...wrap(`Exit codes: ${command.exits.map((exit) => exit.join(" ")).join(", ")}.`),
    ...(command.examples.length > 0 ? ["Examples:"] : []),
    ...command.examples.map((example) => `  ${exampleLine(command, example)}`),
  ].join("\n");
}

/** An example as a whole command line. */
export function exampleLine(command: Command, example: string, called = command.name): string {
  return /^(-|$)/.test(example) ? `${called} ${example}`.trimEnd() : example.replace("{}", called);
}

/** Two columns, the left one as wide as its widest entry. */
function rows(entries: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...entries.map(([left]) => left.length)) + 2;
  return entries.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}

function helpOf({ help, default: value }: Option): string {
  return value ? `${help} (default ${value})` : help;
}

/** Words in lines, the later ones indented by two spaces, or by something else. */
export function wrap(text: string, indent = "  ", columns: number = COLUMNS): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
