/**
 * A simulated relay: lib/relay's own seat table and connections, on simulated links, and a network behind it may drop, damage,
 * repeat or hold up single messages.
 */
import {
  DEFAULT_AWAY_SECONDS,
  DEFAULT_MAX_PAYLOAD_BYTES,
  KEY_EXCHANGE,
  PEER_AWAY,
  PEER_LEFT,
  type PeerEvent,
  RELAY_LIMITS,
  RELAYED,
  type RelayedEvent,
  type RelayLimits,
} from "../../../lib/relay/wire_events.ts";
import { readFrame } from "../../../lib/relay/frames.ts";
import { SocketConnection } from "../../../lib/relay/socket_connection.ts";
import { SeatTable } from "../../../lib/relay/seat_table.ts";
import { type Dice, flipBit } from "../../helpers/mutants.ts";
import { type Link, NEVER } from "./network.ts";
import type { Timeline } from "./timeline.ts";

const LIMITS: RelayLimits = { payloadBytes: DEFAULT_MAX_PAYLOAD_BYTES };

/** What the relay says to a client. */
export type FromRelay =
  | { readonly type: "connected" }
  | { readonly type: "full" }
  | { readonly type: "limits"; readonly payloadBytes: number }
  | { readonly type: "key-exchange"; readonly acknowledge: () => void }
  | { readonly type: "relay-peer-away" }
  | { readonly type: "relay-peer-left" }
  | { readonly type: "received"; readonly event: PeerEvent; readonly payload: unknown };

/** A simulated link, as far as lib/relay/socket_connection.ts looks at its socket. */
class LinkSocket {
  readonly link: Link;
  readonly #tell: (input: FromRelay) => void;
  /** What waits for the seat table's decision; `null` after that. */
  #waiting: FromRelay[] | null = [];

  constructor(link: Link, tell: (input: FromRelay) => void) {
    this.link = link;
    this.#tell = tell;
  }

  readonly conn = {
    on: () => {},
    transport: {},
    write: (frame: Uint8Array) => {
      const [event, payload] = readFrame(frame);
      this.#send({ type: "received", event: RELAYED[event!], payload });
    },
    close: () => {
      this.link.break(20, NEVER);
      this.link.isOpenAtRelay = false;
    },
  };

  /** The seat table has decided: that comes first. */
  admit(input: FromRelay): void {
    const waiting = this.#waiting!;
    this.#waiting = null;
    for (const next of [input, ...waiting]) this.#send(next);
  }

  emit(event: string, ...args: unknown[]): void {
    if (event === PEER_AWAY) return this.#send({ type: "relay-peer-away" });
    if (event === PEER_LEFT) return this.#send({ type: "relay-peer-left" });
    if (event === RELAY_LIMITS) return this.#send({ type: "limits", ...LIMITS });
    if (event !== KEY_EXCHANGE) throw new Error(`a simulated client knows no ${event}`);
    const answer = args[1] as () => void;
    this.#send({ type: "key-exchange", acknowledge: () => this.link.up(answer) });
  }

  #send(input: FromRelay): void {
    if (this.#waiting === null) this.link.down(() => this.#tell(input));
    else this.#waiting.push(input);
  }
}

export class SimulatedRelay {
  isUp = true;
  /** What the network does to messages now, each once in so many; 0 for never. */
  noise = { drop: 0, damage: 0, repeat: 0, late: 0 };
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #connections = new Map<SocketConnection, Link>();
  #seats: SeatTable;

  constructor(timeline: Timeline, dice: Dice) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#seats = this.#newSeats();
  }

  /** A client has connected. @returns how its events reach the relay, or `null` when there is no seat */
  admit(
    secret: string,
    link: Link,
    tell: (input: FromRelay) => void,
  ): ((event: RelayedEvent, payload: unknown) => void) | null {
    const socket = new LinkSocket(link, tell);
    const connection = new SocketConnection(socket as never, "room", secret, LIMITS, () => {});
    const seats = this.#seats;
    const isSeated = seats.assign(connection);
    socket.admit({ type: isSeated ? "connected" : "full" });
    if (!isSeated) return null;
    this.#connections.set(connection, link);
    const relayLost = () => this.#part(seats, connection, false);
    link.ends = { clientLost: () => {}, relayLost };
    return (event, payload) => this.#relay(seats, connection, event, payload);
  }

  /** A client says goodbye. */
  leave(link: Link): void {
    const found = [...this.#connections].find(([, one]) => one === link);
    if (found === undefined) return;
    link.isOpenAtRelay = false;
    this.#part(this.#seats, found[0], true);
  }

  /** Everything is forgotten; it runs again after a while. */
  restart(milliseconds: number, noticed: () => number): void {
    this.isUp = false;
    this.#seats.close();
    for (const link of this.#connections.values()) {
      link.break(noticed(), NEVER);
      link.isOpenAtRelay = false;
    }
    this.#connections.clear();
    this.#seats = this.#newSeats();
    this.#timeline.after(milliseconds, () => this.isUp = true);
  }

  #newSeats(): SeatTable {
    return new SeatTable({
      awaySeconds: DEFAULT_AWAY_SECONDS,
      after: (milliseconds, callback) => this.#timeline.after(milliseconds, callback),
      log: () => {},
    });
  }

  #part(seats: SeatTable, connection: SocketConnection, saidGoodbye: boolean): void {
    this.#connections.delete(connection);
    seats.part(connection, saidGoodbye);
  }

  #relay(
    seats: SeatTable,
    connection: SocketConnection,
    event: RelayedEvent,
    payload: unknown,
  ): void {
    if (connection.isStale) return;
    const peer = seats.peerOf(connection) as SocketConnection | null;
    if (peer === null) return;
    const { noise } = this;
    const hand = (bytes: unknown) => peer.hand(event, bytes as Uint8Array);
    if (this.#happens(noise.drop)) return;
    if (this.#happens(noise.late)) {
      const later = 1 + this.#dice.below(4000);
      return void this.#timeline.after(later, () => hand(payload));
    }
    if (this.#happens(noise.repeat)) hand(payload);
    if (!this.#happens(noise.damage)) return hand(payload);
    const bytes = payload as Uint8Array;
    hand(flipBit(bytes, this.#dice.below(bytes.length), this.#dice.below(7)));
  }

  #happens(once: number): boolean {
    return once > 0 && this.#dice.below(once) === 0;
  }
}
