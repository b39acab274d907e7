/**
 * A simulated client's way to the relay: it connects, and connects again, as lib/conversation/socket_link.ts does.
 */
import type { Link as RelayLink, RelayInput } from "../../../lib/conversation/link.ts";
import type { RelayedEvent } from "../../../lib/relay/wire_events.ts";
import type { Dice } from "../../helpers/mutants.ts";
import { Link, NEVER } from "./network.ts";
import type { FromRelay, SimulatedRelay } from "./relay.ts";
import type { Timeline } from "./timeline.ts";

/** The pauses before connecting again, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

export interface ConnectionOptions {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly relay: SimulatedRelay;
  /** Milliseconds of one way, on average. */
  readonly latency: number;
  readonly secret: string;
  /** Runs what goes on in the process: now, when it wakes, or never. */
  readonly run: (what: () => void) => void;
  readonly post: (input: RelayInput) => void;
}

/** The connection of one process, and the ones after it. */
export class SimulatedConnection implements RelayLink {
  readonly #options: ConnectionOptions;
  #link: Link | null = null;
  #send: ((event: RelayedEvent, payload: unknown) => void) | null = null;
  #wasSeated = false;
  #isOver = false;
  #pause = FIRST_PAUSE;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#connect();
  }

  /** The link now, or `null` between two. */
  get link(): Link | null {
    return this.#link;
  }

  emit(event: RelayedEvent, payload: Uint8Array | string): void {
    const send = this.#send;
    this.#link?.up(() => send?.(event, payload));
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  renew(): void {
    const link = this.#link;
    if (link === null) return;
    link.break(NEVER, this.#options.latency);
    link.loseAtClient();
  }

  close(): Promise<void> {
    this.#isOver = true;
    const link = this.#link;
    link?.up(() => this.#options.relay.leave(link));
    return Promise.resolve();
  }

  /** The process is gone, without a word. @param noticed when the relay knows it, in milliseconds */
  abandon(noticed: number): void {
    this.#isOver = true;
    this.#link?.break(NEVER, noticed);
  }

  #connect(): void {
    if (this.#isOver) return;
    const { timeline, dice, relay, latency, secret } = this.#options;
    const link = new Link(timeline, dice, latency);
    timeline.after(2 * latency, () => {
      if (this.#isOver) return;
      if (!relay.isUp) return this.#again();
      const send = relay.admit(secret, link, (input) => {
        this.#options.run(() => this.#receive(link, input));
      });
      if (send === null) return;
      const relayLost = link.ends!.relayLost;
      const clientLost = () => this.#options.run(() => this.#lost(link));
      link.ends = { clientLost, relayLost };
      this.#link = link;
      this.#send = send;
    });
  }

  #receive(link: Link, input: FromRelay): void {
    if (this.#isOver) return;
    if (input.type === "full") return this.#turnedAway();
    if (this.#link !== link) return;
    if (input.type === "connected") {
      this.#wasSeated = true;
      this.#pause = FIRST_PAUSE;
    }
    this.#options.post(input);
  }

  #lost(link: Link): void {
    if (this.#link !== link || this.#isOver) return;
    this.#link = null;
    this.#send = null;
    this.#options.post({ type: "disconnected" });
    this.#again();
  }

  /** No seat: the end of a client that never had one; another keeps trying. */
  #turnedAway(): void {
    if (this.#wasSeated) return this.#again();
    this.#isOver = true;
    const refusal = { code: "room-full", message: "full" } as const;
    this.#options.post({ type: "refusal", refusal, final: true });
  }

  #again(): void {
    const { timeline, dice } = this.#options;
    timeline.after(
      this.#pause * (0.5 + dice.below(1024) / 1024),
      () => this.#options.run(() => this.#connect()),
    );
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
