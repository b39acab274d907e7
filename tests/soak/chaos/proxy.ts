/** A TCP proxy between a client and the relay, on which everything can go wrong. */
import type { Chance } from "./chance.ts";
import { Impairments } from "./impairments.ts";
import { Link } from "./link.ts";
import type { LineFault } from "./schedule.ts";

/** This machine; nothing else is reached. */
export const HOST = "127.0.0.1";

/** One client's line to the relay. */
export class Proxy implements AsyncDisposable {
  readonly #target: number;
  readonly #listener = Deno.listen({ hostname: HOST, port: 0 });
  readonly #impairments: { readonly up: Impairments; readonly down: Impairments };
  readonly #links = new Set<Link>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #refusesUntil = -Infinity;

  /**
   * A proxy that listens on a free port of this machine.
   *
   * @param target the relay's port
   * @param chance draws the jitter
   */
  constructor(target: number, chance: Chance) {
    this.#target = target;
    this.#impairments = { up: new Impairments(chance), down: new Impairments(chance) };
    this.#spawn(this.#accept());
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /**
   * Something goes wrong.
   *
   * @param hit is called when it has met a connection: at once, later, or never
   */
  inject(fault: LineFault, hit: () => void): void {
    switch (fault.kind) {
      case "delay":
      case "throttle":
      case "freeze":
        return this.#impairments[fault.direction].begin(fault, hit);
      case "corrupt":
        return this.#impairments[fault.direction].corrupt(fault, hit);
      case "refuse":
        this.#refusesUntil = performance.now() + fault.lasts;
        return hit();
    }
    for (const link of this.#links) {
      hit();
      if (fault.kind === "cut") link.cut();
      else if (fault.kind === "silence") link.silence();
      else if (fault.kind === "half-close") this.#spawn(link.halfClose(fault.direction));
      else this.#spawn(link.repeat(fault.lasts, this.#end.signal));
    }
  }

  /** From now on nothing goes wrong; what has gone wrong stays so. */
  clearFaults(): void {
    this.#refusesUntil = -Infinity;
    this.#impairments.up.clear();
    this.#impairments.down.clear();
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
      if (performance.now() < this.#refusesUntil) client.close();
      else this.#spawn(this.#serve(client));
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const { signal } = this.#end;
    const to = { hostname: HOST, port: this.#target, signal };
    const relay = await Deno.connect(to).catch(() => null);
    if (relay === null) return client.close();
    const link = new Link(client, relay, this.#impairments);
    this.#links.add(link);
    await link.run();
    this.#links.delete(link);
  }
}
