import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { completeWord } from "../../lib/terminal/completion.ts";
import { KeyDecoder } from "../../lib/terminal/keys.ts";
import {
  createEditor,
  type EditorAction,
  type EditorOptions,
  type EditorState,
  pressKey,
  replaceLine,
  viewEditor,
} from "../../lib/terminal/line_editor.ts";

/** Types keys into an editor; what it asks for goes to `actions`. */
function type(state: EditorState, input: string, actions: EditorAction[] = []): EditorState {
  const decoder = new KeyDecoder();
  const keys = [...decoder.decode(new TextEncoder().encode(input)), ...decoder.flush()];
  return keys.reduce((current, key) => {
    const { state: next, action } = pressKey(current, key);
    if (action) actions.push(action);
    return next;
  }, state);
}

/** The line after some keys, with the cursor as `|`. */
function line(input: string, options: EditorOptions = {}): string {
  return shown(type(createEditor(options), input));
}

function shown({ text, cursor }: EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function actionsOf(input: string, options: EditorOptions = {}): EditorAction[] {
  const actions: EditorAction[] = [];
  type(createEditor(options), input, actions);
  return actions;
}

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const DOWN = "\x1b[B";

const EDITS: [what: string, input: string, line: string][] = [
  ["typing inserts at the cursor", "acd" + LEFT + LEFT + "b", "ab|cd"],
  ["C-a and C-e go to the ends", "bc\x01a\x05d", "abcd|"],
  ["Home and End go to the ends", "bc\x1b[Ha\x1b[Fd", "abcd|"],
  ["C-b and C-f move by a character", "abc\x02\x02\x06", "ab|c"],
  ["C-b moves over a whole emoji family", "a👨‍👩‍👧b\x02\x02", "a|👨‍👩‍👧b"],
  ["M-b and M-f move by a word", "one two, three\x1bb\x1bb\x1bf", "one two|, three"],
  ["C-Left and C-Right move by a word", "one two\x1b[1;5D\x1b[1;5D\x1b[1;5C", "one| two"],
  ["M-b knows words without spaces between", "你好世界\x1bb", "你好|世界"],
  ["Backspace removes a whole emoji family", "a👨‍👩‍👧\x7f", "a|"],
  ["Backspace removes a letter and its marks", "ae\u0301\x7f", "a|"],
  ["Backspace removes a flag", "🇩🇪🇫🇷\x7f", "🇩🇪|"],
  ["C-h is Backspace", "ab\x08", "a|"],
  ["Backspace at the beginning does nothing", "ab\x01\x7f", "|ab"],
  ["Delete removes the cluster after", "a👍🏽b\x01\x06\x1b[3~", "a|b"],
  ["C-d on text deletes", "ab\x01\x04", "|b"],
  ["C-w removes to a space", "one two-three \x17", "one |"],
  ["M-Backspace removes a word", "one two-three\x1b\x7f", "one two-|"],
  ["M-d removes the word after", "one two\x01\x1bd", "| two"],
  ["C-k removes the rest", "abcd\x02\x02\x0b", "ab|"],
  ["C-u removes what is before", "abcd\x02\x02\x15", "|cd"],
  ["C-y gives the last kill back", "abcd\x02\x02\x0b\x01\x19", "cd|ab"],
  ["kills in a row are one", "one two three\x17\x17\x19", "one two three|"],
  [
    "kills on both sides keep their order",
    "one two three\x1bb\x1bb\x1bd\x17\x19",
    "one two| three",
  ],
  ["a movement between kills makes two", "one two\x17\x02\x17\x19", "one| "],
  ["M-y puts the kill before in place of the last", "one two\x17\x02\x17\x05\x19\x1by", " two|"],
  ["M-y without a yank does nothing", "one\x17\x1by", "|"],
  ["C-t drags a character over the next", "abcd\x02\x02\x14", "acb|d"],
  ["C-t at the end swaps the last two", "abc\x14", "acb|"],
  ["C-t at the beginning does nothing", "ab\x01\x14", "|ab"],
  ["C-t swaps whole clusters", "👨‍👩‍👧é\x14", "é👨‍👩‍👧|"],
  ["C-_ takes typing back at once", "hello\x1f", "|"],
  ["C-_ takes 20 typed characters back at most", "x".repeat(25) + "\x1f", "x".repeat(20) + "|"],
  ["C-_ takes one change after the other back", "one two\x17\x15\x1f\x1f", "one two|"],
  ["C-_ more often than there were changes does nothing", "a\x1f\x1f\x1f", "|"],
  ["Alt-Enter makes a line", "one\x1b\rtwo", "one\ntwo|"],
  ["C-a and C-k stay in their line", "one\x1b\rtwo\x01\x0b", "one\n|"],
  ["C-k at the end of a line joins the next", "one\x1b\rtwo\x1b[A\x05\x0b", "one|two"],
  [
    "Up and Down keep the column",
    "long line\x1b\rab\x1b\rlong line" + UP + UP,
    "long line|\nab\nlong line",
  ],
  ["Up counts columns, not characters", "abcd\x1b\r你好" + UP, "abcd|\n你好"],
  ["a paste is inserted whole", "a\x1b[200~x\r\ny\rz\n\x1b[201~b", "ax\ny\nz\nb|"],
  ["Escape alone does nothing", "ab\x1b", "ab|"],
  ["typing half of a cluster moves the cursor past it", "👧\x01👩\u200d", "👩\u200d👧|"],
];

for (const [what, input, expected] of EDITS) {
  Deno.test(`LineEditor: ${what}`, () => assertEquals(line(input), expected));
}

Deno.test("LineEditor: Enter submits, empties the line and remembers it", () => {
  for (const enter of ["\r", "\n"]) {
    const actions: EditorAction[] = [];
    const state = type(createEditor(), `hello${enter}`, actions);
    assertEquals(actions, [{ type: "submit", text: "hello" }]);
    assertEquals(shown(state), "|");
    assertEquals(shown(type(state, UP)), "hello|");
    assertEquals(shown(type(state, "\x1f")), "|", "undo does not reach the line before");
  }
});

Deno.test("LineEditor: a paste with newlines submits nothing", () => {
  assertEquals(actionsOf("\x1b[200~one\rtwo\r\x1b[201~"), []);
});

Deno.test("LineEditor: C-c throws the line away and says which", () => {
  const actions: EditorAction[] = [];
  const state = type(createEditor(), "draft\x03", actions);
  assertEquals(actions, [{ type: "interrupt", text: "draft" }]);
  assertEquals(shown(state), "|");
  assertEquals(shown(type(state, "\x1f")), "draft|", "C-_ brings it back");
});

Deno.test("LineEditor: C-d on an empty line is the end, C-z and C-l and Tab ask the program", () => {
  assertEquals(actionsOf("\x04"), [{ type: "eof" }]);
  assertEquals(actionsOf("\x1a\x0c\t"), [
    { type: "suspend" },
    { type: "redraw" },
    { type: "complete" },
  ]);
});

Deno.test("LineEditor: a key without a meaning changes nothing", () => {
  const state = createEditor({ text: "abc" });
  for (const input of ["\x1b[15~", "\x1bq", "\x1d", "\x1b", "\x1b[5~"]) {
    assertStrictEquals(type(state, input), state);
  }
});

const HISTORY = ["first", "second\nentry", "third"];

Deno.test("LineEditor: Up and Down walk the history and keep the draft", () => {
  const start = createEditor({ history: HISTORY });
  assertEquals(shown(type(start, "draft" + UP)), "third|");
  assertEquals(shown(type(start, "draft" + UP + UP)), "second\nentry|");
  assertEquals(
    shown(type(start, "draft" + UP + UP + UP)),
    "secon|d\nentry",
    "within the entry first",
  );
  assertEquals(shown(type(start, "draft" + UP + UP + UP + UP)), "first|");
  assertEquals(shown(type(start, "draft" + UP.repeat(9))), "first|");
  assertEquals(shown(type(start, "draft\x10\x10\x0e\x0e")), "draft|");
  assertEquals(shown(type(start, "draft" + DOWN)), "draft|");
});

Deno.test("LineEditor: history skips blanks and repeats", () => {
  const state = type(createEditor(), "one\rone\r  \r\rtwo\r");
  assertEquals(state.history.entries, ["one", "two"]);
});

Deno.test("LineEditor: C-r finds, C-r again finds an older one, C-s a newer one", () => {
  const start = createEditor({ history: ["alpha beta", "beta gamma", "delta"], text: "draft" });
  const found = type(start, "\x12beta");
  assertEquals(viewEditor(found).searchPrompt, "(reverse-i-search)`beta': ");
  assertEquals(shown(found), "|beta gamma");
  assertEquals(shown(type(found, "\x12")), "alpha |beta");
  assertEquals(shown(type(found, "\x12\x13")), "|beta gamma");
  const failed = type(found, "\x12\x12");
  assertEquals(viewEditor(failed).searchPrompt, "(failed reverse-i-search)`beta': ");
  assertEquals(shown(failed), "alpha |beta", "it stays at the last that it found");
  assertEquals(shown(type(found, "x")), "|beta gamma");
  assertEquals(shown(type(start, "\x12ta\x7f\x7f")), "draft|");
  assertEquals(shown(type(start, "\x12al\x7f\x12")), "bet|a gamma");
});

Deno.test("LineEditor: C-g ends a search where it began, other keys where it is", () => {
  const start = createEditor({ history: ["alpha beta", "delta"], text: "draft" });
  assertEquals(shown(type(start, "\x12bet\x07")), "draft|");
  assertEquals(shown(type(start, "\x12bet\x1b")), "alpha |beta");
  assertEquals(shown(type(start, "\x12bet\x05!")), "alpha beta!|");
  assertEquals(shown(type(start, "\x12bet\x05\x1f")), "draft|", "the search is one change");
  assertEquals(shown(type(start, "\x12bet\x05" + DOWN)), "delta|");
  assertEquals(shown(type(start, "\x12bet\x05" + DOWN + DOWN)), "draft|");
  const actions: EditorAction[] = [];
  type(start, "\x12bet\r", actions);
  assertEquals(actions, [{ type: "submit", text: "alpha beta" }]);
});

Deno.test("LineEditor: a line that would get too long is refused whole, and says so", () => {
  const actions: EditorAction[] = [];
  const full = createEditor({ text: "x".repeat(9), maxLength: 10 });
  const state = type(full, "y\x1b[200~too much\x1b[201~z", actions);
  assertEquals(state.text, "xxxxxxxxxy");
  assertEquals(actions.map(({ type }) => type), ["refuse", "refuse"]);
  assert(actions[0]?.type === "refuse");
  assertEquals(
    actions[0].reason,
    "Not inserted: a message holds 10 characters, and this would make 18.",
  );
  const yanked: EditorAction[] = [];
  assertEquals(type(state, "\x17\x19\x19", yanked).text, "xxxxxxxxxy");
  assertEquals(yanked.map(({ type }) => type), ["refuse"]);
});

Deno.test("LineEditor: 65,536 characters fit by default, and one more does not", () => {
  const paste = (length: number) => `\x1b[200~${"x".repeat(length)}\x1b[201~`;
  assertEquals(type(createEditor(), paste(65_536)).text.length, 65_536);
  assertEquals(type(createEditor(), paste(65_537)).text.length, 0);
});

Deno.test("LineEditor: a paste over 1 MiB is refused", () => {
  const actions = actionsOf(`\x1b[200~${"x".repeat((1 << 20) + 1)}\x1b[201~`);
  assertEquals(actions, [{ type: "refuse", reason: "Not inserted: the paste is over 1 MiB." }]);
});

Deno.test("LineEditor: a mask shows one bullet for each character, and nothing when empty", () => {
  const secret = type(createEditor({ mask: "•" }), "pá👨‍👩‍👧s" + LEFT);
  assertEquals(viewEditor(secret), { searchPrompt: undefined, text: "••••", cursor: 3 });
  const hidden = type(createEditor({ mask: "" }), "pass");
  assertEquals(viewEditor(hidden), { searchPrompt: undefined, text: "", cursor: 0 });
});

Deno.test("LineEditor: a secret has one line, no words and no history", () => {
  const start = createEditor({ mask: "•", history: ["old"] });
  assertEquals(shown(type(start, "two words\x1bb")), "|two words");
  assertEquals(shown(type(start, "two words\x17")), "|");
  assertEquals(shown(type(start, UP)), "|");
  assertEquals(shown(type(start, "\x12o")), "o|");
  assertEquals(type(start, "secret\r").history.entries, ["old"]);
  assertEquals(shown(type(start, "\x1b[200~secret\n\x1b[201~")), "secret|");
  const actions: EditorAction[] = [];
  assertEquals(shown(type(start, "a\x1b\r\x1b[200~b\nc\x1b[201~", actions)), "a|");
  assertEquals(actions.map(({ type }) => type), ["refuse", "refuse"]);
});

Deno.test("replaceLine() replaces the line and can be undone", () => {
  const state = replaceLine(type(createEditor(), "mine"), "theirs");
  assertEquals(shown(state), "theirs|");
  assertEquals(shown(type(state, "\x1f")), "mine|");
});

const WORDS = ["/help", "/verify", "/versions", "/quit"];

Deno.test("completeWord() completes one candidate with a space after it", () => {
  const { state, candidates } = completeWord(createEditor({ text: "/h" }), () => WORDS);
  assertEquals([shown(state), candidates], ["/help |", []]);
  const before = type(createEditor({ text: "/h x" }), LEFT + LEFT);
  assertEquals(shown(completeWord(before, () => WORDS).state), "/help| x");
});

Deno.test("completeWord() goes as far as the candidates agree, then gives them", () => {
  const start = createEditor({ text: "say /v" });
  const { state, candidates } = completeWord(start, () => WORDS);
  assertEquals([shown(state), candidates], ["say /ver|", []]);
  const again = completeWord(state, () => WORDS);
  assertStrictEquals(again.state, state);
  assertEquals(again.candidates, ["/verify", "/versions"]);
});

Deno.test("completeWord() does nothing without a candidate, and gives line and cursor", () => {
  const start = type(createEditor({ text: "/x y" }), LEFT + LEFT);
  const asked: unknown[] = [];
  const result = completeWord(start, (...question) => {
    asked.push(...question);
    return WORDS;
  });
  assertStrictEquals(result.state, start);
  assertEquals(asked, ["/x y", 2]);
});

Deno.test("completeWord() never cuts a character in two", () => {
  const words = ["👨‍👩‍👧", "👨‍👩‍👦"];
  const { state } = completeWord(createEditor({ text: "" }), () => words);
  assertEquals(shown(state), "|");
});
