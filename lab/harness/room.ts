/**
 * A room of the hostile relay: it sees every parcel, and decides what arrives instead.
 *
 * @module
 */
import type { Socket } from "socket.io";
import { KEY_EXCHANGE, PEER_LEFT, RELAYED } from "../../lib/relay/wire_events.ts";
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
  /** Its sender. */
  readonly from: Seat;
  /** Its addressee. */
  readonly to: Seat;
  /** The name under which it arrives. */
  readonly event: string;
  /** What it carries. */
  readonly payload: unknown;
}

/** What arrives instead of a parcel. */
export type Meddle = (parcel: Parcel) => readonly Parcel[] | Promise<readonly Parcel[]>;

/** Hands on what it gets, as an honest relay does. */
export const honestly: Meddle = (parcel) => [parcel];

/** One room. */
export class Room {
  /** Its name, for the clients. */
  readonly name: string;
  /** Everything that was handed to the relay, in order and as it was sent. */
  readonly recorded: Parcel[] = [];
  /** What the relay does with what it gets. */
  meddle: Meddle = honestly;
  /** Whether the relay says "begin" when both are there, as it should. */
  begins = true;
  readonly #watch: Watch;
  readonly #sockets: Partial<Record<Seat, Socket>> = {};
  #turn: Promise<void> = Promise.resolve();

  /** An empty room. */
  constructor(name: string, watch: Watch) {
    this.name = name;
    this.#watch = watch;
  }

  /** Seats a connection; a third is turned away. */
  seat(socket: Socket): void {
    const seat = SEATS.find((seat) => this.#sockets[seat] === undefined);
    if (seat === undefined) return void socket.disconnect(true);
    this.#sockets[seat] = socket;
    socket.onAny((event: string, payload: unknown) => this.#take(seat, event, payload));
    socket.on("disconnect", () => {
      this.#later(() => {
        delete this.#sockets[seat];
        this.#sockets[otherSeat(seat)]?.emit(PEER_LEFT);
        this.#watch.notify();
      });
    });
    if (this.begins && SEATS.every((seat) => this.isTaken(seat))) this.begin();
    this.#watch.notify();
  }

  /** Whether a connection has this seat. */
  isTaken(seat: Seat): boolean {
    return this.#sockets[seat] !== undefined;
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
  sent(from: Seat, event: string): Uint8Array<ArrayBuffer>[] {
    return this.recorded.filter((parcel) => parcel.from === from && parcel.event === event)
      .map(({ payload }) => Uint8Array.from(payload as Uint8Array));
  }

  /** The same for what is text. */
  sentTexts(from: Seat, event: string): string[] {
    return this.recorded.filter((parcel) => parcel.from === from && parcel.event === event)
      .map(({ payload }) => String(payload));
  }

  #take(from: Seat, event: string, payload: unknown): void {
    const name = Object.hasOwn(RELAYED, event) ? RELAYED[event as keyof typeof RELAYED] : event;
    const parcel = { from, to: otherSeat(from), event: name, payload };
    this.recorded.push(parcel);
    this.#later(async () => {
      for (const arriving of await this.meddle(parcel)) {
        this.deliver(arriving.to, arriving.event, arriving.payload);
      }
      this.#watch.notify();
    });
  }

  /** Parcels are taken one at a time, because an attacker may have to calculate. */
  #later(step: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((cause) => this.#watch.fail(cause));
  }
}
