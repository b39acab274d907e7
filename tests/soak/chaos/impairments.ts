/**
 * The impairments of one line in one direction: latency, throttling, and pauses in which nothing passes.
 *
 * @module
 */
import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import type { Impairment } from "./fault.ts";

/** An impairment that lasts. */
interface Current {
  readonly impairment: Impairment;
  /** When it is over, by the clock. */
  readonly until: number;
  /** Is called when it holds bytes up. */
  readonly hit: () => void;
}

/** Milliseconds in which a throttled line lets one piece pass. */
const THROTTLE_STEP = 50;

/** The impairments of one direction. */
export class Impairments {
  readonly #clock: Clock;
  readonly #chance: Chance;
  #impairments: Current[] = [];

  /** A direction without impairments. */
  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /**
   * An impairment begins.
   *
   * @param hit is called when bytes have to wait for it, perhaps more than once
   */
  begin(impairment: Impairment, hit: () => void = () => {}): void {
    this.#impairments.push({ impairment, until: this.#clock.now() + impairment.lasts, hit });
  }

  /** Every impairment is over. Bytes that wait already wait to the end. */
  clear(): void {
    this.#impairments = [];
  }

  /**
   * Waits until bytes that came may pass.
   *
   * @returns how many of them may pass together, before it is asked again
   */
  async pass(bytes: number, signal: AbortSignal): Promise<number> {
    await this.#clock.wait(this.#latency(), signal);
    return await this.next(bytes, signal);
  }

  /** The same for what is left of them, which has waited for the line's latency already. */
  async next(bytes: number, signal: AbortSignal): Promise<number> {
    for (let frozen = this.#frozen(); frozen > 0 && !signal.aborted; frozen = this.#frozen()) {
      await this.#clock.wait(frozen, signal);
    }
    const rate = this.#rate();
    if (rate === Infinity) return bytes;
    await this.#clock.wait(THROTTLE_STEP, signal);
    return Math.min(bytes, Math.max(1, Math.floor(rate * THROTTLE_STEP / 1000)));
  }

  /** The impairments of one kind that last. */
  #current<Kind extends Impairment["kind"]>(kind: Kind) {
    const now = this.#clock.now();
    this.#impairments = this.#impairments.filter(({ until }) => until > now);
    const those = this.#impairments.filter(({ impairment }) => impairment.kind === kind);
    for (const { hit } of those) hit();
    return those as (Current & { readonly impairment: Extract<Impairment, { kind: Kind }> })[];
  }

  #latency(): number {
    return this.#current("delay").reduce(
      (sum, { impairment }) => sum + impairment.latency + this.#chance.next() * impairment.jitter,
      0,
    );
  }

  #frozen(): number {
    const now = this.#clock.now();
    return Math.max(0, ...this.#current("freeze").map(({ until }) => until - now));
  }

  #rate(): number {
    return Math.min(
      Infinity,
      ...this.#current("throttle").map(({ impairment }) => impairment.bytesPerSecond),
    );
  }
}
