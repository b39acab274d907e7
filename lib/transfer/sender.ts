/**
 * One file on its way out: the machine of outgoing.ts, the file on the disk, and the way to the other side.
 *
 * @module
 */
import { equalBytes, toHex } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import { LEAF_BYTES } from "../protocol/constants.ts";
import type { Offer } from "../protocol/offer.ts";
import type { FileSignal } from "../protocol/signal.ts";
import type { TransferEvent, TransferPhase, TransferRecord, TransferState } from "./events.ts";
import { cleanFileName } from "./file_name.ts";
import { hashSource } from "./hash_file.ts";
import { hashLeaf, type HashTree, leafCount } from "./hash_tree.ts";
import {
  advanceOutgoing,
  isOutgoingHeld,
  isOutgoingOver,
  newOutgoing,
  type Outgoing,
  type OutgoingEffect,
  type OutgoingInput,
} from "./outgoing.ts";
import { Meter } from "./progress.ts";
import { Serial } from "./serial.ts";
import type { Disk, Source } from "./storage.ts";
import { brokenEvent, stoppedEvent } from "./wording.ts";

/** What one transfer needs from outside. */
export interface TransferWorld {
  /** Tells the other side; resolves when that is sealed and handed over, or when there is no session any more. */
  readonly send: (signal: FileSignal) => Promise<void>;
  /** Tells the user. */
  readonly show: (event: TransferEvent) => void;
  /** Where files are. */
  readonly disk: Disk;
  /** Milliseconds. */
  readonly now: () => number;
  /** What has to be remembered has changed. */
  readonly changed: () => void;
}

/** A file that is open and hashed. */
export interface Hashed {
  /** The file. */
  readonly source: Source;
  /** Its tree. */
  readonly tree: HashTree;
  /** Its stamp when it was hashed. */
  readonly stamp: string;
}

/**
 * Opens a file and hashes it.
 *
 * @returns `null` when it is not the one that was offered
 * @throws {TransferError} when it can't be read
 */
async function openAgain(disk: Disk, path: string, offer: Offer, cancelled: () => boolean) {
  const source = await disk.open(path);
  try {
    if (source.bytes === offer.bytes) {
      const stamp = await source.stamp();
      const tree = await hashSource(source, { cancelled });
      if (equalBytes(tree.root, offer.root)) return { source, tree, stamp };
    }
  } catch (error) {
    source.close();
    throw error;
  }
  source.close();
  return null;
}

/** One file on its way out. */
export class Sender {
  readonly #world: TransferWorld;
  readonly #offer: Offer;
  readonly #path: string;
  readonly #queue: Serial<OutgoingInput>;
  readonly #meter: Meter;
  #state: Outgoing;
  #hashed: Hashed | null;
  #cancelled = false;

  /**
   * A file that is being offered, or that was before a restart.
   *
   * @param hashed the open file; without it the file is opened and hashed when the other side asks
   */
  constructor(
    world: TransferWorld,
    offer: Offer,
    path: string,
    hashed: Hashed | null,
    state: Outgoing = newOutgoing(offer.id, leafCount(offer.bytes)),
  ) {
    this.#world = world;
    this.#offer = offer;
    this.#path = path;
    this.#hashed = hashed;
    this.#state = state;
    this.#meter = new Meter(offer.bytes);
    this.#queue = new Serial(
      (input) => this.#take(input),
      (cause) => world.show(brokenEvent(toHex(offer.id), cause)),
    );
  }

  /** A file as it was remembered. */
  static restore(world: TransferWorld, record: TransferRecord, offer: Offer): Sender {
    const state: Outgoing = {
      ...newOutgoing(offer.id, leafCount(offer.bytes)),
      phase: record.phase === "active"
        ? "sending"
        : record.phase === "refused"
        ? "stopped"
        : record.phase,
      pausedHere: record.paused,
      known: record.known,
      answer: record.answer,
      untold: record.untold,
    };
    return new Sender(world, offer, record.path ?? "", null, state);
  }

  /** Queues an input. */
  post(input: OutgoingInput): void {
    if (input.type === "cancel") this.#cancelled = true;
    this.#queue.post(input);
  }

  /** Whether it is over. */
  get over(): boolean {
    return isOutgoingOver(this.#state);
  }

  /** For a list. */
  describe(number: number): TransferState {
    const { name, bytes, id } = this.#offer;
    const { done, rate, secondsLeft } = this.#meter.latest;
    return {
      number,
      id: toHex(id),
      direction: "out",
      name: cleanFileName(name),
      bytes,
      phase: isOutgoingHeld(this.#state) ? "held" : this.#phase(),
      done: this.#state.phase === "done" ? bytes : done,
      rate,
      secondsLeft,
      path: this.#path,
    };
  }

  /** What has to be remembered. */
  record(): TransferRecord {
    const { name, bytes, root, id } = this.#offer;
    const { pausedHere: paused, known, answer, untold } = this.#state;
    return {
      direction: "out",
      id: toHex(id),
      name,
      bytes,
      root: toHex(root),
      path: this.#path,
      phase: this.#phase(),
      paused,
      known,
      answer,
      untold,
    };
  }

  /** Hashes nothing more: nobody waits for it. */
  hurry(): void {
    this.#cancelled = true;
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Lets go of the file. */
  close(): void {
    this.#hashed?.source.close();
    this.#hashed = null;
  }

  #phase(): Exclude<TransferPhase, "held"> {
    return this.#state.phase === "sending" ? "active" : this.#state.phase;
  }

  async #take(input: OutgoingInput): Promise<void> {
    const before = this.#state;
    const { state, effects } = advanceOutgoing(before, input);
    this.#state = state;
    const { phase, pausedHere, known, untold } = state;
    if (
      phase !== before.phase || pausedHere !== before.pausedHere || known !== before.known ||
      untold !== before.untold
    ) this.#world.changed();
    if (!state.open) this.#meter.rest();
    for (const effect of effects) await this.#perform(effect);
  }

  async #perform(effect: OutgoingEffect): Promise<void> {
    const id = toHex(this.#offer.id);
    switch (effect.type) {
      case "send":
        return this.#send(effect.signal);
      case "read": {
        const input = await this.#read(effect.index);
        return input === null ? undefined : await this.#take(input);
      }
      case "progress":
        return this.#report(Math.min(this.#offer.bytes, effect.kept * LEAF_BYTES));
      case "held":
        this.#meter.rest();
        return this.#world.show({ type: "file-held", id, by: effect.by });
      case "done":
        this.close();
        return this.#world.show({
          type: "file-sent",
          id,
          name: cleanFileName(this.#offer.name),
          bytes: this.#offer.bytes,
        });
      case "stopped":
        this.close();
        this.#meter.rest();
        return this.#world.show(stoppedEvent("out", this.#offer, effect));
    }
  }

  #send(signal: FileSignal): void {
    const sent = this.#world.send(signal).catch(() => {}).then(() => {
      if (signal.type === "file-leaf") this.#queue.post({ type: "sealed" });
    });
    this.#queue.follow(sent);
  }

  #report(done: number): void {
    const progress = this.#meter.take(done, this.#world.now());
    if (progress === null) return;
    this.#world.show({
      type: "file-progress",
      id: toHex(this.#offer.id),
      direction: "out",
      bytes: this.#offer.bytes,
      ...progress,
    });
  }

  /** Reads a leaf and compares it with what was offered. `null` when the user has taken the offer back meanwhile. */
  async #read(index: number): Promise<OutgoingInput | null> {
    try {
      const hashed = await this.#unchanged();
      if (this.#cancelled) return null;
      if (hashed === null) return { type: "bad" };
      const data = await hashed.source.read(index);
      const { tree } = hashed;
      if (!equalBytes(await hashLeaf(data), tree.leaf(index))) return { type: "bad" };
      return { type: "read", index, data, proof: tree.proof(index) };
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      return { type: "failed" };
    }
  }

  /** The file, hashed; again when its length or its time has changed, so that a change is noticed early. */
  async #unchanged(): Promise<Hashed | null> {
    if (this.#hashed !== null && await this.#hashed.source.stamp() === this.#hashed.stamp) {
      return this.#hashed;
    }
    this.close();
    const { disk } = this.#world;
    this.#hashed = await openAgain(disk, this.#path, this.#offer, () => this.#cancelled);
    return this.#hashed;
  }
}
