/**
 * The commands about files: `/send FILE`, `/accept`, `/refuse`, `/pause`, `/resume`, `/cancel` and `/files`.
 *
 * @module
 */
import { ParleyError } from "../errors.ts";
import type { FileAction, TransferState } from "../transfer/transfer_events.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { internalError } from "../conversation/wording.ts";
import { fileRow, type FileView } from "./file_view.ts";
import { fileName } from "./file_words.ts";

/** Options of {@link FileCommands}. */
export interface FileCommandsOptions {
  /** Moves the files. */
  readonly conversation: Pick<Conversation, "files" | "sendFile">;
  /** The peer's name, for notices. */
  readonly peer: () => string;
  /** Shows how far a file is read. */
  readonly view: Pick<FileView, "read">;
  /** The person's folder, for `~/`; `null` where nobody says. */
  readonly home: string | null;
  /** Whether a file may be read; asks the person where that is not known. */
  readonly mayRead: (path: string) => boolean;
  /** Prints a notice: our words, harmless. */
  readonly notice: (text: string) => void;
  /** Prints what went wrong: our words, harmless. */
  readonly fail: (text: string) => void;
  /** Prints a line of a list. */
  readonly row: (text: string) => void;
  /** Whether signs may be shown that a screen reader can't read. */
  readonly draws: boolean;
}

type Phases = (file: TransferState) => boolean;

/** Which files an action is meant for when no number is typed. */
const MEANT: Readonly<Record<FileAction, Phases>> = {
  accept: ({ direction, phase }) => direction === "in" && phase === "offered",
  refuse: ({ direction, phase }) => direction === "in" && phase === "offered",
  pause: ({ phase }) => phase === "active",
  resume: ({ phase }) => phase === "held",
  cancel: ({ phase }) => phase === "active" || phase === "held" || phase === "offered",
};

/** Where there is none of them. */
const NONE: Readonly<Record<FileAction, string>> = {
  accept: "no file waits for your answer",
  refuse: "no file waits for your answer",
  pause: "no file is moving",
  resume: "no file is paused",
  cancel: "no file to cancel",
};

/** Whether a command is about files, and acts on one of the list. */
export function isFileAction(name: string): name is FileAction {
  return Object.hasOwn(MEANT, name);
}

function isCannotRead(error: unknown): boolean {
  return error instanceof ParleyError && error.code === "cannot-read";
}

/** The commands about files. */
export class FileCommands {
  readonly #options: FileCommandsOptions;

  /** Commands for one chat. */
  constructor(options: FileCommandsOptions) {
    this.#options = options;
  }

  /** `/send FILE`, as it is typed. */
  send(argument: string): void {
    const path = parsePath(argument, this.#options.home);
    if (path === "") return this.#options.notice("name the file: /send FILE");
    // A bare name is one in outbox/ first.
    this.#offerFirst(path, /[/\\]/.test(path) ? [path] : [`outbox/${path}`, path]);
  }

  /** Offers the file at this very path, as a command line names it. Faults are printed, and never thrown. */
  offer(path: string): void {
    this.#offerFirst(path, [path]);
  }

  #offerFirst(path: string, places: readonly string[]): void {
    const readable = places.filter((place) => this.#options.mayRead(place));
    if (readable.length > 0) return void this.#offer(readable);
    this.#options.fail(
      `${
        fileName(path)
      } was not sent: this run may not read it. Put it into outbox/, or start parley again with ` +
        "--files DIR",
    );
  }

  async #offer([path, ...others]: readonly string[]): Promise<void> {
    if (path === undefined) return;
    const { conversation, view, peer, notice, fail } = this.#options;
    const name = path.split(/[/\\]/).at(-1)!;
    const reading = view.read(name);
    try {
      await conversation.sendFile(path, reading.progress);
      notice(`offered ${fileName(name)}: waiting for ${peer()} to accept`);
    } catch (error) {
      if (others.length > 0 && isCannotRead(error)) return void this.#offer(others);
      fail(fileName((error instanceof ParleyError ? error : internalError(error)).message));
    } finally {
      reading.end();
    }
  }

  /** Does something with a file: the one of this number, or the only one that can be meant. */
  act(action: FileAction, argument: string): void {
    const { conversation, notice, fail } = this.#options;
    const { files } = conversation;
    const meant = files.list().filter(MEANT[action]);
    const number = argument === "" ? onlyNumber(meant) : parseNumber(argument);
    if (number === null) {
      if (argument !== "") return notice(`say the file's number: /${action} 1; /files lists them`);
      if (meant.length === 0) return notice(NONE[action]);
      const known = meant.map(({ number, name }) => `${number} ${fileName(name)}`).join(", ");
      return notice(`which one? ${known}: /${action} ${meant[0]!.number}`);
    }
    try {
      files.act(action, number);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      return fail(`${fileName(error.message)}; /files lists them`);
    }
    const file = files.list().find((file) => file.number === number);
    if (file === undefined) return;
    if (action === "accept") notice(`taking ${fileName(file.name)}`);
    if (action === "resume") notice(`${fileName(file.name)} goes on`);
  }

  /** `/files`. */
  list(): void {
    const { conversation, notice, row, draws } = this.#options;
    const files = conversation.files.list();
    if (files.length === 0) return notice("no files yet: /send FILE offers one");
    for (const file of files) row(`  ${fileRow(file, draws)}`);
  }

  /** What Tab may put behind an action: the numbers of the files that can be meant. */
  numbers(action: FileAction): string[] {
    return this.#options.conversation.files.list().filter(MEANT[action])
      .map(({ number }) => String(number));
  }
}

function onlyNumber(files: readonly TransferState[]): number | null {
  return files.length === 1 ? files[0]!.number : null;
}

function parseNumber(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

/**
 * Reads a path as a person types it, or as a terminal writes a file that was dropped on it: in quotes, or with a
 * backslash before what a shell would take for something else. All of the text is one path, spaces too.
 *
 * @param typed the text
 * @param home what `~/` at its beginning means; `null` for itself
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parsePath("~/a\\ b.txt", "/home/eve"), "/home/eve/a b.txt");
 * assertEquals(parsePath(`'it'\\''s'`, null), "it's");
 * ```
 */
export function parsePath(typed: string, home: string | null): string {
  const text = typed.trim();
  const path = /^['"]/.test(text) ? unquoted(text) ?? text : unescaped(text);
  return home !== null && text.startsWith("~/") ? `${home}${path.slice(1)}` : path;
}

/** A backslash before a letter is part of a path of Windows. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([^\p{L}\p{N}])/gu, "$1");
}

/** What a shell makes of a text in quotes; `null` when one is not closed. */
function unquoted(text: string): string | null {
  let path = "";
  for (let rest = text; rest !== "";) {
    const [all, single, double, plain] =
      rest.match(/^(?:'([^']*)'|"((?:[^"\\]|\\[^])*)"|((?:[^'"\\]|\\[^])+))/) ?? [];
    if (all === undefined) return null;
    path += single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? unescaped(plain!);
    rest = rest.slice(all.length);
  }
  return path;
}
