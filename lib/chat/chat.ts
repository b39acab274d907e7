/**
 * The person in a terminal: what they type is said or obeyed, what happens is printed above the prompt.
 *
 * @module
 */
import type { Admission } from "../conversation/admission.ts";
import type { Conversation } from "../conversation/conversation.ts";
import type { ConversationEvent } from "../conversation/events.ts";
import { noticeFor } from "../conversation/notices.ts";
import { utf8 } from "../crypto/bytes.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import type { KeyChange } from "../profile/trust.ts";
import type { Step } from "../protocol/session.ts";
import { wrapHanging } from "../terminal/paragraph.ts";
import type { StyleName, Styler } from "../terminal/style.ts";
import { Attention } from "./attention.ts";
import type { ChatPrompt } from "./chat_prompt.ts";
import { type CommandContext, signing } from "./commands.ts";
import { FileCommands, isFileAction } from "./file_commands.ts";
import { FileView } from "./file_view.ts";
import { ACCEPTING, digitRows, keyChangeLines, SIGNED_LINES } from "./key_words.ts";
import { leave } from "./leaving.ts";
import { OutboxView } from "./outbox_view.ts";
import { PeerView } from "./peer_view.ts";
import { quoted, QUOTED_COLUMNS, saidLine, withoutLastBreaks } from "./said.ts";
import { completeCommand, findCommand, helpLines, parseInput } from "./slash_commands.ts";

/** What the chat needs beside the conversation and the prompt. */
export interface ChatOptions {
  /** Takes what the person says, and reports what happens. */
  readonly conversation: Conversation;
  /** The terminal. */
  readonly prompt: ChatPrompt;
  /** Styles, or none. */
  readonly style: Styler;
  /** Local time of day for a moment, for example `17:05`. */
  readonly clock: (time: number) => string;
  /** Makes what was said harmless; its line breaks stay. @default {@link safeText} */
  readonly safe?: (text: string) => string;
  /** Saves an exported transcript under a name; returns where it is. */
  readonly save: (name: string, text: string) => Promise<string>;
  /** Clears the screen. */
  readonly clear: () => void;
  /** Alerts a person that looks elsewhere: there is something new; never what. */
  readonly alert: () => void;
  /** Whether something is drawn that a screen reader can't read: pictures, and lines that change. */
  readonly draws: boolean;
  /** Whether lines that are not delivered are kept for the next time. @default {false} */
  readonly keepsLines?: boolean;
  /** Takes what the person decides about a peer's key. */
  readonly admission?: Pick<Admission, "accept" | "verify">;
  /** Whether a file may be read. */
  readonly mayRead: (path: string) => boolean;
  /** The person's folder. @default unknown */
  readonly home?: string;
  /** Explains every message from now on, or no longer; returns which. */
  readonly toggleExplanations: () => boolean | Promise<boolean>;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How many of the lines that have not arrived are listed at the end. */
const MAX_LISTED = 10;

/** What the marks of own lines mean, for `/help`. */
const STATES_HELP = "Yours: … waits for somebody, → is sent, ✓ has arrived.";

const STEP_NUMBER: Readonly<Record<Step, number>> = {
  "keys-made": 1,
  "key-exchange": 2,
  "identity-sent": 3,
  "identity-received": 3,
  "share-sent": 4,
  "signature-verified": 5,
  "secret-computed": 6,
};

/** The chat. */
export class Chat {
  readonly #options: ChatOptions;
  readonly #conversation: Conversation;
  readonly #prompt: ChatPrompt;
  readonly #style: Styler;
  readonly #peer = new PeerView();
  readonly #outbox: OutboxView;
  readonly #files: FileView;
  readonly #fileCommands: FileCommands;
  readonly #commands: CommandContext;
  readonly #done = Promise.withResolvers<ExitCode>();
  /** What the line below the prompt says, before how far files are. */
  #status: string | undefined;
  /** Whether the peer has said goodbye, and with it we have: nothing can be said any more. */
  #hasFinished = false;
  readonly #attention: Attention;

  /** A chat that is not running yet. It subscribes to the conversation. */
  constructor(options: ChatOptions) {
    this.#options = options;
    const { conversation, prompt, style, draws, mayRead, home = null } = options;
    [this.#conversation, this.#prompt, this.#style] = [conversation, prompt, style];
    const isOpen = () => this.#peer.facts !== null && !this.#peer.isAway;
    this.#outbox = new OutboxView({ ...options, isOpen });
    const notice = (text: string) => this.#notice(text);
    this.#files = new FileView({
      list: () => conversation.files.list(),
      notice,
      changed: () => this.#setStatus(this.#status),
      peer: () => this.#peer.name,
      draws,
    });
    this.#fileCommands = new FileCommands({
      conversation,
      view: this.#files,
      peer: () => this.#peer.name,
      home,
      mayRead,
      notice,
      fail: (text) => this.#tell(`! ${text}`, "magenta"),
      row: (text) => this.#tell(text),
      draws,
    });
    this.#commands = this.#context();
    this.#attention = new Attention(options.alert);
    this.#showPrompt();
    conversation.subscribe((event) => this.#show(event));
  }

  /**
   * Runs until the person leaves or a check fails.
   *
   * @param file is offered first
   */
  async run(file: string | null = null): Promise<ExitCode> {
    if (file !== null) this.#fileCommands.offer(file);
    const typed = this.#read().then(() => this.#peer.question === null ? EXIT.ok : EXIT.untrusted);
    const code = await Promise.race([typed, this.#done.promise]);
    const lost = this.#outbox.texts;
    await this.#conversation.close();
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

  #show(event: ConversationEvent): void {
    switch (event.type) {
      case "file-offered":
      case "file-received":
        this.#attention.want();
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
        return this.#peer.known(event);
      case "key-changed":
        this.#attention.want();
        return this.#showChange(event);
      case "not-deniable":
        this.#attention.want();
        return this.#showSigned();
      case "secure":
        this.#attention.want();
        return this.#showSecure(event);
      case "message":
        this.#attention.want();
        return this.#showMessage(event);
      case "outbox":
        return this.#outbox.update(event.lines);
      case "sent":
        return this.#outbox.sent(event.line);
      case "delivered":
        return this.#outbox.delivered(event.lines);
      case "peer-finished":
        if (this.#conversation.finished) return;
        this.#hasFinished = true;
        return this.#setStatus(`${this.#peer.name} has said goodbye`);
      case "peer-left":
        return this.#showLeft(event);
      case "disconnected":
      case "peer-away":
        this.#peer.isAway = true;
        this.#setStatus();
        this.#showPrompt();
        return this.#notice(this.#named(noticeFor(event)!));
      case "not-sent":
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
        this.#attention.focus(event.focused);
        continue;
      }
      this.#attention.typed();
      // Ctrl-C throws away what is being written first, as shells do; on an empty line it leaves.
      if (event.type === "interrupt" && event.discarded !== "") continue;
      const leaves = event.type !== "line" || await this.#enter(event.text);
      if (leaves && await this.#leave()) return;
    }
  }

  /** Takes one line; `true` when it asks to leave. */
  async #enter(line: string): Promise<boolean> {
    const input = parseInput(line);
    if (input.type === "text") this.#say(withoutLastBreaks(input.text));
    else if (input.type === "unknown") {
      this.#notice(
        `there is no command ${quoted(input.name)}: /help lists them. To say it, type /${
          quoted(line)
        }`,
      );
    } else if (input.name === "exit") return true;
    else await findCommand(input.name)!.run?.(this.#commands, input.argument);
    return false;
  }

  #say(text: string): void {
    if (text === "") return;
    const held = this.#cannotSay();
    // Not into the prompt: a command comes next there, and would be typed behind it.
    if (held !== null) return this.#notice(`not sent: ${held}. Up brings your line back`);
    const reason = tooLong(text, this.#conversation.longestText);
    if (reason === null) return this.#conversation.say(text);
    this.#notice(`not sent: ${reason}. Your line is back in the prompt`);
    this.#prompt.setLine(text);
  }

  #cannotSay(): string | null {
    const { question } = this.#peer;
    if (question !== null) return `first ${ACCEPTING[question]} or /exit`;
    return this.#hasFinished ? `${this.#peer.name} has said goodbye and reads nothing more` : null;
  }

  /** What the commands work with. */
  #context(): CommandContext {
    const { admission, draws, save, clear, toggleExplanations } = this.#options;
    return {
      conversation: this.#conversation,
      peer: this.#peer,
      files: this.#fileCommands,
      admission,
      draws,
      say: (text) => this.#say(text),
      cannotSay: () => this.#cannotSay(),
      save,
      clear,
      toggleExplanations,
      showPrompt: () => this.#showPrompt(),
      help: () => this.#help(),
      notice: (text) => this.#notice(text),
      tell: (text) => this.#tell(text),
      print: (text) => this.#prompt.print(text),
      fail: (text) => this.#tell(`! ${text}`, "magenta"),
    };
  }

  #help(): void {
    helpLines(this.#prompt.columns).forEach((line) => this.#tell(line));
    if (this.#options.draws) this.#tell(`  ${STATES_HELP}`);
  }

  #leave(): Promise<boolean> {
    const { keepsLines = false, sleep } = this.#options;
    return leave({
      conversation: this.#conversation,
      ask: (question) => this.#prompt.ask(question),
      notice: (text) => this.#notice(text),
      setStatus: (status) => this.#setStatus(status),
      lines: () => this.#outbox.texts.length,
      files: () => this.#files.unfinished,
      isHeld: () => this.#peer.question !== null,
      keepsLines,
      sleep,
    });
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

  #showSecure(event: Extract<ConversationEvent, { type: "secure" }>): void {
    this.#peer.secure(event);
    const { name, trust, isVerified } = this.#peer;
    this.#setStatus();
    this.#showPrompt();
    if (event.again) {
      this.#notice(`${name} is back`);
      // The digits are another session's now, and the other side sees the new ones.
      if (this.#peer.compared !== null && !isVerified) {
        this.#notice("the digits are new: /verify again");
      }
      return;
    }
    this.#hasFinished = false;
    this.#notice(`secure, ${trust}: ${name}; messages are ${signing(event.facts)}`);
    if (isVerified) return;
    this.#notice("their key is");
    for (const row of digitRows(event.facts.peerFingerprint)) this.#prompt.print(this.#dim(row));
    this.#notice("to be sure that nobody is in between: /verify");
  }

  /** A known name with another key: nothing is sent, and the person has to decide. */
  #showChange(change: KeyChange): void {
    this.#peer.changed(change);
    this.#setStatus();
    const { name } = this.#peer;
    const stop = [`STOP: ${name} has another key than before.`, "Nothing was sent."];
    for (const line of stop) this.#tell(`! ${line}`, "bold", "red");
    for (const line of keyChangeLines(change, name)) this.#tell(line);
    this.#showPrompt();
  }

  /** The other side wants signatures where we want none: nothing is sent, and the person has to decide. */
  #showSigned(): void {
    this.#peer.question = "signed";
    this.#setStatus();
    const [stop, ...lines] = SIGNED_LINES;
    this.#tell(stop, "bold", "red");
    for (const line of lines) this.#tell(line);
    this.#showPrompt();
  }

  #showMessage(
    { text, time, again }: Extract<ConversationEvent, { type: "message" }>,
  ): void {
    // No peer is here yet whose name it could bear.
    const who = again ? "from before" : this.#peer.name;
    const said = { time, who, colour: "magenta", text, mark: "" } as const;
    this.#prompt.print(saidLine(this.#options, said, this.#prompt.columns));
  }

  #showLeft(event: Extract<ConversationEvent, { type: "peer-left" }>): void {
    // What has not arrived goes on standing above the prompt.
    this.#notice(this.#named(noticeFor({ ...event, undelivered: [] })!));
    this.#peer.left();
    this.#hasFinished = false;
    this.#setStatus();
    this.#showPrompt();
  }

  #named(notice: string): string {
    return notice.replace("the other side", () => this.#peer.name);
  }

  #showPrompt(): void {
    this.#prompt.setPrompt(this.#peer.prompt(this.#style));
  }

  /** Changes the line below the prompt; how far files are stands there when nothing else is to be said. */
  #setStatus(status?: string): void {
    this.#status = status;
    if (status !== undefined) return this.#prompt.setStatus(status);
    const isOpen = this.#peer.facts !== null && !this.#peer.isAway;
    const line = this.#files.line(this.#prompt.columns, isOpen);
    this.#prompt.setStatus(line === "" ? undefined : line);
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

function tooLong(text: string, longest: number): string | null {
  const bytes = utf8(text).length;
  return bytes <= longest
    ? null
    : `${bytes} bytes are too long: at most ${longest} fit in a message`;
}
