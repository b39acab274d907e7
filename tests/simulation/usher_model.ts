/**
 * Who sits where, as lib/relay/usher.ts decides it: two seats, each bound to a secret, held for a while for who lost
 * the connection. Its methods have the names of the real one's, which can take its place.
 *
 * @module
 */

/** What is told to who stays. */
export type Notice = "PEER_AWAY" | "PEER_LEFT";

/** A client, as far as its seat goes. */
export interface Guest {
  readonly room: string;
  readonly secret: string | null;
  begin(): void;
  tell(event: Notice): void;
  cut(): void;
}

/** What an usher is made of. */
export interface UsherOptions {
  readonly awaySeconds: number;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  readonly log: () => void;
}

interface Seat {
  readonly secret: string | null;
  guest: Guest | null;
  stopTimer: () => void;
}

/** The usher of one room. */
export class UsherModel {
  readonly #options: UsherOptions;
  #seats: Seat[] = [];

  /** An usher of an empty room. */
  constructor(options: UsherOptions) {
    this.#options = options;
  }

  /** Whether {@link UsherModel.seat} would find a seat. */
  hasSeatFor({ secret }: Guest): boolean {
    return this.#seats.length < 2 || this.#seats.some((seat) => seat.secret === secret);
  }

  /** Gives a newcomer its seat; `false` when the room is full. */
  seat(guest: Guest): boolean {
    if (!this.hasSeatFor(guest)) return false;
    let own = this.#seats.find(({ secret }) => secret === guest.secret);
    const replaced = own?.guest ?? null;
    own?.stopTimer();
    if (own === undefined) {
      own = { secret: guest.secret, guest, stopTimer: () => {} };
      this.#seats.push(own);
    }
    own.guest = guest;
    const peer = this.peerOf(guest);
    if (replaced !== null) {
      replaced.cut();
      peer?.tell("PEER_AWAY");
    }
    if (peer === null) return true;
    peer.begin();
    guest.begin();
    return true;
  }

  /** Somebody's connection is gone. */
  part(guest: Guest, saidGoodbye: boolean): void {
    const seat = this.#seats.find((one) => one.guest === guest);
    if (seat === undefined) return;
    const peer = this.peerOf(guest);
    seat.guest = null;
    if (saidGoodbye) this.#free(seat);
    peer?.tell(saidGoodbye ? "PEER_LEFT" : "PEER_AWAY");
    if (saidGoodbye) return;
    const { after, awaySeconds } = this.#options;
    seat.stopTimer = after(1000 * awaySeconds, () => {
      this.#free(seat);
      this.#seats[0]?.guest?.tell("PEER_LEFT");
    });
  }

  /** Who is there with this one. */
  peerOf(guest: Guest): Guest | null {
    if (!this.#seats.some((seat) => seat.guest === guest)) return null;
    return this.#seats.find((seat) => seat.guest !== guest)?.guest ?? null;
  }

  /** Stops every clock. */
  close(): void {
    for (const seat of this.#seats) seat.stopTimer();
  }

  #free(seat: Seat): void {
    seat.stopTimer();
    this.#seats = this.#seats.filter((one) => one !== seat);
  }
}
