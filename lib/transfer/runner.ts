/**
 * Runs one transfer: takes the inputs of its state machine one at a time and carries the effects out. What the disk
 * has to do for each direction is in sender.ts and receiver.ts.
 *
 * @module
 */
import { type Bytes, fromHex, toHex } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError } from "../errors.ts";
import { LEAF_BYTES } from "../protocol/constants.ts";
import type { Offer } from "../protocol/offer.ts";
import type { FileSignal } from "../protocol/signal.ts";
import type { After } from "../timer.ts";
import type {
  TransferDirection,
  TransferEvent,
  TransferRecord,
  TransferState,
} from "./transfer_events.ts";
import { cleanFileName } from "./file_name.ts";
import {
  type FileEffect,
  isHeld,
  isOver,
  type TransferEffect,
  type TransferInput,
  type TransferMachine,
  type TransferStep,
} from "./machine.ts";
import { Meter } from "./progress.ts";
import type { Disk } from "./storage.ts";
import { brokenEvent, stoppedEvent } from "./wording.ts";

/** Inputs after which nothing needs to be hashed any more. */
const ENDS: readonly TransferInput["type"][] = ["cancel", "refuse", "file-stop"];

/** What transfers need from outside. */
export interface TransferHost {
  /** Where files are. */
  readonly disk: Disk;
  /** Milliseconds. */
  readonly now: () => number;
  /** Starts a timer. */
  readonly after: After;
  /** Fresh bytes, for ids, keys and IVs. */
  readonly random: Random;
  /** Reports an event to the user. */
  readonly show: (event: TransferEvent) => void;
  /**
   * Seals a signal and sends it, if there is a session with this peer; otherwise it is dropped. Resolves when it was
   * handed to the transport, or won't be; never rejects.
   */
  readonly send: (peer: string, signal: FileSignal) => Promise<void>;
  /** Sends a frame likewise; resolves when the transport has room for another. */
  readonly sendFrame: (peer: string, frame: Bytes) => Promise<void>;
}

/** What one transfer is made of. */
export interface RunnerOptions {
  /** What it needs from outside. */
  readonly host: TransferHost;
  /** The peer's id. */
  readonly peer: string;
  /** What the user types. */
  readonly number: number;
  /** The file. */
  readonly offer: Offer;
  /** Called when the record has changed. */
  readonly changed: (entry: Runner) => void;
}

/** The offer in a record. */
export function offerOf({ id, name, bytes, root }: TransferRecord): Offer {
  return { id: fromHex(id), name, bytes, root: fromHex(root) };
}

/** One transfer. */
export abstract class Runner<State extends TransferMachine = TransferMachine> {
  /** Which way the file goes. */
  readonly direction: TransferDirection;
  /** The offer's id, in hexadecimal. */
  readonly id: string;
  /** The peer's id; the conversation's for what is offered before the first peer comes. */
  peer: string;
  /** What the user types; counts from 1 for each peer. */
  number: number;
  /** The file. */
  readonly offer: Offer;
  /** Its clean name. */
  protected readonly name: string;
  /** Nobody waits for what is being hashed. */
  protected cancelled = false;
  readonly #options: RunnerOptions;
  readonly #meter: Meter;
  #state: State;
  #queue: Promise<void> = Promise.resolve();
  /** What goes on beside the queue. */
  readonly #working = new Set<Promise<void>>();

  /** A transfer in this state. */
  constructor(options: RunnerOptions, direction: TransferDirection, state: State) {
    const { offer, peer, number } = options;
    this.#options = options;
    this.#state = state;
    this.#meter = new Meter(offer.bytes);
    this.direction = direction;
    this.offer = offer;
    this.peer = peer;
    this.number = number;
    this.id = toHex(offer.id);
    this.name = cleanFileName(offer.name);
  }

  /** The state machine. */
  protected abstract advance(
    state: State,
    input: TransferInput,
  ): TransferStep<State>;

  /**
   * Does what the machine asks of the disk and the line, and gives the input that follows, if any.
   *
   * @throws {ParleyError} when that can't be done: `failed` follows
   */
  protected abstract perform(effect: FileEffect): Promise<TransferInput | null>;

  /** Closes the file; a partial one is kept. */
  protected abstract release(): void;

  /** What it needs from outside. */
  protected get host(): TransferHost {
    return this.#options.host;
  }

  /** Where it stands. */
  get phase(): State["phase"] {
    return this.#state.phase;
  }

  /** Whether it is over. */
  get over(): boolean {
    return isOver(this.#state);
  }

  /** The state of the machine. */
  protected get state(): State {
    return this.#state;
  }

  /** Queues an input; resolves when it was taken, and what came of it was shown. */
  post(input: TransferInput): Promise<void> {
    if (ENDS.includes(input.type)) this.cancelled = true;
    return this.#queue = this.#queue.then(() => this.#take(input))
      .catch((cause) => this.host.show(brokenEvent(this.id, cause)));
  }

  /** Goes on with the queue beside this work, and takes the input that comes of it: `failed` when it can't be done. */
  work(work: Promise<TransferInput | null | void>): void {
    const working = work.catch((error): TransferInput => {
      if (error instanceof ParleyError) return { type: "failed", error };
      throw error;
    }).then((input) => {
      if (input) void this.post(input);
    }).catch((cause) => this.host.show(brokenEvent(this.id, cause)))
      .finally(() => this.#working.delete(working));
    this.#working.add(working);
  }

  /** For a list. */
  describe(): TransferState {
    const { id, number, direction, name, offer: { bytes } } = this;
    const { done, rate, secondsLeft } = this.#meter.latest;
    return {
      number,
      id,
      direction,
      name,
      bytes,
      phase: isHeld(this.#state) ? "held" : this.#lastingPhase,
      done: this.phase === "done" ? bytes : done,
      rate,
      secondsLeft,
      path: this.#state.path,
    };
  }

  /** For the journal. */
  record(): TransferRecord {
    const { id, direction, offer: { name, bytes, root } } = this;
    const { path, paused, known, answer, untold } = this.#state;
    const phase = this.#lastingPhase;
    return {
      direction,
      id,
      name,
      bytes,
      root: toHex(root),
      path,
      phase,
      paused,
      known,
      answer,
      untold,
    };
  }

  /** Resolves when no input waits and nothing is being sent or written. */
  async idle(): Promise<void> {
    let queue;
    do {
      queue = this.#queue;
      await Promise.all([queue, ...this.#working]);
    } while (queue !== this.#queue || this.#working.size > 0);
  }

  /** Closes the file when what waits is done; a large one takes minutes to hash, and that is not waited for. */
  async close(): Promise<void> {
    this.cancelled = true;
    await this.idle();
    this.release();
  }

  get #lastingPhase(): TransferRecord["phase"] {
    const { phase } = this.#state;
    return phase === "finishing" ? "active" : phase;
  }

  async #take(input: TransferInput): Promise<void> {
    const before = this.#state;
    const { state, effects } = this.advance(before, input);
    this.#state = state;
    const { phase, paused, untold } = before;
    // What else is remembered changes with these, or is known from the outbox.
    if (phase !== state.phase || paused !== state.paused || untold !== state.untold) {
      this.#options.changed(this);
    }
    if (state.session === null) this.#meter.rest();
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

  async #perform(effect: TransferEffect): Promise<TransferInput | null> {
    switch (effect.type) {
      case "send":
        this.work(this.host.send(this.peer, effect.signal));
        return null;
      case "progress":
      case "held":
      case "done":
      case "stopped":
        this.#show(effect);
        return null;
      default:
        return await this.perform(effect);
    }
  }

  #show(effect: Extract<TransferEffect, { type: "progress" | "held" | "done" | "stopped" }>): void {
    const { id, direction, name, offer: { bytes }, host: { show, now } } = this;
    switch (effect.type) {
      case "progress": {
        const progress = this.#meter.take(Math.min(bytes, effect.leaves * LEAF_BYTES), now());
        if (progress !== null) show({ type: "file-progress", id, direction, bytes, ...progress });
        return;
      }
      case "held": {
        this.#meter.rest();
        if (effect.by !== "disk") return show({ type: "file-held", id, by: effect.by });
        this.release();
        const { code, message } = effect.error;
        return show({ type: "file-held", id, by: "disk", code, message });
      }
      case "done":
        this.release();
        if (direction === "out") return show({ type: "file-sent", id, name, bytes });
        return show({ type: "file-received", id, path: this.#state.path!, bytes });
      case "stopped":
        this.release();
        this.#meter.rest();
        return show(stoppedEvent(direction, this.offer, effect));
    }
  }
}
