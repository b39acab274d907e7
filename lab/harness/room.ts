/**
 * A room of the hostile relay: it sees every parcel, and decides what arrives instead.
 *
 * @module
 */
import type { Socket } from "socket.io";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { KEY_EXCHANGE, PEER_LEFT, RELAYED } from "../../lib/relay/wire_events.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";
import type { Watch } from "./watch.ts";

/** The first to connect is Alice, the second is Bob. */
export type Seat = "alice" | "bob";

/** Both, in the order in which they come. */
export const SEATS: readonly Seat[] = ["alice", "bob"];

/** The one on the other side. */
export function otherSeat(seat: Seat): Seat {
  return seat === "alice" ? "bob" : "alice";
}

/** Something on its way. */
export interface Parcel {
  readonly from: Seat;
  readonly to: Seat;
  /** The name under which it arrives. */
  readonly event: string;
  readonly payload: unknown;
}

/** What arrives instead of a parcel. */
export type Meddle = (parcel: Parcel) => readonly Parcel[] | Promise<readonly Parcel[]>;

/** Hands on what it gets, as an honest relay does. */
export const honestly: Meddle = (parcel) => [parcel];

/** Where clients meet: a relay, and a room of it. */
export interface Place {
  readonly url: string;
  readonly name: string;
}

/** Hands what is of one kind, and from one of the two where that is said, on with another payload. */
export function changing(
  event: string,
  change: (payload: Bytes, parcel: Parcel) => unknown,
  from?: Seat,
): Meddle {
  return async (parcel) => {
    if (parcel.event !== event || (from ?? parcel.from) !== parcel.from) return [parcel];
    return [{ ...parcel, payload: await change(parcel.payload as Bytes, parcel) }];
  };
}

/** Makes something of Alice's first messages, a step for each of them and given all so far; hands on the rest. */
export function inTurn(...steps: ((...messages: Parcel[]) => readonly Parcel[])[]): Meddle {
  const messages: Parcel[] = [];
  return (parcel) => {
    if (parcel.from !== "alice" || parcel.event !== "received_message") return [parcel];
    messages.push(parcel);
    return steps[messages.length - 1]?.(...messages) ?? [parcel];
  };
}

/** As {@link changing}, for a payload of the textbook's JSON. */
export function changingJson(event: string, change: (fields: Json) => Json, from?: Seat): Meddle {
  const rewrite = (payload: unknown) => writeJson(change(parseJson(String(payload))));
  return changing(event, rewrite, from);
}

/** One room. */
export class Room implements Place {
  /** Everything that was handed to the relay, in order and as it was sent. */
  readonly recorded: Parcel[] = [];
  /** What the relay does with what it gets. */
  meddle: Meddle = honestly;
  /** Whether the relay says "begin" when both are there, as it should. */
  begins = true;
  readonly #sockets: Partial<Record<Seat, Socket>> = {};
  #turn: Promise<void> = Promise.resolve();

  /** An empty room. */
  constructor(readonly url: string, readonly name: string, readonly watch: Watch) {}

  /** Seats a connection; a third is turned away. */
  seat(socket: Socket): void {
    const seat = SEATS.find((seat) => this.#sockets[seat] === undefined);
    if (seat === undefined) return void socket.disconnect(true);
    this.#sockets[seat] = socket;
    socket.onAny((event: string, payload: unknown) => this.#take(seat, event, payload));
    socket.on("disconnect", () =>
      this.#later(() => {
        delete this.#sockets[seat];
        this.claimLeft(otherSeat(seat));
      }));
    if (this.begins && SEATS.every((seat) => this.#sockets[seat] !== undefined)) this.begin();
    this.watch.notify();
  }

  /** The relay hands everything to a party of its own, and nothing on. */
  divert(party: { hear(event: string, payload: unknown): void }): void {
    this.meddle = ({ event, payload }) => {
      party.hear(event, payload);
      return [];
    };
  }

  /** Says "begin" to whoever is there, or to one of them. */
  begin(...seats: Seat[]): void {
    for (const seat of seats.length > 0 ? seats : SEATS) {
      this.deliver(seat, KEY_EXCHANGE, this.name);
    }
  }

  /** Says that the other side has left. It need not be so. */
  claimLeft(seat: Seat): void {
    this.#sockets[seat]?.emit(PEER_LEFT);
  }

  /** Hands something to one side, whatever its origin. */
  deliver(to: Seat, event: string, payload: unknown): void {
    this.#sockets[to]?.emit(event, payload);
  }

  /** Hands one Socket.IO packet to one side, written by hand: what no library would send. */
  deliverRaw(to: Seat, packet: string): void {
    // "4" of Engine.IO (message) is added below; "2" is Socket.IO's EVENT.
    (this.#sockets[to]?.conn as { send(text: string): void } | undefined)?.send(`2${packet}`);
  }

  /** What `from` has sent under this name, in order. */
  sent(from: Seat, event: string): Bytes[] {
    return this.#payloads(from, event).map((payload) => Uint8Array.from(payload as Bytes));
  }

  /** Alice's hello and Bob's. */
  get hellos(): [alice: Bytes, bob: Bytes] {
    return [this.sent("alice", "ELGAMAL_PK_BC")[0]!, this.sent("bob", "ELGAMAL_PK_BC")[0]!];
  }

  /** The same for what is text. */
  sentTexts(from: Seat, event: string): string[] {
    return this.#payloads(from, event).map(String);
  }

  #payloads(from: Seat, event: string): unknown[] {
    return this.recorded.filter((parcel) => parcel.from === from && parcel.event === event)
      .map(({ payload }) => payload);
  }

  #take(from: Seat, event: string, payload: unknown): void {
    const name = Object.hasOwn(RELAYED, event) ? RELAYED[event as keyof typeof RELAYED] : event;
    const parcel = { from, to: otherSeat(from), event: name, payload };
    this.recorded.push(parcel);
    this.#later(async () => {
      for (const arriving of await this.meddle(parcel)) {
        this.deliver(arriving.to, arriving.event, arriving.payload);
      }
    });
  }

  /** Parcels are taken one at a time, because an attacker may have to calculate. */
  #later(step: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(step)
      .then(() => this.watch.notify(), (cause) => this.watch.fail(cause));
  }
}
