/**
 * The frame of every entry point: help, version, errors in one form, an exit code. An edge.
 *
 * @module
 */
import { EXIT, type ExitCode, ParleyError } from "../errors.ts";
import { safeText } from "../safe_text.ts";
import { helpText } from "./help.ts";
import { type Arguments, type Command, parseCommandLine } from "./options.ts";
import { VERSION } from "./version.ts";

/**
 * Runs a command, unless its command line asks for help or the version, or is wrong.
 *
 * @throws whatever `run` throws that is no {@link ParleyError}: a bug
 */
export async function runCommand(
  command: Command,
  args: readonly string[],
  run: (said: Arguments) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    const said = parseCommandLine(command, args);
    if (said.help === undefined && said.version === undefined) return await run(said);
    console.log(said.help === undefined ? VERSION : helpText(command, "all"));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(`parley: ${safeText(error.message)}`);
    return error.exitCode;
  }
}
