/**
 * A relay in memory with two conversations of the suite `classic`, and a prompt that a test types into.
 *
 * @module
 */
import { ClassicConversation } from "../../lib/classic/conversation.ts";
import type { ChatPrompt } from "../../lib/chat/chat_prompt.ts";
import { EventStream } from "../../lib/conversation/events.ts";
import type { Link, RelayInput } from "../../lib/conversation/link.ts";
import { ClassicSigningKey } from "../../lib/classic/elgamal.ts";
import { RELAYED } from "../../lib/relay/wire_events.ts";
import type { PromptEvent } from "../../lib/terminal/prompt.ts";
import { ADDRESS, KEY_EXCHANGE, RecordingView } from "../conversation/fake_relay.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { environmentOf, SMALL_GROUP } from "./world.ts";

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

/** A prompt in memory. */
export class TypedPrompt implements ChatPrompt {
  /** What was printed above it. */
  readonly printed: string[] = [];
  /** What stands before the line. */
  prompt = "";
  /** What was put back into the line. */
  line = "";
  readonly #events: PromptEvent[] = [];
  #wake: () => void = () => {};

  /** Something happens at the keyboard. */
  push(event: PromptEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** A line is typed. */
  type(text: string): void {
    this.push({ type: "line", text });
  }

  /** What happened, in order, for ever. */
  async *[Symbol.asyncIterator](): AsyncGenerator<PromptEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Prints. */
  print(text: string): void {
    this.printed.push(text);
  }

  /** Changes what stands before the line. */
  setPrompt(prompt: string): void {
    this.prompt = prompt;
  }

  /** Is not looked at. */
  setStatus(): void {}

  /** Is not looked at. */
  setPending(): void {}

  /** Nobody answers. */
  ask(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Wide enough. */
  readonly columns = 1_000;

  /** Nothing holds the keyboard. */
  release(): void {}

  /** Puts something into the line. */
  setLine(text: string): void {
    this.line = text;
  }

  /** Is not looked at. */
  close(): void {}
}
