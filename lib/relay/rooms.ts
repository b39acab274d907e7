/**
 * Who sits where: rooms of two, as plain data.
 *
 * @module
 */
import { ROOM_SEATS } from "./events.ts";

/** The rooms of one relay. A room exists while somebody is in it. */
export class Rooms<Client> {
  readonly #seats = new Map<string, Client[]>();

  /** Takes a seat; `false` when the room is full. */
  join(room: string, client: Client): boolean {
    const seated = this.#seats.get(room) ?? [];
    if (seated.length >= ROOM_SEATS) return false;
    this.#seats.set(room, [...seated, client]);
    return true;
  }

  /** Gives the seat back, and tells who is left. */
  leave(room: string, client: Client): readonly Client[] {
    const left = this.members(room).filter((member) => member !== client);
    if (left.length === 0) this.#seats.delete(room);
    else this.#seats.set(room, left);
    return left;
  }

  /** Everybody in a room. */
  members(room: string): readonly Client[] {
    return this.#seats.get(room) ?? [];
  }

  /** Whether the room has all its people. */
  isComplete(room: string): boolean {
    return this.members(room).length === ROOM_SEATS;
  }

  /** The other one in the room, if there is one. */
  peerOf(room: string, client: Client): Client | undefined {
    return this.members(room).find((member) => member !== client);
  }

  /** How many rooms have somebody in them. */
  get size(): number {
    return this.#seats.size;
  }
}
