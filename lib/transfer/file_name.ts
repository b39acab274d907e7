/**
 * Makes a file's name out of what a stranger calls it: never a path, never hidden, never an option of some command,
 * never a name that a system keeps for itself, and nothing that looks like something else than it is.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { withoutUnseen } from "../safe_text.ts";

/** Longest name, in bytes of UTF-8: room is left for a number, whatever the file system takes. */
const MAX_CLEAN_NAME_BYTES = 100;

/** Longest ending that is kept when a name is cut, in bytes. */
const MAX_ENDING_BYTES = 24;

/** What Windows does not take in a name; a colon would lead into another stream of the file. */
const FORBIDDEN = /[<>:"|?*]/g;

/** Devices of Windows, whatever ending stands behind them. */
const DEVICE =
  /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;

/** What an ending is: of an archive both parts. */
const ENDING = /(\.tar)?\.[^.\s]+$/i;

/**
 * A name that is safe to make a file of, in one folder, on any system. Cleaning a clean name changes nothing.
 *
 * @param name hostile text
 * @returns 1 to 100 bytes of UTF-8
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(cleanFileName("../../.bashrc"), "bashrc");
 * assertEquals(cleanFileName("C:\\Users\\NUL.txt"), "_NUL.txt");
 * ```
 */
export function cleanFileName(name: string): string {
  const visible = withoutUnseen(name.toWellFormed()).normalize("NFC");
  const base = visible.split(/[/\\]/).findLast((part) => trim(part) !== "") ?? "";
  const plain = trim(base.replaceAll(FORBIDDEN, "_").replaceAll(/\s+/g, " "));
  const free = DEVICE.test(plain) ? `_${plain}` : plain;
  return cut(free) || "file";
}

/** Without dots, dashes and spaces in front, and without dots and spaces behind. */
function trim(name: string): string {
  return name.replace(/^[-.\s]+/, "").replace(/[.\s]+$/, "");
}

/** A name's front, as much as fits, with its ending. */
function cut(name: string): string {
  if (utf8(name).length <= MAX_CLEAN_NAME_BYTES) return name;
  const { stem, ending } = split(name);
  const kept = utf8(ending).length <= MAX_ENDING_BYTES ? ending : "";
  const room = MAX_CLEAN_NAME_BYTES - utf8(kept).length;
  return trim(front(kept === "" ? name : stem, room)) + kept;
}

/** The first whole characters of a text that fit into so many bytes. */
function front(text: string, room: number): string {
  let kept = "";
  for (const character of text) {
    room -= utf8(character).length;
    if (room < 0) break;
    kept += character;
  }
  return kept;
}

function split(name: string): { stem: string; ending: string } {
  const at = name.search(ENDING);
  return at <= 0 ? { stem: name, ending: "" } : { stem: name.slice(0, at), ending: name.slice(at) };
}

/** The name to try when those before are taken: `name.ext`, `name (2).ext`, `name (3).ext` and so on. */
export function numberedName(name: string, attempt: number): string {
  if (attempt === 1) return name;
  const { stem, ending } = split(name);
  return `${stem} (${attempt})${ending}`;
}
