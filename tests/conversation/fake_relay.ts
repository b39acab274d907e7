/**
 * A relay in memory: two conversations in one room, everything handed over at once, in order.
 *
 * @module
 */
import type { Group } from "../../lib/crypto/groups.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { Conversation, type ConversationOptions } from "../../lib/conversation/conversation.ts";
import type { ClientEvent, View } from "../../lib/conversation/events.ts";
import { Explainer } from "../../lib/conversation/explain.ts";
import type { RelayInput, RelayPort } from "../../lib/conversation/link.ts";
import { Correspondence } from "../../lib/delivery/delivery.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import { RELAYED } from "../../lib/relay/events.ts";
import { inTime } from "../helpers/deadline.ts";
import { identityOf, SMALL_GROUP, tickingClock } from "../helpers/conversation.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

/** Where the fake relay claims to be. */
export const ADDRESS = { server: "http://relay.test", room: "r" };

/** Two are there, at a relay that waits for no acknowledgement. */
export const KEY_EXCHANGE: RelayInput = { type: "key-exchange", acknowledge: () => {} };

/** A correspondence in memory. */
export function memoryMail(name: string): Correspondence {
  return new Correspondence({
    place: "place",
    random: seededRandom(`${name} writes`),
    store: null,
    records: [],
    warn: () => {},
  });
}

/** A view that keeps what it is shown, and lets a test wait for more. */
export class RecordingView implements View {
  /** Everything, in order. */
  readonly events: ClientEvent[] = [];
  readonly #inner: View | null;
  readonly #waiting: { type: string; resolve: () => void }[] = [];

  /** A view that also shows everything to `inner`. */
  constructor(inner: View | null = null) {
    this.#inner = inner;
  }

  /** Keeps one event. */
  show(event: ClientEvent): void {
    this.events.push(event);
    this.#inner?.show(event);
    for (const waiter of this.#waiting.filter(({ type }) => type === event.type)) waiter.resolve();
  }

  /** All events of one type. */
  all<T extends ClientEvent["type"]>(type: T): Extract<ClientEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      ClientEvent,
      { type: T }
    >[];
  }

  /** The texts of all messages. */
  get texts(): string[] {
    return this.all("message").map(({ text }) => text);
  }

  /** Resolves when at least `count` events of a type have been shown. */
  async until(type: ClientEvent["type"], count = 1): Promise<void> {
    while (this.all(type).length < count) {
      const shown = new Promise<void>((resolve) => this.#waiting.push({ type, resolve }));
      await inTime(`event ${type}, number ${count}`, shown);
    }
  }
}

/** One client at the fake relay. */
export interface Seat {
  /** Its mailbox. */
  readonly conversation: Conversation;
  /** What outlives its sessions. */
  readonly mail: Correspondence;
  /** What it was shown. */
  readonly view: RecordingView;
  /** What it has emitted, by name. */
  readonly sent: readonly string[];
  /** Whether it has hung up. */
  isClosed(): boolean;
  /** Loses its connection: what is on the way is lost, and the other is told that it is away. */
  drop(): void;
  /** Is connected again, and sits where it sat. */
  comeBack(): void;
}

/** A room of two. */
export class FakeRelay {
  /** Events that this relay does not hand on. */
  readonly lost = new Set<string>();
  /** Clocks that run; a test fires them. */
  readonly timers = new Set<{ milliseconds: number; callback: () => void }>();
  /** Starts a clock that a test fires. */
  readonly after = (milliseconds: number, callback: () => void): () => void => {
    const timer = { milliseconds, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  /** The group of all who come. Transcripts and explanations know the suite's own only. */
  group: Group = SMALL_GROUP;
  /** How often a client asked for a fresh session. */
  renewals = 0;
  #seats: { conversation: Conversation; open: boolean }[] = [];
  readonly #advance: ConversationOptions["advance"];

  /** An empty room. @param advance the session's state machine. @default the real one */
  constructor(advance?: ConversationOptions["advance"]) {
    this.#advance = advance;
  }

  /** Lets a client in; the second one starts the key exchange. */
  join(
    name: string,
    options: Partial<HandshakeOptions> = {},
    observer: RecordingView | Explainer = new RecordingView(),
    admit?: ConversationOptions["admit"],
    mail: Correspondence = memoryMail(name),
    files: Pick<ConversationOptions, "disk" | "acceptance"> = {},
  ): Seat {
    const sent: string[] = [];
    const explainer = observer instanceof Explainer ? observer : null;
    const view = observer instanceof Explainer ? new RecordingView(observer) : observer;
    const conversation = new Conversation({
      address: ADDRESS,
      handshake: {
        identity: identityOf(name, this.group),
        name,
        deniable: false,
        code: null,
        ...options,
      },
      mail,
      environment: { random: seededRandom(`${name} talks`), kem: mlKem768, now: tickingClock() },
      view,
      tap: explainer,
      admit,
      advance: this.#advance,
      after: this.after,
      ...files,
    });
    const seat = { conversation, open: true };
    conversation.attach(this.#portOf(seat, sent));
    this.#sit(seat);
    return {
      conversation,
      mail,
      view,
      sent,
      isClosed: () => !seat.open,
      drop: () => {
        this.#seats = this.#seats.filter((one) => one !== seat);
        conversation.post({ type: "disconnected" });
        for (const other of this.#seats) other.conversation.post({ type: "relay-peer-away" });
      },
      comeBack: () => this.#sit(seat),
    };
  }

  #sit(seat: { conversation: Conversation; open: boolean }): void {
    this.#seats.push(seat);
    seat.conversation.post({ type: "connected" });
    if (this.#seats.length < 2) return;
    for (const { conversation } of this.#seats) conversation.post(KEY_EXCHANGE);
  }

  #portOf(seat: { conversation: Conversation; open: boolean }, sent: string[]): RelayPort {
    return {
      emit: (event, payload) => {
        sent.push(event);
        if (this.lost.has(event) || !this.#seats.includes(seat)) return;
        for (const other of this.#seats.filter((one) => one !== seat)) {
          other.conversation.post({ type: "received", event: RELAYED[event], payload });
        }
      },
      renew: () => this.renewals++,
      close: () => {
        seat.open = false;
        this.#seats = this.#seats.filter((one) => one !== seat);
        for (const other of this.#seats) other.conversation.post({ type: "relay-peer-left" });
        return Promise.resolve();
      },
    };
  }
}
