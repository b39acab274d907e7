/**
 * Two desks and what is between them: a link that carries signals in their order, until it is cut.
 *
 * @module
 */
import type { Offer } from "../../lib/protocol/offer.ts";
import {
  encodeSignal,
  type FileSignal,
  parseSignal,
  type Signal,
} from "../../lib/protocol/signal.ts";
import { Reader } from "../../lib/protocol/codec.ts";
import type { TransferEvent, TransferRecord } from "../../lib/transfer/events.ts";
import { Transfers } from "../../lib/transfer/transfers.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { MemoryDisk, MemoryStore } from "./memory_disk.ts";

/** One side, over all of its processes. */
export class Side {
  /** Its disk. */
  readonly store = new MemoryStore();
  /** What the user was told. */
  readonly events: TransferEvent[] = [];
  /** What is on its way to the other side. */
  readonly sent: FileSignal[] = [];
  /** What was remembered, oldest first. */
  remembered: TransferRecord[][] = [[]];
  /** How many signals have been sent. */
  count = 0;
  /** The time. */
  now = 0;
  readonly #random = seededRandom("desk");
  #disk!: MemoryDisk;
  #desk!: Transfers;

  /** A side whose process has just begun. */
  constructor() {
    this.begin([]);
  }

  /** The desk of the process that runs now. */
  get desk(): Transfers {
    return this.#desk;
  }

  /** A process begins, with what was remembered. */
  begin(records: readonly TransferRecord[]): void {
    const disk = new MemoryDisk(this.store);
    this.#disk = disk;
    this.#desk = new Transfers({
      disk,
      random: this.#random,
      now: () => this.now,
      show: (event) => {
        if (!disk.dead) this.events.push(event);
      },
      send: (signal) => {
        if (disk.dead) return Promise.resolve();
        this.count++;
        this.sent.push(signal);
        return Promise.resolve();
      },
      changed: () => {
        if (!disk.dead) this.remembered.push(JSON.parse(JSON.stringify(this.#desk.snapshot())));
      },
    });
    this.#desk.restore(records);
  }

  /** The process is killed, and another one begins with what the last but `back` remembered. */
  crash(back = 0, kept?: Parameters<MemoryStore["crash"]>[0]): void {
    this.#disk.dead = true;
    this.store.crash(kept);
    const records = this.remembered.at(-1 - back) ?? [];
    this.remembered = [records];
    this.begin(records);
  }

  /** Names of what happened, without progress. */
  happened(): string[] {
    return this.events.filter(({ type }) => type !== "file-progress").map(({ type }) => type);
  }
}

/** Alice, who sends, and Bob, who receives. */
export class Pair {
  /** Who sends. */
  readonly alice = new Side();
  /** Who receives. */
  readonly bob = new Side();
  /** Whether a session is there. */
  open = false;

  /** A session begins. */
  connect(): void {
    if (this.open) return;
    this.open = true;
    for (const { desk } of [this.alice, this.bob]) desk.opened();
  }

  /** The session ends, and what is on its way is lost. */
  cut(): void {
    if (!this.open) return;
    this.open = false;
    for (const { desk, sent } of [this.alice, this.bob]) {
      sent.length = 0;
      desk.closed();
    }
  }

  /** Waits until both have done what they can without hearing from the other. */
  async rest(): Promise<void> {
    await Promise.all([this.alice.desk.idle(), this.bob.desk.idle()]);
  }

  /** Carries up to so many signals from one to the other, through their encoding. */
  carry(from: Side, most = Infinity): number {
    const to = from === this.alice ? this.bob : this.alice;
    let carried = 0;
    for (; carried < most && from.sent.length > 0; carried++) {
      to.desk.signal(throughTheWire(from.sent.shift()!));
    }
    return carried;
  }

  /** Carries everything until nothing is left to say. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 1000; rounds++) {
      await this.rest();
      if (this.carry(this.alice) + this.carry(this.bob) === 0) return;
    }
    throw new Error("they never come to rest");
  }

  /** Alice offers a file of hers, and Bob hears of it. */
  async offer(path: string): Promise<Offer> {
    const offer = await this.alice.desk.prepareOffer(path);
    this.bob.desk.offered(offer);
    this.alice.desk.delivered(offer.id);
    await this.settle();
    return offer;
  }
}

function throughTheWire(signal: FileSignal): FileSignal {
  const bytes = encodeSignal(signal);
  const parsed: Signal | null = parseSignal(bytes[0]!, new Reader("payload", bytes.subarray(1)));
  return parsed as FileSignal;
}
