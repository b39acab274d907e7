/**
 * `deno task completions`: writes the manual pages and the shells' completions, which are made from
 * lib/cli/command_tables.ts. A test holds the committed ones to it.
 *
 * @module
 */
import { CLIENT, SERVER } from "../lib/cli/command_tables.ts";
import { bashCompletions, fishCompletions, zshCompletions } from "../lib/cli/completions.ts";
import { manualPage } from "../lib/cli/manual.ts";
import type { Command } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../lib/errors.ts";

const COMMANDS = [CLIENT, SERVER];

/** Every file that is made, by its path below docs/. */
export const GENERATED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    COMMANDS.map((command) => [`man/${command.program}.1`, manualPage(command)]),
  ),
  "completions/parley.bash": bashCompletions(COMMANDS),
  "completions/_parley": zshCompletions(COMMANDS),
  "completions/parley.fish": fishCompletions(COMMANDS),
};

const COMMAND: Command = {
  name: "deno task completions",
  summary: "Writes docs/man and docs/completions again.",
  options: [],
  exits: [[EXIT.ok, "written"], [EXIT.usage, "wrong usage"]],
  examples: [],
};

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async () => {
    const docs = new URL("../docs/", import.meta.url);
    for (const folder of ["man", "completions"]) {
      await Deno.mkdir(new URL(folder, docs), { recursive: true });
    }
    for (const [path, text] of Object.entries(GENERATED)) {
      await Deno.writeTextFile(new URL(path, docs), text);
      console.log(`docs/${path}`);
    }
    return EXIT.ok;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
