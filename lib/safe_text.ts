/**
 * Makes text from a peer harmless to a terminal, and shows what was made harmless.
 *
 * Nothing is dropped in silence: a character that a terminal would obey, hide or use to reorder its
 * neighbours is shown as a control picture (`␛`) or by its number (`<U+202E>`). A peer can type the
 * same marks by hand; they say "something odd was here" and prove nothing.
 *
 * Decisions about invisible characters that writing needs:
 * - ZERO WIDTH JOINER, VARIATION SELECTOR-16 and tag characters stay inside an emoji sequence that
 *   Unicode recommends for interchange (`RGI_Emoji`, UTS #51), fully qualified or not.
 * - ZERO WIDTH NON-JOINER and JOINER stay where RFC 5892 (A.1, A.2) allows them in domain names:
 *   after a virama, as Indic scripts need; and ZERO WIDTH NON-JOINER between two letters of a
 *   joining script, as Persian needs.
 * - VARIATION SELECTOR-15 stays after a character that is text by default, where it changes nothing.
 * - Any other, ideographic and Mongolian variation selectors among them, is shown.
 *
 * Right-to-left letters stay: terminals that reorder them do so within a line.
 *
 * @module
 */

/** Options of {@link safeText}. */
export interface SafeTextOptions {
  /**
   * Whether the text may have several lines. If so, newlines (and CR LF) stay newlines and a tab
   * becomes spaces; if not, both are shown as control pictures.
   *
   * @default {false}
   */
  readonly lines?: boolean;
}

/**
 * Combining marks in a row that one base may carry. Tibetan and pointed Hebrew need up to five; a
 * "zalgo" stack has dozens, and covers the lines above and below.
 */
const MAX_MARKS = 6;

/** What a tab becomes, whatever column it starts in. */
const TAB = "    ";

/** What a mark at the start of a line stands on, so that it can't settle on what is before it. */
const DOTTED_CIRCLE = "\u25cc";

/** Text that no rule below touches. */
const HARMLESS = /^[\x20-\x7e]*$/;
const HARMLESS_LINES = /^[\x20-\x7e\n]*$/;

/**
 * Never written to a terminal outside the sequences that are kept: General_Category C* (controls,
 * formats, surrogates, private use, unassigned), line and paragraph separators, and what Unicode
 * itself calls ignorable (fillers and variation selectors among them).
 */
const UNSAFE = "[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]";

/**
 * Symbols and marks that fonts draw as nothing: the blank braille pattern, a null notehead, and blank hieroglyphs. They
 * are no spaces to Unicode, so what takes spaces away leaves them.
 */
const BLANK_SYMBOL = "[\\u2800\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}]";
const BLANK_SYMBOLS = new RegExp(BLANK_SYMBOL, "gu");

/** What nobody sees in a name: nothing, or the same as a space. */
const UNSEEN = new RegExp(`${UNSAFE}|${BLANK_SYMBOL}`, "gu");

/**
 * A text without the characters that nobody sees; spaces stay. For names that are compared, or that become a file's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(withoutUnseen("photo.jpg\u2800\u2800.exe\u202e"), "photo.jpg.exe");
 * ```
 */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, "");
}

/** Canonical_Combining_Class=Virama in the BMP (UnicodeData.txt field 3): RFC 5892 A.1 and A.2. */
const VIRAMA = "[" +
  "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039" +
  "\u103a\u1714\u1715\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953" +
  "\ua9c0\uaaf6\uabed]";

/** A letter of a script whose letters join and that people write with ZWNJ. */
const JOINING = "[[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Nko}\\p{Script=Adlam}]&&\\p{L}]";

/** Invisible characters that writing needs: the match itself is kept. */
const NEEDED = [
  `(?<=\\p{L}\\p{M}{0,${MAX_MARKS}}${VIRAMA})[\\u200c\\u200d](?!\\p{M})`,
  `(?<=${JOINING}\\p{Mn}{0,${MAX_MARKS}})\\u200c(?=${JOINING})`,
  "(?<=[[\\p{Emoji}--\\p{Emoji_Presentation}]--[\\x00-\\x7f]])\\ufe0e",
].join("|");

/** Emoji joined by ZWJ as some senders write them, with U+FE0F left out here and there. */
const JOINED_EMOJI = "\\p{Emoji}[\\ufe0f\\p{Emoji_Modifier}]?" +
  "(?:\\u200d\\p{Emoji}[\\ufe0f\\p{Emoji_Modifier}]?)+";

const PARTS = new RegExp(
  `(?<joined>${JOINED_EMOJI})|\\p{RGI_Emoji}|${NEEDED}|(?<unsafe>${UNSAFE})`,
  "gv",
);
const EMOJI_PARTS = new RegExp(`\\p{RGI_Emoji}|(?<unsafe>${UNSAFE})`, "gv");
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
// deno-lint-ignore no-invalid-regexp -- the rule does not know the v flag
const WITHOUT_SELECTOR = /[\p{Emoji}--\p{Emoji_Presentation}](?![\ufe0f\p{Emoji_Modifier}])/gv;

const MARK = "[\\p{M}--\\p{Default_Ignorable_Code_Point}]";
/** Medial and final Jamo combine with what is before them, as marks do. */
const STRAY_MARK = new RegExp(`(?<=^|\\n)[${MARK}\\u1161-\\u11ff\\ud7b0-\\ud7ff]`, "gv");
const MARK_STACK = new RegExp(`${MARK}{${MAX_MARKS + 1},}`, "gv");

const UNSAFE_CHARACTER = new RegExp(UNSAFE, "gu");

/**
 * A JSON text with everything that a terminal would obey, hide or use to reorder as `\\u` escapes: it means the same.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(safeJson('"a\x9b\u202e"'), '"a\\u009b\\u202e"');
 * ```
 */
export function safeJson(json: string): string {
  return HARMLESS.test(json) ? json : json.replace(UNSAFE_CHARACTER, escapedCharacter);
}

/** A JSON text in ASCII, which means the same. */
export function asciiJson(json: string): string {
  return json.replace(/[^\x20-\x7e]/gu, escapedCharacter);
}

/** A character as JSON escapes it, in one or two code units. */
function escapedCharacter(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** The visible form of one character, by its number: `<U+202E>`. */
function numbered(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase();
  return `<U+${hex.padStart(4, "0")}>`;
}

/** The visible form of an unsafe character: C0 and DEL have pictures (U+2400 to U+2421). */
function visible(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : numbered(character);
}

/** Shows ZWJ and selectors, unless the sequence is an emoji once its U+FE0F are filled in. */
function keepOneEmoji(joined: string): string {
  if (ONE_EMOJI.test(joined.replace(WITHOUT_SELECTOR, "$&\ufe0f"))) return joined;
  return joined.replace(EMOJI_PARTS, (part, unsafe?: string) => unsafe ? visible(unsafe) : part);
}

function showInvisible(text: string): string {
  return text.replace(PARTS, (part, joined?: string, unsafe?: string) => {
    if (unsafe !== undefined) return unsafe === "\n" ? "\n" : visible(unsafe);
    return joined === undefined ? part : keepOneEmoji(joined);
  });
}

function boundMarks(text: string): string {
  return text
    .replace(STRAY_MARK, `${DOTTED_CIRCLE}$&`)
    .replace(MARK_STACK, (stack) => {
      const marks = Array.from(stack);
      return `${marks.slice(0, MAX_MARKS).join("")}<+${marks.length - MAX_MARKS} marks>`;
    });
}

/**
 * Makes a peer's text safe to write to a terminal. What it changes, it shows.
 *
 * The result holds printable ASCII, letters, marks (at most six in a row), numbers, punctuation,
 * symbols and spaces; newlines when `lines` is set; and joiners and selectors only where an emoji
 * or a script needs them. Applied twice it gives the same text as applied once.
 *
 * @param text anything, lone surrogates included
 * @param options whether the text may have several lines
 * @returns text that moves nothing, hides nothing and reorders nothing but right-to-left letters
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(safeText("\x1b[2Jhi\u202e"), "␛[2Jhi<U+202E>");
 * assertEquals(safeText("a\tb\r\nc", { lines: true }), "a    b\nc");
 * ```
 */
export function safeText(text: string, options: SafeTextOptions = {}): string {
  const { lines = false } = options;
  if ((lines ? HARMLESS_LINES : HARMLESS).test(text)) return text;
  const unified = lines
    ? text.replaceAll("\r\n", "\n").replaceAll("\t", TAB)
    : text.replaceAll("\n", visible("\n"));
  // Braille and drawings need their blanks; a name does not, nor a text that has nothing else.
  const isBlank = !lines || withoutUnseen(text).trim() === "";
  const seen = isBlank ? unified.replace(BLANK_SYMBOLS, numbered) : unified;
  return boundMarks(showInvisible(seen));
}

/**
 * Shows everything that is not printable ASCII by its number, for terminals and people who want to
 * see exactly which characters came (`--ascii`). Newlines stay.
 *
 * @param text any text; {@link safeText} first is not needed
 * @returns printable ASCII and newlines only
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(asciiText("你 ok"), "<U+4F60> ok");
 * ```
 */
export function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e\n]/gu, numbered);
}
