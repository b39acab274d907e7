/**
 * A line of the conversation, as the scrollback shows it.
 *
 * @module
 */
import { safeText } from "../safe_text.ts";
import type { StyleName, Styler } from "../terminal/style.ts";
import { actionOf } from "./slash_commands.ts";

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
