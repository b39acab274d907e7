/**
 * The seat table: assigns each connection one of its room's two seats, holds the seat of a lost connection for a
 * while, and notifies the peer. It has no socket and no clock of its own.
 *
 * @module
 */
import { PEER_AWAY, PEER_LEFT } from "./wire_events.ts";
import type { After } from "../timer.ts";
import type { Log } from "./log.ts";
import { Rooms, type Seat } from "./rooms.ts";

/** A client's connection, as far as its seat goes. */
export interface Connection {
  /** The room that it wants to be in. */
  readonly room: string;
  /** The secret of its seat; `null` for a client that has none. */
  readonly secret: string | null;
  /** Whether it has sent a message in this encounter: then it holds the peer's key confirmed. */
  readonly hasSpoken: boolean;
  /** It has its seat: called once, before anything else. */
  seated(): void;
  /** Two are there: the key exchange begins. */
  begin(): void;
  /** The peer has gone, for now or for good. */
  notify(event: typeof PEER_AWAY | typeof PEER_LEFT): void;
  /** Ends the connection without a word. */
  cut(): void;
}

/** Settings of a seat table, and what it is given from outside. */
export interface SeatTableOptions {
  /** For how long a seat is held, in seconds; 0 holds none. */
  readonly awaySeconds: number;
  /** Its clock. */
  readonly after: After;
  /** The log, without rooms and secrets. */
  readonly log: Log;
  /** Most seats that are held at one time. @default {@link MAX_HELD_SEATS} */
  readonly maxHeldSeats?: number;
}

/**
 * Most seats that are held at one time. Each costs a few hundred bytes and a timer; a client that connects and breaks
 * off over and over costs the longest held ones their seats, and the relay nothing.
 */
export const MAX_HELD_SEATS = 10_000;

/** The seats of one relay. */
export class SeatTable {
  readonly #options: SeatTableOptions;
  readonly #rooms = new Rooms<Connection>();
  readonly #seats = new Map<Connection, Seat<Connection>>();
  readonly #timers = new Map<Seat<Connection>, () => void>();

  /** A table of empty rooms. */
  constructor(options: SeatTableOptions) {
    this.#options = options;
  }

  /** A room for two, with a number that no other has. @param random draws an integer from 0 to under its argument */
  allot(random: (bound: number) => number): string {
    return this.#rooms.allot(random);
  }

  /** Assigns a new connection its seat; `false` when the room is full. */
  assign(connection: Connection): boolean {
    const { room, secret } = connection;
    const entrance = this.#rooms.enter(room, secret, connection);
    if (entrance === null) {
      this.#options.log("info", "room full", {});
      return false;
    }
    const { seat, replaced, peer } = entrance;
    const returned = this.#stopTimer(seat) || replaced !== null;
    this.#seats.set(connection, seat);
    connection.seated();
    this.#options.log("info", returned ? "returned" : "joined", { members: peer ? 2 : 1 });
    if (replaced !== null) {
      this.#settle(replaced, peer);
      this.#seats.delete(replaced);
      replaced.cut();
      peer?.notify(PEER_AWAY);
    }
    if (peer === null) return true;
    this.#options.log("info", "key exchange", {});
    peer.begin();
    connection.begin();
    return true;
  }

  /**
   * A connection is gone. Does nothing for one without a seat, or whose client has a newer connection on it.
   *
   * @param saidGoodbye whether the client itself ended it: then nobody will come back
   */
  part(connection: Connection, saidGoodbye: boolean): void {
    const seat = this.#seats.get(connection);
    if (seat === undefined) return;
    this.#seats.delete(connection);
    const { awaySeconds, after, log, maxHeldSeats = MAX_HELD_SEATS } = this.#options;
    this.#settle(connection, this.#rooms.peerOf(seat));
    const peer = this.#rooms.part(seat, !saidGoodbye && awaySeconds > 0);
    const isHeld = this.#rooms.held.has(seat);
    log("info", isHeld ? "away" : "left", {});
    peer?.notify(isHeld ? PEER_AWAY : PEER_LEFT);
    if (!isHeld) return;
    this.#timers.set(seat, after(awaySeconds * 1000, () => this.#expire(seat)));
    const [oldest] = this.#rooms.held;
    if (this.#rooms.held.size > maxHeldSeats) this.#expire(oldest!);
  }

  /** The connection on the other seat of the room; `null` when there is none. */
  peerOf(connection: Connection): Connection | null {
    const seat = this.#seats.get(connection);
    return seat === undefined ? null : this.#rooms.peerOf(seat);
  }

  /** Whether a seat of this room is held for a lost connection. */
  isHolding(room: string): boolean {
    return this.#rooms.seats(room).some(({ client }) => client === null);
  }

  /** Stops every timer. The table is not used after this. */
  close(): void {
    for (const seat of [...this.#timers.keys()]) this.#stopTimer(seat);
  }

  /**
   * An encounter is over. Who sends a message has proof that the peer knows the same keys; so where both did, neither is
   * somebody who tries numbers, and only that keeps a seat in a room with a number.
   */
  #settle(one: Connection, peer: Connection | null): void {
    if (one.hasSpoken && peer?.hasSpoken) this.#rooms.settle(one.room);
  }

  #expire(seat: Seat<Connection>): void {
    this.#stopTimer(seat);
    this.#options.log("info", "seat freed", {});
    this.#rooms.expire(seat)?.notify(PEER_LEFT);
  }

  /** Stops the timer of a held seat; `false` when it has none. */
  #stopTimer(seat: Seat<Connection>): boolean {
    this.#timers.get(seat)?.();
    return this.#timers.delete(seat);
  }
}
