/**
 * The prompt of the chat, and one for `--ascii`: printable ASCII only, and no line that is drawn again and again, which
 * a screen reader would read out each time.
 *
 * @module
 */
import { asciiText } from "../safe_text.ts";
import type { PromptEvent } from "../terminal/prompt.ts";
import { STYLE_SEQUENCE } from "../terminal/style.ts";

/** A prompt as the chat uses it; `PromptLoop` is one. */
export interface ChatPrompt extends AsyncIterable<PromptEvent> {
  /** Prints safe, styled lines above the prompt. */
  print(text: string): void;
  /** Changes what stands before the line. */
  setPrompt(prompt: string): void;
  /** Changes the line below the prompt. */
  setStatus(status?: string): void;
  /** Changes the lines above the prompt that go away with it. */
  setPending(lines: readonly string[]): void;
  /** Asks for one line; undefined when the person declined to answer. */
  ask(question: string): Promise<string | undefined>;
  /** The width of the screen. */
  readonly columns: number;
  /** Replaces the line that is being written. */
  setLine(text: string): void;
  /** Gives the terminal back. */
  close(): void;
}

/** The same prompt, with every other character shown by its number and without a status or lines above it. */
export function plainPrompt(prompt: ChatPrompt): ChatPrompt {
  return {
    [Symbol.asyncIterator]: () => prompt[Symbol.asyncIterator](),
    print: (text) => prompt.print(asciiStyledText(text)),
    setPrompt: (text) => prompt.setPrompt(asciiStyledText(text)),
    setStatus: () => {},
    setPending: () => {},
    ask: (question) => prompt.ask(asciiStyledText(question)),
    get columns() {
      return prompt.columns;
    },
    setLine: (text) => prompt.setLine(text),
    close: () => prompt.close(),
  };
}

/** Text in ASCII, with its styles left as they are. */
function asciiStyledText(text: string): string {
  const styles = text.match(STYLE_SEQUENCE) ?? [];
  const plain = text.split(STYLE_SEQUENCE).map(asciiText);
  return plain.map((part, i) => part + (styles[i] ?? "")).join("");
}
