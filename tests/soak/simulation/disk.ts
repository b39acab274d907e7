/**
 * A simulated disk under one person's records: slow, sometimes full, and honest. What has resolved is kept whatever
 * happens; of what was in flight when the process was killed, a beginning is.
 */
import type { Bytes } from "../../../lib/crypto/bytes.ts";
import type { RecordStore } from "../../../lib/delivery/delivery.ts";
import { ParleyError } from "../../../lib/errors.ts";
import type { Dice } from "../../helpers/mutants.ts";
import type { Timeline } from "./timeline.ts";

interface Job {
  readonly records: readonly Bytes[];
  readonly replaces: boolean;
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/** What one person's disk holds. It outlives every process. */
export class Disk {
  readonly records: Bytes[] = [];
  size = 0;
  isFull = false;

  add(records: readonly Bytes[]): void {
    for (const record of records) {
      this.records.push(record);
      this.size += record.length;
    }
  }

  clear(): void {
    this.records.length = 0;
    this.size = 0;
  }
}

/** What a store is made of. */
interface StoreOptions {
  readonly disk: Disk;
  readonly timeline: Timeline;
  readonly dice: Dice;
  /** How many bytes each byte counts for, so that short conversations fill a journal, too. */
  readonly weight: number;
  /** Is told that something is to be written. */
  readonly begin: () => void;
  /** Runs what goes on in the process, when the process runs. */
  readonly wake: (run: () => void) => void;
}

/** What one process has of its disk. */
export class SimulatedStore implements RecordStore {
  /** Whether something was refused that no later snapshot holds: what memory knows and the disk does not. */
  isBehind = false;
  readonly #options: StoreOptions;
  readonly #disk: Disk;
  readonly #dice: Dice;
  readonly #queue: Job[] = [];
  #isDead = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#disk = options.disk;
    this.#dice = options.dice;
  }

  get size(): number {
    return this.#options.weight * this.#disk.size;
  }

  append(records: readonly Bytes[]): Promise<void> {
    return this.#enqueue(records, false);
  }

  rewrite(records: readonly Bytes[]): Promise<void> {
    return this.#enqueue(records, true);
  }

  /** The process is killed. */
  kill(): void {
    this.#isDead = true;
    if (this.#disk.isFull) return;
    for (let jobs = this.#dice.below(this.#queue.length + 1); jobs > 0; jobs--) {
      this.#write(this.#queue.shift()!);
    }
    const [torn] = this.#queue;
    if (torn === undefined || torn.replaces) return;
    this.#disk.add(torn.records.slice(0, this.#dice.below(torn.records.length)));
  }

  #enqueue(records: readonly Bytes[], replaces: boolean): Promise<void> {
    this.#options.begin();
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, replaces, resolve, reject });
      if (this.#queue.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    const slow = this.#dice.below(20) === 0;
    this.#options.timeline.after(this.#dice.below(slow ? 400 : 4), () => this.#work());
  }

  #work(): void {
    const job = this.#queue.shift();
    if (this.#isDead || job === undefined) return;
    if (this.#disk.isFull) {
      this.isBehind = true;
      const error = new ParleyError("disk-full", "the disk is full");
      this.#options.wake(() => job.reject(error));
    } else {
      this.#write(job);
      this.#options.wake(() => job.resolve());
    }
    if (this.#queue.length > 0) this.#schedule();
  }

  #write({ records, replaces }: Job): void {
    if (replaces) {
      this.isBehind = false;
      this.#disk.clear();
    }
    this.#disk.add(records);
  }
}
