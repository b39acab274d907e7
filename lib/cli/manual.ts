/**
 * Manual pages in mdoc(7), from a command's description.
 *
 * @module
 */
import { exampleLine, wrap } from "./help.ts";
import { allOptions, type Option, type Program } from "./options.ts";
import { variableOf } from "./settings.ts";

/** The date of the pages: when the descriptions last changed in earnest. */
const DATE = "November 23, 2026";

/** The manual page of a command. */
export function manualPage(command: Program): string {
  const options = allOptions(command);
  const lines = [
    `.\\" Made from lib/cli/command_tables.ts by: deno task completions`,
    `.Dd ${DATE}`,
    `.Dt ${command.program.toUpperCase()} 1`,
    ".Os",
    ".Sh NAME",
    `.Nm ${command.program}`,
    `.Nd ${command.summary.replace(/^.*: /, "").replace(/\.$/, "")}`,
    ".Sh SYNOPSIS",
    ".Nm",
    ...options.map((option) => `.Op ${flag(option)}`),
    ".Sh DESCRIPTION",
    ...command.description.flatMap((text, i) => [...(i > 0 ? [".Pp"] : []), ...sentences(text)]),
    ".Pp",
    "The options are as follows:",
    ...tagged(options.map((option) => [flag(option), describe(option)])),
    ...environment(command),
    ...files(command),
    ".Sh EXIT STATUS",
    ...tagged(command.exits.map(([code, meaning]) => [
      `Li ${code}`,
      sentences(capitalised(meaning)),
    ])),
    ".Sh EXAMPLES",
    ".Bd -literal -offset indent",
    ...command.examples.map((example) => roff(exampleLine(command, example, command.program))),
    ".Ed",
  ];
  return `${lines.join("\n")}\n`;
}

function flag({ name, value, optional }: Option): string {
  if (value === undefined) return `Fl -${name}`;
  return optional ? `Fl -${name} Op Ar ${value}` : `Fl -${name} Ar ${value}`;
}

function describe(option: Option): string[] {
  const { help, detail = "", default: value } = option;
  const byDefault = value ? `The default is ${value}.` : "";
  const text = [capitalised(help), detail, byDefault].filter((part) => part !== "").join(" ");
  return [...sentences(text), ...(option.setting ? ["Also", `.Ev ${variableOf(option)} .`] : [])];
}

function environment(command: Program): string[] {
  const settings = command.options.filter(({ setting }) => setting);
  const named = command.environment ?? [];
  return [
    ".Sh ENVIRONMENT",
    ...sentences(
      "An option that is not on the command line is taken from the variable that is named after it. " +
        "A switch is turned on by 1 and off by 0.",
    ),
    ...tagged([
      ...settings.map((option): [string, string[]] => [
        `Ev ${variableOf(option)}`,
        ["The same as", `.Fl -${option.name} .`],
      ]),
      ...named.map(([name, meaning]): [string, string[]] => [
        `Ev ${name.replaceAll(", ", " , Ev ")}`,
        sentences(capitalised(meaning)),
      ]),
    ]),
  ];
}

function files(command: Program): string[] {
  if (!command.options.some(({ name }) => name === "config")) return [];
  const names = command.options.filter(({ name, setting }) => setting && name !== "config");
  return [
    ".Sh FILES",
    ...tagged([
      [
        "Pa ~/.config/parley/config.json",
        sentences(
          'Settings as one JSON object, such as {"name": "Alice", "ascii": true}. ' +
            `Its keys are ${names.map(({ name }) => name).join(", ")}. ` +
            "What the command line or the environment says is not taken from it.",
        ),
      ],
    ]),
  ];
}

function tagged(items: readonly (readonly [tag: string, text: readonly string[]])[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...items.flatMap(([tag, text]) => [`.It ${tag}`, ...text]),
    ".El",
  ];
}

/** A text as mdoc wants it: each sentence begins a line. */
function sentences(text: string): string[] {
  const lines = text.replaceAll(/([.:]) (?=[A-Z])/g, "$1\n").split("\n");
  return lines.flatMap((line) => wrap(line, "")).map(roff);
}

/** Text that roff prints as it is. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replace(/^(?=[.'])/, "\\&");
}

function capitalised(text: string): string {
  const sentence = /^(--|auto\b|ASCII)/.test(text)
    ? text
    : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return `${sentence}.`;
}
