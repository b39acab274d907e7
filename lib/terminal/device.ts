/**
 * The operating system's side of a terminal, as an interface, and Deno's implementation of it.
 *
 * @module
 */

import type { Size } from "./screen.ts";

/** The operating system's side of a terminal. */
export interface TerminalDevice {
  /** Whether both the keyboard and the screen are a terminal's. */
  isTerminal(): boolean;
  /** Reads keyboard bytes; null at the end of input. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): number;
  /** Waits for the screen to take more, after a write that would have blocked. */
  pause(): void;
  /** Switches raw mode, or back to how the terminal was before. */
  setRaw(raw: boolean): void;
  /** The terminal's size. */
  size(): Size;
  /** Calls back on a signal; the result stops that. */
  onSignal(signal: Deno.Signal, handler: () => void): () => void;
  /** Calls back when the program ends or fails; the result stops that. */
  onExit(handler: () => void): () => void;
  /** Calls back once, later; the result prevents that. */
  after(milliseconds: number, handler: () => void): () => void;
  /** Stops this process as C-z does. */
  stopSelf(): void;
  /** Ends a read that waits, so that the program can end. */
  closeInput(): void;
  /** Ends the program. */
  exit(code: number): void;
}

function onDenoSignal(signal: Deno.Signal, handler: () => void): () => void {
  Deno.addSignalListener(signal, handler);
  return () => Deno.removeSignalListener(signal, handler);
}

function onDenoExit(handler: () => void): () => void {
  // A failure that another listener has dealt with is not the end of the program.
  const onFailure = (event: Event) => event.defaultPrevented || handler();
  globalThis.addEventListener("unload", handler);
  globalThis.addEventListener("error", onFailure);
  globalThis.addEventListener("unhandledrejection", onFailure);
  return () => {
    globalThis.removeEventListener("unload", handler);
    globalThis.removeEventListener("error", onFailure);
    globalThis.removeEventListener("unhandledrejection", onFailure);
  };
}

function consoleSize(): Size {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** The terminal that the program was started in. Needs no permission. */
export function denoDevice(): TerminalDevice {
  return {
    isTerminal: () => Deno.stdin.isTerminal() && Deno.stdout.isTerminal(),
    read: (buffer) => Deno.stdin.read(buffer),
    write: (bytes) => Deno.stdout.writeSync(bytes),
    pause: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    size: consoleSize,
    onSignal: onDenoSignal,
    onExit: onDenoExit,
    after: (milliseconds, handler) => {
      const timer = setTimeout(handler, milliseconds);
      return () => clearTimeout(timer);
    },
    // Deno lets a program signal itself without --allow-run. SIGTSTP and not SIGSTOP: the kernel
    // ignores it where no shell is there to continue the program.
    stopSelf: () => Deno.kill(Deno.pid, "SIGTSTP"),
    closeInput: () => Deno.stdin.close(),
    exit: (code) => Deno.exit(code),
  };
}
