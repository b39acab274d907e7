/**
 * The lines of ours that are not known to have arrived, and how far each has come.
 *
 *     typed --> waiting --sent--> sent --delivered--> (gone)
 *                  \<--the session ended--/
 *
 * A line that is sent again under the same number is the same line.
 *
 * @module
 */

/** One line. Its object stays the same for as long as nothing about it changes. */
export interface OwnLine {
  /** What was typed. */
  readonly text: string;
  /** Whether it waits for somebody, or is on its way. */
  readonly state: "waiting" | "sent";
  /** Its number in the conversation; `null` before it was on its way for the first time. */
  readonly sequence: number | null;
  /** When it was said, in milliseconds; `null` as long as `sequence` is. */
  readonly time: number | null;
}

/** The lines in the order in which they were typed. */
export type OwnLines = readonly OwnLine[];

/** What a `sent` event tells. */
export type SentLine = { readonly text: string; readonly sequence: number; readonly time: number };

/** Adds a line that was typed. */
export function addTyped(lines: OwnLines, text: string): OwnLines {
  return [...lines, { text, state: "waiting", sequence: null, time: null }];
}

/**
 * A line is on its way, for the first time or again. One that is not in the list, because it was kept from
 * another run, takes its place by its number.
 *
 * @returns the lines, and the line as it was; `null` when it was not in the list
 */
export function markSent(
  lines: OwnLines,
  { text, sequence, time }: SentLine,
): { lines: OwnLines; before: OwnLine | null } {
  const again = lines.findIndex((line) => line.sequence === sequence && line.text === text);
  const at = again >= 0
    ? again
    : lines.findIndex((line) => line.sequence === null && line.text === text);
  const line: OwnLine = { text, state: "sent", sequence, time };
  if (at >= 0) return { lines: lines.with(at, line), before: lines[at]! };
  const next = lines.findIndex((line) => line.sequence === null || line.sequence > sequence);
  return { lines: lines.toSpliced(next < 0 ? lines.length : next, 0, line), before: null };
}

/**
 * All lines with a number below `count` have arrived, whether or not their session is over.
 *
 * @returns the lines that are left, and those that have arrived, by their number
 */
export function takeDelivered(
  lines: OwnLines,
  count: number,
): { lines: OwnLines; delivered: OwnLines } {
  const hasArrived = ({ sequence }: OwnLine) => sequence !== null && sequence < count;
  const delivered = lines.filter(hasArrived).toSorted((a, b) => a.sequence! - b.sequence!);
  if (delivered.length === 0) return { lines, delivered };
  return { lines: lines.filter((line) => !hasArrived(line)), delivered };
}

/** The session is over: what was on its way waits again. */
export function holdAll(lines: OwnLines): OwnLines {
  return lines.map((line) => line.state === "waiting" ? line : { ...line, state: "waiting" });
}

/** Takes out the first line with each of these texts. */
export function takeOut(lines: OwnLines, texts: readonly string[]): OwnLines {
  const rest = [...lines];
  for (const text of texts) {
    const at = rest.findIndex((line) => line.text === text);
    if (at >= 0) rest.splice(at, 1);
  }
  return rest;
}

/**
 * The conversation has given up on the oldest lines that were on their way.
 *
 * @param count at most so many
 * @returns the lines that are left, and the texts of the others
 */
export function takeLost(
  lines: OwnLines,
  count: number,
): { lines: OwnLines; lost: readonly string[] } {
  const numbered = lines.filter(({ sequence }) => sequence !== null);
  const lost = new Set(numbered.slice(0, Math.max(0, count)));
  return {
    lines: lines.filter((line) => !lost.has(line)),
    lost: Array.from(lost, ({ text }) => text),
  };
}
