/**
 * The life of a client in a terminal: what the person types is said or obeyed, what happens is printed above the
 * prompt.
 *
 * @module
 */
import { EXIT, type ExitCode, ParleyError } from "../errors.ts";
import { MAX_NAME_BYTES, MAX_TEXT_BYTES } from "../protocol/constants.ts";
import type { KeyChange, PeerTrust } from "../profile/trust.ts";
import type { SecureFacts, Step } from "../protocol/session.ts";
import { utf8 } from "../crypto/bytes.ts";
import type { PromptEvent } from "../terminal/prompt.ts";
import type { TransferState } from "../transfer/events.ts";
import { wrapHanging } from "../terminal/paragraph.ts";
import { safeText } from "../safe_text.ts";
import type { StyleName, Styler } from "../terminal/style.ts";
import { truncate } from "../terminal/text_width.ts";
import { actionText, completeCommand, helpLines, parseInput } from "./slash_commands.ts";
import type { Conversation } from "../conversation/conversation.ts";
import type { Doorkeeper } from "../conversation/admission.ts";
import type { ClientEvent, View } from "../conversation/events.ts";
import { FileCommands, isFileAction, mayAskForFile } from "./file_commands.ts";
import { FileView } from "./file_view.ts";
import { compareLines, digitRows, keyChangeLines, keyLines } from "./key_words.ts";
import { contactName, noticeFor, peerName } from "../conversation/notices.ts";
import { OwnLinesView } from "./own_lines_view.ts";
import { saidLine } from "./said.ts";
import { partName } from "../conversation/transcript_store.ts";

/** What the chat needs of the terminal; `PromptLoop` is one. */
export interface ChatPrompt extends AsyncIterable<PromptEvent> {
  /** Prints safe, styled lines above the prompt. */
  print(text: string): void;
  /** Changes what stands before the line. */
  setPrompt(prompt: string): void;
  /** Changes the line below the prompt. */
  setStatus(status?: string): void;
  /** Changes the lines above the prompt that go away with it. */
  setPending(lines: readonly string[]): void;
  /** Asks for one line; undefined when the person declined to answer. */
  ask(question: string): Promise<string | undefined>;
  /** The width of the screen. */
  readonly columns: number;
  /** Replaces the line that is being written. */
  setLine(text: string): void;
  /** Says that a line which holds the keyboard is done with. */
  release(): void;
  /** Gives the terminal back. */
  close(): void;
}

/** What the chat needs beside the conversation and the prompt. */
export interface ChatOptions {
  /** The terminal. */
  readonly prompt: ChatPrompt;
  /** Styles, or none. */
  readonly style: Styler;
  /** Local time of day for a moment, for example `17:05`. */
  readonly clock: (time: number) => string;
  /** Saves an exported transcript under a name; returns where it is. */
  readonly save: (name: string, text: string) => Promise<string>;
  /** Clears the screen. */
  readonly clear: () => void;
  /** Tells somebody who looks elsewhere that there is something new; never what. */
  readonly alert: () => void;
  /** Whether something is drawn that a screen reader can't read: pictures, and lines that change. */
  readonly draws: boolean;
  /** Whether lines that are not delivered are kept for the next time. @default {false} */
  readonly keepsLines?: boolean;
  /** Knows people, where there is a profile. */
  readonly door?: Pick<Doorkeeper, "accept" | "verify">;
  /** Whether a file may be read; may ask, while a line that `mayAskForFile()` names holds the keyboard. */
  readonly mayRead: (path: string) => boolean;
  /** The person's folder. @default nobody says */
  readonly home?: string;
  /** Explains every message from now on, or no longer; tells which. */
  readonly toggleExplanations: () => boolean;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How long leaving waits for the last receipts, and then for the other side's goodbye, in milliseconds each. */
const GOODBYE_PATIENCE = 3_000;

/** How many of the lines that have not arrived are listed at the end. */
const MAX_LISTED = 10;

/** The most that is shown of a text of ours in a notice, in columns. */
const QUOTED_COLUMNS = 40;

/** What the marks of own lines mean, for `/help`. */
const STATES_HELP = "Yours: … waits for somebody, → is on its way, ✓ has arrived.";

/** What a mark of the other side's lines means, for `/help`. */
const SIGNED_HELP = "Theirs: (not signed yet) is authentic; a later signature covers it, too.";

/** The longest name that a line begins with, in columns. */
const NAME_COLUMNS = 20;

const STEP_NUMBER: Readonly<Record<Step, number>> = {
  "keys-made": 1,
  "key-exchange": 2,
  "identity-sent": 3,
  "identity-received": 3,
  "share-sent": 4,
  "signature-verified": 5,
  "secret-computed": 6,
};

/** The chat. It stands between the conversation and the prompt. */
export class ChatClient implements View {
  readonly #options: ChatOptions;
  readonly #prompt: ChatPrompt;
  readonly #style: Styler;
  readonly #own: OwnLinesView;
  readonly #files: FileView;
  readonly #fileCommands: FileCommands;
  readonly #done = Promise.withResolvers<ExitCode>();
  #conversation!: Conversation;
  /** What the line below the prompt says, before how far files are. */
  #status: string | undefined;
  #facts: SecureFacts | null = null;
  #verified = false;
  /** The key for which `/verify` showed last what to compare. */
  #compared: string | null = null;
  /** Whom the profile takes the other side for. */
  #contact: PeerTrust | null = null;
  /** The changed key that the person has to decide about. */
  #change: KeyChange | null = null;
  #peer = "the other side";
  /** Whether we have said goodbye to who is here: nothing can be said any more. */
  #hasFinished = false;
  /** Whether the connection to who was here is lost, on either side. */
  #isAway = false;
  #isFocused = true;
  /** Whether the person was told of something new since they looked elsewhere. */
  #isAlerted = false;

  /** A chat that is not running yet. */
  constructor(options: ChatOptions) {
    this.#options = options;
    this.#prompt = options.prompt;
    this.#style = options.style;
    this.#own = new OwnLinesView(options);
    const { draws, mayRead, home = null } = options;
    const notice = (text: string) => this.#notice(text);
    this.#files = new FileView({
      list: () => this.#transfers,
      notice,
      changed: () => this.#setStatus(this.#status),
      peer: () => this.#peer,
      draws,
    });
    this.#fileCommands = new FileCommands({
      conversation: () => this.#conversation,
      view: this.#files,
      home,
      mayRead,
      notice,
      fail: (text) => this.#tell(`! ${text}`, "magenta"),
      row: (text) => this.#tell(text),
      draws,
    });
    this.#showPrompt();
  }

  /**
   * Runs until the person leaves or a check fails.
   *
   * @param conversation whose lines that are not delivered, from before, stand above the prompt at once
   * @param file is offered first
   */
  async run(conversation: Conversation, file: string | null = null): Promise<ExitCode> {
    this.#conversation = conversation;
    for (const text of conversation.undeliveredTexts) this.#own.typed(text, false);
    if (file !== null) this.#fileCommands.offer(file);
    const typed = this.#read().then(() => this.#change === null ? EXIT.ok : EXIT.untrusted);
    const code = await Promise.race([typed, this.#done.promise]);
    const lost = this.#own.texts;
    await conversation.close();
    this.#listLost(lost);
    this.#prompt.close();
    return code;
  }

  /** What Tab may make of the line. */
  complete(line: string, cursor: number): readonly string[] {
    return completeCommand(
      line,
      cursor,
      (name) => isFileAction(name) ? this.#fileCommands.numbers(name) : [],
    );
  }

  /** Shows one event. */
  show(event: ClientEvent): void {
    switch (event.type) {
      case "file-offered":
      case "file-received":
        this.#alert();
        return this.#files.show(event);
      case "file-progress":
      case "file-sent":
      case "file-held":
      case "file-stopped":
        return this.#files.show(event);
      case "step":
        return this.#setStatus(`step ${STEP_NUMBER[event.step]} of 7: ${event.step}`);
      case "invite":
        // On a line of its own, so that no terminal breaks it in the middle of a word.
        this.#notice("tell the other person this code, by voice or in person:");
        return this.#prompt.print(`    ${this.#style(event.code, "bold")}`);
      case "explain":
        return event.lines.forEach((line) => this.#tell(line, "dim"));
      case "trust":
        this.#contact = event;
        this.#change = null;
        return;
      case "key-changed":
        this.#alert();
        return this.#showChange(event);
      case "secure":
        this.#alert();
        return this.#showSecure(event);
      case "message":
        this.#alert();
        return this.#showMessage(event);
      case "sent":
        return this.#own.sent(event);
      case "delivered":
        return this.#own.delivered(event.count);
      case "peer-finished":
        if (this.#conversation.finished) return;
        // They wait for ours before they go.
        this.#hasFinished = true;
        this.#conversation.post({ type: "finish" });
        return this.#notice(`${this.#peer} has said goodbye`);
      case "peer-left":
        return this.#showLeft(event);
      case "disconnected":
        this.#own.held();
        this.#setAway(true);
        return this.#notice(noticeFor(event)!);
      case "peer-away":
        this.#own.held();
        this.#setAway(true);
        return this.#notice(noticeFor(event)!.replace("the other side", this.#peer));
      case "not-sent":
        this.#own.dropped(event.lines);
        this.#notice(noticeFor(event)!);
        return this.#list(event.lines);
      case "error":
        this.#tell(`! ${noticeFor(event)}`, "red");
        return this.#done.resolve(event.error.exitCode);
      case "refused":
        return this.#tell(`! ${noticeFor(event)}`, "magenta");
      default: {
        const notice = noticeFor(event);
        if (notice !== null) this.#notice(notice);
      }
    }
  }

  /** Takes what the person does, until they want to leave. */
  async #read(): Promise<void> {
    for await (const event of this.#prompt) {
      if (event.type === "eof" && event.cause !== "key") return;
      if (event.type === "focus") {
        this.#focus(event.focused);
        continue;
      }
      // Ctrl-C throws away what is being written first, as shells do; on an empty line it leaves.
      if (event.type === "interrupt" && event.discarded !== "") continue;
      const leaves = event.type !== "line" || await this.#enter(event.text);
      if (leaves && await this.#leave()) return;
    }
  }

  #focus(isFocused: boolean): void {
    this.#isFocused = isFocused;
    this.#isAlerted = false;
  }

  /** Once until they look here again: a peer is not to ring for as long as it likes. */
  #alert(): void {
    if (this.#isFocused || this.#isAlerted) return;
    this.#isAlerted = true;
    this.#options.alert();
  }

  /** Takes one line; `true` when it asks to leave. */
  async #enter(line: string): Promise<boolean> {
    try {
      return await this.#take(line);
    } finally {
      if (mayAskForFile(line)) this.#prompt.release();
    }
  }

  async #take(line: string): Promise<boolean> {
    const input = parseInput(line);
    if (input.type === "text") this.#say(withoutLastBreaks(input.text));
    else if (input.type === "unknown") {
      this.#notice(
        `there is no command ${quoted(input.name)}: /help lists them. To say it, type /${
          quoted(line)
        }`,
      );
    } else if (input.name === "exit") return true;
    else await this.#obey(input.name, input.argument);
    return false;
  }

  #say(text: string): void {
    if (text === "") return;
    if (this.#change !== null) {
      this.#notice("not sent: first /accept-new-key or /exit. Your line is back in the prompt");
      return this.#prompt.setLine(text);
    }
    const bytes = utf8(text).length;
    if (bytes > MAX_TEXT_BYTES || this.#hasFinished) {
      const reason = this.#hasFinished
        ? `${this.#peer} has said goodbye and reads nothing more`
        : `${bytes} bytes are too long: at most ${MAX_TEXT_BYTES} fit in a message`;
      this.#notice(`not sent: ${reason}. Your line is back in the prompt`);
      return this.#prompt.setLine(text);
    }
    this.#own.typed(text, this.#conversation.secure);
    this.#conversation.post({ type: "say", texts: [text] });
  }

  async #obey(name: string, argument: string): Promise<void> {
    if (isFileAction(name)) return this.#fileCommands.act(name, argument);
    switch (name) {
      case "send":
        return this.#send(argument);
      case "files":
        return this.#fileCommands.list();
      case "help":
        helpLines(this.#prompt.columns).forEach((line) => this.#tell(line));
        if (this.#options.draws) this.#tell(`  ${STATES_HELP}`);
        this.#tell(`  ${SIGNED_HELP}`);
        return;
      case "verify":
        return await this.#verify(argument);
      case "accept-new-key":
        if (this.#options.door?.accept() !== true) this.#notice("nobody's key has changed");
        return;
      case "who":
        return this.#who();
      case "explain":
        return this.#notice(
          this.#options.toggleExplanations()
            ? "every step is explained from now on; /explain ends that"
            : "nothing is explained any more",
        );
      case "export":
        return await this.#export(argument);
      case "me":
        if (argument === "") return this.#notice("say what you do: /me waves");
        return this.#say(actionText(argument));
      case "nick":
        return this.#nick(argument);
      case "clear":
        return this.#options.clear();
    }
  }

  #send(argument: string): void {
    if (this.#change !== null) return this.#notice("not sent: first /accept-new-key or /exit");
    if (this.#hasFinished) {
      return this.#notice(`not sent: ${this.#peer} has said goodbye and takes nothing more`);
    }
    this.#fileCommands.send(argument);
  }

  #nick(name: string): void {
    const bytes = utf8(name).length;
    if (name === "" || bytes > MAX_NAME_BYTES) {
      return this.#notice(`a name has 1 to ${MAX_NAME_BYTES} bytes of UTF-8: /nick NAME`);
    }
    this.#conversation.post({ type: "rename", name });
    const now = this.#facts === null ? "" : `; ${this.#peer} goes on calling you as before`;
    this.#notice(`the next one who comes will read your name as ${quoted(name)}${now}`);
  }

  /** Leaves, unless the person stays for what has not arrived; `true` when they leave. */
  async #leave(): Promise<boolean> {
    const conversation = this.#conversation;
    // No goodbye before the question: after it nothing can be said any more.
    if (conversation.undelivered > 0) await this.#wait(() => conversation.undelivered === 0);
    this.#setStatus();
    if (!await this.#mayLeave()) return false;
    if (conversation.secure && this.#change === null) conversation.post({ type: "finish" });
    // Our goodbye is behind all files: with one that is left behind there is nothing to wait for.
    if (!conversation.files.busy) await this.#wait(() => conversation.settled);
    return true;
  }

  /** Waits a moment for the other side, so that nothing is lost on the way. */
  async #wait(isDone: () => boolean): Promise<void> {
    const conversation = this.#conversation;
    if (!conversation.secure || this.#change !== null) return;
    this.#setStatus("leaving: waiting for the last receipts");
    const done = conversation.until(() => isDone() || !conversation.secure);
    await Promise.race([done, this.#options.sleep(GOODBYE_PATIENCE)]);
  }

  /** Whether nothing is lost by leaving, or the person says that it may be. */
  async #mayLeave(): Promise<boolean> {
    const { length } = this.#own.texts;
    const files = this.#unfinishedFiles;
    if (length + files === 0) return true;
    if (length > 0) this.#notice(`what has not arrived ${this.#fateOfLines} if you leave`);
    if (files > 0) {
      const which = files === 1 ? "the file" : "the files";
      this.#notice(`if you leave with ${which} under way, ${this.#fateOfFiles(files)}`);
    }
    const what = [
      ...(length > 0 ? [length === 1 ? "1 line" : `${length} lines`] : []),
      ...(files > 0 ? [files === 1 ? "1 file" : `${files} files`] : []),
    ].join(" and ");
    const are = length + files === 1 ? "is" : "are";
    const missing = length === 0 ? "not across" : "not known to have arrived";
    const answer = await this.#prompt.ask(`${what} ${are} ${missing}: leave anyway? [y/N] `);
    // Who declines to answer has asked to leave once more.
    return answer === undefined || /^y(es)?$/i.test(answer.trim());
  }

  /** How many files have not come to where they go, and would. */
  get #unfinishedFiles(): number {
    const underway = this.#transfers.filter(({ direction, phase }) =>
      phase === "active" || phase === "held" || (phase === "offered" && direction === "out")
    );
    return underway.length + this.#files.reading;
  }

  get #fateOfLines(): string {
    return this.#options.keepsLines ? "is kept in your profile and sent next time" : "is lost";
  }

  #fateOfFiles(count: number): string {
    if (this.#options.keepsLines) {
      return count === 1 ? "it goes on next time" : "they go on next time";
    }
    return count === 1
      ? "it has to be offered again, and goes on where it stopped"
      : "they have to be offered again, and go on where they stopped";
  }

  /** At the end: what has not arrived. */
  #listLost(lost: readonly string[]): void {
    if (lost.length === 0) return;
    const what = lost.length === 1
      ? "1 line of yours is not known to have arrived"
      : `${lost.length} lines of yours are not known to have arrived`;
    this.#notice(this.#options.keepsLines ? `${what}; your profile keeps that` : what);
    this.#list(lost.slice(0, MAX_LISTED));
    const more = lost.length - MAX_LISTED;
    if (more > 0) this.#prompt.print(this.#dim(`  and ${more} more`));
  }

  async #verify(argument: string): Promise<void> {
    const facts = this.#facts;
    if (facts === null) return this.#notice("nobody is here to verify");
    const { peerFingerprint } = facts;
    if (argument === "yes") {
      // Comparing takes a while, and a relay chooses who comes meanwhile.
      if (this.#compared !== null && this.#compared !== peerFingerprint) {
        return this.#notice(`you compared with somebody else than ${this.#peer}: /verify again`);
      }
      this.#verified = true;
      this.#showPrompt();
      const isKept = await this.#options.door?.verify() ?? false;
      const until = isKept ? ", and will be next time" : " for this conversation";
      return this.#notice(`${this.#peer} is marked as verified${until}`);
    }
    this.#compared = peerFingerprint;
    const lines = await compareLines(facts, this.#peer, this.#options.draws);
    for (const line of lines) this.#tell(line);
  }

  #who(): void {
    const facts = this.#facts;
    if (facts === null) return this.#notice("you are alone in the room");
    this.#notice(`with ${this.#peer}, ${this.#trust()}; messages are ${signing(facts)}`);
    for (const line of keyLines(facts)) this.#prompt.print(line);
  }

  async #export(name: string): Promise<void> {
    if (name === "") return this.#notice("name the file: /export NAME");
    try {
      for (
        const [i, { text, omitted }] of (await this.#conversation.exportTranscripts()).entries()
      ) {
        const path = await this.#options.save(partName(name, i), text);
        const rest = omitted > 0 ? `; ${omitted} newest not signed yet and left out` : "";
        this.#notice(`saved ${path}${rest}. Check it with: deno task verify ${path}`);
      }
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.#tell(`! ${safeText(error.message)}`, "magenta");
    }
  }

  /** The one whom we met has lost the connection, or we have; or we are together again. */
  #setAway(isAway: boolean): void {
    this.#isAway = isAway;
    this.#setStatus();
    this.#showPrompt();
  }

  #showSecure(event: Extract<ClientEvent, { type: "secure" }>): void {
    const { facts, again } = event;
    this.#facts = facts;
    if (again) {
      this.#setAway(false);
      this.#notice(`${this.#peer} is back`);
      // The digits are another session's now, and the other side sees the new ones.
      if (this.#compared !== null && !this.#verified) {
        this.#notice("the digits are new: /verify again");
      }
      return;
    }
    this.#isAway = false;
    this.#hasFinished = false;
    this.#verified = facts.invited || this.#contact?.state === "verified";
    this.#peer = truncate(
      this.#contact === null ? peerName(event) : contactName(this.#contact),
      NAME_COLUMNS,
    );
    this.#setStatus();
    this.#notice(`secure with ${this.#peer}: ${this.#trust()}; messages are ${signing(facts)}`);
    this.#notice("their key is");
    for (const row of digitRows(facts.peerFingerprint)) this.#prompt.print(this.#dim(row));
    if (!this.#verified) this.#notice("to be sure that nobody is in between: /verify");
    this.#showPrompt();
  }

  /** A known name with another key: nothing is sent, and the person has to decide. */
  #showChange(change: KeyChange): void {
    this.#change = change;
    this.#peer = truncate(contactName(change), NAME_COLUMNS);
    this.#setStatus();
    const stop = [`STOP: ${this.#peer} has another key than before.`, "Nothing was sent."];
    for (const line of stop) this.#tell(`! ${line}`, "bold", "red");
    for (const line of keyChangeLines(change, this.#peer)) this.#tell(line);
    this.#showPrompt();
  }

  #showMessage({ text, time, signed, again }: Extract<ClientEvent, { type: "message" }>): void {
    const mark = signed || again ? "" : this.#dim(" (not signed yet)");
    // Nobody is here yet whose name it could bear.
    const who = again ? "from before" : this.#peer;
    const said = { time, who, colour: "magenta", text, mark } as const;
    this.#prompt.print(saidLine(this.#options, said));
  }

  #showLeft(event: Extract<ClientEvent, { type: "peer-left" }>): void {
    this.#own.held();
    // What the conversation still has is sent as soon as it can be, and goes on standing above the prompt.
    const lost = this.#own.keepOnly(this.#conversation.undelivered);
    const notice = noticeFor({ ...event, undelivered: lost })!;
    this.#notice(notice.replace("the other side", this.#peer));
    this.#list(lost);
    this.#facts = null;
    this.#isAway = false;
    this.#hasFinished = false;
    this.#contact = null;
    this.#setStatus();
    this.#showPrompt();
  }

  #trust(): string {
    if (this.#facts?.invited) return "verified by the invite code";
    if (this.#verified) return "verified";
    return this.#contact?.state === "known" ? "known" : "unverified";
  }

  #showPrompt(): void {
    if (this.#change !== null) {
      return this.#prompt.setPrompt(`${this.#style(`to ${this.#peer} (changed)`, "red")}> `);
    }
    const who = this.#facts === null ? "nobody here" : `${this.#peer} (${this.#trust()})`;
    const style = this.#verified && this.#facts !== null ? "green" : "bold";
    const away = this.#isAway && this.#facts !== null ? ", away" : "";
    const text = this.#facts === null ? who : `to ${who}${away}`;
    this.#prompt.setPrompt(`${this.#style(text, style)}> `);
  }

  /** Changes the line below the prompt; how far files are stands there when nothing else is to be said. */
  #setStatus(status?: string): void {
    this.#status = status;
    if (status !== undefined) return this.#prompt.setStatus(status);
    const isOpen = this.#facts !== null && !this.#isAway;
    const line = this.#files.line(this.#prompt.columns, isOpen);
    this.#prompt.setStatus(line === "" ? undefined : line);
  }

  /** All files with the one who is here, was here last, or comes first. */
  get #transfers(): readonly TransferState[] {
    // A conversation may have something to show before the chat runs.
    const conversation: Conversation | undefined = this.#conversation;
    return conversation?.files.list() ?? [];
  }

  #notice(text: string): void {
    this.#tell(`- ${text}`, "dim");
  }

  /** Prints words of our own, broken between them where the screen is narrow. */
  #tell(text: string, ...styles: StyleName[]): void {
    const wrapped = wrapHanging(text, this.#prompt.columns);
    this.#prompt.print(styles.length === 0 ? wrapped : this.#style(wrapped, ...styles));
  }

  /** Some texts of ours, short, each on a line of its own. */
  #list(texts: readonly string[]): void {
    const room = Math.min(QUOTED_COLUMNS, this.#prompt.columns - 2);
    for (const text of texts) this.#prompt.print(this.#dim(`  ${quoted(text, room)}`));
  }

  #dim(text: string): string {
    return this.#style(text, "dim");
  }
}

function signing({ deniable }: SecureFacts): string {
  return deniable ? "unsigned (deniable)" : "signed";
}

/** What is copied from elsewhere often ends with a line break, and nobody means to say that. */
function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  return text.slice(0, end);
}

/** A text of ours in a notice: one line, short. */
function quoted(text: string, columns = QUOTED_COLUMNS): string {
  return truncate(safeText(text), columns);
}
