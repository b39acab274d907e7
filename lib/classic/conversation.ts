/**
 * One client's conversation in the suite `classic`: the mailbox in front of that suite's state machine, as
 * conversation.ts is for parley-1.
 *
 * This protocol has no receipts and no goodbye. Handed to the relay is all that is ever known of a line, and who
 * leaves just leaves.
 *
 * @module
 */
import type { ClassicSigningKey } from "./elgamal.ts";
import {
  advanceClassic,
  type ClassicEffect,
  type ClassicEnvironment,
  type ClassicInput,
  type ClassicSession,
  newClassicSession,
} from "./session.ts";
import { queuedLines } from "../conversation/batch.ts";
import { internalError, type UserInput } from "../conversation/conversation.ts";
import type { ClientEvent, View } from "../conversation/events.ts";
import { Mailbox } from "../conversation/queue.ts";
import {
  refusalError,
  type RelayAddress,
  type RelayInput,
  type RelayPort,
} from "../conversation/link.ts";

/** What a conversation is made of. */
export interface ClassicConversationOptions {
  /** The relay and the room, for what the user is told. */
  readonly address: RelayAddress;
  /** Signs our Diffie-Hellman keys. */
  readonly signingKey: ClassicSigningKey;
  /** Randomness and clock. */
  readonly environment: ClassicEnvironment;
  /** Is shown everything that happens. */
  readonly view: View;
}

/** The mailbox. */
export class ClassicConversation {
  readonly #options: ClassicConversationOptions;
  readonly #mailbox = new Mailbox<RelayInput | UserInput>({
    take: (input) => this.#take(input),
    idle: () => Promise.resolve(),
    broken: (cause) => this.#show({ type: "error", error: internalError(cause) }),
  });
  #session: ClassicSession;
  #port: RelayPort | null = null;
  /** Lines out of the mailbox that the session is still encrypting. */
  #underway = 0;
  #connected = false;
  #finished = false;
  /** Resolves when the connection is gone; `null` before that is asked for. */
  #closing: Promise<void> | null = null;

  /** A conversation that is not connected yet. */
  constructor(options: ClassicConversationOptions) {
    this.#options = options;
    this.#session = newClassicSession(options.signingKey);
  }

  /** Takes the way to the relay; to be called once, before anything is posted. */
  attach(port: RelayPort): void {
    this.#port = port;
  }

  /** Queues an input. */
  post(input: RelayInput | UserInput): void {
    this.#mailbox.post(input);
  }

  /** How many lines of ours have not been handed to the relay. */
  get undelivered(): number {
    return queuedLines(this.#mailbox).length + this.#underway + this.#session.outbox.length;
  }

  /** Our side has nothing more to say, and everything has been handed to the relay, which there is. */
  get settled(): boolean {
    return this.#finished && this.#connected && this.undelivered === 0;
  }

  /** This protocol has no goodbye: all that can be done is done. */
  get saidGoodbye(): boolean {
    return this.settled;
  }

  /** Whether there is somebody to talk to. */
  get open(): boolean {
    return this.#session.phase === "open";
  }

  /** Resolves as soon as `condition` holds; it is looked at after every step. */
  until(condition: () => boolean): Promise<void> {
    return this.#mailbox.until(condition);
  }

  /** Sends what is still waiting and disconnects. What is posted afterwards is ignored. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#mailbox.close();
    await this.#port?.close();
  }

  #show(event: ClientEvent): void {
    if (!this.#mailbox.closed) this.#options.view.show(event);
  }

  async #take(input: RelayInput | UserInput): Promise<void> {
    switch (input.type) {
      case "connected":
        this.#connected = true;
        return this.#show({ type: "waiting", ...this.#options.address });
      case "disconnected":
        this.#show({ type: "disconnected" });
        return await this.#step({ type: "peer-left" });
      case "unreachable":
        return this.#show({ type: "error", error: input.error });
      case "refusal": {
        const error = refusalError(input.refusal);
        return this.#show({ type: input.final ? "error" : "refused", error });
      }
      case "key-exchange":
        input.acknowledge();
        return await this.#step({ type: "start" });
      case "relay-peer-away":
      case "relay-peer-left":
        return await this.#step({ type: "peer-left" });
      case "received":
        return await this.#step({ ...input, type: "receive" });
      case "finish":
        this.#finished = true;
        return;
      case "say":
        this.#underway = input.texts.length;
        return await this.#step(input);
    }
  }

  async #step(input: ClassicInput): Promise<void> {
    const before = this.#session;
    const { session, effects } = await advanceClassic(before, input, this.#options.environment);
    this.#session = session;
    this.#underway = 0;
    for (const effect of effects) this.#perform(effect, before);
  }

  #perform(effect: ClassicEffect, before: ClassicSession): void {
    switch (effect.type) {
      case "emit":
        return this.#port?.emit(effect.event, effect.payload);
      case "open":
        return this.#show({ type: "insecure", suite: "classic" });
      case "message":
        return this.#show({ ...effect, signed: false });
      case "said":
        return this.#show({ ...effect, type: "sent" });
      case "failed":
        return this.#show({ type: "error", error: effect.error });
      case "peer-left":
        return this.#part(effect.unsent, before.phase === "open");
      default:
        return this.#show(effect);
    }
  }

  /** The next one gets a fresh session, and the lines that nobody was sent. It is told where somebody was there. */
  #part(unsent: readonly string[], met: boolean): void {
    this.#session = newClassicSession(this.#options.signingKey, unsent);
    if (!met) return;
    this.#show({ type: "peer-left", clean: true, undelivered: queuedLines(this.#mailbox) });
  }
}
