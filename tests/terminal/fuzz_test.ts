/**
 * Random keyboards, random peers and random windows against decoder, editor, renderer and a virtual
 * terminal, which throws on whatever a terminal should not get.
 *
 * @module
 */

import { heavyTest } from "../helpers/permissions.ts";
import { KeyDecoder } from "../../lib/terminal/keys.ts";
import { layoutPending, layoutPrompt } from "../../lib/terminal/layout.ts";
import {
  createEditor,
  type EditorState,
  pressKey,
  viewEditor,
} from "../../lib/terminal/line_editor.ts";
import { safeStyledText } from "../../lib/terminal/cells.ts";
import { safeText } from "../../lib/safe_text.ts";
import { Screen, type Size } from "../../lib/terminal/screen.ts";
import { STYLE_SEQUENCE } from "../../lib/terminal/style.ts";
import { graphemes } from "../../lib/terminal/text_width.ts";
import { Dice } from "../helpers/mutants.ts";
import { randomKeyboard, randomText } from "./random_text.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

/** Key sequences for the editor alone, and steps with a screen. */
const SEQUENCES = 6_000;
const STEPS = 600;
/** Steps on one terminal before a new one. */
const STEPS_EACH = 40;

function checkCursor({ text, cursor }: EditorState): void {
  if (cursor < 0 || cursor > text.length) throw new Error(`Cursor ${cursor} of ${text.length}`);
  const before = graphemes(text.slice(0, cursor)).length;
  const after = graphemes(text.slice(cursor)).length;
  if (before + after !== graphemes(text).length) {
    throw new Error(`Cursor ${cursor} inside a character of ${JSON.stringify(text)}`);
  }
}

heavyTest(`LineEditor survives ${SEQUENCES} random key sequences with its cursor in place`, () => {
  const dice = new Dice(6);
  const decoder = new KeyDecoder();
  let state = createEditor();
  for (let run = 0; run < SEQUENCES; run++) {
    const keys = decoder.decode(randomKeyboard(dice, 2));
    if (dice.below(4) === 0) keys.push(...decoder.flush());
    for (const key of keys) state = pressKey(state, key).state;
    checkCursor(state);
    if (state.text.length > 200) state = { ...createEditor(), history: state.history };
  }
});

/** A terminal adds spaces at the margin before a wide character. */
function withoutSpaces(text: string): string {
  return text.replaceAll(/\s/g, "");
}

/** One random session: a person, a peer, and a window that changes. */
class Session {
  #dice: Dice;
  #size: Size;
  #terminal: VirtualTerminal;
  #screen: Screen;
  #decoder = new KeyDecoder();
  #editor = createEditor({ history: ["one", "two\nlines"] });
  #status: string | undefined;
  #pending: readonly string[] = [];
  #printed: string[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#size = { columns: 2 + dice.below(40), rows: 2 + dice.below(10) };
    this.#terminal = new VirtualTerminal(this.#size.columns, this.#size.rows);
    this.#screen = new Screen(this.#size);
    this.#show();
  }

  step(): void {
    const kind = this.#dice.below(15);
    if (kind < 6) this.#type();
    else if (kind < 8) this.#print();
    else if (kind === 8) this.#resize();
    else if (kind === 9) this.#changeStatus();
    else if (kind < 12) this.#enter();
    else if (kind === 12) this.#deliver();
    else if (kind === 13) this.#terminal.write(this.#screen.leave() + this.#screen.clear());
    else this.#terminal.write(this.#screen.leave({ erase: this.#dice.below(2) === 0 }));
    this.#show();
    checkCursor(this.#editor);
    this.#checkPrinted();
    this.#checkBlock();
  }

  #view() {
    const { status, pending } = { status: this.#status, pending: this.#pending };
    return { ...viewEditor(this.#editor), prompt: "you> ", status, pending };
  }

  #show(): void {
    this.#terminal.write(this.#screen.draw(this.#view()));
  }

  #type(): void {
    for (const key of this.#decoder.decode(randomKeyboard(this.#dice, 4))) {
      this.#editor = pressKey(this.#editor, key).state;
    }
    if (this.#editor.text.length > 300) this.#editor = createEditor();
  }

  #print(): void {
    const text = randomText(this.#dice, 12);
    // A careless program prints what it got; the screen is safe with either.
    const given = this.#dice.below(4) === 0 ? text : safeText(text, { lines: true });
    this.#terminal.write(this.#screen.printAbove(given));
    this.#printed.push(withoutSpaces(safeStyledText(given).replaceAll(STYLE_SEQUENCE, "")));
  }

  /** A line is entered, and stays above the prompt. */
  #enter(): void {
    this.#pending = [...this.#pending, randomText(this.#dice, 30)];
  }

  /** The oldest lines above the prompt go to where everything is printed, in one step. */
  #deliver(): void {
    const count = this.#dice.below(this.#pending.length + 1);
    const delivered = this.#pending.slice(0, count).join("\n");
    this.#pending = this.#pending.slice(count);
    this.#terminal.write(this.#screen.printAbove(delivered, this.#view()));
    this.#printed.push(withoutSpaces(safeStyledText(delivered).replaceAll(STYLE_SEQUENCE, "")));
  }

  #resize(): void {
    this.#size = { columns: 2 + this.#dice.below(40), rows: 2 + this.#dice.below(10) };
    this.#terminal.resize(this.#size.columns, this.#size.rows);
    this.#terminal.write(this.#screen.resize(this.#size));
  }

  #changeStatus(): void {
    this.#status = this.#dice.below(2) === 0 ? undefined : randomText(this.#dice, 12);
  }

  /** What was printed is all there, in order. */
  #checkPrinted(): void {
    const transcript = withoutSpaces(this.#terminal.transcript.join(""));
    let at = 0;
    for (const text of this.#printed) {
      const found = transcript.indexOf(text, at);
      if (found < 0) throw new Error(`${JSON.stringify(text)} is lost in ${transcript}`);
      at = found + text.length;
    }
  }

  /** The screen shows what a fresh screen would show. */
  #checkBlock(): void {
    const { columns, rows } = this.#size;
    const fresh = new VirtualTerminal(columns, rows);
    fresh.write(new Screen(this.#size).draw(this.#view()));
    const [row, column] = this.#terminal.cursor;
    const shown = this.#terminal.allLines;
    const expected = fresh.allLines;
    // Which window of a tall prompt is shown depends on where the cursor was before.
    const above = layoutPending(this.#pending, columns, Math.floor(rows / 3)).length;
    const isWindow = layoutPrompt(this.#view(), columns).rows.length >= rows - above;
    const same = isWindow ||
      expected.slice(0, fresh.lines.length).every((line, index) =>
        shown[row - fresh.cursor[0] + index] === line
      );
    if (!same || column !== fresh.cursor[1]) {
      throw new Error(`Shown ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`);
    }
  }
}

heavyTest(`Screen shows the same as a fresh screen after each of ${STEPS} random steps`, () => {
  for (let run = 0; run < STEPS / STEPS_EACH; run++) {
    const session = new Session(new Dice(1000 + run));
    for (let step = 0; step < STEPS_EACH; step++) {
      try {
        session.step();
      } catch (error) {
        throw new Error(`Session ${run}, step ${step}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
});
