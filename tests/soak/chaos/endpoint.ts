/**
 * One side: its client, which is killed and started again, and the ledger of what it says and sends.
 */
import { EXIT } from "../../../lib/errors.ts";
import type { Child, Ended } from "./child.ts";
import { FileLedger, sha256 } from "./file_ledger.ts";
import { Ledger } from "./ledger.ts";
import type { Side } from "./schedule.ts";
import { Service } from "./service.ts";

/** What a client prints, as far as it matters here: docs/SCRIPTING.md has all of it. */
interface ClientEvent {
  readonly event: string;
  readonly sequence?: number | null;
  readonly text?: string;
  readonly again?: boolean;
  readonly count?: number;
  readonly code?: string;
  readonly message?: string;
  readonly name?: string;
  readonly path?: string;
}

/** Reads a line; `null` for one that was cut off by a kill. */
function readEvent(line: string): ClientEvent | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** What an endpoint is given. */
export interface EndpointOptions {
  readonly side: Side;
  /** Starts the client. */
  readonly start: (onLine: (line: string) => void) => Child;
  readonly lineOf: (number: number) => string;
  readonly bytesOf: (name: string, length: number) => Uint8Array;
  /** Where files to send are. */
  readonly outgoing: string;
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
const USUAL = ["message", "sent", "queued", "delivered", "step", "file-progress"];

/** One of the two. */
export class Endpoint implements AsyncDisposable {
  readonly side: Side;
  /** What it says. */
  readonly lines: Ledger;
  /** What it sends. */
  readonly files = new FileLedger();
  readonly client: Service;
  /** How its client ended by itself, each time. */
  readonly unexpectedExits: UnexpectedExit[] = [];
  /** How often it was secure. */
  sessions = 0;
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
    this.client = new Service({
      start: () => options.start((line) => this.#read(line)),
      onStart: () => {
        for (const act of this.#backlog.splice(0)) act();
      },
      onGone: (ended, wasKilled) => this.#gone(ended, wasKilled),
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
        this.lines.hand(text, performance.now());
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
    const { handed, inFlight } = this.lines.waiting;
    return this.#backlog.length + handed + inFlight + this.files.waiting.length === 0;
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
  #lineTaken({ sequence = null, text = "" }: ClientEvent): void {
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
    this.#lastEvent = event.event;
    if (!USUAL.includes(event.event)) this.#options.trace(`${this.side}: ${line}`);
    this.#take(event);
    this.#options.changed();
  }

  #take(event: ClientEvent): void {
    const { sequence, text = "", again = false, count = 0, code, message } = event;
    const file = (event.name ?? event.path ?? "").split("/").at(-1)!;
    switch (event.event) {
      case "secure":
        this.sessions++;
        this.#hasMet = true;
        return;
      case "queued":
      case "sent":
        return this.#lineTaken(event);
      case "delivered":
        return this.lines.delivered(count);
      case "lost":
        return this.#other?.lines.blame("lost", "its reader's client says that something is lost");
      case "not-sent":
        return this.lines.blame("lost", "its own client says that something was not sent");
      case "message":
        return this.#other?.lines.shown({ sequence: sequence!, text, again }, performance.now());
      case "file-offered":
        return this.#other?.files.taken(file);
      case "file-received":
        return this.#other?.files.arrived(file);
      case "file-sent":
        return this.files.arrived(file);
      case "file-stopped":
        return this.#fileStopped(`${this.side}'s client: ${code}, ${message}`);
      case "error":
        this.#lastError = `${code}: ${message} `;
        return;
    }
  }
}
