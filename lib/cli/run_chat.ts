/**
 * Runs a client in a terminal. The prompt comes first, and the rest of the program is loaded behind it.
 *
 * @module
 */
import type { ExitCode } from "../errors.ts";
import { openChatTerminal } from "./chat_terminal.ts";
import type { ClientOptions } from "./client_options.ts";
import type { System } from "./system.ts";

/** Runs until the person leaves, or an error ends it. */
export async function runChat(options: ClientOptions, system: System): Promise<ExitCode> {
  const terminal = openChatTerminal(options, system);
  try {
    if (options.classic === null) {
      const { runParleyChat } = await import("./chat_client.ts");
      return await runParleyChat(options, system, terminal);
    }
    const { runClassicChat } = await import("./classic_client.ts");
    return await runClassicChat(options, options.classic, system, terminal);
  } finally {
    terminal.prompt.close();
  }
}
