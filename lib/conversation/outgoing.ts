/**
 * What goes into the next bundle: signals that wait, then lines of the outbox, and behind all of them the goodbye.
 * While one bundle is signed and sealed, more of them gather here and in the outbox.
 *
 * @module
 */
import type { Delivery } from "../delivery/delivery.ts";
import { BUNDLE_FRAME_BYTES, signalBytes, STATEMENT_BYTES } from "../protocol/bundle.ts";
import { MAX_BUNDLE_ITEMS } from "../protocol/constants.ts";
import type { OwnItem } from "../protocol/session.ts";
import type { FileSignal } from "../protocol/signal.ts";
import type { PayloadLimit } from "./payload_limit.ts";

/** Most bytes of statements that are sent and not acknowledged: what a broken connection repeats. */
const MAX_IN_FLIGHT = 4 * 1024 * 1024;

/** A signal that waits. */
interface WaitingSignal {
  readonly signal: FileSignal;
  /** Called when it was sent, or will not be. */
  readonly done: () => void;
}

/** The items of one bundle. */
export interface Batch {
  /** In the order in which they are sent. */
  readonly items: readonly OwnItem[];
  /** How many of them are lines of the outbox: its next ones. */
  readonly lines: number;
  /** To be called when they were sent. */
  readonly sent: () => void;
}

/** What waits to be sent. */
export class Outgoing {
  readonly #delivery: Delivery;
  readonly #limit: PayloadLimit;
  #signals: WaitingSignal[] = [];

  /** Nothing waits but what is in the outbox. */
  constructor(delivery: Delivery, limit: PayloadLimit) {
    this.#delivery = delivery;
    this.#limit = limit;
  }

  /** A signal waits. */
  add(signal: FileSignal, done: () => void): void {
    this.#signals.push({ signal, done });
  }

  /** The session is over, and with it the signals. */
  drop(): void {
    for (const { done } of this.#signals.splice(0)) done();
  }

  /**
   * The next bundle's items, or `null` when nothing can be sent now.
   *
   * @param time now, in milliseconds since 1970-01-01 UTC
   * @param end the goodbye, to be sent if nothing else is
   */
  next(time: number, end: OwnItem | null): Batch | null {
    const items: OwnItem[] = [];
    let room = this.#limit.bundle - BUNDLE_FRAME_BYTES;
    /** Adds an item if it fits; one that is longer than a bundle is to be goes alone. */
    const add = (item: OwnItem, bytes: number): boolean => {
      const fits = items.length === 0 || items.length < MAX_BUNDLE_ITEMS && bytes <= room;
      if (!fits) return false;
      items.push(item);
      room -= bytes;
      return true;
    };
    const signals = this.#signals;
    let taken = 0;
    while (taken < signals.length) {
      const { signal } = signals[taken]!;
      if (!add(signal, signalBytes(signal))) break;
      taken++;
    }
    const lines = taken < signals.length ? 0 : this.#addLines(time, add);
    const isLast = taken === signals.length && lines === this.#delivery.unsent;
    if (end !== null && isLast) add(end, STATEMENT_BYTES);
    if (items.length === 0) return null;
    return {
      items,
      lines,
      sent: () => {
        for (const { done } of this.#signals.splice(0, taken)) done();
      },
    };
  }

  /** @returns how many lines were added */
  #addLines(now: number, add: (item: OwnItem, bytes: number) => boolean): number {
    const { inFlight } = this.#delivery;
    let [count, sum] = [0, inFlight];
    for (const { kind, text, time, seen, bytes } of this.#delivery.next(MAX_BUNDLE_ITEMS)) {
      const length = STATEMENT_BYTES + bytes;
      if (sum > 0 && sum + length > MAX_IN_FLIGHT) break;
      if (!add({ type: kind, text, time: time ?? now, seen }, length)) break;
      sum += length;
      count++;
    }
    return count;
  }
}
