// deno-lint-ignore-file no-control-regex -- control characters are what this file reads

/**
 * Turns the bytes of a keyboard into key events, as they come and however they are split.
 *
 * The grammar of sequences is ECMA-48's (5.4), so that a sequence nobody knows is swallowed whole
 * instead of leaving its tail in the line; which key a sequence stands for is in
 * `key_sequences.ts`. No byte makes it throw.
 *
 * @module
 */

import {
  byteKey,
  characterKey,
  csiKey,
  type Key,
  key,
  linuxKey,
  pasteKey,
  ss3Key,
} from "./key_sequences.ts";

export type { Key } from "./key_sequences.ts";

/** The most bytes that one bracketed paste may hold: 1 MiB. A longer one is refused whole. */
export const MAX_PASTE_BYTES = 1 << 20;

/** Bytes after which a control sequence is no key's, and is only skipped to its end. */
const MAX_SEQUENCE = 64;

const ESC = "\x1b";
const PASTE_END = "\x1b[201~";

/** What the bytes that come next belong to; `overlong` is a control sequence without its end. */
type Mode = "keys" | "paste" | "string" | "overlong";

// Bytes are held as a string of code units 0 to 255, because regular expressions are the clearest
// way to write a grammar. `ESC ESC` before a sequence is Alt, as rxvt and PuTTY send it.
const SEQUENCE = new RegExp(
  "\\x1b(?<alt>\\x1b?)(?:" + [
    "\\[\\[(?<linux>[@-~])",
    "\\[(?<mouse>M[^]{3})",
    "\\[(?<rxvt>\\d+)\\$",
    "\\[(?!\\[|M)(?<csi>[0-?]*[ -/]*)(?<csiFinal>[@-~])",
    "O(?<ss3>[\\d;]*)(?<ss3Final>[A-~])",
    "(?<string>[PX\\]^_])",
  ].join("|") + ")",
  "y",
);
/** The whole rest may be the beginning of a {@link SEQUENCE}. */
const UNFINISHED = /\x1b\x1b?(?:\[(?:\[|M[^]{0,2}|[0-?]*[ -/]*)?|O[\d;]*)?$/y;
/** A sequence that a byte which can't belong to it has cut off. */
const CUT_OFF = /\x1b\x1b?(?:\[\[?[0-?]*[ -/]*|O[\d;]*)/y;
const STRING_END = /[\x07\x18\x1a\x1b]/g;
const OVERLONG_END = /[^ -?]/g;
const NON_ASCII = /[\x80-\xff]+/y;
/** The beginning of one UTF-8 character (RFC 3629) at the end of the bytes. */
const UNFINISHED_UTF8 = /(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$/;

function bytesToUnits(bytes: Uint8Array): string {
  let units = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    units += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return units;
}

function decodeUtf8(units: string): string {
  const bytes = Uint8Array.from(units, (unit) => unit.charCodeAt(0));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** How many units at the end of `units`, from `start` on, may begin {@link PASTE_END}. */
function beginningOfPasteEnd(units: string, start: number): number {
  const longest = Math.min(PASTE_END.length - 1, units.length - start);
  for (let length = longest; length > 0; length--) {
    if (units.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}

/** Collects a paste; past the limit it counts and keeps nothing. */
class PasteBuffer {
  #parts: string[] = [];
  #length = 0;

  add(units: string): void {
    this.#length += units.length;
    if (this.#length <= MAX_PASTE_BYTES) this.#parts.push(units);
    else this.#parts = [];
  }

  finish(): Key {
    return this.#length > MAX_PASTE_BYTES
      ? key("paste-too-large")
      : pasteKey(decodeUtf8(this.#parts.join("")));
  }
}

/**
 * Decodes keyboard bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const decoder = new KeyDecoder();
 * assertEquals(decoder.decode(new TextEncoder().encode("\x1b[1;5")), []);
 * assertEquals(decoder.decode(new TextEncoder().encode("D")), [
 *   { name: "left", ctrl: true, alt: false, shift: false, text: "" },
 * ]);
 * ```
 */
export class KeyDecoder {
  #mode: Mode = "keys";
  /** Bytes that are not decoded, from {@link #at} on. */
  #units = "";
  #at = 0;
  /** Whether an ESC makes an Alt combination of the next key. */
  #alt = false;
  /** The byte that began a string, while nothing has followed it: it may be an Alt combination. */
  #introducer = "";
  #paste = new PasteBuffer();
  #keys: Key[] = [];

  /**
   * What is held back until more bytes come or {@link flush} is called: nothing; the beginning of a sequence (a lone
   * Escape, perhaps) or of a character; or a paste whose end has not come.
   */
  get pending(): "nothing" | "escape" | "paste" {
    if (this.#mode === "paste") return "paste";
    return this.#mode === "keys" && this.#units === "" && !this.#alt ? "nothing" : "escape";
  }

  /** Decodes the next bytes, which may begin and end anywhere, into the keys that are complete. */
  decode(bytes: Uint8Array): Key[] {
    this.#units += bytesToUnits(bytes);
    this.#at = 0;
    while (this.#at < this.#units.length && this.#step());
    this.#units = this.#units.slice(this.#at);
    return this.#takeKeys();
  }

  /**
   * Says that nothing followed in time: a lone ESC was the Escape key, `ESC [` was Alt-[, any other unfinished sequence
   * is given up, an unfinished character is U+FFFD, and an unfinished paste is what came of it.
   */
  flush(): Key[] {
    const rest = this.#units;
    if (this.#mode === "paste") {
      this.#paste.add(rest);
      this.#endPaste();
    } else if (this.#mode === "string") {
      if (this.#introducer) this.#keys.push(key(this.#introducer.toLowerCase(), { alt: true }));
    } else if (this.#mode === "keys") {
      this.#flushKeys(rest);
    }
    this.#mode = "keys";
    this.#units = "";
    this.#alt = false;
    return this.#takeKeys();
  }

  #flushKeys(rest: string): void {
    if (rest === ESC) this.#keys.push(key("escape", { alt: this.#alt }));
    else if (rest === ESC + ESC) this.#keys.push(key("escape", { alt: true }));
    else if (rest === "\x1b[") this.#keys.push(key("[", { alt: true }));
    else if (rest === "\x1bO") this.#keys.push(key("o", { alt: true }));
    else if (rest !== "" && !rest.startsWith(ESC)) this.#text(rest);
  }

  #takeKeys(): Key[] {
    const keys = this.#keys;
    this.#keys = [];
    return keys;
  }

  /** Decodes the next part of {@link #units}; false when it has to wait for more bytes. */
  #step(): boolean {
    if (this.#mode === "paste") return this.#pasteStep();
    if (this.#mode === "string") return this.#stringStep();
    if (this.#mode === "overlong") return this.#overlongStep();
    const unit = this.#units[this.#at]!;
    if (unit === ESC) return this.#escapeStep();
    if (unit >= "\x80") return this.#textStep();
    this.#keys.push(byteKey(unit.charCodeAt(0), this.#alt));
    this.#alt = false;
    this.#at++;
    return true;
  }

  #match(grammar: RegExp): RegExpExecArray | null {
    grammar.lastIndex = this.#at;
    return grammar.exec(this.#units);
  }

  #escapeStep(): boolean {
    const unfinished = this.#match(UNFINISHED);
    if (unfinished) {
      if (unfinished[0].length <= MAX_SEQUENCE) return false;
      this.#at = this.#units.length;
      this.#mode = "overlong";
      return true;
    }
    const sequence = this.#match(SEQUENCE);
    if (sequence) {
      this.#at += sequence[0].length;
      this.#sequence(sequence.groups!);
      return true;
    }
    const cutOff = this.#match(CUT_OFF);
    this.#at += cutOff?.[0].length ?? 1;
    this.#alt = !cutOff;
    return true;
  }

  #sequence(parts: Record<string, string | undefined>): void {
    if (parts.csi === "200" && parts.csiFinal === "~") {
      this.#mode = "paste";
    } else if (parts.string !== undefined) {
      this.#mode = "string";
      this.#introducer = parts.string;
    } else {
      const found = keyOfSequence(parts);
      if (found) this.#keys.push(parts.alt || this.#alt ? { ...found, alt: true } : found);
    }
    this.#alt = false;
  }

  /** Text, up to the next ASCII byte; the beginning of a character at the very end waits. */
  #textStep(): boolean {
    const run = this.#match(NON_ASCII)![0];
    const isLast = this.#at + run.length === this.#units.length;
    const waiting = isLast ? UNFINISHED_UTF8.exec(run)?.[0].length ?? 0 : 0;
    this.#text(run.slice(0, run.length - waiting));
    this.#at += run.length - waiting;
    return waiting === 0;
  }

  #text(units: string): void {
    for (const character of decodeUtf8(units)) {
      this.#keys.push(characterKey(character, { alt: this.#alt }));
      this.#alt = false;
    }
  }

  #pasteStep(): boolean {
    const end = this.#units.indexOf(PASTE_END, this.#at);
    if (end >= 0) {
      this.#paste.add(this.#units.slice(this.#at, end));
      this.#endPaste();
      this.#at = end + PASTE_END.length;
      return true;
    }
    const content = this.#units.length - beginningOfPasteEnd(this.#units, this.#at);
    this.#paste.add(this.#units.slice(this.#at, content));
    this.#at = content;
    return false;
  }

  #endPaste(): void {
    this.#keys.push(this.#paste.finish());
    this.#paste = new PasteBuffer();
    this.#mode = "keys";
  }

  /** Skips to the end of a string: BEL, CAN, SUB or ST; any other ESC begins a new sequence. */
  #stringStep(): boolean {
    const end = this.#match(STRING_END);
    if (!end || end.index > this.#at) this.#introducer = "";
    this.#at = end?.index ?? this.#units.length;
    if (!end) return true;
    if (end[0] === ESC) {
      const next = this.#units[this.#at + 1];
      if (next === undefined) return false;
      this.#at += next === "\\" ? 2 : 0;
    } else {
      this.#at++;
    }
    this.#mode = "keys";
    return true;
  }

  #overlongStep(): boolean {
    const end = this.#match(OVERLONG_END);
    this.#at = end?.index ?? this.#units.length;
    if (!end) return true;
    if (end[0] >= "@" && end[0] <= "~") this.#at++;
    this.#mode = "keys";
    return true;
  }
}

function keyOfSequence(parts: Record<string, string | undefined>): Key | undefined {
  if (parts.linux !== undefined) return linuxKey(parts.linux);
  if (parts.mouse !== undefined) return undefined;
  if (parts.rxvt !== undefined) return csiKey(parts.rxvt, "$");
  if (parts.csi !== undefined) return csiKey(parts.csi, parts.csiFinal!);
  return ss3Key(parts.ss3!, parts.ss3Final!);
}

/** Joins characters that were typed faster than they were read, so that they cost one redraw. */
export function* joinTyped(keys: readonly Key[]): Generator<Key> {
  let typed = "";
  for (const one of keys) {
    const isTyped = one.text !== "" && one.name !== "paste";
    if (isTyped) typed += one.text;
    else {
      if (typed !== "") yield characterKey(typed);
      typed = "";
      yield one;
    }
  }
  if (typed !== "") yield characterKey(typed);
}
