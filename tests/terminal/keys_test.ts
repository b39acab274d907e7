import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { type Key, KeyDecoder, MAX_PASTE_BYTES } from "../../lib/terminal/keys.ts";
import { Dice } from "../helpers/mutants.ts";
import { randomKeyboard } from "./random_text.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A key as Emacs writes it; a paste with its text. */
function written({ name, ctrl, alt, shift, text }: Key): string {
  const pasted = name === "paste" ? `(${text})` : "";
  return `${ctrl ? "C-" : ""}${alt ? "M-" : ""}${shift ? "S-" : ""}${name}${pasted}`;
}

function keys(input: string | Uint8Array, decoder = new KeyDecoder()): string {
  return decoder.decode(typeof input === "string" ? encode(input) : input).map(written).join(" ");
}

const SEQUENCES: [what: string, bytes: string, keys: string][] = [
  ["characters", "aé世😀", "a é 世 😀"],
  ["control characters", "\x01\x08\x1a\x1f\x00", "C-a C-h C-z C-_ C-space"],
  ["Enter, Tab, Backspace, Ctrl-J", "\r\t\x7f\n", "enter tab backspace C-j"],
  ["Alt combinations", "\x1bb\x1b\x7f\x1b\r\x1bé\x1b\x01", "M-b M-backspace M-enter M-é C-M-a"],
  ["arrows of both modes", "\x1b[A\x1b[B\x1bOC\x1bOD", "up down right left"],
  [
    "arrows with modifiers",
    "\x1b[1;5C\x1b[1;3D\x1b[1;2A\x1b[1;8B",
    "C-right M-left S-up C-M-S-down",
  ],
  ["Meta as Alt", "\x1b[1;9A\x1b[1;13B", "M-up C-M-down"],
  ["rxvt's arrows", "\x1bOa\x1bOd\x1b[a\x1b[d", "C-up C-left S-up S-left"],
  ["arrows after ESC", "\x1b\x1b[A\x1b\x1bOB", "M-up M-down"],
  ["Home everywhere", "\x1b[H\x1bOH\x1b[1~\x1b[7~", "home home home home"],
  ["End everywhere", "\x1b[F\x1bOF\x1b[4~\x1b[8~", "end end end end"],
  ["Insert, Delete, pages", "\x1b[2~\x1b[3~\x1b[5~\x1b[6~", "insert delete pageup pagedown"],
  [
    "Delete with modifiers",
    "\x1b[3;5~\x1b[3^\x1b[3$\x1b[3@",
    "C-delete C-delete S-delete C-S-delete",
  ],
  ["function keys", "\x1bOP\x1b[15~\x1b[24~\x1b[[A\x1b[[E", "f1 f5 f12 f1 f5"],
  ["Shift-Tab and keypad Enter", "\x1b[Z\x1bOM", "S-tab enter"],
  ["focus", "\x1b[I\x1b[O", "focus-in focus-out"],
  ["CSI u and modifyOtherKeys", "\x1b[13;2u\x1b[97;5u\x1b[27;5;105~\x1b[233u", "S-enter C-a C-i é"],
  ["a paste", "\x1b[200~a\r\x1b[Ab\x03\x1b[201~c", "paste(a\r\x1b[Ab\x03) c"],
  ["an empty paste", "\x1b[200~\x1b[201~", "paste()"],
  [
    "a paste that holds beginnings of its end",
    "\x1b[200~\x1b[20\x1b[2\x1b[201~",
    "paste(\x1b[20\x1b[2)",
  ],
];

for (const [what, bytes, expected] of SEQUENCES) {
  Deno.test(`KeyDecoder reads ${what}`, () => assertEquals(keys(bytes), expected));
}

Deno.test("KeyDecoder reads the same however the bytes are split", () => {
  for (const [what, bytes, expected] of SEQUENCES) {
    const decoder = new KeyDecoder();
    const read = [...encode(bytes)].flatMap((byte) => decoder.decode(Uint8Array.of(byte)));
    assertEquals(read.map(written).join(" "), expected, what);
    assertEquals(decoder.pending, "nothing", what);
  }
});

const SWALLOWED: [what: string, bytes: string][] = [
  ["unknown control sequences", "\x1b[?1;2c\x1b[99~\x1b[5n\x1b[1;2;3 q\x1b[>0;1m"],
  ["mouse reports", "\x1b[<0;10;20M\x1b[M !!"],
  ["a title report that BEL ends", "\x1b]0;ls\x07"],
  ["device reports that ST ends", "\x1bP1$r0m\x1b\\\x1b_G\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\"],
  ["an overlong sequence", `\x1b[${"1;".repeat(500)}m`],
  ["a string that CAN cuts off", "\x1b]0;x\x18"],
  ["CSI u of nothing", "\x1b[1114112u\x1b[55296u\x1b[u"],
];

for (const [what, bytes] of SWALLOWED) {
  Deno.test(`KeyDecoder swallows ${what}`, () => {
    assertEquals(keys(bytes + "z"), "z");
    const decoder = new KeyDecoder();
    const read = [...encode(bytes + "z")].flatMap((byte) => decoder.decode(Uint8Array.of(byte)));
    assertEquals(read.map(written).join(" "), "z", "byte for byte");
  });
}

Deno.test("KeyDecoder goes on after a sequence that another byte cuts off", () => {
  assertEquals(keys("\x1b[1;\x01a"), "C-a a");
  assertEquals(keys("\x1b[1\x1b[A"), "up");
  assertEquals(keys("\x1b]0;x\x1b[A"), "up");
  assertEquals(keys("\x1b[1;é"), "é");
});

Deno.test("KeyDecoder: flush() settles what a lone ESC was", () => {
  for (
    const [bytes, expected] of [
      ["\x1b", "escape"],
      ["\x1b\x1b", "M-escape"],
      ["\x1b[", "M-["],
      ["\x1bO", "M-o"],
      ["\x1b]", "M-]"],
      ["\x1bP", "M-p"],
      ["\x1b[1;5", ""],
      ["\x1b]0;title", ""],
    ] as const
  ) {
    const decoder = new KeyDecoder();
    assertEquals(keys(bytes, decoder), "");
    assertEquals(decoder.pending, "escape");
    assertEquals(decoder.flush().map(written).join(" "), expected);
    assertEquals(decoder.pending, "nothing");
    assertEquals(keys("[A", decoder), "[ A", "nothing is left of it");
  }
});

Deno.test("KeyDecoder: flush() gives up a character, and ends a paste with what came", () => {
  const decoder = new KeyDecoder();
  assertEquals(keys(Uint8Array.of(0x61, 0xe4, 0xb8), decoder), "a");
  assertEquals(decoder.flush().map(written), ["�"]);
  keys("\x1b[200~half\x1b[20", decoder);
  assertEquals(decoder.pending, "paste");
  assertEquals(decoder.flush().map(written), ["paste(half\x1b[20)"]);
  assertEquals(decoder.flush(), []);
});

Deno.test("KeyDecoder replaces invalid UTF-8 and goes on", () => {
  assertEquals(keys(Uint8Array.of(0xff, 0x61, 0xc3, 0x28, 0xed, 0xa0, 0x80)), "� a � ( � � �");
  assertEquals(keys(Uint8Array.of(0xe4, 0xb8, 0x1b, 0x5b, 0x41)), "� up");
});

heavyTest("KeyDecoder refuses a paste over 1 MiB whole, and takes one of 1 MiB", () => {
  const content = "x".repeat(MAX_PASTE_BYTES);
  const whole = new KeyDecoder().decode(encode(`\x1b[200~${content}\x1b[201~`));
  assertEquals(whole.length, 1);
  assertEquals(whole[0]!.text.length, MAX_PASTE_BYTES);
  const decoder = new KeyDecoder();
  for (let part = 0; part < 40; part++) {
    const begin = part === 0 ? "\x1b[200~" : "";
    assertEquals(decoder.decode(encode(begin + "x".repeat(MAX_PASTE_BYTES / 32))), []);
  }
  assertEquals(keys("\x1b[201~a", decoder), "paste-too-large a");
});

const RANDOM_KEYBOARDS = 8_000;

heavyTest(`KeyDecoder splits ${RANDOM_KEYBOARDS} random inputs anywhere with one result`, () => {
  const dice = new Dice(5);
  for (let run = 0; run < RANDOM_KEYBOARDS; run++) {
    const bytes = randomKeyboard(dice, 8);
    const whole = new KeyDecoder();
    const expected = [...whole.decode(bytes), ...whole.flush()].map(written).join(" ");
    const split = new KeyDecoder();
    const cut = dice.below(bytes.length + 1);
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const read = [...parts.flatMap((part) => split.decode(part)), ...split.flush()];
    const got = read.map(written).join(" ");
    if (got !== expected) throw new Error(`${[...bytes]} at ${cut}: ${got}, not ${expected}`);
    assert(read.every((key) => key.name === "paste" || !key.text.includes("\x1b")));
  }
});
