/**
 * One client's conversation in the suite `classic`, as lib/conversation is for parley-1.
 *
 * This protocol has no receipts and no goodbye. Handed to the relay is all that is ever known of a line, and a
 * peer that leaves just leaves. So there are two pauses, for clients such as python-socketio's that handle each event in
 * a thread of its own: before our first line, which they would drop before their key is computed, and before we leave
 * at the end of our input, for what the other side has to say.
 *
 * @module
 */
import { internalError } from "../conversation/conversation.ts";
import type { ConversationEvent, EventStream } from "../conversation/events.ts";
import {
  type Connect,
  type Link,
  refusalError,
  type RelayAddress,
  type RelayInput,
} from "../conversation/link.ts";
import { InputQueue } from "../conversation/queue.ts";
import type { After } from "../timer.ts";
import type { ClassicSigningKey } from "./elgamal.ts";
import {
  advanceClassic,
  type ClassicEffect,
  type ClassicEnvironment,
  type ClassicInput,
  type ClassicSession,
  newClassicSession,
} from "./session.ts";

/** How long our first line waits after the key exchange, in milliseconds. */
const FIRST_LINE_PAUSE = 500;

/** How long we listen after the last line of either side before we leave, in milliseconds. */
const LEAVING_PAUSE = 2_000;

/** Options of a {@link ClassicConversation}. */
export interface ClassicConversationOptions {
  /** The relay and the room, for what is reported. */
  readonly address: RelayAddress;
  /** Signs our Diffie-Hellman keys. */
  readonly signingKey: ClassicSigningKey;
  /** Randomness and clock. */
  readonly environment: ClassicEnvironment;
  /** Starts a timer. */
  readonly after: After;
  /** Receives every event. */
  readonly events: EventStream;
  /** Opens the link to the relay. */
  readonly connect: Connect;
}

type ConversationInput =
  | RelayInput
  /** Lines wait to be said. */
  | { readonly type: "say" }
  /** The pause before our first line is over. */
  | { readonly type: "speak" }
  /** Nobody has said anything for a while. */
  | { readonly type: "quiet" };

/** The conversation. */
export class ClassicConversation {
  readonly #options: ClassicConversationOptions;
  readonly #queue = new InputQueue<ConversationInput>({
    take: (input) => this.#take(input),
    idle: () => Promise.resolve(),
    broken: (cause) => this.#report({ type: "error", error: internalError(cause) }),
  });
  #session: ClassicSession;
  #link: Link | null = null;
  /** Lines that are not handed to the relay yet. */
  #waiting: readonly string[] = [];
  /** Whether the pause before our first line is over. */
  #isSpeaking = false;
  #isQuiet = false;
  #stopPause: () => void = () => {};
  #stopListening: () => void = () => {};
  #connected = false;
  #finished = false;
  /** Resolves when the connection is gone; `null` before that is asked for. */
  #closing: Promise<void> | null = null;

  /** A conversation that is not connected yet. */
  constructor(options: ClassicConversationOptions) {
    this.#options = options;
    this.#session = newClassicSession(options.signingKey);
  }

  /** Opens the link; to be called once, after all have subscribed to the events. */
  connect(): void {
    this.#link = this.#options.connect((input) => this.#queue.post(input));
  }

  /** Says lines to the peer in the room, or the next one. */
  say(...texts: readonly string[]): void {
    this.#waiting = [...this.#waiting, ...texts];
    this.#queue.post({ type: "say" });
  }

  /** Our side has nothing more to say. This protocol has no goodbye. */
  finish(): void {
    this.#finished = true;
    this.#listen();
  }

  /** How many lines of ours have not been handed to the relay. */
  get undelivered(): number {
    return this.#waiting.length;
  }

  /** Our side has nothing more to say, all of it was handed to the relay, and nobody has spoken for a while. */
  get settled(): boolean {
    return this.#finished && this.#connected && this.undelivered === 0 && this.#isQuiet;
  }

  /** This protocol has no goodbye: all that can be done is done. */
  get saidGoodbye(): boolean {
    return this.settled;
  }

  /** Whether a session is open. */
  get open(): boolean {
    return this.#session.phase === "open";
  }

  /** Resolves as soon as `condition` holds; it is looked at after every step. */
  until(condition: () => boolean): Promise<void> {
    return this.#queue.until(condition);
  }

  /** Sends what is still waiting and disconnects. Commands have no effect afterwards. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#queue.close();
    this.#stopPause();
    this.#stopListening();
    await this.#link?.close();
  }

  #report(event: ConversationEvent): void {
    if (!this.#queue.closed) this.#options.events.report(event);
  }

  async #take(input: ConversationInput): Promise<void> {
    switch (input.type) {
      case "connected":
        this.#connected = true;
        this.#listen();
        return this.#report({ type: "waiting", ...this.#options.address });
      case "disconnected":
        this.#report({ type: "disconnected" });
        return await this.#step({ type: "peer-left" });
      case "unreachable":
        return this.#report({ type: "error", error: input.error });
      case "refusal": {
        const error = refusalError(input.refusal);
        return this.#report({ type: input.final ? "error" : "refused", error });
      }
      case "limits":
        return;
      case "key-exchange":
        input.acknowledge();
        return await this.#step({ type: "start" });
      case "relay-peer-away":
      case "relay-peer-left":
        return await this.#step({ type: "peer-left" });
      case "received":
        return await this.#step({ ...input, type: "receive" });
      case "say":
        return await this.#speak();
      case "speak":
        this.#isSpeaking = true;
        return await this.#speak();
      case "quiet":
        // Whoever waits for it is woken by any input.
    }
  }

  /** Says what waits, unless it is too early. */
  async #speak(): Promise<void> {
    const texts = this.#waiting;
    if (this.#isSpeaking && texts.length > 0) await this.#step({ type: "say", texts });
  }

  /** Somebody has spoken, or may: the pause before leaving begins again. */
  #listen(): void {
    this.#isQuiet = false;
    this.#stopListening();
    this.#stopListening = this.#options.after(LEAVING_PAUSE, () => {
      this.#isQuiet = true;
      this.#queue.post({ type: "quiet" });
    });
  }

  async #step(input: ClassicInput): Promise<void> {
    const before = this.#session;
    const { session, effects } = await advanceClassic(before, input, this.#options.environment);
    this.#session = session;
    if (input.type === "say") this.#waiting = this.#waiting.slice(input.texts.length);
    for (const effect of effects) this.#perform(effect, before);
  }

  #perform(effect: ClassicEffect, before: ClassicSession): void {
    switch (effect.type) {
      case "emit":
        return this.#link?.emit(effect.event, effect.payload);
      case "open": {
        const speak = () => this.#queue.post({ type: "speak" });
        this.#stopPause = this.#options.after(FIRST_LINE_PAUSE, speak);
        return this.#report({ type: "insecure", suite: "classic" });
      }
      case "message":
        this.#listen();
        return this.#report({ ...effect, signed: false });
      case "said": {
        const { text, time, sequence } = effect;
        this.#listen();
        const line = { id: sequence, kind: "text", addressee: "", state: "sent" } as const;
        return this.#report({ type: "sent", line: { ...line, text, time, sequence } });
      }
      case "failed":
        return this.#report({ type: "error", error: effect.error });
      case "peer-left":
        return this.#part(before.phase === "open");
      default:
        return this.#report(effect);
    }
  }

  /** The next peer gets a fresh session, and the lines that were never sent. The end is reported if there was a peer. */
  #part(met: boolean): void {
    this.#session = newClassicSession(this.#options.signingKey);
    this.#isSpeaking = false;
    this.#stopPause();
    if (met) this.#report({ type: "peer-left", clean: true, undelivered: this.#waiting });
  }
}
