/**
 * A TCP proxy between a client and the relay, on which everything can go wrong.
 *
 * @module
 */
import { Chance } from "./chance.ts";
import { type Clock, REAL_CLOCK } from "./clock.ts";
import { Corruption } from "./corruption.ts";
import type { Direction, LineFault } from "./fault.ts";
import { Link } from "./link.ts";
import { Impairments } from "./impairments.ts";

/** This machine; nothing else is reached. */
export const HOST = "127.0.0.1";

/** What a proxy is made of. */
export interface ProxyOptions {
  /** The relay's port. */
  readonly target: number;
  /** The clock. @default the machine's */
  readonly clock?: Clock;
  /** Draws the jitter. */
  readonly chance?: Chance;
}

/** One client's line to the relay. */
export class Proxy implements AsyncDisposable {
  readonly #target: number;
  readonly #clock: Clock;
  readonly #listener: Deno.TcpListener;
  readonly #impairments: Readonly<Record<Direction, Impairments>>;
  readonly #corruption: Readonly<Record<Direction, Corruption>> = {
    up: new Corruption(),
    down: new Corruption(),
  };
  readonly #links = new Set<Link>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #refusesUntil = -Infinity;
  #connections = 0;

  /** A proxy that listens on a free port of this machine. */
  constructor({ target, clock = REAL_CLOCK, chance = new Chance("jitter") }: ProxyOptions) {
    this.#target = target;
    this.#clock = clock;
    this.#impairments = {
      up: new Impairments(clock, chance),
      down: new Impairments(clock, chance),
    };
    this.#listener = Deno.listen({ hostname: HOST, port: 0 });
    this.#spawn(this.#accept());
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#links.size;
  }

  /** Connections that there have been. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * Something goes wrong.
   *
   * @param hit is called when it has met a connection: at once, later, or never
   */
  inject(fault: LineFault, hit: () => void = () => {}): void {
    switch (fault.kind) {
      case "delay":
      case "throttle":
      case "freeze":
        return this.#impairments[fault.direction].begin(fault, hit);
      case "corrupt":
        return this.#corruption[fault.direction].add(fault.skip, fault.mask, hit);
      case "refuse":
        this.#refusesUntil = this.#clock.now() + fault.lasts;
        return hit();
    }
    for (const link of this.#links) {
      hit();
      if (fault.kind === "cut") link.cut();
      else if (fault.kind === "silence") link.silence();
      else if (fault.kind === "half-close") this.#spawn(link.halfClose(fault.direction));
      else this.#spawn(link.repeat(fault.lasts, this.#clock, this.#end.signal));
    }
  }

  /** From now on nothing goes wrong; what has gone wrong stays so. */
  clearFaults(): void {
    this.#refusesUntil = -Infinity;
    for (const direction of ["up", "down"] as const) {
      this.#impairments[direction].clear();
      this.#corruption[direction].clear();
    }
  }

  /** Cuts everything and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#end.abort();
    for (const link of this.#links) link.cut();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  #spawn(task: Promise<void>): void {
    // Whatever breaks here is a connection, and that is what this is for.
    const done = task.catch(() => {}).finally(() => this.#tasks.delete(done));
    this.#tasks.add(done);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      // Refused by a close at once: without a listener another program might take the port.
      if (this.#clock.now() < this.#refusesUntil) client.close();
      else this.#spawn(this.#serve(client));
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const relay = await this.#connect();
    if (relay === null) return client.close();
    const link = new Link({
      client,
      relay,
      impairments: this.#impairments,
      corruption: this.#corruption,
    });
    this.#connections++;
    this.#links.add(link);
    try {
      await link.run();
    } finally {
      this.#links.delete(link);
    }
  }

  /** A connection to the relay, or `null` where none is there. */
  async #connect(): Promise<Deno.TcpConn | null> {
    try {
      return await Deno.connect({ hostname: HOST, port: this.#target, signal: this.#end.signal });
    } catch {
      return null;
    }
  }
}
