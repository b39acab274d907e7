/**
 * An operating system for one terminal, in memory: tests type, send signals and let time pass.
 *
 * @module
 */

import type { TerminalDevice } from "../../lib/terminal/terminal.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

export class FakeDevice implements TerminalDevice {
  isRaw = false;
  isInteractive = true;
  /** What happened to the terminal, in order. */
  readonly calls: string[] = [];
  /** Called instead of writing; for faults. */
  onWrite: (bytes: Uint8Array) => number | undefined = () => undefined;
  #terminal: VirtualTerminal;
  /** What the terminal objected to. `Terminal` takes an error for a hangup, the test must not. */
  #objection: unknown;
  #input: (Uint8Array | null)[] = [];
  #reader: (() => void) | undefined;
  #timers: { due: number; handler: () => void }[] = [];
  #now = 0;
  #signals = new Map<string, Set<() => void>>();
  #exits = new Set<() => void>();
  #decoder = new TextDecoder();

  constructor(columns = 40, rows = 10) {
    this.#terminal = new VirtualTerminal(columns, rows);
  }

  /** What the person sees. Throws if anything was written that no terminal should get. */
  get terminal(): VirtualTerminal {
    if (this.#objection) throw this.#objection;
    return this.#terminal;
  }

  /** Lets everything that waits run; nothing here takes time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  async type(input: string | Uint8Array): Promise<void> {
    this.#input.push(typeof input === "string" ? new TextEncoder().encode(input) : input);
    this.#reader?.();
    await this.settle();
  }

  async endInput(): Promise<void> {
    this.#input.push(null);
    this.#reader?.();
    await this.settle();
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = this.#timers.filter((timer) => timer.due <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#now);
    for (const { handler } of due) handler();
    await this.settle();
  }

  async signal(name: Deno.Signal): Promise<void> {
    for (const handler of this.#signals.get(name) ?? []) handler();
    await this.settle();
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.terminal.resize(columns, rows);
    await this.signal("SIGWINCH");
  }

  /** The program ends or fails. */
  unload(): void {
    for (const handler of this.#exits) handler();
  }

  /** Whether a read waits for a key: who else reads the keyboard would not get it. */
  get isReading(): boolean {
    return this.#reader !== undefined;
  }

  /** Somebody else reads what was typed. */
  takeInput(): string {
    const typed = this.#input.splice(0).map((bytes) => this.#decoder.decode(bytes ?? undefined));
    return typed.join("");
  }

  /** How many listeners and timers are left. */
  get leftovers(): number {
    const listeners = [...this.#signals.values()].reduce((sum, { size }) => sum + size, 0);
    return listeners + this.#exits.size + this.#timers.length;
  }

  isTerminal(): boolean {
    return this.isInteractive;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#input.length === 0) await new Promise<void>((resolve) => this.#reader = resolve);
    this.#reader = undefined;
    const next = this.#input.shift() ?? null;
    if (next === null) return null;
    buffer.set(next.subarray(0, buffer.length));
    if (next.length > buffer.length) this.#input.unshift(next.subarray(buffer.length));
    return Math.min(next.length, buffer.length);
  }

  write(bytes: Uint8Array): number {
    const written = this.onWrite(bytes) ?? bytes.length;
    try {
      this.#terminal.write(this.#decoder.decode(bytes.subarray(0, written), { stream: true }));
    } catch (objection) {
      this.#objection ??= objection;
    }
    return written;
  }

  pause(): void {
    this.calls.push("pause");
  }

  setRaw(raw: boolean): void {
    this.isRaw = raw;
    this.calls.push(raw ? "raw" : "cooked");
  }

  size(): { columns: number; rows: number } {
    const { columns, rows } = this.terminal;
    return { columns, rows };
  }

  onSignal(signal: Deno.Signal, handler: () => void): () => void {
    const handlers = this.#signals.get(signal) ?? new Set();
    this.#signals.set(signal, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  onExit(handler: () => void): () => void {
    this.#exits.add(handler);
    return () => this.#exits.delete(handler);
  }

  after(milliseconds: number, handler: () => void): () => void {
    const timer = { due: this.#now + milliseconds, handler };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }

  stopSelf(): void {
    this.calls.push("stop");
  }

  closeInput(): void {
    this.calls.push("close");
    this.#input = [null];
    this.#reader?.();
  }

  exit(code: number): void {
    this.calls.push(`exit ${code}`);
  }
}
