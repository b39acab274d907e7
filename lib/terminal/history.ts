/**
 * The lines that were submitted, to be called back and searched.
 *
 * @module
 */

/** Lines that are kept. */
const MAX_ENTRIES = 1000;

/** Submitted lines and the place in them. Immutable. */
export interface History {
  /** The oldest first. */
  readonly entries: readonly string[];
  /** Which entry is in the editor; `entries.length` means the draft. */
  readonly position: number;
  /** What was being written before an entry was called back. */
  readonly draft: string;
}

/** Makes a history. */
export function createHistory(entries: readonly string[] = []): History {
  const kept = entries.slice(-MAX_ENTRIES);
  return { entries: kept, position: kept.length, draft: "" };
}

/** Adds a submitted line, unless it is blank or the same as the latest, and goes back to an empty draft. */
export function addToHistory(history: History, line: string): History {
  const skip = line.trim() === "" || line === history.entries.at(-1);
  return createHistory(skip ? history.entries : [...history.entries, line]);
}

/** Goes to the next older entry, and keeps `current` when it is the draft; undefined at the oldest. */
export function olderEntry(
  history: History,
  current: string,
): { line: string; history: History } | undefined {
  const { entries, position } = history;
  const line = entries[position - 1];
  if (line === undefined) return undefined;
  const draft = position === entries.length ? current : history.draft;
  return { line, history: { entries, position: position - 1, draft } };
}

/** Goes to the next newer entry, and from the newest to the draft; undefined there. */
export function newerEntry(history: History): { line: string; history: History } | undefined {
  const { entries, position, draft } = history;
  if (position >= entries.length) return undefined;
  const line = entries[position + 1] ?? draft;
  return { line, history: { entries, position: position + 1, draft } };
}

/** The position of the nearest entry, from `from` on, that contains a text; upper and lower case differ. */
export function searchHistory(
  history: History,
  query: string,
  from: number,
  step: -1 | 1,
): number | undefined {
  for (let at = from; at >= 0 && at < history.entries.length; at += step) {
    if (history.entries[at]!.includes(query)) return at;
  }
  return undefined;
}
