/**
 * The terminal itself: raw mode and back, keys and sizes in, text out.
 *
 * Whatever ends the program, the terminal is as it was before: a normal end, `Deno.exit`, an
 * uncaught error, SIGINT, SIGTERM, SIGHUP, SIGQUIT. (Nothing can be done about SIGKILL; `reset`
 * and Ctrl-J help then.)
 *
 * @module
 */

import { ParleyError } from "../errors.ts";
import { denoDevice, type TerminalDevice } from "./device.ts";
import { EventQueue } from "./event_queue.ts";
import { type Key, KeyDecoder } from "./keys.ts";
import type { Size } from "./screen.ts";
import { STYLE_RESET } from "./style.ts";

export type { TerminalDevice } from "./device.ts";

/** An event of a terminal. */
export type TerminalEvent =
  /** Keys that were read together, in order. */
  | { readonly type: "keys"; readonly keys: readonly Key[] }
  /** The window has another size. */
  | { readonly type: "resize"; readonly size: Size }
  /** The program was stopped and continues: the screen shows something else now. */
  | { readonly type: "resume"; readonly size: Size }
  /** The keyboard (`input`) or the screen (`output`) is gone. Nothing follows. */
  | { readonly type: "end"; readonly cause: "input" | "output" };

/** Options of {@link Terminal.open}. */
export interface TerminalOptions {
  /** Whether to report when the window gets and loses the focus. @default {false} */
  readonly focus?: boolean;
  /**
   * Whether the program may stop on {@link Terminal.suspend}. Say yes only if a shell started it:
   * `deno task` does not stop with its child, waits for it for ever, and then nobody can continue
   * it. A program can't find out who started it, nor stop its whole process group as the terminal
   * does, without --allow-run.
   *
   * @default {false}
   */
  readonly suspend?: boolean;
  /** The operating system's side. @default {denoDevice()} */
  readonly device?: TerminalDevice;
}

/** How long a lone ESC may be the beginning of a sequence, in milliseconds. */
const ESCAPE_TIMEOUT = 50;
/**
 * How long a paste may stall, in milliseconds. Long, because what comes after it counts as typed;
 * not endless, because a terminal that never ends a paste would take the keyboard away.
 */
const PASTE_TIMEOUT = 10_000;
/** How long to wait for SIGCONT after stopping, in milliseconds of running time. */
const RESUME_TIMEOUT = 100;
/** How often to try to write to a screen that takes nothing: for 10 s. */
const MAX_PAUSES = 2000;

/** How long {@link Terminal.beforeExit} may delay the end of a program that a signal ends, in milliseconds. */
const BEFORE_EXIT_PATIENCE = 300;

/** Signals that end the program, and their numbers: the exit code is 128 more. */
const ENDING_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/**
 * A terminal in raw mode. Iterate over it once for its events.
 *
 * @example
 * ```ts ignore
 * const terminal = Terminal.open();
 * for await (const event of terminal) {
 *   if (event.type === "keys") terminal.write(`${event.keys.length} keys\r\n`);
 * }
 * terminal.close();
 * ```
 */
export class Terminal implements AsyncIterable<TerminalEvent> {
  /**
   * Gives what to write before the terminal is given back, for instance to erase a prompt. Called
   * at each end and stop, also after an error, so it must not throw.
   */
  beforeRestore: () => string = () => "";

  /**
   * Says goodbye, for instance to a server, when a signal ends the program. The terminal is given
   * back before, and the program ends when this resolves, or after 300 ms. It must not throw.
   */
  beforeExit: () => Promise<void> = () => Promise.resolve();

  /** Whether {@link Terminal.suspend} does anything. */
  readonly canSuspend: boolean;

  #device: TerminalDevice;
  #modesOn: string;
  #modesOff: string;
  #events: EventQueue<TerminalEvent> = new EventQueue();
  #decoder = new KeyDecoder();
  #encoder = new TextEncoder();
  #isRaw = false;
  #isOpen = true;
  #canWrite = true;
  #cancelFlush: () => void = () => {};
  #cancelResume: (() => void) | undefined;
  #unlisten: (() => void)[] = [];

  private constructor(device: TerminalDevice, focus: boolean, canSuspend: boolean) {
    this.#device = device;
    this.canSuspend = canSuspend;
    // Bracketed paste; focus reporting (xterm ctlseqs, "Bracketed Paste Mode", "FocusIn/FocusOut").
    this.#modesOn = "\x1b[?2004h" + (focus ? "\x1b[?1004h" : "");
    this.#modesOff = (focus ? "\x1b[?1004l" : "") + "\x1b[?2004l" + STYLE_RESET;
  }

  /**
   * Takes the terminal, until it is closed: raw mode, bracketed paste, signals.
   *
   * @throws {ParleyError} `no-terminal` when standard input or output is not a terminal
   */
  static open(options: TerminalOptions = {}): Terminal {
    const { device = denoDevice(), focus = false, suspend = false } = options;
    if (!device.isTerminal()) {
      throw new ParleyError(
        "no-terminal",
        "Cannot open the terminal: standard input and output must both be one",
      );
    }
    const terminal = new Terminal(device, focus, suspend);
    terminal.#listen();
    terminal.#takeOver();
    terminal.#read();
    return terminal;
  }

  /** The terminal's size now. */
  get size(): Size {
    return this.#device.size();
  }

  /** Gives the events as they come; the last has the type `end`. */
  [Symbol.asyncIterator](): AsyncIterator<TerminalEvent> {
    return this.#events;
  }

  /**
   * Writes all of a text (control functions and safe text) before it returns: output keeps its order whatever happens
   * next. When the screen is gone (a closed pipe, a hangup), the text is lost and the events end.
   */
  write(text: string): void {
    let rest = this.#encoder.encode(text);
    for (let pauses = 0; rest.length > 0 && this.#canWrite;) {
      try {
        rest = rest.subarray(this.#device.write(rest));
      } catch (error) {
        // Another process may have made the terminal non-blocking for all that share it.
        if (!(error instanceof Deno.errors.WouldBlock) || ++pauses > MAX_PAUSES) {
          this.#lose("output");
        } else {
          this.#device.pause();
        }
      }
    }
  }

  /**
   * Gives the terminal back and stops the program, as C-z does elsewhere. When it is continued, the
   * events have `resume`. A program that the kernel does not stop, because no shell is there to
   * continue it, resumes at once. See {@link Terminal.canSuspend}.
   */
  suspend(): void {
    if (!this.#isOpen || !this.canSuspend || this.#cancelResume) return;
    this.restore();
    // SIGCONT reports the end of the stop; the timer, that there was none.
    this.#cancelResume = this.#device.after(RESUME_TIMEOUT, () => this.#resume());
    this.#device.stopSelf();
  }

  /** Gives the terminal back as it was. May be called at any time, and any number of times. */
  restore(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    this.write(this.beforeRestore() + this.#modesOff);
    this.#setRaw(false);
  }

  /** Gives the terminal back and ends the events. The program can end then, or write plain text. */
  close(): void {
    if (!this.#isOpen) return;
    this.restore();
    this.#isOpen = false;
    this.#cancelFlush();
    this.#cancelResume?.();
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.#events.end();
    this.#device.closeInput();
  }

  #listen(): void {
    const device = this.#device;
    this.#unlisten.push(
      device.onExit(() => this.restore()),
      device.onSignal("SIGCONT", () => this.#resume()),
      device.onSignal(
        "SIGWINCH",
        () => this.#events.push({ type: "resize", size: this.size }),
      ),
    );
    for (const [signal, number] of Object.entries(ENDING_SIGNALS)) {
      this.#unlisten.push(device.onSignal(signal as Deno.Signal, () => this.#endBy(number)));
    }
  }

  /** Ends the program. A signal that comes twice, from the system and from `deno task`, counts once. */
  #endBy(signal: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Whatever happens from now on, nobody draws a prompt for it.
    this.#events.end();
    this.restore();
    this.#canWrite = false;
    const exit = () => this.#device.exit(128 + signal);
    const cancel = this.#device.after(BEFORE_EXIT_PATIENCE, exit);
    void this.beforeExit().finally(() => {
      cancel();
      exit();
    });
  }

  #takeOver(): void {
    this.#setRaw(true);
    this.#isRaw = true;
    this.write(this.#modesOn);
  }

  /** Fails only when the terminal is gone, which the next read or write will report. */
  #setRaw(raw: boolean): void {
    try {
      this.#device.setRaw(raw);
    } catch {
      // See above.
    }
  }

  #resume(): void {
    this.#cancelResume?.();
    this.#cancelResume = undefined;
    if (!this.#isOpen) return;
    // The shell may have set its own modes; only a change makes Deno set them again.
    this.#setRaw(false);
    this.#takeOver();
    this.#events.push({ type: "resume", size: this.size });
  }

  #lose(cause: "input" | "output"): void {
    if (cause === "output") this.#canWrite = false;
    this.#events.push({ type: "end", cause });
    this.#events.end();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (this.#isOpen) {
      const length = await this.#device.read(buffer).catch(() => null);
      if (length === null) return this.#isOpen ? this.#lose("input") : undefined;
      this.#cancelFlush();
      this.#pushKeys(this.#decoder.decode(buffer.subarray(0, length)));
      this.#flushLater();
      // What nobody takes yet stays with the system.
      await this.#events.taken();
    }
  }

  #pushKeys(keys: readonly Key[]): void {
    if (keys.length > 0) this.#events.push({ type: "keys", keys });
  }

  #flushLater(): void {
    const { pending } = this.#decoder;
    if (pending === "nothing") return;
    const timeout = pending === "paste" ? PASTE_TIMEOUT : ESCAPE_TIMEOUT;
    this.#cancelFlush = this.#device.after(timeout, () => this.#pushKeys(this.#decoder.flush()));
  }
}
