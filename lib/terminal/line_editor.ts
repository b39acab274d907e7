/**
 * The line editor: takes keys, gives the next state and what to do besides. It knows no terminal.
 *
 * @module
 */

import { snapToGrapheme } from "./boundaries.ts";
import { type EditorResult, insertPaste, insertText, KEYMAP } from "./edit_commands.ts";
import { changeText, type EditorState } from "./editor_state.ts";
import {
  acceptSearch,
  cancelSearch,
  extendQuery,
  promptOfSearch,
  searchAgain,
  shortenQuery,
  startSearch,
} from "./history_search.ts";
import type { Key } from "./keys.ts";
import { graphemes } from "./text_width.ts";

export { createEditor, type EditorOptions, type EditorState } from "./editor_state.ts";
export type { EditorAction, EditorResult } from "./edit_commands.ts";

function keyName({ name, ctrl, alt, shift }: Key): string {
  return `${ctrl ? "C-" : ""}${alt ? "M-" : ""}${shift ? "S-" : ""}${name}`;
}

/** The effect of a key on a search; undefined when it ends the search and does what it always does. */
function searchKey(state: EditorState, pressed: Key): EditorState | undefined {
  if (pressed.name !== "paste" && pressed.text !== "") return extendQuery(state, pressed.text);
  switch (keyName(pressed)) {
    case "C-r":
      return searchAgain(state, -1);
    case "C-s":
      return searchAgain(state, 1);
    case "backspace":
    case "C-h":
      return shortenQuery(state);
    case "C-g":
    case "C-c":
      return cancelSearch(state);
    case "escape":
      return acceptSearch(state);
  }
}

/**
 * Presses a key, or pastes; the state is the same object when that does nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createEditor } from "./line_editor.ts";
 * import { KeyDecoder } from "./keys.ts";
 *
 * let state = createEditor();
 * for (const key of new KeyDecoder().decode(new TextEncoder().encode("helo\x02l"))) {
 *   state = pressKey(state, key).state;
 * }
 * assertEquals([state.text, state.cursor], ["hello", 4]);
 * ```
 */
export function pressKey(state: EditorState, pressed: Key): EditorResult {
  if (state.search) {
    const searching = searchKey(state, pressed);
    return searching ? { state: searching } : pressKey(acceptSearch(state), pressed);
  }
  if (pressed.name === "paste") return insertPaste(state, pressed.text);
  if (pressed.name === "paste-too-large") {
    return { state, action: { type: "refuse", reason: "Not inserted: the paste is over 1 MiB." } };
  }
  if (pressed.text !== "") return insertText(state, pressed.text, "type");
  const name = keyName(pressed);
  if (name === "C-r") return { state: startSearch(state) };
  return KEYMAP[name]?.(state) ?? { state };
}

/** Puts another text in the line's place, with the cursor at its end. It can be undone. */
export function replaceLine(state: EditorState, text: string): EditorState {
  return changeText(cancelSearch(state), { text, cursor: text.length });
}

/** An editor as a screen shows it. */
export interface EditorView {
  /** What to show in the prompt's place, while there is a search. */
  readonly searchPrompt: string | undefined;
  /** The text, or what hides a secret. */
  readonly text: string;
  /** Where the cursor is in that text, in UTF-16 code units. */
  readonly cursor: number;
}

/** The view of an editor. */
export function viewEditor(state: EditorState): EditorView {
  const { text, cursor, mask } = state;
  if (mask === undefined) {
    return { searchPrompt: state.search && promptOfSearch(state.search), text, cursor };
  }
  const hide = (part: string) => mask.repeat(graphemes(part).length);
  const before = hide(text.slice(0, snapToGrapheme(text, cursor)));
  return {
    searchPrompt: undefined,
    text: before + hide(text.slice(cursor)),
    cursor: before.length,
  };
}
