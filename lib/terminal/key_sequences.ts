/**
 * Which key each control character and each escape sequence stands for.
 *
 * Names of sequences: CSI is `ESC [`, SS3 is `ESC O` (ECMA-48 5.4 and 8.3). The tables hold what
 * xterm, VTE, rxvt, PuTTY, tmux, the Linux console and the kitty keyboard protocol's `CSI u` send.
 *
 * @module
 */

/**
 * One key event.
 *
 * `name` is the character itself for a key that types one, in lower case when Ctrl or Alt is held;
 * else it is one of `enter`, `tab`, `backspace`, `escape`, `space` (with Ctrl or Alt), `up`, `down`,
 * `left`, `right`, `home`, `end`, `insert`, `delete`, `pageup`, `pagedown`, `f1` to `f12`. Three
 * more are no keys: `paste` (a whole bracketed paste is in `text`), `paste-too-large` (nothing of it
 * is), and `focus-in` and `focus-out`.
 */
export interface Key {
  /** Which key, as above. */
  readonly name: string;
  /** Whether Ctrl was held. */
  readonly ctrl: boolean;
  /** Whether Alt was held (or Meta, or Escape was pressed just before). */
  readonly alt: boolean;
  /** Whether Shift was held, where the terminal says so; never for a typed character. */
  readonly shift: boolean;
  /** The text that the key types or that was pasted; empty for every other event. */
  readonly text: string;
}

/** The modifiers of a {@link Key}. */
export type Modifiers = Partial<Pick<Key, "ctrl" | "alt" | "shift">>;

/** Makes a key event that types nothing. */
export function key(name: string, modifiers: Modifiers = {}): Key {
  return { name, ctrl: false, alt: false, shift: false, text: "", ...modifiers };
}

/** Makes the event of a key that types a character, or of its combination with Ctrl or Alt, which types nothing. */
export function characterKey(character: string, modifiers: Modifiers = {}): Key {
  if (!modifiers.ctrl && !modifiers.alt) {
    return { name: character, ctrl: false, alt: false, shift: false, text: character };
  }
  return key(character === " " ? "space" : character.toLowerCase(), modifiers);
}

/** Makes the event of bracketed pasted text. */
export function pasteKey(text: string): Key {
  return { ...key("paste"), text };
}

/** The key that sends one byte below U+0080 on its own, or just after an ESC (`alt`). */
export function byteKey(byte: number, alt = false): Key {
  if (byte === 0x09) return key("tab", { alt });
  if (byte === 0x0d) return key("enter", { alt });
  if (byte === 0x1b) return key("escape", { alt });
  if (byte === 0x7f) return key("backspace", { alt });
  if (byte >= 0x20) return characterKey(String.fromCharCode(byte), { alt });
  // Ctrl clears the two high bits: Ctrl-A is 0x41 & 0x1f, Ctrl-Space is 0x40 & 0x1f.
  return byte === 0
    ? key("space", { ctrl: true, alt })
    : key(String.fromCharCode(byte + 0x40).toLowerCase(), { ctrl: true, alt });
}

/** Final bytes that name a key, the same after CSI and after SS3. */
const FINAL_KEYS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

/** First parameters of `CSI n ~`. */
const TILDE_KEYS: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** rxvt says with the final byte what others say with a parameter. */
const RXVT_FINALS: Readonly<Record<string, Modifiers>> = {
  "$": { shift: true },
  "^": { ctrl: true },
  "@": { ctrl: true, shift: true },
};

/** xterm's second parameter: 1 plus 1 for Shift, 2 for Alt, 4 for Ctrl, 8 for Meta. */
function modifiersOf(parameter: string | undefined): Modifiers {
  const bits = Math.max(0, (Number.parseInt(parameter ?? "1", 10) || 1) - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 10) !== 0, ctrl: (bits & 4) !== 0 };
}

/** A key given by its code point: kitty's `CSI code ; modifiers u` and xterm's modifyOtherKeys. */
function codePointKey(code: string | undefined, modifiers: Modifiers): Key | undefined {
  const codePoint = Number.parseInt(code ?? "", 10);
  if (!(codePoint >= 0 && codePoint <= 0x10ffff)) return undefined;
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return undefined;
  if (codePoint === 8) return key("backspace", modifiers);
  if (codePoint < 0x20 || codePoint === 0x7f) return { ...byteKey(codePoint), ...modifiers };
  return characterKey(String.fromCodePoint(codePoint), modifiers);
}

/** The key that `CSI parameters final` stands for, such as `1;5` and `C`; rxvt ends with `$`, too. */
export function csiKey(parameters: string, final: string): Key | undefined {
  if (parameters === "" && final === "I") return key("focus-in");
  if (parameters === "" && final === "O") return key("focus-out");
  if (parameters === "" && final === "Z") return key("tab", { shift: true });
  if (!/^[\d;:]*$/.test(parameters)) return undefined;
  const [first, second, third] = parameters.split(";");
  const modifiers = modifiersOf(second);
  if (final === "u") return codePointKey(first, modifiers);
  if (final === "~" && first === "27") return codePointKey(third, modifiers);
  const tilde = TILDE_KEYS[first ?? ""];
  if (final === "~") return tilde ? key(tilde, modifiers) : undefined;
  const rxvt = RXVT_FINALS[final];
  if (rxvt) return tilde ? key(tilde, rxvt) : undefined;
  const name = FINAL_KEYS[final];
  if (name) return key(name, modifiers);
  const shifted = "abcd".includes(final) ? FINAL_KEYS[final.toUpperCase()] : undefined;
  return shifted ? key(shifted, { shift: true }) : undefined;
}

/**
 * The key that `SS3 parameters final` stands for: cursor and function keys in application mode, rxvt's Ctrl with an
 * arrow (`ESC O a`), and the keypad's Enter. Some terminals put modifiers into the parameters.
 */
export function ss3Key(parameters: string, final: string): Key | undefined {
  if (final === "M") return key("enter");
  const name = FINAL_KEYS[final];
  if (name) return key(name, modifiersOf(parameters.split(";").at(-1) || undefined));
  const controlled = "abcd".includes(final) ? FINAL_KEYS[final.toUpperCase()] : undefined;
  return controlled ? key(controlled, { ctrl: true }) : undefined;
}

/** The Linux console's F1 to F5, `CSI [ A` to `CSI [ E`. */
export function linuxKey(letter: string): Key | undefined {
  const index = "ABCDE".indexOf(letter);
  return index < 0 ? undefined : key(`f${index + 1}`);
}
