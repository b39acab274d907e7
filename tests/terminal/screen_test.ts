import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { KeyDecoder } from "../../lib/terminal/keys.ts";
import { layoutPrompt } from "../../lib/terminal/layout.ts";
import { createEditor, pressKey, viewEditor } from "../../lib/terminal/line_editor.ts";
import { Screen } from "../../lib/terminal/screen.ts";
import { styler } from "../../lib/terminal/style.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

/** A person at a virtual terminal: keys go through decoder and editor to the screen. */
class Person {
  readonly terminal: VirtualTerminal;
  readonly screen: Screen;
  prompt = "you> ";
  status: string | undefined;
  pending: readonly string[] = [];
  #editor = createEditor();
  #keys = new KeyDecoder();

  constructor(columns: number, rows: number) {
    this.terminal = new VirtualTerminal(columns, rows);
    this.screen = new Screen({ columns, rows });
    this.show();
  }

  show(): this {
    return this.write(this.screen.draw(this.view));
  }

  get view() {
    const { prompt, status, pending } = this;
    return { ...viewEditor(this.#editor), prompt, status, pending };
  }

  type(input: string): this {
    for (const key of this.#keys.decode(new TextEncoder().encode(input))) {
      this.#editor = pressKey(this.#editor, key).state;
      this.show();
    }
    return this;
  }

  print(text: string): this {
    return this.write(this.screen.printAbove(text));
  }

  resize(columns: number, rows: number): this {
    this.terminal.resize(columns, rows);
    return this.write(this.screen.resize({ columns, rows }));
  }

  write(output: string): this {
    this.terminal.write(output);
    return this;
  }

  get lines(): string[] {
    return this.terminal.lines;
  }

  get cursor(): number[] {
    return this.terminal.cursor;
  }
}

const LEFT = "\x1b[D";
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

Deno.test("Screen draws prompt and line, and the cursor in it", () => {
  const person = new Person(20, 5).type("hello" + LEFT + LEFT);
  assertEquals(person.lines, ["you> hello"]);
  assertEquals(person.cursor, [0, 8]);
});

Deno.test("Screen writes one byte for a character at the end of the line", () => {
  const person = new Person(20, 5).type("hell");
  const { length } = person.terminal.log;
  person.type("o");
  assertEquals(person.terminal.log.slice(length), "o");
  person.show();
  assertEquals(person.terminal.log.slice(length), "o", "and nothing when nothing changed");
});

Deno.test("Screen updates a character in the middle without a redraw of the line", () => {
  const person = new Person(20, 5).type("abcdef\x02\x02");
  const { length } = person.terminal.log;
  person.type("X");
  assertEquals(
    person.terminal.log.slice(length),
    "\x1b[?2026hXef\x1b[11G\x1b[?2026l",
  );
  assertEquals(person.lines, ["you> abcdXef"]);
});

Deno.test("Screen wraps a long line to where the text begins", () => {
  const person = new Person(15, 5).type("abcdefghijklmnop");
  assertEquals(person.lines, ["you> abcdefghij", "     klmnop"]);
  assertEquals(person.cursor, [1, 11]);
  person.type("\x01");
  assertEquals(person.cursor, [0, 5]);
  person.type("\x0b");
  assertEquals(person.lines, ["you>"]);
});

Deno.test("Screen puts the cursor after a full row into the next", () => {
  const person = new Person(15, 5).type("abcdefghij");
  assertEquals(person.lines, ["you> abcdefghij"]);
  assertEquals(person.cursor, [1, 5]);
  person.type("\x7f");
  assertEquals(person.cursor, [0, 14]);
  person.type("jk");
  assertEquals(person.lines, ["you> abcdefghij", "     k"]);
});

Deno.test("Screen moves a wide character at the margin to the next row", () => {
  const person = new Person(10, 5).type("abcd你好");
  assertEquals(person.lines, ["you> abcd", "     你好"]);
  person.type(LEFT + LEFT);
  assertEquals(person.cursor, [1, 5]);
  person.type(LEFT);
  assertEquals(person.cursor, [0, 8]);
});

Deno.test("Screen shows emoji families and flags as one character", () => {
  const person = new Person(20, 5).type("a👨‍👩‍👧🇩🇪b");
  assertEquals(person.lines, ["you> a👨‍👩‍👧🇩🇪b"]);
  assertEquals(person.cursor, [0, 11]);
  person.type("\x7f\x7f\x7f");
  assertEquals(person.lines, ["you> a"]);
});

Deno.test("Screen does not count on the widths of what is not ASCII", () => {
  const person = new Person(20, 5).type("👨‍👩‍👧b" + LEFT);
  const { length } = person.terminal.log;
  person.type("c");
  // The row again, then the cells before the cursor again: right whatever the emoji's width.
  assertStringIncludes(person.terminal.log.slice(length), "\r\x1b[Kyou> 👨‍👩‍👧cb\ryou> 👨‍👩‍👧c");
});

Deno.test("Screen shows the lines of a paste", () => {
  const person = new Person(20, 6).type(paste("one\ntwo\n") + "three");
  assertEquals(person.lines, ["you> one", "     two", "     three"]);
  assertEquals(person.cursor, [2, 10]);
});

Deno.test("Screen makes controls in the line visible, and keeps the cursor right", () => {
  const person = new Person(40, 5).type(paste("a\x1b[2J\tb\u202ec") + LEFT);
  assertEquals(person.lines, ["you> a␛[2J    b<U+202E>c"]);
  assertEquals(person.cursor, [0, 23]);
});

Deno.test("Screen prints above the prompt and leaves the line and cursor alone", () => {
  const person = new Person(20, 6).type("draft" + LEFT);
  person.print("bob: hi").print("bob: two\nlines");
  assertEquals(person.lines, ["bob: hi", "bob: two", "lines", "you> draft"]);
  assertEquals(person.cursor, [3, 9]);
});

Deno.test("Screen lets the terminal wrap what it prints", () => {
  const person = new Person(10, 6).print("abcdefghij").print("abcdefghijklm").type("x");
  assertEquals(person.lines, ["abcdefghij", "abcdefghij", "klm", "you> x"]);
  assertEquals(person.terminal.transcript, ["abcdefghij", "abcdefghijklm", "you> x"]);
});

Deno.test("Screen scrolls at the bottom and keeps everything in the scrollback", () => {
  const person = new Person(20, 3).type("draft");
  for (let count = 1; count <= 5; count++) person.print(`message ${count}`);
  assertEquals(person.lines, ["message 4", "message 5", "you> draft"]);
  assertEquals(person.terminal.transcript.length, 6);
});

Deno.test("Screen prints styles and makes any other control visible", () => {
  const person = new Person(40, 5);
  person.print(styler("16")("bob", "bold", "green") + ": \x1b[8mhid\x1b[2J\x07");
  assertEquals(person.lines, ["bob: ␛[8mhid␛[2J␇", "you>"]);
  assertStringIncludes(person.terminal.log, "\x1b[1m\x1b[32mbob\x1b[39m\x1b[22m");
  assertEquals(person.terminal.bells, 0);
});

Deno.test("Screen breaks a question at spaces", () => {
  const person = new Person(20, 6);
  person.prompt = "2 lines are not here: leave anyway? ";
  assertEquals(person.show().type("yes").lines, ["2 lines are not", "here: leave anyway?", "yes"]);
  person.prompt = "Donaudampfschifffahrtsgesellschaft> ";
  assertEquals(person.show().lines, ["Donaudampfschifffahr", "tsgesellschaft> yes"]);
});

Deno.test("Screen keeps the styles of the prompt out of the line", () => {
  const person = new Person(20, 5);
  person.prompt = styler("16")("you", "bold") + "> ";
  person.show().type("x");
  assertEquals(person.lines, ["you> x"]);
  assertStringIncludes(person.terminal.log, "\x1b[1myou\x1b[0m");
});

Deno.test("Screen shows a status below the line, cut to fit", () => {
  const person = new Person(20, 5);
  person.status = "connected to bob, verified";
  person.show().type("hi");
  assertEquals(person.lines, ["you> hi", "connected to bob, v…"]);
  assertEquals(person.cursor, [0, 7]);
  person.print("bob: hello");
  assertEquals(person.lines, ["bob: hello", "you> hi", "connected to bob, v…"]);
  person.status = undefined;
  assertEquals(person.show().lines, ["bob: hello", "you> hi"]);
});

Deno.test("Screen shows lines above the prompt, each cut to one row", () => {
  const person = new Person(20, 9).type("draft" + LEFT);
  person.pending = ["one", "two\nlines", "a line that is longer than the screen"];
  person.status = "status";
  person.show();
  const shown = ["one", "two␊lines", "a line that is long…", "you> draft", "status"];
  assertEquals(person.lines, shown);
  assertEquals(person.cursor, [3, 9]);
  person.print("bob: hi");
  assertEquals(person.lines, ["bob: hi", ...shown]);
  person.pending = [];
  assertEquals(person.show().lines, ["bob: hi", "you> draft", "status"]);
});

Deno.test("Screen gives the lines above the prompt a third of its height, and counts the others", () => {
  const person = new Person(20, 9);
  person.pending = Array.from({ length: 200 }, (_, i) => `line ${i}`);
  assertEquals(person.show().lines, ["… and 198 more", "line 198", "line 199", "you>"]);
  person.resize(20, 5);
  assertEquals(person.lines, ["… and 200 more", "you>"]);
  person.resize(20, 2);
  assertEquals(person.lines, ["you>"]);
  person.resize(12, 12);
  person.pending = ["a", "b", "c", "你好你好你好!"];
  assertEquals(person.show().lines, ["a", "b", "c", "你好你好你…", "you>"]);
});

Deno.test("Screen moves a line from above the prompt to what is printed without moving the prompt", () => {
  const person = new Person(20, 3);
  person.pending = ["→ you> hello"];
  person.print("bob: hi").show();
  assertEquals(person.lines, ["bob: hi", "→ you> hello", "you>"]);
  person.pending = [];
  person.write(person.screen.printAbove("you> hello ✓", person.view));
  assertEquals(person.lines, ["bob: hi", "you> hello ✓", "you>"]);
  assertEquals(person.terminal.scrollback, []);
});

Deno.test("Screen: leave() takes the lines above the prompt away", () => {
  for (const erase of [true, false]) {
    const person = new Person(20, 9);
    person.pending = ["one", "two"];
    person.type("draft").write(person.screen.leave({ erase }));
    assertEquals(person.lines, erase ? [] : ["you> draft"]);
    person.show();
    assertEquals(person.lines.slice(-3), ["one", "two", "you> draft"]);
  }
});

Deno.test("Screen writes no more for a character when there are lines above the prompt", () => {
  const person = new Person(20, 9);
  person.pending = ["… you> 你好", "→ you> hello"];
  person.type("hell");
  const { length } = person.terminal.log;
  person.type("o");
  assertEquals(person.terminal.log.slice(length), "o");
});

Deno.test("Screen changes a prompt of another width", () => {
  const person = new Person(20, 5).type("hi");
  person.prompt = "alice> ";
  assertEquals(person.show().lines, ["alice> hi"]);
  assertEquals(person.cursor, [0, 9]);
  person.prompt = "> ";
  assertEquals(person.show().lines, ["> hi"]);
});

Deno.test("Screen shows a window of a prompt that is taller than the screen", () => {
  const person = new Person(20, 3).type(paste("1\n2\n3\n4\n5"));
  assertEquals(person.lines, ["     3", "     4", "     5"]);
  person.type("\x1b[A\x1b[A\x1b[A");
  assertEquals(person.lines, ["     2", "     3", "     4"]);
  assertEquals(person.cursor, [0, 6]);
  person.type("\x1b[B");
  assertEquals(person.lines, ["     2", "     3", "     4"], "the window moves only when it must");
  person.type("\x1b[A\x1b[A");
  assertEquals(person.lines[0], "you> 1");
  assertEquals(person.terminal.scrollback, [], "and nothing of it goes to the scrollback");
});

Deno.test("Screen prints above a prompt that is taller than the screen", () => {
  const person = new Person(20, 3).type(paste("1\n2\n3\n4")).print("bob: hi");
  assertEquals(person.terminal.transcript, ["bob: hi", "     2", "     3", "     4"]);
});

for (const columns of [2, 3, 5, 10, 40]) {
  Deno.test(`Screen works in ${columns} columns`, () => {
    const person = new Person(columns, 40).type("hello 你好");
    person.print("bob: hi").type("\x01X\x05!");
    const view = { prompt: "you> ", text: "Xhello 你好!", cursor: 10 };
    const layout = layoutPrompt(view, columns);
    const rows = layout.rows.map((row) => row.map(({ text }) => text).join("").trimEnd());
    while (rows.at(-1) === "") rows.pop();
    assertEquals(person.lines.slice(-rows.length), rows);
  });
}

Deno.test("Screen takes a terminal of unknown size for 80 by 24", () => {
  assertEquals(new Screen({ columns: 0, rows: 0 }).size, { columns: 80, rows: 24 });
});

Deno.test("Screen redraws after a resize without a trace of the old rows", () => {
  const person = new Person(40, 8).print("bob: hi").type("a".repeat(60));
  person.resize(20, 8);
  assertEquals(person.lines[0], "bob: hi");
  assertEquals(person.lines.slice(1).join("").replaceAll(" ", ""), "you>" + "a".repeat(60));
  person.resize(80, 8);
  assertEquals(person.lines, ["bob: hi", "you> " + "a".repeat(60)]);
  assertEquals(person.cursor, [1, 65]);
});

Deno.test("Screen: clear() moves what was shown to the scrollback and the prompt to the top", () => {
  const person = new Person(20, 4).print("bob: hi").type("draft");
  person.write(person.screen.clear());
  assertEquals(person.lines, ["you> draft"]);
  assertEquals(person.cursor, [0, 10]);
  assertEquals(person.terminal.transcript[0], "bob: hi");
});

Deno.test("Screen: leave() leaves the whole line and goes below it", () => {
  const person = new Person(20, 5);
  person.status = "status";
  person.show().type("hello\x01").write(person.screen.leave());
  assertEquals(person.lines, ["you> hello"]);
  assertEquals(person.cursor, [1, 0]);
  assertEquals(person.screen.leave(), "", "once");
});

Deno.test("Screen: leave() writes all of a line that is taller than the screen", () => {
  const person = new Person(20, 3).type(paste("1\n2\n3\n4\n5")).write("");
  person.write(person.screen.leave());
  assertEquals(person.terminal.transcript, ["you> 1", "     2", "     3", "     4", "     5"]);
});

Deno.test("Screen: leave() with erase leaves nothing", () => {
  const person = new Person(20, 5).print("bob: hi").type("hello");
  person.write(person.screen.leave({ erase: true }));
  assertEquals(person.lines, ["bob: hi"]);
  assertEquals(person.cursor, [1, 0]);
});

Deno.test("Screen: resume() draws anew where the cursor is", () => {
  const person = new Person(20, 6).type("hello");
  person.write(person.screen.leave({ erase: true }) + "$ fg\r\n");
  person.write(person.screen.resume({ columns: 20, rows: 6 }));
  assertEquals(person.lines, ["$ fg", "you> hello"]);
});

Deno.test("Screen wraps each update with a control in synchronized output", () => {
  const person = new Person(20, 5).type("hello\x02\x02x").print("bob");
  assertEquals(person.terminal.modes.has("2026"), false, "and ends it");
  const begins = person.terminal.log.split("\x1b[?2026h").length;
  assert(begins > 2);
  assertEquals(person.terminal.log.split("\x1b[?2026l").length, begins);
});
