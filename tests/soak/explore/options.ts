/**
 * The command line of the exploration.
 *
 * @module
 */
import { helpText } from "../../../lib/cli/help.ts";
import {
  type Arguments,
  type Command,
  parseChoice,
  parseCommandLine,
  parseInteger,
} from "../../../lib/cli/options.ts";
import { VERSION } from "../../../lib/cli/version.ts";
import { EXIT } from "../../../lib/errors.ts";
import { boundedScenarios, largeScenarios, type Scenario } from "./scenarios.ts";

const COMMAND: Command = {
  name: "deno task explore",
  program: "parley-explore",
  summary: "Explores every interleaving of small runs, where the network is the attacker.",
  options: [
    { name: "messages", value: "N", help: "texts of each side in a conversation", default: "2" },
    { name: "attacks", value: "N", help: "messages that are changed or made", default: "2" },
    { name: "depth", value: "N", help: "most steps from the beginning" },
    { name: "only", value: "NAME", help: "one scenario" },
    { name: "bounded", help: "what the tests explore, in seconds" },
  ],
  description: [],
  exits: [
    [EXIT.ok, "every property holds"],
    [EXIT.failed, "one does not, and here is how"],
    [EXIT.usage, "usage"],
  ],
  examples: ["", "--bounded", "--only conversation --messages 3"],
};

/** What is to be explored, and how far. */
export interface Plan {
  /** In this order. */
  readonly scenarios: readonly Scenario[];
  /** Most steps from the beginning of each. */
  readonly depth: number;
}

/**
 * Reads the command line.
 *
 * @returns a plan, or a text to print instead
 * @throws {UsageError} when it says something else
 */
export function readPlan(args: readonly string[]): Plan | string {
  const named = parseCommandLine(COMMAND, args);
  if (named.help !== undefined) return helpText(COMMAND, "all");
  if (named.version !== undefined) return VERSION;
  return { scenarios: chosen(named), depth: numberOf(named, "depth", Infinity, 1, 60_000) };
}

function chosen(named: Arguments): readonly Scenario[] {
  const messages = numberOf(named, "messages", 2, 1, 9);
  const attacks = numberOf(named, "attacks", 2, 0, 9);
  const all = named.bounded ? boundedScenarios() : largeScenarios({ messages, attacks });
  if (typeof named.only !== "string") return all;
  const only = parseChoice("--only", named.only, all.map(({ name }) => name));
  return all.filter(({ name }) => name === only);
}

function numberOf(
  named: Arguments,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = named[name];
  return typeof text === "string" ? parseInteger(`--${name}`, text, least, most) : otherwise;
}
