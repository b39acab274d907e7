/**
 * A prompt for `--ascii`: printable ASCII only, and no line that is drawn again and again, which a screen reader
 * would read out again and again.
 *
 * @module
 */
import { asciiText } from "../safe_text.ts";
import { STYLE_SEQUENCE } from "../terminal/style.ts";
import type { ChatPrompt } from "./chat.ts";

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
    release: () => prompt.release(),
    close: () => prompt.close(),
  };
}

/** Text in ASCII, with its styles left as they are. */
function asciiStyledText(text: string): string {
  const styles = text.match(STYLE_SEQUENCE) ?? [];
  const plain = text.split(STYLE_SEQUENCE).map(asciiText);
  return plain.map((part, i) => part + (styles[i] ?? "")).join("");
}
