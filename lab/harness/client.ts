/**
 * The victim: parley's real client without its command line, that is lib's conversation, session, queue and
 * connection, with every event recorded.
 *
 * @module
 */
import type { Conversation } from "../../lib/conversation/conversation.ts";
import type { ConversationEvent } from "../../lib/conversation/events.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { type Random, systemRandom } from "../../lib/crypto/random.ts";
import type { ParleyError } from "../../lib/errors.ts";
import { openConversation } from "../../lib/open_conversation.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import type { SecureFacts, Step } from "../../lib/protocol/session.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import type { Watch } from "./watch.ts";

/** How a client differs from an ordinary one. */
export interface ClientOptions extends Partial<HandshakeOptions> {
  /** Its source of randomness, where an attack wants a broken one. */
  readonly random?: Random;
  /** Called before it connects: the moment to subscribe. */
  readonly subscribe?: (conversation: Conversation) => void;
}

/** One victim. */
export class Client {
  /** Everything that it showed its user, in order. */
  readonly events: ConversationEvent[] = [];
  /** Its key pair. */
  readonly identity: SigningKey;
  /** lib's conversation. */
  readonly conversation: Conversation;
  /** What is known of the present encounter, or of the last. */
  facts: SecureFacts | null = null;
  readonly #watch: Watch;

  private constructor(identity: SigningKey, conversation: Conversation, watch: Watch) {
    this.identity = identity;
    this.conversation = conversation;
    this.#watch = watch;
    conversation.subscribe((event) => this.#take(event));
  }

  /** Connects to a relay. */
  static async connect(
    server: string,
    room: string,
    { subscribe, ...options }: ClientOptions,
    watch: Watch,
  ): Promise<Client> {
    const identity = options.identity ?? SigningKey.generate(GROUP, systemRandom);
    const conversation = await openConversation({ server, room, ...options, identity });
    const client = new Client(identity, conversation, watch);
    subscribe?.(conversation);
    conversation.connect();
    return client;
  }

  #take(event: ConversationEvent): void {
    this.events.push(event);
    if (event.type === "secure") this.facts = event.facts;
    this.#watch.notify();
  }

  /** All events of one type. */
  all<T extends ConversationEvent["type"]>(type: T): Extract<ConversationEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      ConversationEvent,
      { type: T }
    >[];
  }

  /** Whether it is connected. */
  get connected(): boolean {
    return this.all("waiting").length > 0;
  }

  /** What its user has read. */
  get texts(): string[] {
    return this.all("message").map(({ text }) => text);
  }

  /** The codes of what it refused and went on. */
  get refusals(): string[] {
    return this.all("refused").map(({ error }) => error.code);
  }

  /** What ended it. */
  get failure(): ParleyError | null {
    return this.all("error")[0]?.error ?? null;
  }

  /** The steps that it has taken. */
  get steps(): Step[] {
    return this.all("step").map(({ step }) => step);
  }

  /** Says a line. */
  say(...texts: string[]): void {
    this.conversation.say(...texts);
  }

  /** Leaves. */
  close(): Promise<void> {
    return this.conversation.close();
  }
}
