/** The command line of the exploration. */
import {
  type Arguments,
  type Command,
  integerOf,
  parseChoice,
  textOf,
} from "../../../lib/cli/options.ts";
import { EXIT } from "../../../lib/errors.ts";
import { boundedScenarios, largeScenarios, type Scenario } from "./scenarios.ts";

/** The command. */
export const COMMAND: Command = {
  name: "deno task explore",
  summary: "Explores every interleaving of small runs, where the network is the attacker.",
  options: [
    { name: "messages", value: "N", help: "texts of each side in a conversation", default: "2" },
    { name: "attacks", value: "N", help: "messages that are changed or made", default: "2" },
    { name: "depth", value: "N", help: "most steps from the beginning" },
    { name: "only", value: "NAME", help: "one scenario" },
    { name: "bounded", help: "what the tests explore, in seconds" },
  ],
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
 * What a command line asks for.
 *
 * @throws {UsageError} when it says something else
 */
export function planOf(said: Arguments): Plan {
  const messages = integerOf(said, "messages", 1, 9) ?? 2;
  const attacks = integerOf(said, "attacks", 0, 9) ?? 2;
  const all = said.bounded ? boundedScenarios() : largeScenarios({ messages, attacks });
  const only = textOf(said, "only");
  const name = only && parseChoice("--only", only, all.map(({ name }) => name));
  return {
    scenarios: all.filter((scenario) => name === undefined || scenario.name === name),
    depth: integerOf(said, "depth", 1, 60_000) ?? Infinity,
  };
}
