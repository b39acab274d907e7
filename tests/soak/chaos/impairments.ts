/** What goes wrong on one client's line to the relay, in one direction. */
import type { Chance } from "./chance.ts";
import { wait } from "./condition.ts";
import type { Impairment } from "./schedule.ts";

/** Milliseconds in which a throttled line lets one piece pass. */
const THROTTLE_STEP = 50;

/** What ends the head of an HTTP message. */
const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a];

/** What lasts, until when, and what is called when it holds bytes up, perhaps more than once. */
interface Current {
  readonly impairment: Impairment;
  readonly until: number;
  readonly hit: () => void;
}

/** Latency, throttling, pauses in which nothing passes, and bits that are flipped on their way. */
export class Impairments {
  readonly #chance: Chance;
  #impairments: Current[] = [];
  /** Bytes that are to be changed: how many pass before it, and what is called when it has happened. */
  #flips: { skip: number; mask: number; hit: () => void }[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  begin(impairment: Impairment, hit: () => void): void {
    this.#impairments.push({ impairment, until: performance.now() + impairment.lasts, hit });
  }

  /** Another byte is to be changed, on whichever connection it comes. */
  corrupt({ skip, mask }: { readonly skip: number; readonly mask: number }, hit: () => void): void {
    this.#flips.push({ skip, mask, hit });
  }

  /** All of it is over. Bytes that wait already wait to the end. */
  clear(): void {
    this.#impairments = [];
    this.#flips = [];
  }

  /** Waits for the line's latency. */
  async delay(signal: AbortSignal): Promise<void> {
    let latency = 0;
    for (const { impairment } of this.#current("delay")) {
      latency += impairment.latency + this.#chance.next() * impairment.jitter;
    }
    await wait(latency, signal);
  }

  /**
   * Waits until some of so many bytes may pass.
   *
   * @returns how many of them may pass together, before it is asked again
   */
  async pass(bytes: number, signal: AbortSignal): Promise<number> {
    for (let frozen = this.#frozen(); frozen > 0 && !signal.aborted; frozen = this.#frozen()) {
      await wait(frozen, signal);
    }
    const rates = this.#current("throttle").map(({ impairment }) => impairment.bytesPerSecond);
    if (rates.length === 0) return bytes;
    await wait(THROTTLE_STEP, signal);
    return Math.min(bytes, Math.max(1, Math.floor(Math.min(...rates) * THROTTLE_STEP / 1000)));
  }

  /**
   * The corruption of a connection that begins: it changes those bytes of a chunk whose turn it is, in place.
   *
   * The request and the response that open a WebSocket are spared: what they carry is checked by nobody above them,
   * and they come once a connection. Everything behind them may be hit: frames, Socket.IO's packets, what is sealed.
   */
  corruption(): (bytes: Uint8Array) => void {
    let matched = 0;
    return (bytes) => {
      let at = 0;
      for (; at < bytes.length && matched < HEAD_END.length; at++) {
        if (bytes[at] === HEAD_END[matched]) matched++;
        else matched = bytes[at] === HEAD_END[0] ? 1 : 0;
      }
      this.#flip(bytes.subarray(at));
    };
  }

  #flip(bytes: Uint8Array): void {
    const due = this.#flips.filter(({ skip }) => skip < bytes.length);
    this.#flips = this.#flips.filter((flip) => !due.includes(flip));
    for (const flip of this.#flips) flip.skip -= bytes.length;
    for (const { skip, mask, hit } of due) {
      bytes[skip]! ^= mask;
      hit();
    }
  }

  #frozen(): number {
    const now = performance.now();
    return Math.max(0, ...this.#current("freeze").map(({ until }) => until - now));
  }

  /** The impairments of one kind that last. */
  #current<Kind extends Impairment["kind"]>(kind: Kind) {
    const now = performance.now();
    this.#impairments = this.#impairments.filter(({ until }) => until > now);
    const those = this.#impairments.filter(({ impairment }) => impairment.kind === kind);
    for (const { hit } of those) hit();
    return those as (Current & { impairment: Extract<Impairment, { kind: Kind }> })[];
  }
}
