/**
 * The command line of the chaos.
 *
 * @module
 */
import { helpText } from "../../../lib/cli/help.ts";
import { type Command, parseCommandLine, parseInteger } from "../../../lib/cli/options.ts";
import { VERSION } from "../../../lib/cli/version.ts";
import { EXIT } from "../../../lib/errors.ts";

const COMMAND: Command = {
  name: "deno task chaos",
  program: "parley-chaos",
  summary: "Lets two real clients talk through a real relay while everything fails.",
  options: [
    { name: "seed", value: "N", help: "what goes wrong, and when; the same seed does the same" },
    { name: "minutes", value: "M", help: "how long", default: "5" },
    { name: "list", help: "print what would go wrong, and leave" },
    { name: "trace", help: "print everything that happens on the error output" },
  ],
  description: [],
  exits: [
    [EXIT.ok, "every message arrived once and in order, and every file whole"],
    [EXIT.failed, "something did not, or the run could not begin"],
    [EXIT.usage, "usage"],
  ],
  examples: ["", "--seed 1 --minutes 5", "--seed 1 --list"],
};

/** What a command line asks for. */
export interface Choice {
  /** `null`: any. */
  readonly seed: number | null;
  /** How long things go wrong. */
  readonly minutes: number;
  /** Only print the schedule. */
  readonly list: boolean;
  /** Print everything. */
  readonly trace: boolean;
}

/**
 * Reads the command line.
 *
 * @returns what it asks for, or a text to print instead
 * @throws {UsageError} when it says something else
 */
export function readChoice(args: readonly string[]): Choice | string {
  const { help, version, seed, minutes, list, trace } = parseCommandLine(COMMAND, args);
  if (help !== undefined) return helpText(COMMAND, "all");
  if (version !== undefined) return VERSION;
  return {
    seed: typeof seed === "string" ? parseInteger("--seed", seed, 0, 1e15 - 1) : null,
    minutes: typeof minutes === "string" ? parseInteger("--minutes", minutes, 1, 24 * 60) : 5,
    list: list === true,
    trace: trace === true,
  };
}
