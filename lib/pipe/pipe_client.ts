/**
 * The life of a client on a pipe, or under `--json`: it says every line of its input, says goodbye, waits
 * until the other side has everything and has said its own goodbye, and leaves.
 *
 * @module
 */
import { CheckError, EXIT, type ExitCode, ParleyError } from "../errors.ts";
import { safetyWords } from "../protocol/fingerprint.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { Conversation, UserInput } from "../conversation/conversation.ts";
import type { ClientEvent, View } from "../conversation/events.ts";
import type { PipeInput, ScriptAction } from "./lines.ts";
import { partName } from "../conversation/transcript_store.ts";

/** Lines of ours under way at which reading pauses, so that memory stays flat behind a slow peer. */
const HIGH_WATER_LINES = 512;

/** What a pipe's client needs of a conversation; one of either suite is one. */
export interface PipeConversation
  extends Pick<Conversation, "until" | "undelivered" | "settled" | "saidGoodbye" | "close"> {
  /** Queues what the user does. */
  post(input: UserInput): void;
  /** The files, where the suite has them. */
  readonly files?: Conversation["files"];
  /** Offers a file. */
  sendFile?: Conversation["sendFile"];
  /** The signed transcripts, where the suite has them. */
  exportTranscripts?: Conversation["exportTranscripts"];
}

/** Saves an exported transcript under a name; returns where it is. */
export type SaveTranscript = (name: string, text: string) => Promise<string>;

/** What a pipe's client is made of. */
export interface PipeOptions {
  /** Shows the events. */
  readonly view: View;
  /** Saves exported transcripts; `null` where there are none. */
  readonly save: SaveTranscript | null;
  /** How long a connection may stay lost, on either side, in milliseconds; `null` for as long as it takes. */
  readonly patience: number | null;
  /** Calls back once, later; the result prevents that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

/** How long who has heard everything, and was heard, waits for the other side's last word, in milliseconds. */
const LAST_WORD_PATIENCE = 5_000;

/** Decides when a pipe's client is done, and with which exit code. It stands between conversation and view. */
export class PipeClient implements View {
  readonly #options: PipeOptions;
  readonly #view: View;
  readonly #save: SaveTranscript | null;
  readonly #done = Promise.withResolvers<ExitCode>();
  #conversation: PipeConversation | null = null;
  #facts: SecureFacts | null = null;
  #isOver = false;
  /** Lines that could not be said, and files that did not get across. */
  #failures = 0;
  /** Their goodbye came. */
  #isPeerFinished = false;
  /** Stops the clock of a lost connection. */
  #found: (() => void) | null = null;

  /** A client that is not running yet. */
  constructor(options: PipeOptions) {
    this.#options = options;
    this.#view = options.view;
    this.#save = options.save;
  }

  /** Shows an event, and ends the client where the event does. */
  show(event: ClientEvent): void {
    this.#view.show(event);
    switch (event.type) {
      case "secure":
        this.#facts = event.facts;
        return this.#find();
      case "peer-finished":
        this.#isPeerFinished = true;
        return;
      case "file-stopped":
        if (this.#isOurs(event.id)) this.#failures++;
        return;
      case "disconnected":
      case "peer-away":
        return this.#lose();
      case "error":
        return this.#end(event.error.exitCode);
      case "peer-left":
        return this.#end(this.#codeForLoss(event));
    }
  }

  /** A connection is lost: it has so much time to come back. */
  #lose(): void {
    if (this.#found !== null || this.#isOver) return;
    const { patience, after } = this.#options;
    // Who leaves with all said and done may have gone while we were not looking.
    const isDone = this.#isPeerFinished && !this.#isUnfinished();
    if (isDone) this.#found = after(LAST_WORD_PATIENCE, () => this.#end(this.#okay()));
    else if (patience !== null) this.#found = after(patience, () => this.#despair(patience));
  }

  #find(): void {
    this.#found?.();
    this.#found = null;
  }

  #despair(patience: number): void {
    const lines = this.#conversation?.undelivered ?? 0;
    const error = new ParleyError(
      "lost",
      `the connection did not come back within ${patience / 1000} seconds; ` +
        `not known to have arrived: ${lines}. Try again with a longer --patience`,
    );
    this.show({ type: "error", error });
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
    const delivered = conversation.until(() =>
      conversation.saidGoodbye && conversation.undelivered === 0
    );
    void expired.then(() => this.#giveUp());
    return await this.#runUntil(conversation, delivered.then(() => this.#okay()), interrupted);
  }

  async #runUntil(
    conversation: PipeConversation,
    spoken: Promise<ExitCode>,
    interrupted: Promise<void>,
  ): Promise<ExitCode> {
    this.#conversation = conversation;
    const stopped = interrupted.then(() => this.#isUnfinished() ? EXIT.failed : EXIT.ok);
    const code = await Promise.race([this.#done.promise, spoken, stopped]);
    this.#isOver = true;
    this.#find();
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
      if (action.type === "send-file") await conversation.sendFile?.(action.path);
      if (action.type === "file") conversation.files?.act(action.action, action.id);
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

  #isOurs(id: string): boolean {
    const files = this.#conversation?.files?.list() ?? [];
    return files.some((file) => file.id === id && file.direction === "out");
  }

  /** Whether leaving now leaves something behind. */
  #isUnfinished(): boolean {
    if (this.#conversation === null) return false;
    const { undelivered, files } = this.#conversation;
    return undelivered > 0 || (files?.busy ?? false);
  }

  #refuse(error: ParleyError): void {
    this.#failures++;
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
    return this.#failures > 0 ? EXIT.failed : EXIT.ok;
  }

  #codeForLoss(event: Extract<ClientEvent, { type: "peer-left" }>): ExitCode {
    const isWhole = event.clean && event.undelivered.length === 0 &&
      !(this.#conversation?.files?.busy ?? false);
    return isWhole ? this.#okay() : EXIT.failed;
  }
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, "");
}
