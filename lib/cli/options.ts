/**
 * Command lines, from one description of their options: parsing, checking and help.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../errors.ts";

/** One option. A name without `value` is a switch. */
export interface Option {
  /** Without its dashes. */
  readonly name: string;
  /** What stands for the value in the help, for example `PORT`. */
  readonly value?: string;
  /** The option may stand without its value, which then is the empty string. */
  readonly optional?: true;
  /** One line for the help. */
  readonly help: string;
  /** What holds when the option is absent. */
  readonly default?: string;
}

/** A command: what its help says, and what it takes. */
export interface Command {
  /** How it is called, for example `deno task server`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** In the order of the help. `help` and `version` are always there. */
  readonly options: readonly Option[];
  /** Lines after the options: exit codes, examples. */
  readonly notes: readonly string[];
}

/** What a command line said: a string for each option with a value, `true` for each switch. */
export type Arguments = Readonly<Record<string, string | true | undefined>>;

const COMMON: readonly Option[] = [
  { name: "help", help: "show this and leave" },
  { name: "version", help: "show the version and leave" },
];

/**
 * Parses a command line.
 *
 * @throws {UsageError} for an unknown option, a positional argument, a missing or a superfluous value, or an
 * option given twice
 */
export function parseCommandLine(command: Command, args: readonly string[]): Arguments {
  const options = [...command.options, ...COMMON];
  const withValue = options.filter(({ value }) => value !== undefined).map(({ name }) => name);
  for (const option of options) checkValue(args, option);
  const switches = options.filter(({ value }) => value === undefined).map(({ name }) => name);
  const parsed = parseArgs([...args], {
    string: withValue,
    boolean: switches,
    collect: withValue,
    unknown: (arg) => {
      throw notAnOption(arg);
    },
  }) as Record<string, unknown>;
  const [stray] = parsed._ as string[];
  if (stray !== undefined) throw notAnOption(String(stray));
  const named: Record<string, string | true | undefined> = {};
  for (const option of options) {
    named[option.name] = option.value === undefined
      ? givenSwitch(args, option.name)
      : givenValue(option, parsed[option.name] as string[]) ?? option.default;
  }
  return named;
}

function notAnOption(arg: string): UsageError {
  return new UsageError(`${shown(arg)} is not an option of this command: try --help`);
}

/** An option that takes a value must have one; one that begins with a dash needs the equals sign. */
function checkValue(args: readonly string[], { name, value, optional }: Option): void {
  const at = args.indexOf(`--${name}`);
  if (value === undefined || optional || at < 0) return;
  const next = args[at + 1] ?? "";
  if (next === "" || next.startsWith("-")) {
    throw new UsageError(`--${name} needs a value: --${name}=${value}`);
  }
}

/** `true` when the switch is there; std's parser would also take `--json=no` for it. */
function givenSwitch(args: readonly string[], name: string): true | undefined {
  const withValue = args.find((arg) => arg.startsWith(`--${name}=`));
  if (withValue !== undefined) throw new UsageError(`--${name} takes no value`);
  return args.includes(`--${name}`) ? true : undefined;
}

function givenValue({ name, value, optional }: Option, given: string[] = []): string | undefined {
  if (given.length > 1) {
    throw new UsageError(`--${name} was given ${given.length} times: give it once`);
  }
  if (given[0] === "" && !optional) {
    throw new UsageError(`--${name} needs a value: --${name}=${value}`);
  }
  return given[0];
}

/** An argument as an error may quote it: short, and with nothing that a terminal acts on. */
export function shown(arg: string): string {
  const safe = arg.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?");
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe);
}

/**
 * A decimal integer in a range.
 *
 * @throws {UsageError} when the text is anything else
 */
export function parseInteger(name: string, text: string, least: number, most: number): number {
  const n = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(n >= least && n <= most)) {
    throw new UsageError(
      `--${name} ${shown(text)}: expected a whole number from ${least} to ${most}`,
    );
  }
  return n;
}

/**
 * One of a list of words.
 *
 * @throws {UsageError} when the text is none of them
 */
export function parseChoice<T extends string>(
  name: string,
  text: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw new UsageError(`--${name} ${shown(text)}: expected one of ${choices.join(", ")}`);
  }
  return choice;
}

function valueInHelp({ value, optional }: Option): string {
  if (value === undefined) return "";
  return optional ? ` [${value}]` : ` ${value}`;
}

/** The help of a command, fit for 80 columns. */
export function helpText(command: Command): string {
  const rows = [...command.options, ...COMMON].map((option): [string, string] => [
    `  --${option.name}${valueInHelp(option)}`,
    option.help + (option.default === undefined ? "" : ` (default ${option.default})`),
  ]);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    command.summary,
    "",
    `Usage: ${command.name} [options]`,
    "",
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    "",
    ...command.notes,
  ].join("\n");
}
