/**
 * The conditions on one line in one direction: what a byte that wants to pass has to wait for.
 *
 * @module
 */
import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import type { Spell } from "./fault.ts";

/** A spell under way. */
interface Current {
  readonly spell: Spell;
  /** When it is over, by the clock. */
  readonly until: number;
  /** Is called when bytes feel it. */
  readonly felt: () => void;
}

/** Milliseconds in which a throttled line lets one piece pass. */
const THROTTLE_STEP = 50;

/** The spells of one direction. */
export class Weather {
  readonly #clock: Clock;
  readonly #chance: Chance;
  #spells: Current[] = [];

  /** Fair weather. */
  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /**
   * A spell begins.
   *
   * @param felt is called when bytes have to wait for it, perhaps more than once
   */
  begin(spell: Spell, felt: () => void = () => {}): void {
    this.#spells.push({ spell, until: this.#clock.now() + spell.lasts, felt });
  }

  /** Every spell is over. Who waits already waits to the end. */
  clear(): void {
    this.#spells = [];
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

  /** What is under way, of one kind. */
  #current<Kind extends Spell["kind"]>(kind: Kind) {
    const now = this.#clock.now();
    this.#spells = this.#spells.filter(({ until }) => until > now);
    const those = this.#spells.filter(({ spell }) => spell.kind === kind);
    for (const { felt } of those) felt();
    return those as (Current & { readonly spell: Extract<Spell, { kind: Kind }> })[];
  }

  #latency(): number {
    return this.#current("delay").reduce(
      (sum, { spell }) => sum + spell.latency + this.#chance.next() * spell.jitter,
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
      ...this.#current("throttle").map(({ spell }) => spell.bytesPerSecond),
    );
  }
}
