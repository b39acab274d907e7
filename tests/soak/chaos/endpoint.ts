/**
 * One side: its client, which is killed and started again, and the ledger of what it says and sends.
 *
 * @module
 */
import { EXIT } from "../../../lib/errors.ts";
import type { Child, Ended } from "./child.ts";
import { type ClientEvent, readEvent } from "./client_event.ts";
import type { Clock } from "./clock.ts";
import type { Side } from "./fault.ts";
import { FileLedger, sha256 } from "./file_ledger.ts";
import { Ledger } from "./ledger.ts";
import { Service } from "./service.ts";

/** What an endpoint is given. */
export interface EndpointOptions {
  /** Its side. */
  readonly side: Side;
  /** Starts the client. */
  readonly start: (onLine: (line: string) => void) => Child;
  /** Makes the text of a number. */
  readonly lineOf: (number: number) => string;
  /** Makes the bytes of a file. */
  readonly bytesOf: (name: string, length: number) => Uint8Array;
  /** Where files to send are. */
  readonly outgoing: string;
  /** The clock. */
  readonly clock: Clock;
  /** Is called whenever something has happened. */
  readonly changed: () => void;
  /** Is given each line of the trace. */
  readonly trace: (text: string) => void;
}

/** Codes of exit with which a client that has not met anybody yet may end: no relay is there, or a stranger is. */
const EXCUSED: readonly number[] = [EXIT.unreachable, EXIT.untrusted];

/** A client ended by itself. */
export interface UnexpectedExit {
  /** What it said about it. */
  readonly why: string;
  /**
   * `start`: it had met nobody yet, and is told to try again. `left`: the other one had left, as it does when it ends
   * by itself. Everything else should not happen.
   */
  readonly kind: "start" | "left" | "other";
}

/** Events that come too often for the trace, or that say nothing of faults. */
const USUAL = new Set([
  "message",
  "sent",
  "queued",
  "delivered",
  "covered",
  "step",
  "file-progress",
]);

/** One of the two. */
export class Endpoint implements AsyncDisposable {
  /** Its side. */
  readonly side: Side;
  /** What it says. */
  readonly lines: Ledger;
  /** What it sends. */
  readonly files = new FileLedger();
  /** Its client. */
  readonly client: Service;
  /** How its client ended by itself, each time. */
  readonly unexpectedExits: UnexpectedExit[] = [];
  /** How often each event came. */
  readonly seen = new Map<string, number>();
  /** Its last process ended with this. */
  exitCode: number | null = null;
  readonly #options: EndpointOptions;
  #other: Endpoint | null = null;
  #nextLine = 0;
  #nextFile = 0;
  /** Files that were handed to the present process, and no line after them. */
  readonly #lastFiles: string[] = [];
  /** Files that were handed to the present process right before a line, by its text. */
  readonly #filesBefore = new Map<string, string[]>();
  /** What waits for a process. */
  #backlog: (() => void)[] = [];
  #lastError = "";
  #lastEvent = "";
  /** Whether the present process has met somebody. */
  #hasMet = false;
  #isLeaving = false;

  /** Starts the client. */
  constructor(options: EndpointOptions) {
    this.#options = options;
    this.side = options.side;
    this.lines = new Ledger(options.side);
    const { clock } = options;
    this.client = new Service({
      start: () => options.start((line) => this.#read(line)),
      onStart: () => {
        for (const act of this.#backlog.splice(0)) act();
      },
      onGone: (ended, wasKilled) => this.#gone(ended, wasKilled),
      clock,
    });
  }

  /** The endpoint at the other end. */
  meets(other: Endpoint): void {
    this.#other = other;
  }

  /** Says so many lines, now or when a process is there. */
  say(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#do(() => {
        const text = this.#options.lineOf(this.#nextLine++);
        this.lines.hand(text, this.#options.clock.now());
        if (this.#lastFiles.length > 0) this.#filesBefore.set(text, this.#lastFiles.splice(0));
        this.#request({ say: text });
      });
    }
  }

  /** Sends a file of so many bytes, now or when a process is there. */
  async send(bytes: number): Promise<void> {
    const name = `${this.side}-${this.#nextFile++}.bin`;
    const path = `${this.#options.outgoing}/${name}`;
    const content = this.#options.bytesOf(name, bytes);
    await Deno.writeFile(path, content);
    this.#do(() => {
      this.files.hand(name, sha256(content));
      this.#lastFiles.push(name);
      this.#request({ "send-file": path });
    });
  }

  /** Says goodbye; resolves when the client has ended. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#do(() => this.#request({ finish: true }));
    await this.client.last();
  }

  /** Whether everything that was given to the client is with the other side. */
  get settled(): boolean {
    return this.#backlog.length === 0 && this.lines.settled && this.files.settled;
  }

  /** How often an event came. */
  count(event: string): number {
    return this.seen.get(event) ?? 0;
  }

  /** Kills the client for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    await this.client[Symbol.asyncDispose]();
  }

  #do(act: () => void): void {
    if (this.client.current === null) this.#backlog.push(act);
    else act();
  }

  #request(request: Record<string, unknown>): void {
    this.client.current!.write(`${JSON.stringify(request)}\n`);
  }

  #gone({ code, stderr }: Ended, wasKilled: boolean): void {
    const { trace, changed } = this.#options;
    const { side } = this;
    this.exitCode = code;
    const untaken = this.lines.senderCrashed();
    this.#other?.lines.readerCrashed();
    this.files.senderCrashed();
    this.#lastFiles.length = 0;
    this.#filesBefore.clear();
    if (!wasKilled && !this.#isLeaving) {
      const said = `${this.#lastError}${stderr}`.trim() || this.#lastEvent;
      const why = `${side}'s client ended with code ${code}: ${said}`;
      this.unexpectedExits.push({ why, kind: this.#kindOf(code) });
      trace(why);
    }
    this.#lastError = "";
    this.#hasMet = false;
    // What it did not take is said again, under other numbers: the ledger knows these as not taken.
    if (!this.#isLeaving) this.say(untaken);
    changed();
  }

  /** A client takes things in the order in which it is given them: files before this line are taken, too. */
  #lineTaken({ sequence, text }: ClientEvent): void {
    this.lines.taken(sequence, text);
    for (const name of this.#filesBefore.get(text) ?? []) this.files.taken(name);
    this.#filesBefore.delete(text);
  }

  /** A file of either side. Whose it is shows in its name. */
  #fileStopped(why: string): void {
    const sender = why.includes(` ${this.side}-`) ? this : this.#other;
    sender?.files.stopped(why);
  }

  #kindOf(code: number): UnexpectedExit["kind"] {
    if (!this.#hasMet && EXCUSED.includes(code)) return "start";
    return this.#lastEvent === "peer-left" ? "left" : "other";
  }

  #read(line: string): void {
    const event = readEvent(line);
    if (event === null) return this.#options.trace(`${this.side} printed ${line}`);
    this.seen.set(event.event, this.count(event.event) + 1);
    this.#lastEvent = event.event;
    if (!USUAL.has(event.event)) this.#options.trace(`${this.side}: ${line}`);
    this.#take(event);
    this.#options.changed();
  }

  #take(event: ClientEvent): void {
    switch (event.event) {
      case "secure":
        this.#hasMet = true;
        return;
      case "queued":
      case "sent":
        return this.#lineTaken(event);
      case "delivered":
        return this.lines.delivered(event.count!);
      case "lost":
        return this.#other?.lines.lost("its reader's client says that something is lost");
      case "not-sent":
        return this.lines.lost("its own client says that something was not sent");
      case "message":
        return this.#other?.lines.shown(
          { ...event, sequence: event.sequence! },
          this.#options.clock.now(),
        );
      case "file-offered":
        return this.#other?.files.taken(event.name!);
      case "file-received":
        return this.#other?.files.arrived(event.name!);
      case "file-sent":
        return this.files.arrived(event.name!);
      case "file-stopped":
        return this.#fileStopped(`${this.side}'s client: ${event.code}, ${event.message}`);
      case "error":
        this.#lastError = `${event.code}: ${event.message} `;
        return;
    }
  }
}
