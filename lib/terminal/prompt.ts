/**
 * A prompt at the bottom of the terminal: lines that a person enters come out of it, and texts are
 * printed above it, without either disturbing the other.
 *
 * @module
 */

import { type Completer, completeWord } from "./completion.ts";
import { EventQueue } from "./event_queue.ts";
import { joinTyped, type Key } from "./keys.ts";
import {
  createEditor,
  type EditorAction,
  type EditorState,
  pressKey,
  replaceLine,
  viewEditor,
} from "./line_editor.ts";
import { safeStyledText } from "./cells.ts";
import { type PromptView, Screen, type Size } from "./screen.ts";
import type { TerminalEvent } from "./terminal.ts";

export type { Completer } from "./completion.ts";

/** An event of a prompt. */
export type PromptEvent =
  /** A line was entered. It may have newlines in it, and it may be empty. */
  | { readonly type: "line"; readonly text: string }
  /** C-c; `discarded` is the line that it threw away, empty when there was none. */
  | { readonly type: "interrupt"; readonly discarded: string }
  /**
   * C-d on an empty line (`key`), the end of input, or a screen that is gone. Nothing follows the
   * latter two.
   */
  | { readonly type: "eof"; readonly cause: "key" | "input" | "output" }
  /** The window got or lost the focus (if the terminal was opened with `focus`). */
  | { readonly type: "focus"; readonly focused: boolean };

/** A terminal as a prompt uses it; `Terminal` of `terminal.ts` is one. */
export interface PromptTerminal extends AsyncIterable<TerminalEvent> {
  /** The size now. */
  readonly size: Size;
  /** Whether {@link PromptTerminal.suspend} does anything. */
  readonly canSuspend: boolean;
  /** Called for what to write before the terminal is given back. */
  beforeRestore: () => string;
  /** Writes all of a text. */
  write(text: string): void;
  /** Stops the program until it is continued. */
  suspend(): void;
  /** Gives the terminal back. */
  close(): void;
}

/** Options of a {@link PromptLoop}. */
export interface PromptOptions {
  /** What stands before the line, such as `you> `; may have styles of `style.ts`. */
  readonly prompt: string;
  /** Completes words on Tab. */
  readonly completer?: Completer;
}

/** Options of {@link PromptLoop.ask}. */
export interface AskOptions {
  /** What is shown for each character of a secret, `""` for nothing; without it, the text itself. */
  readonly mask?: string;
  /** Completes the answer's words on Tab. */
  readonly completer?: Completer;
}

/** Advice for C-z, because a key that is known everywhere and does nothing looks like a fault. */
const CANNOT_SUSPEND = "Ctrl-Z does nothing without --suspend: a task runner would hang.";

/** A question that waits for its answer. */
interface Question {
  readonly prompt: string;
  readonly completer: Completer | undefined;
  readonly resolve: (answer: string | undefined) => void;
  /** The line that was being written, to go on with after the answer. */
  readonly interrupted: EditorState;
}

/**
 * Runs the prompt of a terminal. Iterate over it once for what the person does.
 *
 * @example
 * ```ts ignore
 * const prompt = new PromptLoop(Terminal.open(), { prompt: "you> " });
 * for await (const event of prompt) {
 *   if (event.type === "eof" || event.type === "interrupt") break;
 *   if (event.type === "line") prompt.print(`you said ${event.text}`);
 * }
 * prompt.close();
 * ```
 */
export class PromptLoop implements AsyncIterable<PromptEvent> {
  #terminal: PromptTerminal;
  #options: PromptOptions;
  #prompt: string;
  #status: string | undefined;
  #pending: readonly string[] = [];
  /** Whether a change waits to be drawn with others that come at the same moment. */
  #isStale = false;
  /** Shown in the status' place until the next key. */
  #notice: string | undefined;
  #editor = createEditor();
  #screen: Screen;
  #question: Question | undefined;
  #events: EventQueue<PromptEvent> = new EventQueue();
  #isOpen = true;
  /** Whether the terminal is given back while the program is stopped (C-z). */
  #isAway = false;
  /** Whether keyboard or screen is gone: nobody can answer a question. */
  #hasEnded = false;

  /** Shows the prompt and begins to read keys. */
  constructor(terminal: PromptTerminal, options: PromptOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#prompt = options.prompt;
    this.#screen = new Screen(terminal.size);
    terminal.beforeRestore = () => this.#screen.leave({ erase: this.#editor.text === "" });
    this.#draw();
    this.#run();
  }

  /** Gives the events as they come. */
  [Symbol.asyncIterator](): AsyncIterator<PromptEvent> {
    return this.#events;
  }

  /** What has been written and not entered. */
  get line(): string {
    return (this.#question?.interrupted ?? this.#editor).text;
  }

  /** The width of the screen in characters. */
  get columns(): number {
    return this.#screen.size.columns;
  }

  /**
   * Prints safe text above the prompt; after {@link PromptLoop.close}, on the terminal as it is. Styles of `style.ts`
   * stay, other controls are made visible.
   */
  print(text: string): void {
    const isShown = this.#isOpen && !this.#isAway;
    this.#terminal.write(
      isShown ? this.#screen.printAbove(text, this.#view()) : `${safeStyledText(text)}\n`,
    );
  }

  /** Changes what stands before the line, such as `alice> `; it may have styles. */
  setPrompt(prompt: string): void {
    this.#prompt = prompt;
    this.#draw();
  }

  /** Changes the line below the prompt, which is cut to the width of the screen; undefined or empty for none. */
  setStatus(status?: string): void {
    this.#status = status === "" ? undefined : status;
    this.#draw();
  }

  /**
   * Changes the lines right above the prompt, the oldest first, which go away with it: what was entered and is not done
   * yet. They take at most a third of the screen's height; of more, the newest are shown. Drawn with the next
   * {@link PromptLoop.print}, or as soon as what runs now is done.
   */
  setPending(lines: readonly string[]): void {
    if (lines.length === 0 && this.#pending.length === 0) return;
    this.#pending = lines;
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      if (this.#isStale) this.#draw();
    });
  }

  /** Replaces the line being written, with the cursor at its end. C-_ undoes that. */
  setLine(text: string): void {
    this.#editor = replaceLine(this.#editor, text);
    this.#draw();
  }

  /** Clears the screen, as C-l does: what it showed goes to the scrollback. */
  clear(): void {
    if (this.#isOpen && !this.#isAway) this.#terminal.write(this.#screen.clear());
  }

  /** Asks the terminal for a desktop notification (OSC 9), in ASCII words of the program's own, never a peer's. */
  notify(text: string): void {
    this.#terminal.write(`\x1b]9;${text.replace(/[^\x20-\x7e]/g, "")}\x07`);
  }

  /** Rings the terminal's bell. */
  ring(): void {
    this.#terminal.write("\x07");
  }

  /**
   * Asks for one line, apart from the conversation: it makes no `line` event and goes to no history, and the line that
   * was being written comes back afterwards. Undefined when the person declined (C-c or C-d) or the input ended.
   *
   * @throws {Error} when another question is open
   */
  ask(prompt: string, options: AskOptions = {}): Promise<string | undefined> {
    if (this.#question) throw new Error("Cannot ask: another question is open");
    if (!this.#isOpen || this.#hasEnded) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const { completer, mask } = options;
    this.#question = { prompt, completer, resolve, interrupted: this.#editor };
    this.#editor = createEditor({ mask, multiline: false });
    this.#draw();
    return promise;
  }

  /** Takes the prompt away, gives the terminal back and ends the events. */
  close(): void {
    if (!this.#isOpen) return;
    this.#answer(undefined);
    this.#isOpen = false;
    if (!this.#isAway) this.#terminal.write(this.#screen.leave({ erase: true }));
    this.#terminal.close();
    this.#events.end();
  }

  async #run(): Promise<void> {
    for await (const event of this.#terminal) {
      if (!this.#isOpen) return;
      if (event.type === "keys") this.#press(event.keys);
      else if (event.type === "resume") this.#resume(event.size);
      else if (event.type === "end") this.#end(event.cause);
      else if (!this.#isAway) this.#terminal.write(this.#screen.resize(event.size));
    }
  }

  #resume(size: Size): void {
    this.#isAway = false;
    this.#terminal.write(this.#screen.resume(size));
    this.#draw();
  }

  #end(cause: "input" | "output"): void {
    this.#hasEnded = true;
    this.#answer(undefined);
    this.#events.push({ type: "eof", cause });
    this.#events.end();
  }

  #press(keys: readonly Key[]): void {
    for (const one of joinTyped(keys)) {
      if (one.name === "focus-in" || one.name === "focus-out") {
        this.#events.push({ type: "focus", focused: one.name === "focus-in" });
        continue;
      }
      this.#notice = undefined;
      const { state, action } = pressKey(this.#editor, one);
      // What stays on the screen is drawn before the editor is empty.
      if (action?.type === "submit" || action?.type === "interrupt") this.#leave(action.type);
      this.#editor = state;
      if (action) this.#act(action);
    }
    this.#draw();
  }

  #leave(reason: "submit" | "interrupt"): void {
    // A line that goes need not be shown for a moment: the next draw takes it away.
    if (reason === "submit" && !this.#question) return;
    this.#draw();
    this.#terminal.write(this.#screen.leave());
  }

  #act(action: EditorAction): void {
    switch (action.type) {
      case "submit":
        if (!this.#answer(action.text)) this.#enter(action.text);
        break;
      case "interrupt":
        if (this.#answer(undefined)) break;
        this.#events.push({ type: "interrupt", discarded: action.text });
        break;
      case "eof":
        if (!this.#answer(undefined)) this.#events.push({ type: "eof", cause: "key" });
        break;
      case "suspend":
        this.#suspend();
        break;
      case "redraw":
        this.#terminal.write(this.#screen.clear());
        break;
      case "complete":
        this.#complete();
        break;
      case "refuse":
        this.#refuse(action.reason);
    }
  }

  #enter(text: string): void {
    this.#events.push({ type: "line", text });
  }

  /** Settles the open question, if there is one. */
  #answer(answer: string | undefined): boolean {
    const question = this.#question;
    if (!question) return false;
    this.#question = undefined;
    this.#editor = question.interrupted;
    question.resolve(answer);
    return true;
  }

  #suspend(): void {
    if (!this.#terminal.canSuspend) return this.#refuse(CANNOT_SUSPEND);
    this.#draw();
    this.print("Stopped. To continue: fg");
    this.#isAway = true;
    this.#terminal.suspend();
  }

  /** Says why nothing was done, until the next key. */
  #refuse(reason: string): void {
    this.#notice = reason;
    this.ring();
  }

  #complete(): void {
    const { completer } = this.#question ?? this.#options;
    if (!completer) return this.ring();
    const { state, candidates } = completeWord(this.#editor, completer);
    if (state === this.#editor) this.ring();
    this.#editor = state;
    if (candidates.length > 0) this.#notice = candidates.join("  ");
  }

  #draw(): void {
    if (!this.#isOpen || this.#isAway) return;
    this.#terminal.write(this.#screen.draw(this.#view()));
  }

  /** The view as it is now; the caller draws it. */
  #view(): PromptView {
    this.#isStale = false;
    const { searchPrompt, text, cursor } = viewEditor(this.#editor);
    return {
      text,
      cursor,
      prompt: searchPrompt ?? this.#question?.prompt ?? this.#prompt,
      status: this.#notice ?? this.#status,
      pending: this.#pending,
    };
  }
}
