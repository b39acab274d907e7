/**
 * A client on a pipe, or under `--json`: it says every line of its input, says goodbye, waits until the other side has
 * everything and has said its own goodbye, and leaves.
 *
 * @module
 */
import type { Conversation } from "../conversation/conversation.ts";
import type { ConversationEvent, EventStream } from "../conversation/events.ts";
import { partName } from "../conversation/transcript_store.ts";
import { CheckError, EXIT, type ExitCode, ParleyError } from "../errors.ts";
import { safetyWords } from "../protocol/fingerprint.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { After } from "../timer.ts";
import type { PipeInput, ScriptAction } from "./lines.ts";

/**
 * Unacknowledged lines of ours at which reading pauses, so that memory stays flat behind a slow peer: some bundles, so
 * that the next one is there when one is acknowledged.
 */
const HIGH_WATER_LINES = 8192;

/** Bytes of them, likewise. */
const HIGH_WATER_BYTES: number = 2 * 1024 * 1024;

/** A conversation of either suite, as the client uses it. */
export interface PipeConversation extends
  Pick<
    Conversation,
    "say" | "finish" | "until" | "undelivered" | "settled" | "saidGoodbye" | "close"
  > {
  /** Bytes of the lines that are not known to have arrived, where the suite knows. */
  readonly undeliveredBytes?: number;
  /** Whether the peer has most likely left, with everything; in a suite that has goodbyes. */
  readonly hasGone?: boolean;
  /** The files, where the suite has them. */
  readonly files?: Conversation["files"];
  /** Offers a file. */
  sendFile?: Conversation["sendFile"];
  /** The signed transcripts, where the suite has them. */
  exportTranscripts?: Conversation["exportTranscripts"];
}

/** Saves an exported transcript under a name; returns where it is. */
export type SaveTranscript = (name: string, text: string) => Promise<string>;

/** Options of a {@link PipeClient}. */
export interface PipeOptions {
  /** Takes what the input says. */
  readonly conversation: PipeConversation;
  /** Reports what happens, also what the client finds itself. */
  readonly events: EventStream;
  /** Saves exported transcripts; `null` where there are none. */
  readonly save: SaveTranscript | null;
  /** Remembers that the digits were compared. @default nobody does */
  readonly verified?: (facts: SecureFacts) => Promise<unknown>;
  /** Starts a timer, where files are taken (`--accept-files`). @default none are */
  readonly after?: After;
}

/** How long a client that takes files waits for the next one, once its input has ended, in milliseconds. */
const FILE_PATIENCE = 30_000;

/** Decides when the client is done, and with which exit code. */
export class PipeClient {
  readonly #options: PipeOptions;
  readonly #conversation: PipeConversation;
  readonly #done = Promise.withResolvers<ExitCode>();
  #facts: SecureFacts | null = null;
  #isOver = false;
  /** Whether the peer has said goodbye: no more files come. */
  #hasGoodbye = false;
  /** How many files have come to their end. */
  #files = 0;
  /** Lines that could not be said, and files that did not get across. */
  #failures = 0;

  /** A client that is not running yet. It subscribes to the events. */
  constructor(options: PipeOptions) {
    this.#options = options;
    this.#conversation = options.conversation;
    options.events.subscribe((event) => this.#take(event));
  }

  #take(event: ConversationEvent): void {
    switch (event.type) {
      case "secure":
        this.#facts = event.facts;
        return;
      case "peer-finished":
        this.#hasGoodbye = true;
        return;
      case "file-received":
        this.#files++;
        return;
      case "file-stopped":
        this.#files++;
        if (this.#isMissed(event)) this.#failures++;
        return;
      case "refused":
        if (event.error.code === "line-too-long") this.#failures++;
        return;
      case "error":
        return this.#end(event.error.exitCode);
      case "peer-left":
        return this.#end(this.#codeForLoss(event));
    }
  }

  /**
   * Runs until the conversation is over.
   *
   * @param interrupted resolves when the user wants to stop
   */
  async run(input: AsyncIterable<PipeInput>, interrupted: Promise<void>): Promise<ExitCode> {
    return await this.#runUntil(this.#speak(input), interrupted);
  }

  /**
   * Says goodbye at once, and leaves as soon as the other side has everything that was said before.
   *
   * @param interrupted resolves when the user wants to stop
   */
  async deliver(interrupted: Promise<void>): Promise<ExitCode> {
    const conversation = this.#conversation;
    conversation.finish();
    const delivered = conversation.until(() =>
      conversation.saidGoodbye && conversation.undelivered === 0
    );
    return await this.#runUntil(delivered, interrupted);
  }

  async #runUntil(spoken: Promise<void>, interrupted: Promise<void>): Promise<ExitCode> {
    const conversation = this.#conversation;
    const gone = conversation.until(() => conversation.hasGone ?? false);
    const code = await Promise.race([
      this.#done.promise,
      Promise.race([spoken, gone]).then(() => this.#okay()),
      interrupted.then(() => this.#isUnfinished() ? EXIT.failed : EXIT.ok),
    ]);
    this.#isOver = true;
    await conversation.close();
    return code;
  }

  /** Says all of the input and goodbye; resolves when nothing is lost by leaving. */
  async #speak(input: AsyncIterable<PipeInput>): Promise<void> {
    const conversation = this.#conversation;
    let isSaid = false;
    for await (const item of input) {
      isSaid = item.type === "finish";
      if (this.#isOver || isSaid) break;
      if (item.type === "bad-line") this.#refuse(item.error);
      else if (item.type !== "lines") await this.#act(item);
      else {
        conversation.say(...item.lines);
        await conversation.until(() => !this.#isBehind());
      }
    }
    // A script that says goodbye means it.
    if (!isSaid) await this.#awaitFiles();
    if (this.#isOver) return;
    conversation.finish();
    await conversation.until(() => conversation.settled);
  }

  /** Behind our goodbye we could take no file any more: it waits for the peer's, as long as files come. */
  async #awaitFiles(): Promise<void> {
    const { after } = this.#options;
    if (after === undefined) return;
    const conversation = this.#conversation;
    await conversation.until(() => this.#facts !== null || this.#isOver);
    for (let isQuiet = false; !isQuiet && !this.#hasGoodbye && !this.#isOver;) {
      const before = this.#files;
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const stop = after(FILE_PATIENCE, resolve);
      await Promise.race([late, conversation.until(() => this.#hasGoodbye || this.#isOver)]);
      stop();
      isQuiet = before === this.#files && !(conversation.files?.busy ?? false);
    }
  }

  #isBehind(): boolean {
    const { undelivered, undeliveredBytes = 0 } = this.#conversation;
    return undelivered >= HIGH_WATER_LINES || undeliveredBytes >= HIGH_WATER_BYTES;
  }

  async #act(action: ScriptAction): Promise<void> {
    const conversation = this.#conversation;
    try {
      if (action.type === "verify") await this.#verify(action.digits);
      if (action.type === "join") {
        throw new ParleyError("bad-input", '{"join":CODE} is the first line, after --join alone');
      }
      if (action.type === "export") await this.#export(action.name);
      if (action.type === "send-file") await conversation.sendFile?.(action.path);
      if (action.type === "file") conversation.files?.act(action.action, action.id);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.#refuse(error);
    }
  }

  /** Waits for a peer, and reports what to compare, or compares. Where that differs nothing more is said. */
  async #verify(digits: string | null): Promise<void> {
    const { events, verified } = this.#options;
    await this.#conversation.until(() => this.#facts !== null || this.#isOver);
    const facts = this.#facts;
    if (facts === null) return;
    const { safetyNumber, peerFingerprint } = facts;
    if (digits === null) {
      const words = await safetyWords(safetyNumber);
      return events.report({ type: "safety", safetyNumber, peerFingerprint, words });
    }
    const known = [safetyNumber, peerFingerprint].map(digitsOf);
    if (known.includes(digitsOf(digits))) {
      void verified?.(facts);
      return events.report({ type: "verified" });
    }
    const error = new CheckError(
      "unverified",
      "the digits are neither this conversation's safety number nor the other side's key: " +
        "perhaps somebody is in between. Nothing more was sent",
    );
    events.report({ type: "error", error });
  }

  async #export(name: string): Promise<void> {
    const { save, events } = this.#options;
    const conversation = this.#conversation;
    if (save === null || conversation.exportTranscripts === undefined) {
      throw new ParleyError("nothing-to-export", "there are no signed transcripts here");
    }
    for (const [i, { text, omitted }] of (await conversation.exportTranscripts()).entries()) {
      const path = await save(partName(name, i), text);
      events.report({ type: "exported", path, omitted });
    }
  }

  /** Whether a file did not get across that was to: to us, all that we have not refused ourselves. */
  #isMissed({ id, code }: Extract<ConversationEvent, { type: "file-stopped" }>): boolean {
    const file = this.#conversation.files?.list().find((file) => file.id === id);
    return file !== undefined && (file.direction === "out" || code !== "file-refused");
  }

  /** Whether leaving now leaves something behind. */
  #isUnfinished(): boolean {
    const { undelivered, files } = this.#conversation;
    return undelivered > 0 || (files?.busy ?? false);
  }

  #refuse(error: ParleyError): void {
    this.#failures++;
    this.#options.events.report({ type: "refused", error });
  }

  #end(code: ExitCode): void {
    this.#isOver = true;
    this.#done.resolve(code);
  }

  #okay(): ExitCode {
    const { files } = this.#conversation;
    return this.#failures > 0 || files?.busy ? EXIT.failed : EXIT.ok;
  }

  #codeForLoss(event: Extract<ConversationEvent, { type: "peer-left" }>): ExitCode {
    const isWhole = event.clean && event.undelivered.length === 0;
    return isWhole ? this.#okay() : EXIT.failed;
  }
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, "");
}
