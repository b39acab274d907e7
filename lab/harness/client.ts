/**
 * The victim: parley's real client without its command line, that is lib's conversation, session, queue and
 * connection, with everything that it shows its user written down.
 *
 * @module
 */
import { Conversation } from "../../lib/conversation/conversation.ts";
import type { ClientEvent, View } from "../../lib/conversation/events.ts";
import { connectRelay } from "../../lib/conversation/socket_link.ts";
import { Correspondence } from "../../lib/delivery/delivery.ts";
import { makeSeat } from "../../lib/conversation/seat.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { type Random, systemRandom } from "../../lib/crypto/random.ts";
import type { ParleyError } from "../../lib/errors.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import type { SecureFacts, Step } from "../../lib/protocol/session.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import type { Watch } from "./watch.ts";

/** How a client differs from an ordinary one. */
export interface ClientOptions extends Partial<HandshakeOptions> {
  /** Its source of randomness, where an attack wants a broken one. */
  readonly random?: Random;
  /** Shows events to a person, too. */
  readonly inner?: View;
}

/** One victim. */
export class Client implements View {
  /** Everything that it showed its user, in order. */
  readonly events: ClientEvent[] = [];
  /** Its key pair. */
  readonly identity: SigningKey;
  /** lib's conversation. */
  readonly conversation: Conversation;
  /** What is known of the present encounter, or of the last. */
  facts: SecureFacts | null = null;
  readonly #watch: Watch;
  readonly #inner: View | undefined;

  /** Connects to a relay. */
  constructor(server: string, room: string, options: ClientOptions, watch: Watch) {
    const { random = systemRandom, inner, ...changes } = options;
    this.#watch = watch;
    this.#inner = inner;
    const identity = changes.identity ?? SigningKey.generate(GROUP, systemRandom);
    this.identity = identity;
    this.conversation = new Conversation({
      address: { server, room },
      handshake: { name: "", deniable: false, code: null, ...changes, identity },
      mail: new Correspondence({ place: room, random, store: null, records: [], warn: () => {} }),
      environment: { random, kem: mlKem768, now: Date.now },
      view: this,
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    const seat = makeSeat(systemRandom);
    const port = connectRelay({ server, room }, seat, (input) => this.conversation.post(input));
    this.conversation.attach(port);
  }

  /** Keeps one event. */
  show(event: ClientEvent): void {
    this.events.push(event);
    if (event.type === "secure") this.facts = event.facts;
    this.#inner?.show(event);
    this.#watch.notify();
  }

  /** All events of one type. */
  all<T extends ClientEvent["type"]>(type: T): Extract<ClientEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      ClientEvent,
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
    this.conversation.post({ type: "say", texts });
  }

  /** Leaves. */
  close(): Promise<void> {
    return this.conversation.close();
  }
}
