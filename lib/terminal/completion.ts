/**
 * Tab: completes the word before the cursor from candidates that the program gives.
 *
 * @module
 */

import { blankWordStart, previousGrapheme, snapToGrapheme } from "./boundaries.ts";
import { type EditorState, replaceRange } from "./editor_state.ts";

/**
 * Lists the whole words that may take the place of the non-spaces before the cursor; those that do not begin with them
 * are left out.
 */
export type Completer = (line: string, cursor: number) => readonly string[];

/** The result of a completion. */
export interface Completion {
  /** The editor with as much of the word as is certain. */
  readonly state: EditorState;
  /** The candidates when there is more than one and nothing more is certain; else empty. */
  readonly candidates: readonly string[];
}

function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? "";
  for (const word of words) {
    while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  // What they agree on may end inside a character: that one is left out.
  const end = snapToGrapheme(words[0] ?? "", prefix.length);
  return end === prefix.length ? prefix : prefix.slice(0, previousGrapheme(words[0] ?? "", end));
}

/**
 * Completes the word before the cursor: fully, with a space after it, when there is one candidate; else as far as all
 * candidates agree.
 */
export function completeWord(state: EditorState, completer: Completer): Completion {
  const { text, cursor, maxLength } = state;
  const start = blankWordStart(text, cursor);
  const word = text.slice(start, cursor);
  const candidates = completer(text, cursor).filter((candidate) => candidate.startsWith(word));
  if (candidates.length === 0) return { state, candidates };
  const only = candidates.length === 1;
  const completed = commonPrefix(candidates) + (only && text[cursor] !== " " ? " " : "");
  if (completed.length <= word.length) return { state, candidates: only ? [] : candidates };
  if (text.length + completed.length - word.length > maxLength) return { state, candidates: [] };
  return { state: replaceRange(state, start, cursor, completed), candidates: [] };
}
