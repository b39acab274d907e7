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
import type { FileEffect, TransferInput, TransferStep } from "./machine.ts";
import { Runner, type RunnerOptions } from "./runner.ts";
import type { Sink, Wanted } from "./storage.ts";
import type { Windows } from "./windows.ts";

/** One file that we receive. */
export class Receiver extends Runner<IncomingTransfer> {
  readonly #windows: Windows;
  readonly #wanted: Wanted;
  #sink: Sink | null = null;
  /** Hashes of the leaves that are written, joined. */
  #hashes: Bytes = new Uint8Array();
  /** The leaf that was written last. After one that could not be, none follows. */
  #written: Promise<unknown> = Promise.resolve();
  /** Whether the file may have been finished by a process that was killed before it could remember that. */
  #recovering: boolean;

  /** A file that is offered, or was before a restart. */
  constructor(options: RunnerOptions, windows: Windows, lasting?: LastingState) {
    super(options, "in", newIncoming(options.offer, lasting));
    this.#windows = windows;
    const { bytes, root } = options.offer;
    this.#wanted = { name: this.name, bytes, root };
    this.#recovering = this.phase === "active";
  }

  /** The machine of incoming.ts. */
  protected override advance(
    state: IncomingTransfer,
    input: TransferInput,
  ): TransferStep<IncomingTransfer> {
    const step = advanceIncoming(
      state,
      input,
      (index, proof) => verifiedPrefix(this.#hashes, leafCount(this.offer.bytes), index, proof),
    );
    if (!step.state.asked) this.#windows.drop(this);
    return step;
  }

  /** What has to be done for the partial file. */
  protected override async perform(effect: FileEffect): Promise<TransferInput | null> {
    switch (effect.type) {
      case "prepare":
        return await this.#prepare();
      case "ask":
        this.#windows.ask(this, this.state.written, effect.from);
        return null;
      case "write":
        this.#hashes.set(effect.hash, effect.index * SHA256_BYTES);
        this.work(this.#write(this.#opened(), effect));
        return null;
      case "finish":
        return await this.#finish();
      case "discard":
        await this.#discard();
        return null;
      case "leaf":
        return null;
    }
  }

  /** Writes a leaf behind the ones before it, unless the partial file was closed meanwhile. */
  #write(
    sink: Sink,
    { index, data }: Extract<FileEffect, { type: "write" }>,
  ): Promise<TransferInput | null> {
    const written = this.#written.then(async (): Promise<TransferInput | null> => {
      if (this.#sink !== sink) return null;
      await sink.write(index, data);
      this.#windows.wrote(this, index + 1);
      return { type: "wrote", count: index + 1 };
    });
    this.#written = written;
    return written;
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
    this.#written = Promise.resolve();
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
    const { root } = HashTree.build(this.offer.bytes, this.#hashes);
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
