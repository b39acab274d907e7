/**
 * C-r: finds an earlier line while its words are typed (readline's `reverse-search-history`).
 *
 * While a search goes on, typed characters extend the query, C-r and C-s go to the next older and
 * newer entry, Backspace shortens the query, C-g goes back to where the search began, Escape stays
 * at what was found; any other key does that too and then does what it always does.
 *
 * @module
 */

import { previousGrapheme } from "./boundaries.ts";
import { changeText, type EditorState, type HistorySearch, moveTo } from "./editor_state.ts";
import { searchHistory } from "./history.ts";

/** Begins a search, unless it is a secret, which has no history. */
export function startSearch(state: EditorState): EditorState {
  if (state.mask !== undefined) return state;
  const { text, cursor, history } = state;
  const search = {
    query: "",
    position: history.entries.length,
    failed: false,
    origin: { text, cursor },
  };
  return { ...state, search };
}

/** Ends the search and stays at the line that was found, with the line of before it to undo to. */
export function acceptSearch(state: EditorState): EditorState {
  const { search, text, cursor, history } = state;
  if (!search) return state;
  const found = search.position < history.entries.length;
  const draft = history.position === history.entries.length ? search.origin.text : history.draft;
  const before = { ...state, ...search.origin, search: undefined };
  const changed = text === search.origin.text
    ? moveTo(before, cursor)
    : changeText(before, { text, cursor });
  const position = found ? search.position : history.position;
  return { ...changed, history: found ? { ...history, position, draft } : history };
}

/** Ends the search and goes back to the line of before it. */
export function cancelSearch(state: EditorState): EditorState {
  return state.search ? { ...state, ...state.search.origin, search: undefined } : state;
}

function show(state: EditorState, search: HistorySearch): EditorState {
  const line = state.history.entries[search.position];
  if (line === undefined) return { ...state, ...search.origin, search };
  const cursor = line.indexOf(search.query);
  return { ...moveTo({ ...state, text: line }, cursor), search };
}

function seek(state: EditorState, query: string, from: number, step: -1 | 1): EditorState {
  const search = state.search!;
  const position = query === "" ? undefined : searchHistory(state.history, query, from, step);
  if (position !== undefined) return show(state, { ...search, query, position, failed: false });
  return { ...state, search: { ...search, query, failed: query !== "" } };
}

/** Makes the query longer, and goes to the nearest entry that has all of it. */
export function extendQuery(state: EditorState, typed: string): EditorState {
  const { query, position } = state.search!;
  return seek(state, query + typed, Math.min(position, state.history.entries.length - 1), -1);
}

/** Makes the query one character shorter, and searches again from the newest entry. */
export function shortenQuery(state: EditorState): EditorState {
  const search = state.search!;
  const query = search.query.slice(0, previousGrapheme(search.query, search.query.length));
  const newest = state.history.entries.length;
  const restarted = show(state, { ...search, query, position: newest, failed: false });
  return seek(restarted, query, newest - 1, -1);
}

/** Goes to the next older (-1) or newer (1) entry that has the query, or stays, with the search failed. */
export function searchAgain(state: EditorState, step: -1 | 1): EditorState {
  const { query, position } = state.search!;
  return seek(state, query, position + step, step);
}

/** What stands in the prompt's place while a search goes on, such as "(reverse-i-search)`hel': ". */
export function promptOfSearch(search: HistorySearch): string {
  return `(${search.failed ? "failed " : ""}reverse-i-search)\`${search.query}': `;
}
