/**
 * The terminal of a chat: its prompt, and how it looks. What it imports is loaded before the prompt is shown, so it is
 * little.
 *
 * @module
 */
import { type ChatPrompt, plainPrompt } from "../chat/chat_prompt.ts";
import type { Completer } from "../terminal/completion.ts";
import { PromptLoop } from "../terminal/prompt.ts";
import { styleLevel, type Styler, styler } from "../terminal/style.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { ClientOptions } from "./client_options.ts";
import type { System } from "./system.ts";

/** The terminal of a chat of either suite. */
export interface ChatTerminal {
  /** The terminal. */
  readonly terminal: Terminal;
  /** Its prompt. */
  readonly prompt: PromptLoop;
  /** Completes a line on Tab; the chat brings that. */
  readonly completion: { complete: Completer };
  /** The prompt as the person wants it, styles, and the local time of day for a moment. */
  readonly look: {
    readonly prompt: ChatPrompt;
    readonly style: Styler;
    readonly clock: (time: number) => string;
  };
}

/** Shows the prompt. What the person types waits for the chat. */
export function openChatTerminal(options: ClientOptions, system: System): ChatTerminal {
  const { ascii, color, notify, suspend } = options;
  const env = { TERM: system.env("TERM"), NO_COLOR: system.env("NO_COLOR") };
  const completion: ChatTerminal["completion"] = { complete: () => [] };
  const terminal = Terminal.open({ focus: notify !== "off", suspend });
  const prompt = new PromptLoop(terminal, {
    prompt: "> ",
    completer: (line, cursor) => completion.complete(line, cursor),
  });
  const look = {
    prompt: ascii ? plainPrompt(prompt) : prompt,
    style: styler(styleLevel(env, true, color)),
    clock: (time: number) => new Date(time).toTimeString().slice(0, 5),
  };
  return { terminal, prompt, completion, look };
}
