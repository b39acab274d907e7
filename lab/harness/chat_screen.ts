/**
 * parley's own chat in front of a person, without a terminal: lib's Chat, and everything that it prints.
 *
 * @module
 */
import { Chat } from "../../lib/chat/chat.ts";
import type { ChatPrompt } from "../../lib/chat/chat_prompt.ts";
import type { Conversation } from "../../lib/conversation/conversation.ts";
import type { PromptEvent } from "../../lib/terminal/prompt.ts";
import { styler } from "../../lib/terminal/style.ts";
import { Screen } from "../textbook/screen.ts";

/** A prompt at which nobody types. */
class SilentPrompt implements ChatPrompt {
  readonly screen = new Screen();
  readonly written: string[] = [];

  print(text: string): void {
    this.written.push(text);
    this.screen.write(`${text}\n`);
  }

  setPrompt(prompt: string): void {
    this.written.push(prompt);
  }

  setStatus(status = ""): void {
    this.written.push(status);
  }

  setPending(lines: readonly string[]): void {
    this.written.push(...lines);
  }

  ask(question: string): Promise<undefined> {
    this.written.push(question);
    return Promise.resolve(undefined);
  }

  readonly columns = 80;

  setLine(text: string): void {
    this.written.push(text);
  }

  release(): void {}

  close(): void {}

  [Symbol.asyncIterator](): AsyncIterator<PromptEvent> {
    return { next: () => Promise.withResolvers<IteratorResult<PromptEvent>>().promise };
  }
}

/** The chat, and what is to be seen of it. */
export class ChatScreen {
  readonly #prompt = new SilentPrompt();

  /** Shows a conversation, until that ends. */
  attach(conversation: Conversation): void {
    const chat = new Chat({
      conversation,
      prompt: this.#prompt,
      style: styler("none"),
      clock: () => "12:00",
      save: () => Promise.resolve(""),
      clear: () => {},
      alert: () => {},
      draws: false,
      mayRead: () => false,
      toggleExplanations: () => false,
      sleep: () => Promise.resolve(),
    });
    void chat.run();
  }

  /** What a person sees, row by row. */
  get rows(): string[] {
    return this.#prompt.screen.rows;
  }

  /** Everything that went to the terminal: rows, prompts and status lines. */
  get written(): string {
    return this.#prompt.written.join("\n");
  }
}
