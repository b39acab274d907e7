/**
 * Files in words: sizes, rates and times for people, and one line for all that move.
 *
 * @module
 */
import type { TransferDirection, TransferState } from "../transfer/transfer_events.ts";
import { safeText } from "../safe_text.ts";
import { sizeText } from "../conversation/notices.ts";
import { textWidth, truncate } from "../terminal/text_width.ts";

/** The most that is shown of a name where there are others beside it, in columns. */
const NAME_COLUMNS = 24;

/** The longest bar, and the shortest that shows anything, in columns without its brackets. */
const [LONGEST_BAR, SHORTEST_BAR] = [20, 8];

/**
 * Some seconds for people, rounded up.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(timeText(11.2), "12 s");
 * assertEquals(timeText(150), "3 min");
 * ```
 */
export function timeText(seconds: number): string {
  if (seconds <= 99) return `${Math.ceil(seconds)} s`;
  if (seconds <= 99 * 60) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

/** How much has arrived, in whole percent: 100 only when all is. */
export function percent(done: number, bytes: number): number {
  return bytes === 0 ? 100 : Math.floor(done * 100 / bytes);
}

/** A file's name, harmless, and short where that is asked for. */
export function fileName(name: string, columns = Infinity): string {
  const safe = safeText(name);
  return columns === Infinity ? safe : truncate(safe, columns);
}

/** A file whose progress is shown. */
export interface Moving extends Pick<TransferState, "name" | "done" | "bytes" | "rate"> {
  /** Which way it goes; `reading` is before it goes anywhere. */
  readonly direction: TransferDirection | "reading";
  /** Seconds until it is whole, or `null` while that is not known. */
  readonly secondsLeft: number | null;
}

const MARKS = { in: "↓ ", out: "↑ ", reading: "reading " } as const;

/**
 * One line for all files that move: with a bar where one has room for it, without the rates where several have no
 * room, and with a number where not even their names have.
 *
 * @param files what moves
 * @param columns the width of the screen
 * @returns the line; empty for none
 */
export function progressLine(files: readonly Moving[], columns: number): string {
  const whole = files.map((file) => [brief(file), ...speed(file)].join(" ")).join("  ");
  if (files.length === 1) return withBar(files[0]!, whole, columns);
  if (textWidth(whole) <= columns) return whole;
  const names = files.map(brief);
  for (let shown = names.length; shown > 0; shown--) {
    const more = names.length - shown;
    const line = [...names.slice(0, shown), ...(more > 0 ? [`and ${more} more`] : [])].join("  ");
    if (textWidth(line) <= columns) return line;
  }
  return `${files.length} files`;
}

function brief(file: Moving): string {
  return `${nameOf(file)} ${percent(file.done, file.bytes)}%`;
}

function nameOf({ direction, name }: Moving): string {
  return `${MARKS[direction]}${fileName(name, NAME_COLUMNS)}`;
}

/** The rate and the time, as far as they are known. */
function speed({ rate, secondsLeft }: Pick<Moving, "rate" | "secondsLeft">): string[] {
  const known = rate > 0 ? [`${sizeText(rate)}/s`] : [];
  return secondsLeft === null ? known : [...known, `${timeText(secondsLeft)} left`];
}

function withBar(file: Moving, whole: string, columns: number): string {
  const room = Math.min(LONGEST_BAR, columns - textWidth(whole) - "[] ".length);
  if (room < SHORTEST_BAR) return whole;
  const filled = Math.floor(room * percent(file.done, file.bytes) / 100);
  const bar = `[${"#".repeat(filled)}${"-".repeat(room - filled)}]`;
  const name = nameOf(file);
  return `${name} ${bar}${whole.slice(name.length)}`;
}
