/**
 * A line of the conversation, as the scrollback shows it.
 *
 * @module
 */
import { safeText } from "../safe_text.ts";
import type { StyleName, Styler } from "../terminal/style.ts";
import { truncate } from "../terminal/text_width.ts";

/** A terminal's styles and clock, for lines. */
export interface SaidStyle {
  /** Styles, or none. */
  readonly style: Styler;
  /** Local time of day for a moment, for example `17:05`. */
  readonly clock: (time: number) => string;
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

/** The line, whole, so that it can be copied: the terminal wraps it. Lines of the text are indented. */
export function saidLine(
  { style, clock }: SaidStyle,
  { time, who, colour, text, mark }: Said,
): string {
  const styles: StyleName[] = colour === null ? ["bold"] : ["bold", colour];
  const action = actionOf(text);
  const name = style(action === null ? `${who}>` : `* ${who}`, ...styles);
  const safe = safeText(action ?? text, { lines: true }).replaceAll("\n", "\n      ");
  const moment = time === null ? "" : `${style(clock(time), "dim")} `;
  return `${moment}${name} ${safe}${mark}`;
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
