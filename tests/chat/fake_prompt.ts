import type { ChatPrompt } from "../../lib/chat/chat_prompt.ts";
import type { PromptEvent } from "../../lib/terminal/prompt.ts";

/** A prompt that a test types into and reads. */
export class FakePrompt implements ChatPrompt {
  readonly printed: string[] = [];
  prompt = "";
  status: string | undefined;
  line = "";
  pending: readonly string[] = [];
  /** Everything that stood above the prompt, one after the other. */
  readonly blocks: string[] = [];
  drawn = 0;
  columns = 1_000;
  isOpen = true;
  readonly questions: string[] = [];
  readonly answers: Promise<string | undefined>[] = [];
  readonly #events: PromptEvent[] = [];
  #wake: () => void = () => {};

  type(...lines: string[]): void {
    for (const text of lines) this.push({ type: "line", text });
  }

  push(event: PromptEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PromptEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  print(text: string): void {
    this.printed.push(text);
  }
  setPrompt(prompt: string): void {
    this.prompt = prompt;
  }
  setStatus(status?: string): void {
    this.status = status;
  }
  setLine(text: string): void {
    this.line = text;
  }
  setPending(lines: readonly string[]): void {
    this.pending = lines;
    if (this.blocks.at(-1) !== lines.join()) this.blocks.push(lines.join());
    this.drawn++;
  }
  ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    return this.answers.shift() ?? Promise.resolve(undefined);
  }
  close(): void {
    this.isOpen = false;
  }

  /** All that was printed, on one line. */
  get text(): string {
    return this.printed.join(" ").replaceAll(/\s+/g, " ");
  }
}
