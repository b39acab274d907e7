/**
 * A relay in memory: two conversations in one room, everything handed over at once, in order.
 *
 * @module
 */
import { Conversation, type ConversationOptions } from "../../lib/conversation/conversation.ts";
import { type ConversationEvent, EventStream } from "../../lib/conversation/events.ts";
import type { Link, RelayInput } from "../../lib/conversation/link.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { Delivery } from "../../lib/delivery/delivery.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import { RELAYED } from "../../lib/relay/wire_events.ts";
import { identityOf, SMALL_GROUP, tickingClock } from "../helpers/session_pair.ts";
import { inTime } from "../helpers/deadline.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

/** Where the fake relay claims to be. */
export const ADDRESS = { server: "http://relay.test", room: "r" };

/** Two are there, at a relay that waits for no acknowledgement. */
export const KEY_EXCHANGE: RelayInput = { type: "key-exchange", acknowledge: () => {} };

/** A delivery in memory. */
export function memoryDelivery(name: string): Delivery {
  return new Delivery({
    conversation: "place",
    random: seededRandom(`${name} writes`),
    store: null,
    records: [],
    warn: () => {},
  });
}

/** Records what a conversation reports, and lets a test wait for more. */
export class RecordingView {
  /** Everything, in order. */
  readonly events: ConversationEvent[] = [];
  readonly #waiting: { type: string; resolve: () => void }[] = [];

  /** Records one event. */
  take(event: ConversationEvent): void {
    this.events.push(event);
    for (const waiter of this.#waiting.filter(({ type }) => type === event.type)) waiter.resolve();
  }

  /** All events of one type. */
  all<T extends ConversationEvent["type"]>(type: T): Extract<ConversationEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      ConversationEvent,
      { type: T }
    >[];
  }

  /** The texts of all messages. */
  get texts(): string[] {
    return this.all("message").map(({ text }) => text);
  }

  /** Resolves when at least `count` events of a type have been reported. */
  until(type: ConversationEvent["type"], count = 1): Promise<void> {
    const come = async () => {
      while (this.all(type).length < count) {
        await new Promise<void>((resolve) => this.#waiting.push({ type, resolve }));
      }
    };
    return inTime(`${count} events ${type}`, come());
  }
}

/** One client at the fake relay. */
export interface Seat {
  /** The conversation. */
  readonly conversation: Conversation;
  /** What outlives its sessions. */
  readonly delivery: Delivery;
  /** Where it reports. */
  readonly events: EventStream;
  /** What it reported. */
  readonly view: RecordingView;
  /** What it has emitted, by name. */
  readonly sent: readonly string[];
  /** Something comes from the relay. */
  receive(input: RelayInput): void;
  /** Takes its seat; to be called once, by who prepared it. */
  connect(): void;
  /** From now on nothing that it emits arrives. */
  mute(): void;
  /** Whether it has hung up. */
  isClosed(): boolean;
  /** Loses its connection: what is in flight is lost, and the other is told that it is away. */
  drop(): void;
  /** Is connected again, and has its seat again. */
  comeBack(): void;
}

/** How a client differs from an ordinary one. */
export interface JoinOptions extends
  Partial<
    Pick<
      ConversationOptions,
      "admit" | "advance" | "disk" | "acceptance" | "answersGoodbye" | "patience" | "delivery"
    >
  > {
  /** What it brings to its handshakes. */
  readonly handshake?: Partial<HandshakeOptions>;
}

interface Client {
  receive: (input: RelayInput) => void;
  isOpen: boolean;
  isMuted: boolean;
}

/** A room of two. */
export class FakeRelay {
  /** Events that this relay does not hand on. */
  readonly lost = new Set<string>();
  /** Timers that run; a test fires them. */
  readonly timers = new Set<{ milliseconds: number; callback: () => void }>();
  /** Starts a timer that a test fires. */
  readonly after = (milliseconds: number, callback: () => void): () => void => {
    const timer = { milliseconds, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  /** The group of all who come. Transcripts and explanations know the suite's own only. */
  group: Group = SMALL_GROUP;
  /** How often a client asked for a fresh session. */
  restarts = 0;
  #clients: Client[] = [];
  readonly #advance: ConversationOptions["advance"];

  /** An empty room. @param advance the session's state machine. @default the real one */
  constructor(advance?: ConversationOptions["advance"]) {
    this.#advance = advance;
  }

  /** Lets a client in; the second one starts the key exchange. */
  join(name: string, options: JoinOptions = {}): Seat {
    const seat = this.prepare(name, options);
    seat.connect();
    return seat;
  }

  /** A client that is not connected yet. */
  prepare(name: string, options: JoinOptions = {}): Seat {
    const { handshake, delivery = memoryDelivery(name), ...others } = options;
    const sent: string[] = [];
    const view = new RecordingView();
    const events = new EventStream();
    const client: Client = { receive: () => {}, isOpen: true, isMuted: false };
    const conversation = new Conversation({
      address: ADDRESS,
      handshake: {
        identity: identityOf(name, this.group),
        name,
        deniable: false,
        code: null,
        ...handshake,
      },
      delivery,
      environment: { random: seededRandom(`${name} talks`), kem: mlKem768, now: tickingClock() },
      events,
      advance: this.#advance,
      after: this.after,
      connect: (receive) => {
        client.receive = receive;
        return this.#linkOf(client, sent);
      },
      ...others,
    });
    conversation.subscribe((event) => view.take(event));
    return {
      conversation,
      delivery,
      events,
      view,
      sent,
      receive: (input) => client.receive(input),
      connect: () => {
        conversation.connect();
        this.#sit(client);
      },
      mute: () => client.isMuted = true,
      isClosed: () => !client.isOpen,
      drop: () => {
        this.#clients = this.#clients.filter((one) => one !== client);
        client.receive({ type: "disconnected" });
        for (const other of this.#clients) other.receive({ type: "relay-peer-away" });
      },
      comeBack: () => this.#sit(client),
    };
  }

  #sit(client: Client): void {
    this.#clients.push(client);
    client.receive({ type: "connected" });
    if (this.#clients.length < 2) return;
    for (const { receive } of this.#clients) receive(KEY_EXCHANGE);
  }

  #linkOf(client: Client, sent: string[]): Link {
    return {
      emit: (event, payload) => {
        sent.push(event);
        if (client.isMuted || this.lost.has(event) || !this.#clients.includes(client)) return;
        for (const other of this.#clients.filter((one) => one !== client)) {
          other.receive({ type: "received", event: RELAYED[event], payload });
        }
      },
      room: () => Promise.resolve(),
      renew: () => this.restarts++,
      close: () => {
        client.isOpen = false;
        this.#clients = this.#clients.filter((one) => one !== client);
        for (const other of this.#clients) other.receive({ type: "relay-peer-left" });
        return Promise.resolve();
      },
    };
  }
}
