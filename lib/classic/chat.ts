/**
 * The terminal client of the suite `classic`. There is nothing to verify and nothing to prove, so it has two commands;
 * and its prompt says at every line that the suite is insecure.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { MAX_TEXT_BYTES } from "../protocol/constants.ts";
import { wrapHanging } from "../terminal/paragraph.ts";
import { safeText } from "../safe_text.ts";
import { truncate } from "../terminal/text_width.ts";
import type { ChatOptions } from "../chat/chat.ts";
import type { ChatPrompt } from "../chat/chat_prompt.ts";
import type { ClassicConversation } from "./conversation.ts";
import { completeCommand, parseInput } from "../chat/slash_commands.ts";
import type { ConversationEvent, EventStream } from "../conversation/events.ts";
import { noticeFor } from "../conversation/notices.ts";

/** Options of a {@link ClassicChat}. */
export interface ClassicChatOptions extends Pick<ChatOptions, "prompt" | "style" | "clock"> {
  /** Takes what the person says. */
  readonly conversation: ClassicConversation;
  /** Reports what happens. */
  readonly events: EventStream;
}

const COMMANDS = ["/help", "/exit"];

const HELP = [
  "  /help  show this",
  "  /exit  leave; so do exit, Ctrl-D and Ctrl-C",
  "  A line that begins with // is said with one slash.",
];

/** Completes the line on Tab. */
export function completeClassicCommand(line: string, cursor: number): readonly string[] {
  return completeCommand(line, cursor).filter((name) => COMMANDS.includes(name));
}

/** The chat. */
export class ClassicChat {
  readonly #options: ClassicChatOptions;
  readonly #prompt: ChatPrompt;
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #conversation: ClassicConversation;

  /** A chat that is not running yet. It subscribes to the events. */
  constructor(options: ClassicChatOptions) {
    this.#options = options;
    this.#prompt = options.prompt;
    this.#conversation = options.conversation;
    options.events.subscribe((event) => this.#show(event));
    this.#showPrompt("nobody here");
  }

  /** Runs until the person leaves or a check fails. */
  async run(): Promise<ExitCode> {
    const conversation = this.#conversation;
    const typed = this.#read().then(() => EXIT.ok);
    const code = await Promise.race([typed, this.#done.promise]);
    const unsent = conversation.undelivered;
    await conversation.close();
    if (unsent > 0) this.#notice(`${unsent} of your lines never left`);
    this.#prompt.close();
    return code;
  }

  #show(event: ConversationEvent): void {
    switch (event.type) {
      case "warning":
        return this.#print(`! ${noticeFor(event)}`, "red");
      case "insecure":
        this.#showPrompt("to the other side");
        return this.#print(`! ${noticeFor(event)}`, "red");
      case "message":
        return this.#showSaid(event.time, "they>", event.text);
      case "sent":
        return this.#showSaid(event.line.time ?? 0, "you>", event.line.text);
      case "peer-left":
        this.#showPrompt("nobody here");
        return this.#notice("the other side has left");
      case "error":
        this.#print(`! ${noticeFor(event)}`, "red");
        return this.#done.resolve(event.error.exitCode);
      case "refused":
        return this.#print(`! ${noticeFor(event)}`, "magenta");
      default: {
        const notice = noticeFor(event);
        if (notice !== null) this.#notice(notice);
      }
    }
  }

  /** Takes what the person does, until they want to leave. */
  async #read(): Promise<void> {
    for await (const event of this.#prompt) {
      if (event.type === "focus") continue;
      // Ctrl-C throws away what is being written first, as shells do; on an empty line it leaves.
      if (event.type === "interrupt" && event.discarded !== "") continue;
      if (event.type !== "line" || this.#enter(event.text)) return;
    }
  }

  /** Takes one line; `true` when it asks to leave. */
  #enter(line: string): boolean {
    const input = parseInput(line);
    if (input.type === "text") this.#say(input.text);
    else if (input.name === "exit") return true;
    else if (input.name === "help") HELP.forEach((row) => this.#prompt.print(row));
    else this.#notice(`there is no command ${shortened(line)} in this protocol: /help lists them`);
    return false;
  }

  #say(text: string): void {
    if (text === "") return;
    const bytes = utf8(text).length;
    if (bytes > MAX_TEXT_BYTES) {
      this.#notice(`not sent: ${bytes} bytes are too long: at most ${MAX_TEXT_BYTES} fit`);
      return this.#prompt.setLine(text);
    }
    if (!this.#conversation.open) this.#notice(`kept until somebody is there: ${shortened(text)}`);
    this.#conversation.say(text);
  }

  #showSaid(time: number, name: string, text: string): void {
    const { style, clock } = this.#options;
    const safe = safeText(text, { lines: true }).replaceAll("\n", "\n      ");
    this.#prompt.print(`${style(clock(time), "dim")} ${style(name, "bold")} ${safe}`);
  }

  #showPrompt(who: string): void {
    this.#prompt.setPrompt(`${this.#options.style(`INSECURE, ${who}`, "red")}> `);
  }

  #notice(text: string): void {
    this.#print(`- ${text}`, "dim");
  }

  #print(text: string, style: "red" | "magenta" | "dim"): void {
    this.#prompt.print(this.#options.style(wrapHanging(text, this.#prompt.columns), style));
  }
}

/** A text of ours in a notice: one line, short. */
function shortened(text: string): string {
  return truncate(safeText(text), 40);
}
