/**
 * A simulated relay: the real usher seats clients on simulated links, and a network behind it may drop, damage,
 * repeat or hold up single messages.
 *
 * @module
 */
import {
  type ClientEvent,
  DEFAULT_AWAY_SECONDS,
  PEER_AWAY,
  type PeerEvent,
  RELAYED,
} from "../../lib/relay/events.ts";
import { type Guest, Usher } from "../../lib/relay/usher.ts";
import { type Dice, flipBit } from "../helpers/mutants.ts";
import { type Link, NEVER } from "./network.ts";
import type { Timeline } from "./timeline.ts";

/** What the relay says to a client. */
export type FromRelay =
  | { readonly type: "connected" }
  | { readonly type: "full" }
  | { readonly type: "key-exchange"; readonly acknowledge: () => void }
  | { readonly type: "relay-peer-away" }
  | { readonly type: "relay-peer-left" }
  | { readonly type: "received"; readonly event: PeerEvent; readonly payload: unknown };

/** What may happen to one message, each once in so many; 0 for never. */
export interface Noise {
  drop: number;
  damage: number;
  repeat: number;
  late: number;
}

/** No noise. */
export const QUIET: Noise = { drop: 0, damage: 0, repeat: 0, late: 0 };

/** A client with a connection, as lib/relay/member.ts has it. */
class Member implements Guest {
  readonly room = "room";
  readonly secret: string;
  readonly link: Link;
  readonly #tell: (input: FromRelay) => void;
  #encounter = 0;
  /** What waits for the usher's decision; `null` after that. */
  #waiting: FromRelay[] | null = [];
  isStale = false;

  constructor(secret: string, link: Link, tell: (input: FromRelay) => void) {
    this.secret = secret;
    this.link = link;
    this.#tell = tell;
  }

  /** The usher has decided: that comes first. */
  welcome(input: FromRelay): void {
    const waiting = this.#waiting!;
    this.#waiting = null;
    for (const next of [input, ...waiting]) this.send(next);
  }

  send(input: FromRelay): void {
    if (this.#waiting === null) this.link.down(() => this.#tell(input));
    else this.#waiting.push(input);
  }

  begin(): void {
    const encounter = ++this.#encounter;
    this.isStale = true;
    const acknowledge = () =>
      this.link.up(() => {
        if (encounter === this.#encounter) this.isStale = false;
      });
    this.send({ type: "key-exchange", acknowledge });
  }

  tell(event: Parameters<Guest["tell"]>[0]): void {
    this.send({ type: event === PEER_AWAY ? "relay-peer-away" : "relay-peer-left" });
  }

  cut(): void {
    this.link.break(20, NEVER);
    this.link.isOpenAtRelay = false;
  }
}

/** The relay. */
export class SimulatedRelay {
  /** Whether it runs. */
  isUp = true;
  /** What the network does to messages now. */
  noise: Noise = QUIET;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #members = new Set<Member>();
  #usher: Usher;

  /** A relay that runs, with nobody there. */
  constructor(timeline: Timeline, dice: Dice) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#usher = this.#newUsher();
  }

  /** A client has connected. @returns how its events reach the relay, or `null` when there is no seat */
  welcome(
    secret: string,
    link: Link,
    tell: (input: FromRelay) => void,
  ): ((event: ClientEvent, payload: unknown) => void) | null {
    const member = new Member(secret, link, tell);
    const usher = this.#usher;
    const isSeated = usher.seat(member);
    member.welcome({ type: isSeated ? "connected" : "full" });
    if (!isSeated) return null;
    this.#members.add(member);
    link.ends = {
      clientLost: () => {},
      relayLost: () => this.#part(usher, member, false),
    };
    return (event, payload) => this.#relay(usher, member, event, payload);
  }

  /** A client says goodbye. */
  leave(link: Link): void {
    const member = [...this.#members].find((one) => one.link === link);
    if (member === undefined) return;
    link.isOpenAtRelay = false;
    this.#part(this.#usher, member, true);
  }

  /** Everything is forgotten; it runs again after a while. */
  restart(milliseconds: number, noticed: () => number): void {
    this.isUp = false;
    this.#usher.close();
    for (const { link } of this.#members) link.break(noticed(), NEVER);
    for (const { link } of this.#members) link.isOpenAtRelay = false;
    this.#members.clear();
    this.#usher = this.#newUsher();
    this.#timeline.after(milliseconds, () => this.isUp = true);
  }

  #newUsher(): Usher {
    return new Usher({
      awaySeconds: DEFAULT_AWAY_SECONDS,
      after: (milliseconds, callback) => this.#timeline.after(milliseconds, callback),
      log: () => {},
    });
  }

  #part(usher: Usher, member: Member, saidGoodbye: boolean): void {
    this.#members.delete(member);
    usher.part(member, saidGoodbye);
  }

  #relay(usher: Usher, member: Member, event: ClientEvent, payload: unknown): void {
    if (member.isStale) return;
    const peer = usher.peerOf(member) as Member | null;
    if (peer === null) return;
    const { noise } = this;
    const hand = (bytes: unknown) =>
      peer.send({ type: "received", event: RELAYED[event], payload: bytes });
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
