/**
 * One file on its way in: the machine of incoming.ts, the partial file on the disk, and the way to the other side.
 *
 * @module
 */
import { type Bytes, equalBytes, toHex } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { ParleyError } from "../errors.ts";
import { LEAF_BYTES } from "../protocol/constants.ts";
import type { Offer } from "../protocol/offer.ts";
import type { TransferPhase, TransferRecord, TransferState } from "./events.ts";
import { cleanFileName } from "./file_name.ts";
import { hashLeaves, hashSource } from "./hash_file.ts";
import { HashTree, leafCount, verifiedPrefix } from "./hash_tree.ts";
import {
  advanceIncoming,
  type Incoming,
  type IncomingEffect,
  type IncomingEnvironment,
  type IncomingInput,
  isIncomingHeld,
  isIncomingOver,
  newIncoming,
} from "./incoming.ts";
import { MAX_WINDOW } from "./pace.ts";
import { Meter } from "./progress.ts";
import type { TransferWorld } from "./sender.ts";
import { Serial } from "./serial.ts";
import type { Sink, Wanted } from "./storage.ts";
import { brokenEvent, stoppedEvent } from "./wording.ts";

/** Most inputs that wait: an honest sender has at most one window under way, and begins with a small one after a pause. */
const MAX_WAITING = 2 * MAX_WINDOW;

/** One file on its way in. */
export class Receiver {
  readonly #world: TransferWorld;
  readonly #offer: Offer;
  readonly #wanted: Wanted;
  readonly #queue: Serial<IncomingInput>;
  readonly #meter: Meter;
  readonly #environment: IncomingEnvironment;
  #state: Incoming;
  #sink: Sink | null = null;
  /** Hashes of the leaves that are written, joined. */
  #hashes: Bytes = new Uint8Array();
  /** Whether the file may have been finished already, and we were stopped before we could remember it. */
  #recovering: boolean;
  #path: string | null = null;
  #cancelled = false;

  /** A file that is offered, or that was before a restart. */
  constructor(
    world: TransferWorld,
    offer: Offer,
    state: Incoming = newIncoming(offer.id, offer),
    path: string | null = null,
  ) {
    this.#world = world;
    this.#offer = offer;
    this.#wanted = { name: cleanFileName(offer.name), bytes: offer.bytes, root: offer.root };
    this.#state = state;
    this.#path = path;
    this.#recovering = state.phase === "receiving";
    this.#meter = new Meter(offer.bytes);
    this.#environment = {
      now: world.now,
      prefix: (index, proof) => verifiedPrefix(this.#hashes, leafCount(offer.bytes), index, proof),
    };
    this.#queue = new Serial(
      (input) => this.#take(input),
      (cause) => world.show(brokenEvent(toHex(offer.id), cause)),
    );
  }

  /** A file as it was remembered. */
  static restore(world: TransferWorld, record: TransferRecord, offer: Offer): Receiver {
    const state: Incoming = {
      ...newIncoming(offer.id, offer),
      phase: record.phase === "active" ? "receiving" : record.phase,
      pausedHere: record.paused ? "you" : null,
      answer: record.answer,
      untold: record.untold,
    };
    return new Receiver(world, offer, state, record.path);
  }

  /** Queues an input. */
  post(input: IncomingInput): void {
    if (input.type === "leaf" && this.#queue.length >= MAX_WAITING) return;
    if (input.type === "cancel" || input.type === "refuse") this.#cancelled = true;
    this.#queue.post(input);
  }

  /** Whether it is over. */
  get over(): boolean {
    return isIncomingOver(this.#state);
  }

  /** Whether nobody has decided about it. */
  get undecided(): boolean {
    return this.#state.phase === "offered";
  }

  /** For a list. */
  describe(number: number): TransferState {
    const { done, rate, secondsLeft } = this.#meter.latest;
    return {
      number,
      id: toHex(this.#offer.id),
      direction: "in",
      name: this.#wanted.name,
      bytes: this.#offer.bytes,
      phase: isIncomingHeld(this.#state) ? "held" : this.#phase(),
      done: this.#state.phase === "done" ? this.#offer.bytes : done,
      rate,
      secondsLeft,
      path: this.#path,
    };
  }

  /** What has to be remembered. */
  record(): TransferRecord {
    const { name, bytes, root, id } = this.#offer;
    const { pausedHere, answer, untold } = this.#state;
    return {
      direction: "in",
      id: toHex(id),
      name,
      bytes,
      root: toHex(root),
      path: this.#path,
      phase: this.#phase(),
      paused: pausedHere !== null,
      known: true,
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

  /** Lets go of the partial file, and keeps it. */
  close(): void {
    this.#sink?.close();
    this.#sink = null;
    this.#hashes = new Uint8Array();
  }

  #phase(): Exclude<TransferPhase, "held"> {
    const { phase } = this.#state;
    return phase === "receiving" || phase === "finishing" ? "active" : phase;
  }

  async #take(input: IncomingInput): Promise<void> {
    const before = this.#state;
    const { state, effects } = await advanceIncoming(before, input, this.#environment);
    this.#state = state;
    if (input.type === "finished") this.#path = input.path;
    const { phase, pausedHere, untold } = state;
    if (
      phase !== before.phase || pausedHere !== before.pausedHere || untold !== before.untold
    ) this.#world.changed();
    if (!state.open) this.#meter.rest();
    for (const effect of effects) {
      try {
        const next = await this.#perform(effect);
        if (next !== null) await this.#take(next);
      } catch (error) {
        if (!(error instanceof ParleyError)) throw error;
        return await this.#take({ type: "failed", error });
      }
    }
  }

  async #perform(effect: IncomingEffect): Promise<IncomingInput | null> {
    switch (effect.type) {
      case "prepare":
        return await this.#prepare();
      case "write":
        await this.#opened().write(effect.index, effect.data);
        this.#hashes.set(effect.hash, effect.index * SHA256_BYTES);
        return { type: "wrote", count: effect.index + 1 };
      case "flush":
        await this.#opened().flush();
        return null;
      case "finish":
        return await this.#finish();
      case "discard":
        await this.#discard();
        return null;
      case "release":
        this.close();
        return null;
      case "send":
        this.#send(effect);
        return null;
      default:
        this.#show(effect);
        return null;
    }
  }

  #opened(): Sink {
    if (this.#sink === null) throw new TypeError("Cannot write: the partial file is not open");
    return this.#sink;
  }

  /** Opens the partial file and hashes what is there of it. */
  async #prepare(): Promise<IncomingInput | null> {
    this.close();
    this.#sink = await this.#world.disk.receive(this.#wanted);
    if (this.#recovering) {
      const path = await this.#findFinished();
      if (path !== null) {
        await this.#discard();
        return { type: "finished", path };
      }
      this.#recovering = false;
    }
    const { leaves } = this.#sink;
    const total = leafCount(this.#offer.bytes);
    const cancelled = () => this.#cancelled;
    this.#hashes = await hashLeaves(this.#sink, leaves, total, { cancelled });
    return this.#cancelled ? null : { type: "ready", count: leaves };
  }

  /** The file, if it got its name right before we were stopped. */
  async #findFinished(): Promise<string | null> {
    const { disk } = this.#world;
    for (const path of await disk.finished(this.#wanted)) {
      const source = await disk.open(path);
      try {
        const { root } = await hashSource(source, { cancelled: () => this.#cancelled });
        if (equalBytes(root, this.#offer.root)) return path;
      } finally {
        source.close();
      }
    }
    return null;
  }

  async #finish(): Promise<IncomingInput> {
    const sink = this.#opened();
    const { root } = await HashTree.build(this.#offer.bytes, this.#hashes);
    if (!equalBytes(root, this.#offer.root)) return { type: "damaged" };
    this.#recovering = true;
    const path = await sink.finish();
    this.#sink = null;
    this.close();
    return { type: "finished", path };
  }

  /** Removes what came of it, now or before a restart. */
  async #discard(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    this.close();
    try {
      await (sink ?? await this.#world.disk.receive(this.#wanted)).discard();
    } catch (error) {
      // It is another transfer's, or it stays, hidden, until the same file is offered again.
      if (!(error instanceof ParleyError)) throw error;
    }
  }

  #send({ signal }: Extract<IncomingEffect, { type: "send" }>): void {
    this.#queue.follow(this.#world.send(signal));
  }

  #show(effect: Extract<IncomingEffect, { type: "progress" | "held" | "received" | "stopped" }>) {
    const id = toHex(this.#offer.id);
    const { bytes } = this.#offer;
    const { show, now } = this.#world;
    switch (effect.type) {
      case "progress": {
        const done = Math.min(bytes, effect.written * LEAF_BYTES);
        const progress = this.#meter.take(done, now());
        if (progress === null) return;
        return show({ type: "file-progress", id, direction: "in", bytes, ...progress });
      }
      case "held": {
        this.#meter.rest();
        if (effect.by !== "disk") return show({ type: "file-held", id, by: effect.by });
        const { code, message } = effect.error;
        return show({ type: "file-held", id, by: "disk", code, message });
      }
      case "received":
        return show({ type: "file-received", id, path: effect.path, bytes });
      case "stopped":
        this.#meter.rest();
        return show(stoppedEvent("in", this.#offer, effect));
    }
  }
}
