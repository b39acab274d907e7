/**
 * Shows files in a terminal: what happened to them above the prompt, how far they are in the line below it.
 *
 * A screen reader would read a line that changes again and again. For `--ascii` each file is reported at a
 * quarter, a half and three quarters.
 *
 * @module
 */
import type { TransferEvent, TransferState } from "../transfer/transfer_events.ts";
import { fileName, type Moving, percent, progressLine } from "./file_words.ts";
import { noticeFor, sizeText } from "../conversation/notices.ts";

/** Options of a {@link FileView}. */
export interface FileViewOptions {
  /** All files of the conversation. */
  readonly list: () => readonly TransferState[];
  /** Prints a notice: our words, harmless. */
  readonly notice: (text: string) => void;
  /** The line may be another one now. */
  readonly changed: () => void;
  /** The peer's name, for notices. */
  readonly peer: () => string;
  /** Whether there may be a line that is drawn again and again. */
  readonly draws: boolean;
}

/** The files, in a terminal. */
export class FileView {
  readonly #options: FileViewOptions;
  /** Files that are being read before they are offered. */
  readonly #reading = new Set<{ readonly name: string; done: number; bytes: number }>();
  /** Without a line: the quarters that were reported. */
  readonly #told = new Map<unknown, number>();

  /** A view in which nothing moves. */
  constructor(options: FileViewOptions) {
    this.#options = options;
  }

  /** How many files are unfinished, and would still arrive. */
  get unfinished(): number {
    const open = this.#options.list().filter(({ direction, phase }) =>
      phase === "active" || phase === "held" || (phase === "offered" && direction === "out")
    );
    return open.length + this.#reading.size;
  }

  /**
   * The line below the prompt.
   *
   * @param columns the width of the screen
   * @param isOpen whether there is a session, in which files can move
   * @returns empty when nothing moves
   */
  line(columns: number, isOpen: boolean): string {
    const reading = Array.from(this.#reading, (file): Moving => ({
      ...file,
      direction: "reading",
      rate: 0,
      secondsLeft: null,
    }));
    const moving = this.#options.list().filter(({ phase }) => phase === "active");
    const shown = isOpen ? moving : moving.map((file) => ({ ...file, rate: 0, secondsLeft: null }));
    return progressLine([...reading, ...shown], columns);
  }

  /** Shows one event. */
  show(event: TransferEvent): void {
    const { notice, changed } = this.#options;
    if (event.type === "file-progress") {
      this.#reportQuarter(event.id, this.#nameOf(event.id), event);
    } else notice(this.#words(event));
    changed();
  }

  /**
   * A file of ours is read before it is offered.
   *
   * @returns what to call while it is, and at the end
   */
  read(name: string): { progress: (done: number, bytes: number) => void; end: () => void } {
    const file = { name: fileName(name), done: 0, bytes: 0 };
    return {
      progress: (done, bytes) => {
        Object.assign(file, { done, bytes });
        this.#reading.add(file);
        this.#reportQuarter(file, `reading ${file.name}`, file);
        this.#options.changed();
      },
      end: () => {
        this.#reading.delete(file);
        this.#told.delete(file);
        this.#options.changed();
      },
    };
  }

  #reportQuarter(file: unknown, name: string, { done, bytes }: { done: number; bytes: number }) {
    const quarter = done < bytes ? Math.floor(done * 4 / bytes) : 0;
    if (this.#options.draws || quarter <= (this.#told.get(file) ?? 0)) return;
    this.#told.set(file, quarter);
    this.#options.notice(`${name}: ${percent(done, bytes)}%`);
  }

  /** The notice, with the peer's name, the file's, and what to type. */
  #words(event: Exclude<TransferEvent, { type: "file-progress" }>): string {
    const words = noticeFor(event)!.replace("the other side", () => this.#options.peer());
    if (event.type === "file-offered") {
      return `${words}. Type /accept ${event.number} or /refuse ${event.number}`;
    }
    if (event.type !== "file-held") return words;
    const number = this.#stateOf(event.id)?.number;
    const resume = number === undefined ? "/resume" : `/resume ${number}`;
    const name = this.#nameOf(event.id);
    switch (event.by) {
      case "you":
        return `${name} is paused; ${resume} goes on`;
      case "peer":
        return `${this.#options.peer()} paused ${name}`;
      case "disk":
        return `${name} is paused: ${words}; ${resume} tries again`;
    }
  }

  #stateOf(id: string): TransferState | undefined {
    return this.#options.list().find((file) => file.id === id);
  }

  #nameOf(id: string): string {
    const state = this.#stateOf(id);
    return state === undefined ? "a file" : fileName(state.name);
  }
}

/** A line of `/files`. */
export function fileRow(file: TransferState, draws: boolean): string {
  const [down, up] = draws ? ["↓", "↑"] : ["from them:", "from you:"];
  const mark = file.direction === "in" ? down : up;
  return `${file.number}  ${mark} ${fileName(file.name)}, ${sizeText(file.bytes)}: ${
    phaseWords(file)
  }`;
}

function phaseWords(file: TransferState): string {
  const { number, direction, phase, done, bytes, path } = file;
  const across = `${percent(done, bytes)}%`;
  switch (phase) {
    case "offered":
      return direction === "in" ? `/accept ${number} or /refuse ${number}` : "not accepted yet";
    case "active":
      return across;
    case "held":
      return `paused at ${across}; /resume ${number}`;
    case "done":
      return direction === "in" && path !== null ? `is ${fileName(path)}` : "they have it";
    case "refused":
      return "refused";
    case "stopped":
      return "stopped";
  }
}
