/**
 * A simulated network: links between clients and a relay, with latency, that can break without either side knowing.
 */
import type { Dice } from "../../helpers/mutants.ts";
import type { Timeline } from "./timeline.ts";

/** Longest time until a broken connection is noticed, in milliseconds: the relay's heartbeat. */
export const NOTICED_AFTER = 13_000;

export const NEVER: number = Infinity;

/** What waits for the end of a link, on both sides. */
export interface LinkEnds {
  /** The client notices that the connection is gone. */
  clientLost(): void;
  relayLost(): void;
}

/** One connection. What is sent arrives in order and after a while, until the link breaks. */
export class Link {
  /** Whether the client takes it for open. */
  isOpenAtClient = true;
  /** Whether the relay does. */
  isOpenAtRelay = true;
  /** Told of the end. */
  ends: LinkEnds | null = null;
  #isDead = false;
  #lastUp = 0;
  #lastDown = 0;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #latency: number;

  /** A link that works; each message takes up to twice `latency` milliseconds. */
  constructor(timeline: Timeline, dice: Dice, latency: number) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#latency = latency;
  }

  /** Something goes to the relay. */
  up(arrive: () => void): void {
    if (this.#isDead || !this.isOpenAtClient) return;
    this.#lastUp = this.#arrival(this.#lastUp);
    this.#timeline.at(this.#lastUp, () => !this.#isDead && this.isOpenAtRelay && arrive());
  }

  /** Something goes to the client. */
  down(arrive: () => void): void {
    if (this.#isDead || !this.isOpenAtRelay) return;
    this.#lastDown = this.#arrival(this.#lastDown);
    this.#timeline.at(this.#lastDown, () => !this.#isDead && this.isOpenAtClient && arrive());
  }

  /** What is on the way is lost, and so is all that follows; each side notices after its time. */
  break(clientNotices: number, relayNotices: number): void {
    this.#isDead = true;
    if (clientNotices < NEVER) this.#timeline.after(clientNotices, () => this.loseAtClient());
    if (relayNotices < NEVER) this.#timeline.after(relayNotices, () => this.loseAtRelay());
  }

  /** The client takes it for closed from now on. */
  loseAtClient(): void {
    if (!this.isOpenAtClient) return;
    this.isOpenAtClient = false;
    this.ends?.clientLost();
  }

  /** The relay takes it for closed from now on. */
  loseAtRelay(): void {
    if (!this.isOpenAtRelay) return;
    this.isOpenAtRelay = false;
    this.ends?.relayLost();
  }

  #arrival(last: number): number {
    const takes = this.#latency * (0.5 + this.#dice.below(1024) / 682);
    return Math.max(this.#timeline.now + takes, last + 0.001);
  }
}
