/**
 * The seats of all rooms, as plain data. A client that shows the secret of a seat gets that seat and no other, so
 * that it finds its seat free when it reconnects.
 *
 * ```
 *            enter                    part, to be held
 *   (none) ────────▶ taken ◀──────────────────────────────▶ held
 *                      │           enter with its secret      │
 *                      │ part                                 │ expire
 *                      ▼                                      ▼
 *                    (none)                                 (none)
 * ```
 *
 * @module
 */
import { allottedRoom, isAllottedRoom, ROOM_SEATS } from "./wire_events.ts";

/** One seat of a room. It exists while a client has it, or while it is held for its owner. */
export interface Seat<Client> {
  /** The room's name. */
  readonly room: string;
  /** What its owner shows to get it back; `null` for a client without such a secret. */
  readonly secret: string | null;
  /** The client that has it; `null` while it is held. */
  readonly client: Client | null;
  /** Whether it may be held. In a room with a number only the first one may, until the two have talked. */
  readonly mayBeHeld: boolean;
}

/** The result of taking a seat. */
export interface Entrance<Client> {
  /** The seat. */
  readonly seat: Seat<Client>;
  /** The same owner's earlier connection, which nobody had noticed to be lost. */
  readonly replaced: Client | null;
  /** The client on the other seat. */
  readonly peer: Client | null;
}

type OpenSeat<Client> = { -readonly [Key in keyof Seat<Client>]: Seat<Client>[Key] };

/** The rooms of one relay. A room exists while one of its seats does. */
export class Rooms<Client> {
  readonly #rooms = new Map<string, OpenSeat<Client>[]>();
  /** The seats that are held, the longest held first. */
  readonly #held = new Set<Seat<Client>>();

  /**
   * Takes the seat with this secret, or a free one.
   *
   * @returns the seat, or `null` when the room is full
   */
  enter(room: string, secret: string | null, client: Client): Entrance<Client> | null {
    const seats = this.#rooms.get(room) ?? [];
    const own = seats.find((seat) => isSameSecret(seat.secret, secret));
    if (own === undefined && seats.length >= ROOM_SEATS) return null;
    const mayBeHeld = seats.length === 0 || !isAllottedRoom(room);
    const seat = own ?? { room, secret, client, mayBeHeld };
    const replaced = own?.client ?? null;
    seat.client = client;
    this.#held.delete(seat);
    if (own === undefined) this.#rooms.set(room, [...seats, seat]);
    return { seat, replaced, peer: this.peerOf(seat) };
  }

  /**
   * A room that nobody is in, with one of the lowest numbers there are: one digit, or else two, and so on.
   *
   * @param random draws an integer from 0 to under its argument
   */
  allot(random: (bound: number) => number): string {
    for (let least = 1;; least *= 10) {
      const all = Array.from({ length: 9 * least }, (_, i) => allottedRoom(least + i));
      const free = all.filter((room) => !this.#rooms.has(room));
      if (free.length > 0) return free[random(free.length)]!;
    }
  }

  /** The two of this room have talked: both seats may be held. */
  settle(room: string): void {
    for (const seat of this.#rooms.get(room) ?? []) seat.mayBeHeld = true;
  }

  /**
   * A client's connection is gone.
   *
   * @param hold whether the seat is held for its owner; one without a secret, or that may not be, never is
   * @returns the client on the other seat
   */
  part(seat: Seat<Client>, hold: boolean): Client | null {
    if (!hold || seat.secret === null || !seat.mayBeHeld) return this.#free(seat);
    (seat as OpenSeat<Client>).client = null;
    this.#held.add(seat);
    return this.peerOf(seat);
  }

  /**
   * A held seat's time is over.
   *
   * @returns the client on the other seat
   */
  expire(seat: Seat<Client>): Client | null {
    return this.#held.has(seat) ? this.#free(seat) : null;
  }

  #free(seat: Seat<Client>): Client | null {
    const peer = this.peerOf(seat);
    const left = this.seats(seat.room).filter((one) => one !== seat);
    this.#held.delete(seat);
    if (left.length === 0) this.#rooms.delete(seat.room);
    else this.#rooms.set(seat.room, left);
    return peer;
  }

  /** The seats of a room that are taken or held. */
  seats(room: string): readonly Seat<Client>[] {
    return this.#rooms.get(room) ?? [];
  }

  /** The client on the other seat of the same room; `null` without one. */
  peerOf(seat: Seat<Client>): Client | null {
    return this.seats(seat.room).find((one) => one !== seat)?.client ?? null;
  }

  /** The seats that are held, the longest held first. */
  get held(): ReadonlySet<Seat<Client>> {
    return this.#held;
  }

  /** How many rooms there are. */
  get size(): number {
    return this.#rooms.size;
  }
}

/** Compares two secrets in a time that does not depend on where they differ. No secret equals none. */
function isSameSecret(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
