/**
 * The state of the line editor and the few ways in which it changes. Everything is immutable.
 *
 * @module
 */

import { snapToGrapheme } from "./boundaries.ts";
import { createHistory, type History } from "./history.ts";
import { addKill, type KillDirection, type KillRing } from "./kill_ring.ts";
import { endTyping, NO_UNDO, recordUndo, type UndoStack } from "./undo.ts";

/** The longest text that an editor holds unless its options say otherwise, in UTF-16 code units: 64 Ki. */
const MAX_LINE_LENGTH = 65_536;

/** The kind of a command, where the next one depends on it. */
export type CommandKind = "type" | "kill" | "yank" | "vertical" | "other";

/** An incremental search through the history (C-r). */
export interface HistorySearch {
  /** What to find. */
  readonly query: string;
  /** The entry that is shown; one past the last at the beginning. */
  readonly position: number;
  /** Whether the query is in no further entry. */
  readonly failed: boolean;
  /** The line and cursor to go back to on C-g. */
  readonly origin: { readonly text: string; readonly cursor: number };
}

/** An editor. */
export interface EditorState {
  /** What was written; lines are separated by newlines. */
  readonly text: string;
  /** Where the next character goes: a grapheme boundary of `text`, in UTF-16 code units. */
  readonly cursor: number;
  /** What C-y gives back. */
  readonly kills: KillRing;
  /** What C-_ takes back. */
  readonly undo: UndoStack;
  /** Earlier lines, for Up, Down and C-r. */
  readonly history: History;
  /** The kind of the last command. */
  readonly last: CommandKind;
  /** Where the text of the last yank begins (it ends at the cursor), for M-y. */
  readonly yankStart: number;
  /** The column that Up and Down aim for in a row of them. */
  readonly goalColumn: number;
  /** The search that is going on. */
  readonly search: HistorySearch | undefined;
  /** What is shown for each character of a secret; undefined when the text itself is shown. */
  readonly mask: string | undefined;
  /** Whether the text may have more than one line. */
  readonly multiline: boolean;
  /** The longest text, in UTF-16 code units. */
  readonly maxLength: number;
}

/** Options of {@link createEditor}. */
export interface EditorOptions {
  /** What the line holds at first, with the cursor at its end. @default {""} */
  readonly text?: string;
  /** Earlier lines, the oldest first. @default {[]} */
  readonly history?: readonly string[];
  /**
   * Makes the line a secret: each character is shown as this (`""` shows nothing), nothing goes to
   * the history, and there is only one line.
   */
  readonly mask?: string;
  /** Whether Alt-Enter and pastes may make more lines. @default {true} */
  readonly multiline?: boolean;
  /** The longest text, in UTF-16 code units. @default {65536} */
  readonly maxLength?: number;
}

/** Makes an editor. */
export function createEditor(options: EditorOptions = {}): EditorState {
  const { text = "", mask, maxLength = MAX_LINE_LENGTH } = options;
  return {
    text,
    cursor: text.length,
    kills: [],
    undo: NO_UNDO,
    history: createHistory(options.history),
    last: "other",
    yankStart: 0,
    goalColumn: 0,
    search: undefined,
    mask,
    multiline: mask === undefined && (options.multiline ?? true),
    maxLength,
  };
}

/** Moves the cursor to the nearest boundary at or after a place; a run of typing, killing or yanking ends. */
export function moveTo(state: EditorState, cursor: number): EditorState {
  return {
    ...state,
    cursor: snapToGrapheme(state.text, cursor),
    undo: endTyping(state.undo),
    last: "other",
  };
}

/** A change of the text. */
export interface Change {
  /** The new text. */
  readonly text: string;
  /** The new cursor; the nearest boundary at or after it is taken. */
  readonly cursor: number;
  /** The kind of the command. @default {"other"} */
  readonly kind?: CommandKind;
}

/** Changes the text, so that it can be undone. */
export function changeText(state: EditorState, change: Change): EditorState {
  const kind = change.kind ?? "other";
  return {
    ...state,
    text: change.text,
    cursor: snapToGrapheme(change.text, change.cursor),
    undo: change.text === state.text ? state.undo : recordUndo(state.undo, state, kind === "type"),
    last: kind,
  };
}

/** Replaces a part of the text and puts the cursor after it. */
export function replaceRange(
  state: EditorState,
  start: number,
  end: number,
  replacement: string,
  kind: CommandKind = "other",
): EditorState {
  const text = state.text.slice(0, start) + replacement + state.text.slice(end);
  return changeText(state, { text, cursor: start + replacement.length, kind });
}

/** Removes a part of the text to the kill ring; kills in a row become one. */
export function killRange(
  state: EditorState,
  start: number,
  end: number,
  direction: KillDirection,
): EditorState {
  const killed = state.text.slice(start, end);
  const kills = addKill(state.kills, killed, direction, state.last === "kill");
  return { ...replaceRange(state, start, end, "", "kill"), kills };
}
