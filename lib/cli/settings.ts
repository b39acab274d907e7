/**
 * The sources of an option's value. There is one order: the command line, then the environment
 * (`PARLEY_` and the option's name), then the configuration file, then the default.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import {
  allOptions,
  type Arguments,
  type Command,
  type Option,
  parseChoice,
  parseCommandLine,
  shown,
} from "./options.ts";

/** The sources of settings beside the command line. */
export interface Sources {
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** The text of a file, or `null` when there is none; throws when it can't be read. */
  readonly readFile: (path: string) => string | null;
  /** The configuration file when none is named; `null` for none. */
  readonly file: string | null;
}

/** No sources but the command line. */
const NO_SOURCES: Sources = { env: () => undefined, readFile: () => null, file: null };

/** A value, and how an error names where it came from. */
interface Setting {
  readonly value: string | true;
  readonly from: string;
}

/** The settings of one run of a command. */
export class Settings {
  readonly #given: Arguments;
  readonly #settings: ReadonlyMap<string, Setting>;

  /** Settings out of what was read. */
  constructor(given: Arguments, settings: ReadonlyMap<string, Setting>) {
    this.#given = given;
    this.#settings = settings;
  }

  /** Whether the command line itself has this option. */
  isGiven(name: string): boolean {
    return this.#given[name] !== undefined;
  }

  /** Whether a switch is on. */
  isOn(name: string): boolean {
    return this.#settings.get(name)?.value === true;
  }

  /** The value of an option; `undefined` when nothing sets it. */
  text(name: string): string | undefined {
    const value = this.#settings.get(name)?.value;
    return value === true ? undefined : value;
  }

  /** How an error names where a value came from: `--port`, `PARLEY_PORT` or `port in FILE`. */
  sourceOf(name: string): string {
    return this.#settings.get(name)?.from ?? `--${name}`;
  }
}

/** The variable of the environment that sets an option. */
export function variableOf({ name }: Pick<Option, "name">): string {
  return `PARLEY_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** All variables of the environment that a command reads for its options. */
export function variablesOf(command: Command): string[] {
  return command.options.filter(({ setting }) => setting).map(variableOf);
}

/**
 * Reads a command line, and what it leaves open from the other sources.
 *
 * @throws {UsageError} that names where the bad value came from
 */
export function readSettings(
  command: Command,
  args: readonly string[],
  sources: Sources = NO_SOURCES,
): Settings {
  const given = parseCommandLine(command, args);
  const settings = new Map<string, Setting>();
  const put = (name: string, value: string | true | undefined, from: string) => {
    if (value !== undefined && !settings.has(name)) settings.set(name, { value, from });
  };
  const options = allOptions(command);
  for (const { name } of options) put(name, given[name], `--${name}`);
  if (settings.has("help") || settings.has("version")) return new Settings(given, settings);
  const fixed = new Map<string, Setting | null>();
  for (const option of options.filter(({ setting }) => setting)) {
    if (!settings.has(option.name)) fixed.set(option.name, fromEnvironment(option, sources));
  }
  const file = options.some(({ name }) => name === "config")
    ? settings.get("config") ?? fixed.get("config") ?? null
    : null;
  const values = readConfiguration(command, file, sources);
  for (const option of options) {
    const setting = fixed.get(option.name) ?? values.get(option.name);
    if (setting && setting.value !== "") put(option.name, setting.value, setting.from);
    put(option.name, option.default, `--${option.name}`);
  }
  for (const { name, choices, optional } of options) {
    const setting = settings.get(name);
    if (choices === undefined || setting === undefined || setting.value === true) continue;
    if (!(optional && setting.value === "")) parseChoice(setting.from, setting.value, choices);
  }
  return new Settings(given, settings);
}

/** What the environment says of an option. A switch that it turns off is there with the empty value. */
function fromEnvironment(option: Option, { env }: Sources): Setting | null {
  const from = variableOf(option);
  const text = env(from);
  if (text === undefined || text === "") return null;
  if (option.value !== undefined) return { value: text, from };
  if (text === "1" || text === "true") return { value: true, from };
  if (text === "0" || text === "false") return { value: "", from };
  throw new UsageError(`${from} ${shown(text)}: expected 1 or 0`);
}

/** What the configuration file says: one JSON object, with an option's name for each key. */
function readConfiguration(
  command: Command,
  named: Setting | null,
  sources: Sources,
): ReadonlyMap<string, Setting> {
  const values = new Map<string, Setting>();
  const path = named === null ? sources.file : String(named.value);
  const text = path === null ? null : sources.readFile(path);
  if (text === null) {
    if (named === null) return values;
    throw new UsageError(
      `${named.from} ${
        shown(path!)
      }: there is no such file. It holds JSON, such as {"name": "Alice"}`,
    );
  }
  const where = `in ${shown(path!)}`;
  for (const [name, value] of Object.entries(parseObject(text, where))) {
    const option = command.options.find((option) => option.name === name && option.setting);
    if (option === undefined || name === "config") {
      throw new UsageError(`${shown(name)} ${where}: not a setting. There are ${known(command)}`);
    }
    values.set(name, fileValue(option, value, `${name} ${where}`));
  }
  return values;
}

function known(command: Command): string {
  const settings = command.options.filter(({ name, setting }) => setting && name !== "config");
  return settings.map(({ name }) => name).join(", ");
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new UsageError(
    `the configuration ${where}: expected one JSON object, such as {"name": "Alice"}`,
  );
}

function fileValue(option: Option, value: unknown, from: string): Setting {
  if (option.value === undefined) {
    if (typeof value === "boolean") return { value: value || "", from };
    throw new UsageError(`${from}: expected true or false`);
  }
  if (typeof value === "string" && value !== "") return { value, from };
  if (typeof value === "number") return { value: String(value), from };
  throw new UsageError(`${from}: expected a text`);
}
