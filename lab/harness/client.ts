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
import type { Place } from "./room.ts";
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
  /** What is known of the present encounter, or of the last. */
  facts: SecureFacts | null = null;

  private constructor(readonly identity: SigningKey, readonly conversation: Conversation) {}

  /** Connects to a relay. */
  static async connect(
    { url: server, name: room }: Place,
    { subscribe, ...options }: ClientOptions,
    watch: Watch,
  ): Promise<Client> {
    const { identity = SigningKey.generate(GROUP, systemRandom) } = options;
    // No timer rings, so that nothing hangs on how busy the machine is.
    const after = () => () => {};
    const own = { server, room, ...options, identity, after };
    const client = new Client(identity, await openConversation(own));
    client.conversation.subscribe((event) => {
      client.events.push(event);
      if (event.type === "secure") client.facts = event.facts;
      watch.notify();
    });
    subscribe?.(client.conversation);
    client.conversation.connect();
    return client;
  }

  /** All events of one type. */
  all<T extends ConversationEvent["type"]>(type: T): Extract<ConversationEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ConversationEvent, { type: T }> =>
      event.type === type
    );
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
