/**
 * A relay in memory with two conversations of the suite `classic`.
 *
 * @module
 */
import { ClassicConversation } from "../../lib/classic/conversation.ts";
import { EventStream } from "../../lib/conversation/events.ts";
import type { Link, RelayInput } from "../../lib/conversation/link.ts";
import { ClassicSigningKey } from "../../lib/classic/elgamal.ts";
import { RELAYED } from "../../lib/relay/wire_events.ts";
import { ADDRESS, KEY_EXCHANGE, RecordingView } from "../conversation/fake_relay.ts";
import type { After } from "../../lib/timer.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { environmentOf, SMALL_GROUP } from "./world.ts";

const atOnce: After = (_milliseconds, callback) => {
  queueMicrotask(callback);
  return () => {};
};

/** One client at the relay. */
export interface ClassicSeat {
  /** The conversation. */
  readonly conversation: ClassicConversation;
  /** Where it reports. */
  readonly events: EventStream;
  /** What it reported. */
  readonly view: RecordingView;
  /** Something comes from the relay. */
  receive(input: RelayInput): void;
  /** Takes its seat; to be called once, by who prepared it. */
  connect(): void;
}

/** A room of two. Everything is handed over at once, in order. */
export class ClassicRelay {
  #seats: ((input: RelayInput) => void)[] = [];
  /** The clock of all; where none is given, every pause is over at once. */
  readonly after: After;

  /** An empty room. */
  constructor(after: After = atOnce) {
    this.after = after;
  }

  /** Lets a client in; the second one starts the key exchange. */
  join(name: string): ClassicSeat {
    const seat = this.prepare(name);
    seat.connect();
    return seat;
  }

  /** A client that is not connected yet. */
  prepare(name: string): ClassicSeat {
    const view = new RecordingView();
    const events = new EventStream();
    events.subscribe((event) => view.take(event));
    let receive: (input: RelayInput) => void = () => {};
    const conversation = new ClassicConversation({
      address: ADDRESS,
      signingKey: ClassicSigningKey.generate(SMALL_GROUP, seededRandom(`key of ${name}`)),
      environment: environmentOf(name),
      after: this.after,
      events,
      connect: (onInput) => this.#linkOf(receive = onInput),
    });
    const connect = () => {
      conversation.connect();
      this.#seats.push(receive);
      receive({ type: "connected" });
      if (this.#seats.length === 2) { for (const seat of this.#seats) seat(KEY_EXCHANGE); }
    };
    return { conversation, events, view, receive: (input) => receive(input), connect };
  }

  #linkOf(own: (input: RelayInput) => void): Link {
    const others = () => this.#seats.filter((seat) => seat !== own);
    return {
      emit: (event, payload) => {
        for (const other of others()) {
          other({ type: "received", event: RELAYED[event], payload });
        }
      },
      renew: () => {},
      close: () => {
        this.#seats = others();
        for (const other of this.#seats) other({ type: "relay-peer-left" });
        return Promise.resolve();
      },
    };
  }
}
