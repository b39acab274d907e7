/**
 * A line of the conversation, as the scrollback shows it.
 *
 * @module
 */
import { safeText } from "../safe_text.ts";
import type { StyleName, Styler } from "../terminal/style.ts";
import { textWidth, truncate, wrapText } from "../terminal/text_width.ts";

/** A terminal's styles and clock, for lines. */
export interface SaidStyle {
  /** Styles, or none. */
  readonly style: Styler;
  /** Local time of day for a moment, for example `17:05`. */
  readonly clock: (time: number) => string;
  /** Makes text harmless; its line breaks stay. @default {@link safeText} */
  readonly safe?: (text: string) => string;
}

/** A line of either side. */
export interface Said {
  /** When, in milliseconds; `null` when that is not known yet. */
  readonly time: number | null;
  /** A name that is safe to show. */
  readonly who: string;
  /** The name's colour, beside that it is bold. */
  readonly colour: StyleName | null;
  /** Anything. */
  readonly text: string;
  /** Stands behind it, safe and styled; may be empty. */
  readonly mark: string;
}

/** What each row of a line but its first begins with: nobody's text ever stands where a notice or a prompt does. */
const ROW_MARK = "    | ";

/** The narrowest room for text beside {@link ROW_MARK}, in columns. */
const LEAST_ROOM = 8;

/** The line, in rows of at most `columns`, the first behind the time and the name, the others behind a mark. */
export function saidLine(
  { style, clock, safe = safeLines }: SaidStyle,
  { time, who, colour, text, mark }: Said,
  columns: number,
): string {
  const styles: StyleName[] = colour === null ? ["bold"] : ["bold", colour];
  const action = actionOf(text);
  const moment = time === null ? "" : `${clock(time)} `;
  const short = truncate(who, Math.max(1, columns - moment.length - "* > ".length));
  const name = action === null ? `${short}>` : `* ${short}`;
  const head = (moment === "" ? "" : style(moment.trimEnd(), "dim") + " ") + style(name, ...styles);
  const rowMark = columns - ROW_MARK.length < LEAST_ROOM ? "| " : ROW_MARK;
  const room = Math.max(LEAST_ROOM, columns - rowMark.length);
  const headWidth = textWidth(moment + name) + 1;
  const rows = wrapBehind(safe(action ?? text), headWidth - rowMark.length, room);
  const before = rows.length === 1 ? headWidth : rowMark.length;
  if (before + textWidth(rows.at(-1)! + mark) > columns) rows.push("");
  return `${head} ${rows.join(`\n${rowMark}`)}${mark}`;
}

/** Breaks a text into rows; the first, which has something else before it, has `taken` columns less. */
function wrapBehind(text: string, taken: number, room: number): string[] {
  if (room - taken < LEAST_ROOM) return ["", ...wrapText(text, room)];
  // No-break spaces hold its place meanwhile.
  const held = "\u00a0".repeat(Math.max(0, taken));
  const [first, ...rest] = wrapText(held + text, room);
  return [first!.slice(held.length), ...rest];
}

function safeLines(text: string): string {
  return safeText(text, { lines: true });
}

/** The longest text that one row is made of, in UTF-16 code units: wider than any screen. */
const ROW_LENGTH = 1_000;

/** The same as one row behind a mark, without a time; its line breaks are shown. */
export function saidRow(mark: string, who: string, text: string): string {
  const action = actionOf(text);
  const words = action ?? text;
  const cut = words.length > ROW_LENGTH ? `${words.slice(0, ROW_LENGTH)}…` : words;
  return `${mark} ${action === null ? `${who}>` : `* ${who}`} ${safeText(cut)}`;
}

/** How `/me` is carried: as a text that begins so (XEP-0245). Who does not know it sees the text. */
const ACTION = /^\/me (?=\S)/;

/** A text that says what somebody does. */
export function actionText(action: string): string {
  return `/me ${action}`;
}

/** What somebody does, when a text says that; else `null`. */
export function actionOf(text: string): string | null {
  return ACTION.test(text) ? text.replace(ACTION, "") : null;
}

/** The most that is shown of a text of ours in a notice, in columns. */
export const QUOTED_COLUMNS = 40;

/** A text of ours in a notice: one line, short. */
export function quoted(text: string, columns: number = QUOTED_COLUMNS): string {
  return truncate(safeText(text), columns);
}

/** What is copied from elsewhere often ends with a line break, and nobody means to say that. */
export function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  return text.slice(0, end);
}
