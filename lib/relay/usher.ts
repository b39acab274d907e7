/**
 * The usher: brings clients to their seats, keeps the seat of who lost the connection for a while, and tells the
 * other one. It knows no socket and no clock of its own.
 *
 * @module
 */
import type { After } from "../clock.ts";
import { PEER_AWAY, PEER_LEFT } from "./events.ts";
import type { Log } from "./log.ts";
import { Rooms, type Seat } from "./rooms.ts";

/** A client, as far as its seat goes. */
export interface Guest {
  /** The room that it wants to be in. */
  readonly room: string;
  /** The secret of its seat; `null` for a client that has none. */
  readonly secret: string | null;
  /** Two are there: the key exchange begins. */
  begin(): void;
  /** The other one has gone, for now or for good. */
  tell(event: typeof PEER_AWAY | typeof PEER_LEFT): void;
  /** Ends the connection without a word. */
  cut(): void;
}

/** What an usher is made of. */
export interface UsherOptions {
  /** For how long a seat is held, in seconds; 0 holds none. */
  readonly awaySeconds: number;
  /** Its clock. */
  readonly after: After;
  /** Receives what happens: rooms, never secrets. */
  readonly log: Log;
  /** Most seats that are held at one time. @default {@link MAX_HELD_SEATS} */
  readonly maxHeldSeats?: number;
}

/**
 * Most seats that are held at one time. Each costs a few hundred bytes and a timer; whoever connects and breaks off
 * over and over makes the longest held ones go, and not the relay.
 */
export const MAX_HELD_SEATS = 10_000;

/** The usher of one relay. */
export class Usher {
  readonly #options: UsherOptions;
  readonly #rooms = new Rooms<Guest>();
  readonly #seats = new Map<Guest, Seat<Guest>>();
  readonly #timers = new Map<Seat<Guest>, () => void>();

  /** An usher of empty rooms. */
  constructor(options: UsherOptions) {
    this.#options = options;
  }

  /** Gives a newcomer its seat; `false` when the room is full. */
  seat(guest: Guest): boolean {
    const { room, secret } = guest;
    const entrance = this.#rooms.enter(room, secret, guest);
    if (entrance === null) {
      this.#options.log("info", "room full", { room });
      return false;
    }
    const { seat, replaced, peer } = entrance;
    const returned = this.#stopTimer(seat) || replaced !== null;
    this.#seats.set(guest, seat);
    this.#options.log("info", returned ? "returned" : "joined", { room, members: peer ? 2 : 1 });
    if (replaced !== null) {
      this.#seats.delete(replaced);
      replaced.cut();
      peer?.tell(PEER_AWAY);
    }
    if (peer === null) return true;
    this.#options.log("info", "key exchange", { room });
    peer.begin();
    guest.begin();
    return true;
  }

  /**
   * Somebody's connection is gone. Does nothing for who has no seat, or has taken it with another connection since.
   *
   * @param saidGoodbye whether the client itself ended it: then nobody will come back
   */
  part(guest: Guest, saidGoodbye: boolean): void {
    const seat = this.#seats.get(guest);
    if (seat === undefined) return;
    this.#seats.delete(guest);
    const { awaySeconds, after, log, maxHeldSeats = MAX_HELD_SEATS } = this.#options;
    const { room } = guest;
    const peer = this.#rooms.part(seat, !saidGoodbye && awaySeconds > 0);
    const isHeld = this.#rooms.held.has(seat);
    log("info", isHeld ? "away" : "left", { room });
    peer?.tell(isHeld ? PEER_AWAY : PEER_LEFT);
    if (!isHeld) return;
    this.#timers.set(seat, after(awaySeconds * 1000, () => this.#expire(seat)));
    const [oldest] = this.#rooms.held;
    if (this.#rooms.held.size > maxHeldSeats) this.#expire(oldest!);
  }

  /** Who is there with this one. */
  peerOf(guest: Guest): Guest | null {
    const seat = this.#seats.get(guest);
    return seat === undefined ? null : this.#rooms.peerOf(seat);
  }

  /** Whether a seat of this room is held for somebody. */
  isHolding(room: string): boolean {
    return this.#rooms.seats(room).some(({ client }) => client === null);
  }

  /** Stops every clock. Nobody is to come or go after this. */
  close(): void {
    for (const seat of [...this.#timers.keys()]) this.#stopTimer(seat);
  }

  #expire(seat: Seat<Guest>): void {
    this.#stopTimer(seat);
    this.#options.log("info", "seat freed", { room: seat.room });
    this.#rooms.expire(seat)?.tell(PEER_LEFT);
  }

  /** Stops the clock of a held seat; `false` when it has none. */
  #stopTimer(seat: Seat<Guest>): boolean {
    this.#timers.get(seat)?.();
    return this.#timers.delete(seat);
  }
}
