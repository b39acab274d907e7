/**
 * The life of a client on a pipe, or under `--json`: it says every line of its input, says goodbye, waits
 * until the other side has everything and has said its own goodbye, and leaves.
 *
 * @module
 */
import { CheckError, EXIT, type ExitCode, ParleyError } from "../errors.ts";
import { safetyWords } from "../protocol/fingerprint.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { Conversation, UserInput } from "./conversation.ts";
import type { ClientEvent, View } from "./events.ts";
import type { PipeInput, ScriptAction } from "./lines.ts";
import { partName } from "./transcript_store.ts";

/** Lines of ours under way at which reading pauses, so that memory stays flat behind a slow peer. */
const HIGH_WATER_LINES = 512;

/** What a pipe's client needs of a conversation; one of either suite is one. */
export interface PipeConversation
  extends Pick<Conversation, "until" | "undelivered" | "settled" | "close"> {
  /** Queues what the user does. */
  post(input: UserInput): void;
  /** The signed transcripts, where the suite has them. */
  exportTranscripts?: Conversation["exportTranscripts"];
}

/** Saves an exported transcript under a name; returns where it is. */
export type SaveTranscript = (name: string, text: string) => Promise<string>;

/** Decides when a pipe's client is done, and with which exit code. It stands between conversation and view. */
export class PipeClient implements View {
  readonly #view: View;
  readonly #save: SaveTranscript | null;
  readonly #done = Promise.withResolvers<ExitCode>();
  #facts: SecureFacts | null = null;
  #isOver = false;
  #badLines = 0;

  /**
   * A client that shows its events in `view`.
   *
   * @param save saves exported transcripts; without it there are none
   */
  constructor(view: View, save: SaveTranscript | null = null) {
    this.#view = view;
    this.#save = save;
  }

  /** Shows an event, and ends the client where the event does. */
  show(event: ClientEvent): void {
    this.#view.show(event);
    if (event.type === "secure") this.#facts = event.facts;
    if (event.type === "error") this.#end(event.error.exitCode);
    if (event.type === "peer-left") this.#end(this.#codeForLoss(event));
  }

  /**
   * Runs until the conversation is over.
   *
   * @param interrupted resolves when the user wants to stop
   */
  async run(
    conversation: PipeConversation,
    input: AsyncIterable<PipeInput>,
    interrupted: Promise<void>,
  ): Promise<ExitCode> {
    const spoken = this.#speak(conversation, input).then(() => this.#okay());
    return await this.#runUntil(conversation, spoken, interrupted);
  }

  /**
   * Says goodbye at once, and leaves as soon as the other side has everything that was said before.
   *
   * @param expired resolves when that has taken too long
   * @param interrupted resolves when the user wants to stop
   */
  async deliver(
    conversation: PipeConversation,
    expired: Promise<void>,
    interrupted: Promise<void>,
  ): Promise<ExitCode> {
    conversation.post({ type: "finish" });
    const delivered = conversation.until(() => conversation.undelivered === 0);
    void expired.then(() => this.#giveUp());
    return await this.#runUntil(conversation, delivered.then(() => this.#okay()), interrupted);
  }

  async #runUntil(
    conversation: PipeConversation,
    spoken: Promise<ExitCode>,
    interrupted: Promise<void>,
  ): Promise<ExitCode> {
    const stopped = interrupted.then(() => conversation.undelivered > 0 ? EXIT.failed : EXIT.ok);
    const code = await Promise.race([this.#done.promise, spoken, stopped]);
    this.#isOver = true;
    await conversation.close();
    return code;
  }

  /** Says all of the input and goodbye; resolves when nothing is lost by leaving. */
  async #speak(conversation: PipeConversation, input: AsyncIterable<PipeInput>): Promise<void> {
    for await (const item of input) {
      if (this.#isOver || item.type === "finish") break;
      if (item.type === "bad-line") this.#refuse(item.error);
      else if (item.type !== "lines") await this.#act(conversation, item);
      else {
        conversation.post({ type: "say", texts: item.lines });
        await conversation.until(() => conversation.undelivered < HIGH_WATER_LINES);
      }
    }
    if (this.#isOver) return;
    conversation.post({ type: "finish" });
    await conversation.until(() => conversation.settled);
  }

  async #act(conversation: PipeConversation, action: ScriptAction): Promise<void> {
    try {
      if (action.type === "verify") await this.#verify(conversation, action.digits);
      if (action.type === "join") {
        throw new ParleyError("bad-input", '{"join":CODE} is the first line, after --join alone');
      }
      if (action.type === "export") await this.#export(conversation, action.name);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.#refuse(error);
    }
  }

  /** Waits for somebody, and shows what to compare, or compares. Where that differs nothing more is said. */
  async #verify(conversation: PipeConversation, digits: string | null): Promise<void> {
    await conversation.until(() => this.#facts !== null || this.#isOver);
    if (this.#facts === null) return;
    const { safetyNumber, peerFingerprint } = this.#facts;
    if (digits === null) {
      const words = await safetyWords(safetyNumber);
      return this.#view.show({ type: "safety", safetyNumber, peerFingerprint, words });
    }
    const known = [safetyNumber, peerFingerprint].map(digitsOf);
    if (known.includes(digitsOf(digits))) return this.#view.show({ type: "verified" });
    const error = new CheckError(
      "unverified",
      "the digits are neither this conversation's safety number nor the other side's key: " +
        "perhaps somebody is in between. Nothing more was sent",
    );
    this.show({ type: "error", error });
  }

  async #export(conversation: PipeConversation, name: string): Promise<void> {
    if (this.#save === null || conversation.exportTranscripts === undefined) {
      throw new ParleyError("nothing-to-export", "there are no signed transcripts here");
    }
    for (const [i, { text, omitted }] of (await conversation.exportTranscripts()).entries()) {
      const path = await this.#save(partName(name, i), text);
      this.#view.show({ type: "exported", path, omitted });
    }
  }

  #refuse(error: ParleyError): void {
    this.#badLines++;
    this.#view.show({ type: "refused", error });
  }

  #giveUp(): void {
    if (this.#isOver) return;
    const error = new ParleyError(
      "timeout",
      "it was not delivered in time: nobody came, or they did not answer. Try a longer --timeout",
    );
    this.show({ type: "error", error });
  }

  #end(code: ExitCode): void {
    this.#isOver = true;
    this.#done.resolve(code);
  }

  #okay(): ExitCode {
    return this.#badLines > 0 ? EXIT.failed : EXIT.ok;
  }

  #codeForLoss(event: Extract<ClientEvent, { type: "peer-left" }>): ExitCode {
    return event.clean && event.undelivered.length === 0 ? this.#okay() : EXIT.failed;
  }
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, "");
}
