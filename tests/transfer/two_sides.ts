/**
 * The transfers of two peers, and a link between them that carries signals and frames in their order until it is cut.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { ParleyError } from "../../lib/errors.ts";
import { encodeOffer, type Offer } from "../../lib/protocol/offer.ts";
import { encodeSignal, type FileSignal, parseSignal } from "../../lib/protocol/signal.ts";
import type { TransferEvent, TransferRecord } from "../../lib/transfer/transfer_events.ts";
import { Transfers } from "../../lib/transfer/transfers.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { MemoryDisk, MemoryStore } from "./memory_disk.ts";

/** Each side's id of the other one. */
export const PEER = "peer";

/** One side, over all of its processes. */
export class Side {
  /** Its disk. */
  readonly store = new MemoryStore();
  /** What the user was told. */
  readonly events: TransferEvent[] = [];
  /** What is on its way to the other side. */
  readonly sent: (FileSignal | Bytes)[] = [];
  /** Why frames were refused. */
  readonly refused: ParleyError[] = [];
  /** What waits for its time, newest last. */
  readonly timers: (() => void)[] = [];
  /** What was remembered, oldest first. */
  remembered: TransferRecord[][] = [[]];
  /** How many signals and frames have been sent. */
  count = 0;
  /** The time. */
  now = 0;
  readonly #random = seededRandom("transfers");
  #disk!: MemoryDisk;
  #transfers!: Transfers;

  /** A side whose process has just begun. */
  constructor() {
    this.begin([]);
  }

  /** The transfers of the process that runs now. */
  get transfers(): Transfers {
    return this.#transfers;
  }

  /** A process begins, with what was remembered. */
  begin(records: readonly TransferRecord[]): void {
    const disk = new MemoryDisk(this.store);
    this.#disk = disk;
    const send = (sent: FileSignal | Bytes) => {
      if (disk.dead) return Promise.resolve();
      this.count++;
      this.sent.push(sent);
      return Promise.resolve();
    };
    this.#transfers = new Transfers({
      disk,
      random: this.#random,
      acceptance: "ask",
      now: () => this.now,
      show: (event) => {
        if (!disk.dead) this.events.push(event);
      },
      after: (_milliseconds, callback) => {
        this.timers.push(callback);
        return () => this.timers.splice(this.timers.indexOf(callback), 1);
      },
      send: (_peer, signal) => send(signal),
      sendFrame: (_peer, frame) => send(frame),
      store: {
        addressee: PEER,
        linesFor: () => [],
        transfersWith: () => records,
        remember: (_peer, list) => {
          if (!disk.dead) this.remembered.push(JSON.parse(JSON.stringify(list)));
        },
      },
    });
  }

  /** The process is killed, and another one begins with what the last but `back` remembered. */
  crash(back = 0, kept?: Parameters<MemoryStore["crash"]>[0]): void {
    this.#disk.dead = true;
    this.store.crash(kept);
    const records = this.remembered.at(-1 - back) ?? [];
    this.remembered = [records];
    this.begin(records);
  }

  /** Takes what the other side has sent. */
  async take(sent: FileSignal | Bytes): Promise<void> {
    if (!(sent instanceof Uint8Array)) {
      const { type, content } = encodeSignal(sent);
      return this.transfers.signal(PEER, parseSignal(type, content) as FileSignal);
    }
    const error = await this.transfers.frame(sent);
    if (error !== null) this.refused.push(error);
  }

  /** Names of what happened, without progress. */
  happened(): string[] {
    return this.events.filter(({ type }) => type !== "file-progress").map(({ type }) => type);
  }
}

/** Alice, who sends, and Bob, who receives. */
export class Pair {
  /** The sender. */
  readonly alice = new Side();
  /** The receiver. */
  readonly bob = new Side();
  /** Whether a session is there. */
  open = false;
  /** The last one's id. */
  sessionId = new Uint8Array(32);
  /** Resolves when all that was carried has been taken. */
  #taken: Promise<void> = Promise.resolve();

  /** A session begins. */
  connect(): void {
    if (this.open) return;
    this.open = true;
    this.sessionId = new Uint8Array(32).fill(this.sessionId[0]! + 1);
    for (const { transfers } of [this.alice, this.bob]) {
      transfers.opened(PEER, this.sessionId);
    }
  }

  /** The session ends, and what is on its way is lost. */
  cut(): void {
    if (!this.open) return;
    this.open = false;
    for (const { transfers, sent } of [this.alice, this.bob]) {
      sent.length = 0;
      transfers.closed();
    }
  }

  /** Waits until both have done what they can without hearing from the other. */
  async rest(): Promise<void> {
    await this.#taken;
    await Promise.all([this.alice.transfers.idle(), this.bob.transfers.idle()]);
  }

  /** Carries up to so many signals and frames from one to the other, through their encoding. */
  carry(from: Side, most = Infinity): number {
    const to = from === this.alice ? this.bob : this.alice;
    let carried = 0;
    for (; carried < most && from.sent.length > 0; carried++) {
      const sent = from.sent.shift()!;
      this.#taken = this.#taken.then(() => to.take(sent));
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
    const { offer } = await this.alice.transfers.prepare(path);
    this.bob.transfers.offered(PEER, offer);
    this.alice.transfers.delivered(PEER, encodeOffer(offer));
    await this.settle();
    return offer;
  }
}
