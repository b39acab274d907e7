/**
 * The life of a client on a pipe, or under `--json`: it says every line of its input, says goodbye, waits
 * until the other side has everything and has said its own goodbye, and leaves.
 *
 * @module
 */
import { EXIT, type ExitCode } from "../errors.ts";
import type { Conversation, UserInput } from "./conversation.ts";
import type { ClientEvent, View } from "./events.ts";
import type { LineInput } from "./lines.ts";

/** Lines of ours under way at which reading pauses, so that memory stays flat behind a slow peer. */
const HIGH_WATER_LINES = 512;

/** What a pipe's client needs of a conversation; one of either suite is one. */
export interface PipeConversation
  extends Pick<Conversation, "until" | "undelivered" | "settled" | "close"> {
  /** Queues what the user does. */
  post(input: UserInput): void;
}

/** Decides when a pipe's client is done, and with which exit code. It stands between conversation and view. */
export class PipeClient implements View {
  readonly #view: View;
  readonly #done = Promise.withResolvers<ExitCode>();
  #badLines = 0;

  /** A client that shows its events in `view`. */
  constructor(view: View) {
    this.#view = view;
  }

  /** Shows an event, and ends the client where the event does. */
  show(event: ClientEvent): void {
    this.#view.show(event);
    if (event.type === "error") this.#done.resolve(event.error.exitCode);
    if (event.type === "peer-left") this.#done.resolve(this.#codeForLoss(event));
  }

  /**
   * Runs until the conversation is over.
   *
   * @param interrupted resolves when the user wants to stop
   */
  async run(
    conversation: PipeConversation,
    input: AsyncIterable<LineInput>,
    interrupted: Promise<void>,
  ): Promise<ExitCode> {
    const spoken = this.#speak(conversation, input).then(() => this.#okay());
    const stopped = interrupted.then(() => conversation.undelivered > 0 ? EXIT.failed : EXIT.ok);
    const code = await Promise.race([this.#done.promise, spoken, stopped]);
    await conversation.close();
    return code;
  }

  /** Says all of the input and goodbye; resolves when nothing is lost by leaving. */
  async #speak(conversation: PipeConversation, input: AsyncIterable<LineInput>): Promise<void> {
    for await (const item of input) {
      if (item.type === "bad-line") {
        this.#badLines++;
        this.#view.show({ type: "refused", error: item.error });
        continue;
      }
      conversation.post({ type: "say", texts: item.lines });
      await conversation.until(() => conversation.undelivered < HIGH_WATER_LINES);
    }
    conversation.post({ type: "finish" });
    await conversation.until(() => conversation.settled);
  }

  #okay(): ExitCode {
    return this.#badLines > 0 ? EXIT.failed : EXIT.ok;
  }

  #codeForLoss(event: Extract<ClientEvent, { type: "peer-left" }>): ExitCode {
    return event.clean && event.undelivered.length === 0 ? this.#okay() : EXIT.failed;
  }
}
