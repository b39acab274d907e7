/**
 * The victim: parley's real client without its command line, that is lib's conversation, session, queue and
 * connection, with every event recorded.
 *
 * @module
 */
import { Conversation } from "../../lib/conversation/conversation.ts";
import { type ConversationEvent, EventStream } from "../../lib/conversation/events.ts";
import { makeSeat } from "../../lib/conversation/seat.ts";
import { connectRelay } from "../../lib/conversation/socket_link.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { type Random, systemRandom } from "../../lib/crypto/random.ts";
import { Delivery } from "../../lib/delivery/delivery.ts";
import type { ParleyError } from "../../lib/errors.ts";
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
  readonly identity: SigningKey;
  readonly conversation: Conversation;
  /** What is known of the present encounter, or of the last. */
  facts: SecureFacts | null = null;

  /** Connects to a relay. */
  constructor({ url: server, name: room }: Place, options: ClientOptions, readonly watch: Watch) {
    const { random = systemRandom, subscribe, ...changes } = options;
    const { identity = SigningKey.generate(GROUP, systemRandom) } = changes;
    this.identity = identity;
    this.conversation = new Conversation({
      address: { server, room },
      handshake: { name: "", deniable: false, code: null, ...changes, identity },
      delivery: new Delivery({
        conversation: room,
        random,
        store: null,
        records: [],
        warn: () => {},
      }),
      environment: { random, kem: mlKem768, now: Date.now },
      events: new EventStream(),
      // No timer rings, so that nothing hangs on how busy the machine is.
      after: () => () => {},
    });
    this.conversation.subscribe((event) => {
      this.events.push(event);
      if (event.type === "secure") this.facts = event.facts;
      watch.notify();
    });
    subscribe?.(this.conversation);
    const seat = makeSeat(systemRandom);
    this.conversation.connect((onInput) => connectRelay({ server, room }, seat, onInput));
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
