/**
 * How many columns text takes in a terminal, counted in what a person sees as one character.
 *
 * Text is cut into extended grapheme clusters (UAX #29, by `Intl.Segmenter`), and a cluster takes 0,
 * 1 or 2 columns. East Asian Wide and Fullwidth characters (UAX #11) take two, and so do emoji;
 * Ambiguous characters take one, as they do in every terminal that isn't set up for a legacy East
 * Asian encoding.
 *
 * Terminals do not all agree with each other about emoji sequences. `screen.ts` therefore never
 * trusts these numbers further than it has to.
 *
 * @module
 */
import { once } from "../once.ts";

/** Cuts text into clusters; made by its first use, because that takes 20 ms. */
export const graphemeSegmenter: () => Intl.Segmenter = once(() =>
  new Intl.Segmenter("und", { granularity: "grapheme" })
);

/** Text that needs no Unicode algorithm: each code unit is one cluster of one column. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * East_Asian_Width=W or F in Unicode 17.0.0 (EastAsianWidth.txt), as first and last code point.
 *
 * Left out, because `\p{Emoji_Presentation}` covers it: wide emoji. Joined over, because it makes
 * the table short and no assigned character is in between: unassigned code points.
 */
const WIDE_RANGES: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul Jamo, leading consonants
  [0x2329, 0x232a], // angle brackets
  [0x2630, 0x2637], // trigrams
  [0x268a, 0x268f], // monograms and digrams
  [0x2e80, 0x303e], // CJK radicals to CJK symbols
  [0x3041, 0x3247], // kana, bopomofo, enclosed CJK
  [0x3250, 0xa4c6], // enclosed CJK, CJK unified ideographs, Yi
  [0xa960, 0xa97c], // Hangul Jamo Extended-A
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // CJK compatibility ideographs
  [0xfe10, 0xfe19], // vertical forms
  [0xfe30, 0xfe6b], // CJK compatibility forms, small forms
  [0xff01, 0xff60], // fullwidth ASCII
  [0xffe0, 0xffe6], // fullwidth signs
  [0x16fe0, 0x1b2fb], // Tangut, Khitan, kana supplements, Nushu
  [0x1d300, 0x1d376], // Tai Xuan Jing, counting rods
  [0x1f200, 0x1f265], // enclosed ideographic supplement
  [0x20000, 0x3fffd], // planes 2 and 3
];

/** A skin tone without anybody, and half a flag: what follows joins nothing. */
const NO_EMOJI_BASE = /^[\p{Emoji_Modifier}\u{1f1e6}-\u{1f1ff}]/u;
const EMOJI_PRESENTATION = /^\p{Emoji_Presentation}/u;
/** A base that U+FE0F turns from text (one column) into an emoji (two). */
const EMOJI_BY_SELECTOR = /^\p{Emoji}\ufe0f/u;
/** Half a flag: one column, and two of them make a flag of two. */
const REGIONAL_INDICATOR = /^[\u{1f1e6}-\u{1f1ff}]/u;
/** Draws nothing of its own: controls, marks, formats, and medial and final Hangul Jamo. */
const ZERO_WIDTH =
  /^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]/u;

/**
 * Cuts text into extended grapheme clusters (UAX #29): what a person calls characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(graphemes("e\u0301👨‍👩‍👧"), ["e\u0301", "👨‍👩‍👧"]);
 * ```
 */
export function graphemes(text: string): string[] {
  if (PRINTABLE_ASCII.test(text)) return text.split("");
  return Array.from(graphemeSegmenter().segment(text)).flatMap(({ segment }) =>
    boundedCluster(segment)
  );
}

/** The widest cluster, in columns. Wider ones, such as a hundred leading Jamo, no language has, and no row could hold. */
const WIDEST_CLUSTER = 4;

/** A cluster, or the pieces of one that is too wide. */
function boundedCluster(cluster: string): string[] {
  // A code unit has two columns at most.
  if (cluster.length <= WIDEST_CLUSTER / 2 || graphemeWidth(cluster) <= WIDEST_CLUSTER) {
    return [cluster];
  }
  const pieces: string[] = [];
  let piece = "";
  for (const character of cluster) {
    if (sumOfWidths(piece + character) > WIDEST_CLUSTER) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}

function isWide(codePoint: number): boolean {
  let low = 0;
  let high = WIDE_RANGES.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = WIDE_RANGES[middle]!;
    if (codePoint < first) high = middle - 1;
    else if (codePoint > last) low = middle + 1;
    else return true;
  }
  return false;
}

function codePointWidth(character: string): 0 | 1 | 2 {
  if (ZERO_WIDTH.test(character)) return 0;
  if (REGIONAL_INDICATOR.test(character)) return 1;
  if (EMOJI_PRESENTATION.test(character)) return 2;
  return isWide(character.codePointAt(0)!) ? 2 : 1;
}

/**
 * The columns that one grapheme cluster takes.
 *
 * Emoji sequences (ZWJ, keycaps, skin tones, U+FE0F) take two. Other clusters take what their code points take together,
 * as most terminals have it: a cluster of many leading Jamo is as wide as they are. Controls count 0, since they must
 * never reach a terminal as they are.
 */
export function graphemeWidth(cluster: string): number {
  if (cluster.length === 1 && cluster >= " " && cluster <= "~") return 1;
  if (EMOJI_PRESENTATION.test(cluster) || EMOJI_BY_SELECTOR.test(cluster)) {
    return NO_EMOJI_BASE.test(cluster) ? sumOfWidths(cluster) : 2;
  }
  return sumOfWidths(cluster);
}

function sumOfWidths(cluster: string): number {
  return Array.from(cluster).reduce((columns, one) => columns + codePointWidth(one), 0);
}

/** The columns that a text takes on one endless line; a newline counts 0. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  return graphemes(text).reduce((columns, cluster) => columns + graphemeWidth(cluster), 0);
}

/**
 * Shortens text to fit, and marks that it did.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(truncate("conversation", 8), "convers…");
 * ```
 */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let used = 1;
  let kept = "";
  for (const cluster of graphemes(text)) {
    used += graphemeWidth(cluster);
    if (used > columns) break;
    kept += cluster;
  }
  return `${kept}…`;
}

/** Cuts one word that is wider than a whole line into lines. */
function breakWord(word: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const cluster of graphemes(word)) {
    const width = graphemeWidth(cluster);
    if (used > 0 && used + width > columns) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += cluster;
    used += width;
  }
  return [...lines, line];
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(/(?<= )(?! )/)) {
    const width = textWidth(word.trimEnd());
    if (current !== "" && textWidth(current) + width > columns) {
      lines.push(current);
      current = "";
    }
    const pieces = width > columns ? breakWord(word, columns) : [word];
    lines.push(...pieces.slice(0, -1));
    current += pieces.at(-1);
  }
  return [...lines, current].map((wrapped) => wrapped.replace(/ +$/, ""));
}

/**
 * Breaks text into lines at spaces, and inside a word only where the word is wider than a line.
 *
 * Trailing spaces of a line go, newlines stay line ends. Only one character that is wider than a line makes a line wider
 * than asked.
 *
 * @throws {RangeError} when `columns` is less than 1
 */
export function wrapText(text: string, columns: number): string[] {
  if (!(columns >= 1)) throw new RangeError(`Cannot wrap text to ${columns} columns`);
  return text.split("\n").flatMap((line) => wrapLine(line, columns));
}
