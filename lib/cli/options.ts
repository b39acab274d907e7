/**
 * Command lines, from one description of their options: what a command line says, and checks of values.
 * Help, manual pages and completions are made from the same description (help.ts, manual.ts, completions.ts).
 *
 * @module
 */
import { distance, nearestWord } from "../nearest_word.ts";
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
  /** What the manual says beside that. */
  readonly detail?: string;
  /** What holds when the option is absent. */
  readonly default?: string;
  /** All values there are. */
  readonly choices?: readonly string[];
  /** The value is the path of a file. */
  readonly isFile?: true;
  /** It can be set for good, too: by a variable of the environment or in the configuration file. */
  readonly setting?: true;
  /** Few need it: the short help names it, and no more. */
  readonly rare?: true;
}

/** A command: what its help says, and what it takes. */
export interface Command {
  /** How it is called here, for example `deno task server`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What it takes beside its options; nothing when this is absent. */
  readonly operands?: Operands;
  /** In the order of the help. `help` and `version` are always there. */
  readonly options: readonly Option[];
  /** What the help says after the options. */
  readonly note?: string;
  /** What its exit codes mean. */
  readonly exits: readonly (readonly [code: number, meaning: string])[];
  /** The arguments of calls that show what it can do; a whole command line where it begins with a word. */
  readonly examples: readonly string[];
}

/** The arguments of a command that are no options. */
export interface Operands {
  /** How the usage line has them, one word for each, for example `COMMAND [NAME]`. */
  readonly usage: string;
  /** What can stand there, and what it does. */
  readonly forms: readonly (readonly [form: string, meaning: string])[];
}

/** A command that can be installed, and has a manual page and completions. */
export interface Program extends Command {
  /** What it is called once it is installed, for example `parley-server`. */
  readonly program: string;
  /** What the manual says of it, a paragraph each. */
  readonly description: readonly string[];
  /** Variables of the environment beside those that name options, and what each does. */
  readonly environment?: readonly (readonly [name: string, meaning: string])[];
}

/**
 * What a command line said: a string for each option with a value, `true` for each switch, and a string for each
 * operand, under its name in the usage line (`FILE`).
 */
export type Arguments = Readonly<Record<string, string | true | undefined>>;

const COMMON: readonly Option[] = [
  {
    name: "help",
    value: "all",
    optional: true,
    choices: ["all"],
    help: "show this and leave; all: every option",
  },
  { name: "version", help: "show the version and leave" },
];

/** All options of a command, with those that every command has. */
export function allOptions(command: Command): readonly Option[] {
  return [...command.options, ...COMMON];
}

/**
 * Parses a command line. What it leaves out is left out of the result, too: defaults come later, see settings.ts.
 *
 * @throws {UsageError} for an unknown option, an operand too many, a missing or a superfluous value, or an option
 * given twice
 */
export function parseCommandLine(command: Command, args: readonly string[]): Arguments {
  const options = allOptions(command);
  const end = args.indexOf("--");
  const beforeEnd = end < 0 ? args : args.slice(0, end);
  const withValue = options.filter(({ value }) => value !== undefined).map(({ name }) => name);
  for (const option of options) checkValue(beforeEnd, option);
  const switches = options.filter(({ value }) => value === undefined).map(({ name }) => name);
  const parsed = parseArgs([...args], {
    string: [...withValue, "_"],
    boolean: switches,
    collect: withValue,
    unknown: (arg: string, name?: string) => {
      if (name !== undefined) throw notAnOption(arg, options);
    },
  }) as Record<string, unknown>;
  const said: Record<string, string | true | undefined> = {};
  for (const option of options) {
    said[option.name] = option.value === undefined
      ? givenSwitch(beforeEnd, option.name)
      : givenValue(option, parsed[option.name] as string[]);
  }
  const operands = command.operands?.usage.match(/[A-Z]+/g) ?? [];
  for (const [i, text] of (parsed._ as string[]).entries()) {
    const name = operands[i];
    if (name === undefined) throw notAnOption(text, options);
    said[name] = text;
  }
  return said;
}

/** What an option with a value or an operand says; `undefined` when it is absent. */
export function textOf(said: Arguments, name: string): string | undefined {
  const value = said[name];
  return value === true ? undefined : value;
}

/**
 * The decimal integer that an option says; `undefined` when it is absent.
 *
 * @throws {UsageError} when it says anything else, or one out of range
 */
export function integerOf(
  said: Arguments,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = textOf(said, name);
  return text === undefined ? undefined : parseInteger(`--${name}`, text, least, most);
}

/** Most slips between an option and what somebody typed for it. */
const MOST_SLIPS = 2;

function notAnOption(arg: string, options: readonly Option[]): UsageError {
  const [, name = ""] = arg.match(/^--?([a-z][a-z-]*)/) ?? [];
  const near = nearestWord(name, options.map(({ name }) => name));
  const isNear = name !== "" && (distance(name, near) <= MOST_SLIPS || near.startsWith(name));
  const hint = isNear ? `did you mean --${near}? --help lists them all` : "try --help";
  return new UsageError(`${shown(arg)} is not an option of this command: ${hint}`);
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
 * A decimal integer in a range; `from` says in an error where the text came from, such as `--port`.
 *
 * @throws {UsageError} when the text is anything else
 */
export function parseInteger(from: string, text: string, least: number, most: number): number {
  const n = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(n >= least && n <= most)) {
    throw new UsageError(
      `${from} ${shown(text)}: expected a whole number from ${least} to ${most}`,
    );
  }
  return n;
}

/**
 * One of a list of words; `from` says in an error where the text came from, such as `--color`.
 *
 * @throws {UsageError} when the text is none of them
 */
export function parseChoice<T extends string>(
  from: string,
  text: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw new UsageError(`${from} ${shown(text)}: expected one of ${choices.join(", ")}`);
  }
  return choice;
}

/** An option with what it takes, for example `--join [CODE]`. */
export function usageOf({ name, value, optional }: Option): string {
  if (value === undefined) return `--${name}`;
  return optional ? `--${name} [${value}]` : `--${name} ${value}`;
}
