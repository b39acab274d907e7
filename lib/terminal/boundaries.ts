/**
 * Where characters, words and lines begin and end in a text that is being edited.
 *
 * Positions are UTF-16 code units. Each function takes a position that is the start of a grapheme
 * cluster (or the end of the text) and returns another such position, so a cursor that moves by
 * these functions never stands inside what a person sees as one character. They look at the
 * neighbourhood of the position only, and are as fast in a long text as in a short one.
 *
 * @module
 */
import { once } from "../once.ts";
import { graphemeSegmenter } from "./text_width.ts";

const wordSegmenter = once(() => new Intl.Segmenter("und", { granularity: "word" }));

/** The nearest cluster boundary at or after a position. */
export function snapToGrapheme(text: string, position: number): number {
  if (position <= 0) return 0;
  const cluster = graphemeSegmenter().segment(text).containing(position);
  if (!cluster) return text.length;
  return cluster.index === position ? position : cluster.index + cluster.segment.length;
}

/** The start of the cluster before a position, or 0. */
export function previousGrapheme(text: string, position: number): number {
  return graphemeSegmenter().segment(text).containing(position - 1)?.index ?? 0;
}

/** The end of the cluster after a position, or that of the text. */
export function nextGrapheme(text: string, position: number): number {
  const cluster = graphemeSegmenter().segment(text).containing(position);
  return cluster ? cluster.index + cluster.segment.length : text.length;
}

/**
 * Emacs `backward-word`: the start of the word that ends before a position. Words are UAX #29's,
 * so languages without spaces have words too.
 */
export function previousWord(text: string, position: number): number {
  const words = wordSegmenter().segment(text);
  let at = position;
  while (at > 0) {
    const segment = words.containing(at - 1)!;
    at = segment.index;
    if (segment.isWordLike) break;
  }
  return at;
}

/** Emacs `forward-word`: the end of the word that begins or continues after a position. */
export function nextWord(text: string, position: number): number {
  const words = wordSegmenter().segment(text);
  let at = position;
  while (at < text.length) {
    const segment = words.containing(at)!;
    at = segment.index + segment.segment.length;
    if (segment.isWordLike) break;
  }
  return snapToGrapheme(text, at);
}

/**
 * The start of the run of non-spaces that a position ends or is in, to be completed; `position` after a space.
 */
export function blankWordStart(text: string, position: number): number {
  let at = position;
  while (at > 0 && /\S/.test(text[at - 1]!)) at--;
  // Never more than the cursor allows: a mark may join a space into one cluster.
  return Math.min(position, snapToGrapheme(text, at));
}

/** readline's `unix-word-rubout`: the start of the run of non-spaces before a position, spaces between skipped. */
export function previousBlankWord(text: string, position: number): number {
  return blankWordStart(text, snapToGrapheme(text, text.slice(0, position).trimEnd().length));
}

/** The start of the line that a position is in. */
export function lineStart(text: string, position: number): number {
  return position === 0 ? 0 : text.lastIndexOf("\n", position - 1) + 1;
}

/** The end of the line that a position is in. */
export function lineEnd(text: string, position: number): number {
  const newline = text.indexOf("\n", position);
  return newline < 0 ? text.length : newline;
}
