/**
 * The line editor's commands, under their readline names, and the keys that run them.
 *
 * @module
 */

import {
  lineEnd,
  lineStart,
  nextGrapheme,
  nextWord,
  previousBlankWord,
  previousGrapheme,
  previousWord,
} from "./boundaries.ts";
import { changeText, type EditorState, killRange, moveTo, replaceRange } from "./editor_state.ts";
import { addToHistory, newerEntry, olderEntry } from "./history.ts";
import { rotateKills } from "./kill_ring.ts";
import { NO_UNDO, popUndo } from "./undo.ts";
import { graphemes, graphemeWidth, textWidth } from "./text_width.ts";

/** An action that the editor asks of the program around it. */
export type EditorAction =
  /** Enter: the line is finished. The editor is empty again. */
  | { readonly type: "submit"; readonly text: string }
  /** C-c: `text` is the line that was thrown away for it, empty when there was none. */
  | { readonly type: "interrupt"; readonly text: string }
  /** C-d on an empty line. */
  | { readonly type: "eof" }
  /** C-z. */
  | { readonly type: "suspend" }
  /** C-l. */
  | { readonly type: "redraw" }
  /** Tab: see `completion.ts`. */
  | { readonly type: "complete" }
  /** Nothing was done, and `reason` (one sentence) says why. */
  | { readonly type: "refuse"; readonly reason: string };

/** The result of a key. */
export interface EditorResult {
  /** The new state; the same object when nothing changed. */
  readonly state: EditorState;
  /** The program's part, if there is one. */
  readonly action?: EditorAction;
}

/** One editing command. */
export type EditCommand = (state: EditorState) => EditorResult;

function pure(change: (state: EditorState) => EditorState): EditCommand {
  return (state) => ({ state: change(state) });
}

/** A secret shows no words, so for a secret the whole line is one. */
function wordBefore(state: EditorState): number {
  return state.mask === undefined ? previousWord(state.text, state.cursor) : 0;
}

function wordAfter(state: EditorState): number {
  return state.mask === undefined ? nextWord(state.text, state.cursor) : state.text.length;
}

/** C-a, Home. */
const beginningOfLine: EditCommand = pure((s) => moveTo(s, lineStart(s.text, s.cursor)));
/** C-e, End. */
const endOfLine: EditCommand = pure((s) => moveTo(s, lineEnd(s.text, s.cursor)));
/** C-b, Left. */
const backwardChar: EditCommand = pure((s) => moveTo(s, previousGrapheme(s.text, s.cursor)));
/** C-f, Right. */
const forwardChar: EditCommand = pure((s) => moveTo(s, nextGrapheme(s.text, s.cursor)));
/** M-b, C-Left. */
const backwardWord: EditCommand = pure((s) => moveTo(s, wordBefore(s)));
/** M-f, C-Right. */
const forwardWord: EditCommand = pure((s) => moveTo(s, wordAfter(s)));

/** Backspace, C-h: removes a whole grapheme cluster. */
const backwardDeleteChar: EditCommand = pure((s) =>
  replaceRange(s, previousGrapheme(s.text, s.cursor), s.cursor, "")
);

/** Delete. */
const deleteChar: EditCommand = pure((s) =>
  replaceRange(s, s.cursor, nextGrapheme(s.text, s.cursor), "")
);

/** C-d: the end of input on an empty line, else Delete. */
const deleteCharOrEof: EditCommand = (state) =>
  state.text === "" ? { state, action: { type: "eof" } } : deleteChar(state);

/** C-k: to the end of the line, or the newline when the cursor is there. */
const killLine: EditCommand = pure((s) => {
  const end = lineEnd(s.text, s.cursor);
  return killRange(s, s.cursor, end === s.cursor ? nextGrapheme(s.text, end) : end, "forward");
});

/** C-u: to the beginning of the line. */
const unixLineDiscard: EditCommand = pure((s) =>
  killRange(s, lineStart(s.text, s.cursor), s.cursor, "backward")
);

/** C-w: the word before, up to a space. */
const unixWordRubout: EditCommand = pure((s) =>
  killRange(s, s.mask === undefined ? previousBlankWord(s.text, s.cursor) : 0, s.cursor, "backward")
);

/** M-Backspace. */
const backwardKillWord: EditCommand = pure((s) =>
  killRange(s, wordBefore(s), s.cursor, "backward")
);

/** M-d. */
const killWord: EditCommand = pure((s) => killRange(s, s.cursor, wordAfter(s), "forward"));

function yankText(state: EditorState, start: number, kill: string): EditorResult {
  const length = state.text.length - (state.cursor - start) + kill.length;
  if (length > state.maxLength) return refuseLength(state, length);
  const yanked = replaceRange(state, start, state.cursor, kill, "yank");
  return { state: { ...yanked, yankStart: start } };
}

/** C-y: the latest kill. */
const yank: EditCommand = (state) => {
  const [kill] = state.kills;
  return kill === undefined ? { state } : yankText(state, state.cursor, kill);
};

/** M-y, after a yank: the kill before, in its place. */
const yankPop: EditCommand = (state) => {
  if (state.last !== "yank") return { state };
  const kills = rotateKills(state.kills);
  return yankText({ ...state, kills }, state.yankStart, kills[0]!);
};

/** C-t: drags the character before the cursor over the one at it. */
const transposeChars: EditCommand = pure((s) => {
  const atEnd = s.cursor === lineEnd(s.text, s.cursor);
  const middle = atEnd ? previousGrapheme(s.text, s.cursor) : s.cursor;
  const start = previousGrapheme(s.text, middle);
  const end = nextGrapheme(s.text, middle);
  if (middle <= lineStart(s.text, s.cursor)) return s;
  const swapped = s.text.slice(middle, end) + s.text.slice(start, middle);
  return replaceRange(s, start, end, swapped);
});

/** C-_: takes the last change back. */
const undo: EditCommand = pure((s) => {
  const popped = popUndo(s.undo);
  if (!popped) return s;
  const { line, stack } = popped;
  return { ...s, text: line.text, cursor: line.cursor, undo: stack, last: "other" };
});

/** The position in a line, given by its start, that is nearest to a column from the left. */
function positionAtColumn(text: string, start: number, column: number): number {
  let at = start;
  let used = 0;
  for (const cluster of graphemes(text.slice(start, lineEnd(text, start)))) {
    used += graphemeWidth(cluster);
    if (used > column) break;
    at += cluster.length;
  }
  return at;
}

function goalColumn(state: EditorState): number {
  if (state.last === "vertical") return state.goalColumn;
  return textWidth(state.text.slice(lineStart(state.text, state.cursor), state.cursor));
}

/** Moves to the line that begins at `start`, in the column that a row of such moves began in. */
function moveToLine(state: EditorState, start: number): EditorState {
  const goal = goalColumn(state);
  const moved = moveTo(state, positionAtColumn(state.text, start, goal));
  return { ...moved, last: "vertical", goalColumn: goal };
}

/** Up, C-p: the line above, or from the first line the history entry before. */
const previousLine: EditCommand = pure((s) => {
  const start = lineStart(s.text, s.cursor);
  if (start > 0) return moveToLine(s, lineStart(s.text, start - 1));
  const older = s.mask === undefined ? olderEntry(s.history, s.text) : undefined;
  if (!older) return s;
  const { line, history } = older;
  return { ...changeText(s, { text: line, cursor: line.length }), history };
});

/** Down, C-n: the line below, or from the last line the history entry after. */
const nextLine: EditCommand = pure((s) => {
  const end = lineEnd(s.text, s.cursor);
  if (end < s.text.length) return moveToLine(s, end + 1);
  const newer = newerEntry(s.history);
  if (!newer) return s;
  const { line, history } = newer;
  return { ...changeText(s, { text: line, cursor: line.length }), history };
});

/** Enter, C-j: gives the line away and starts an empty one. */
const acceptLine: EditCommand = (state) => {
  const { text } = state;
  const history = state.mask === undefined ? addToHistory(state.history, text) : state.history;
  const empty: EditorState = {
    ...state,
    text: "",
    cursor: 0,
    undo: NO_UNDO,
    history,
    last: "other",
  };
  return { state: empty, action: { type: "submit", text } };
};

/** C-c: throws the line away; C-_ brings it back. */
const interrupt: EditCommand = (state) => ({
  state: changeText(state, { text: "", cursor: 0 }),
  action: { type: "interrupt", text: state.text },
});

/** Alt-Enter: a new line in the text. */
const insertNewline: EditCommand = (state) => insertText(state, "\n", "other");

/** C-z. */
const suspend: EditCommand = (state) => ({ state, action: { type: "suspend" } });
/** C-l. */
const redraw: EditCommand = (state) => ({ state, action: { type: "redraw" } });
/** Tab. */
const complete: EditCommand = (state) => ({ state, action: { type: "complete" } });

function refuseLength(state: EditorState, length: number): EditorResult {
  const limit = state.maxLength.toLocaleString("en");
  const reason = `Not inserted: a message holds ${limit} characters, and this would make ` +
    `${length.toLocaleString("en")}.`;
  return { state, action: { type: "refuse", reason } };
}

/** Puts text in at the cursor, whole or not at all; `type` is for a typed character. */
export function insertText(
  state: EditorState,
  text: string,
  kind: "type" | "other",
): EditorResult {
  const length = state.text.length + text.length;
  if (length > state.maxLength) return refuseLength(state, length);
  if (!state.multiline && text.includes("\n")) {
    return { state, action: { type: "refuse", reason: "Not inserted: one line is asked for." } };
  }
  return { state: replaceRange(state, state.cursor, state.cursor, text, kind) };
}

/**
 * Puts pasted text in: all line ends become newlines, and nothing is submitted. Where one line is asked for, a line end
 * after it is left out.
 */
export function insertPaste(state: EditorState, pasted: string): EditorResult {
  const text = pasted.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  return insertText(state, state.multiline ? text : text.replace(/\n$/, ""), "other");
}

/**
 * Which key runs which command. A key's name is Emacs' way to write it: `C-` for Ctrl, `M-` for
 * Alt, `S-` for Shift, in this order.
 */
export const KEYMAP: Readonly<Record<string, EditCommand>> = {
  "C-a": beginningOfLine,
  "home": beginningOfLine,
  "C-e": endOfLine,
  "end": endOfLine,
  "C-b": backwardChar,
  "left": backwardChar,
  "C-f": forwardChar,
  "right": forwardChar,
  "M-b": backwardWord,
  "C-left": backwardWord,
  "M-left": backwardWord,
  "M-f": forwardWord,
  "C-right": forwardWord,
  "M-right": forwardWord,
  "C-p": previousLine,
  "up": previousLine,
  "C-n": nextLine,
  "down": nextLine,
  "backspace": backwardDeleteChar,
  "S-backspace": backwardDeleteChar,
  "C-h": backwardDeleteChar,
  "delete": deleteChar,
  "C-d": deleteCharOrEof,
  "C-k": killLine,
  "C-u": unixLineDiscard,
  "C-w": unixWordRubout,
  "M-backspace": backwardKillWord,
  "C-M-h": backwardKillWord,
  "C-backspace": backwardKillWord,
  "M-d": killWord,
  "C-delete": killWord,
  "C-y": yank,
  "M-y": yankPop,
  "C-t": transposeChars,
  "C-_": undo,
  "enter": acceptLine,
  "C-j": acceptLine,
  "M-enter": insertNewline,
  "S-enter": insertNewline,
  "C-M-j": insertNewline,
  "tab": complete,
  "C-c": interrupt,
  "C-z": suspend,
  "C-l": redraw,
};
