/**
 * One file that we receive: the machine of incoming.ts, and the partial file on the disk.
 *
 * @module
 */
import { type Bytes, equalBytes } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { ParleyError } from "../errors.ts";
import type { LastingState } from "./transfer_events.ts";
import { hashLeaves, hashSource } from "./hash_file.ts";
import { HashTree, leafCount, verifiedPrefix } from "./hash_tree.ts";
import { advanceIncoming, type IncomingTransfer, newIncoming } from "./incoming.ts";
import type { DiskEffect, TransferInput, TransferStep } from "./machine.ts";
import { MAX_WINDOW } from "./pace.ts";
import { Runner, type RunnerOptions } from "./runner.ts";
import type { Sink, Wanted } from "./storage.ts";

/** Most inputs that wait: an honest sender has at most one window in flight, and begins with a small one after a pause. */
const MAX_WAITING = 2 * MAX_WINDOW;

/** One file that we receive. */
export class Receiver extends Runner<IncomingTransfer> {
  readonly #wanted: Wanted;
  #sink: Sink | null = null;
  /** Hashes of the leaves that are written, joined. */
  #hashes: Bytes = new Uint8Array();
  /** Whether the file may have been finished by a process that was killed before it could remember that. */
  #recovering: boolean;

  /** A file that is offered, or was before a restart. */
  constructor(options: RunnerOptions, lasting?: LastingState) {
    super(options, "in", newIncoming(options.offer, lasting));
    const { bytes, root } = options.offer;
    this.#wanted = { name: this.name, bytes, root };
    this.#recovering = this.phase === "active";
  }

  /** Queues an input, but no more leaves than an honest sender has in flight. */
  override post(input: TransferInput): void {
    if (input.type !== "file-leaf" || this.waiting < MAX_WAITING) super.post(input);
  }

  /** The machine of incoming.ts. */
  protected override advance(
    state: IncomingTransfer,
    input: TransferInput,
  ): Promise<TransferStep<IncomingTransfer>> {
    return advanceIncoming(state, input, {
      now: this.host.now,
      prefix: (index, proof) =>
        verifiedPrefix(this.#hashes, leafCount(this.offer.bytes), index, proof),
    });
  }

  /** What the disk has to do for the partial file. */
  protected override async perform(effect: DiskEffect): Promise<TransferInput | null> {
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
      case "read":
        return null;
    }
  }

  /** Closes the partial file, and keeps it. */
  protected override release(): void {
    this.#sink?.close();
    this.#sink = null;
    this.#hashes = new Uint8Array();
  }

  #opened(): Sink {
    if (this.#sink === null) throw new TypeError("Cannot write: the partial file is not open");
    return this.#sink;
  }

  /** Opens the partial file and hashes what is there of it. */
  async #prepare(): Promise<TransferInput | null> {
    this.#sink = await this.host.disk.receive(this.#wanted);
    if (this.#recovering) {
      const path = await this.#findFinished();
      if (path !== null) {
        await this.#discard();
        return { type: "finished", path };
      }
      this.#recovering = false;
    }
    const { leaves } = this.#sink;
    const cancelled = () => this.cancelled;
    const total = leafCount(this.offer.bytes);
    this.#hashes = await hashLeaves(this.#sink, leaves, total, { cancelled });
    return this.cancelled ? null : { type: "ready", count: leaves };
  }

  /** The file, if it got its name right before the process was killed. */
  async #findFinished(): Promise<string | null> {
    const { disk } = this.host;
    for (const path of await disk.finished(this.#wanted)) {
      const source = await disk.open(path);
      try {
        const { root } = await hashSource(source, { cancelled: () => this.cancelled });
        if (equalBytes(root, this.offer.root)) return path;
      } finally {
        source.close();
      }
    }
    return null;
  }

  async #finish(): Promise<TransferInput> {
    const sink = this.#opened();
    const { root } = await HashTree.build(this.offer.bytes, this.#hashes);
    if (!equalBytes(root, this.offer.root)) return { type: "damaged" };
    this.#recovering = true;
    const path = await sink.finish();
    this.#sink = null;
    return { type: "finished", path };
  }

  /** Removes what came of it, in this process or an earlier one. */
  async #discard(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    try {
      await (sink ?? await this.host.disk.receive(this.#wanted)).discard();
    } catch (error) {
      // It is another transfer's, or it stays, hidden, until the same file is offered again.
      if (!(error instanceof ParleyError)) throw error;
    }
  }
}
