/**
 * One file that we send: the machine of outgoing.ts, and the file on the disk.
 *
 * @module
 */
import { equalBytes } from "../crypto/bytes.ts";
import { type Leaf, sealFrame } from "../protocol/frame.ts";
import { TransferError } from "./errors.ts";
import type { LastingState } from "./transfer_events.ts";
import { type HashedFile, openHashed } from "./hash_file.ts";
import { hashLeaf } from "./hash_tree.ts";
import type { FileEffect, TransferInput, TransferStep } from "./machine.ts";
import { advanceOutgoing, newOutgoing, type OutgoingTransfer } from "./outgoing.ts";
import { Runner, type RunnerOptions } from "./runner.ts";

/** One file that we send. */
export class Sender extends Runner<OutgoingTransfer> {
  readonly #path: string;
  #file: HashedFile | null;
  /** The leaf that was read last: all share one position in the file. */
  #read: Promise<Leaf | null> = Promise.resolve(null);
  /** The leaf that was sent last. After one that could not be, none follows. */
  #sent: Promise<TransferInput> = Promise.resolve({ type: "sent" });

  /**
   * A file that is being offered, or was before a restart.
   *
   * @param file the open file; without it the file is opened and hashed when the receiver asks
   */
  constructor(options: RunnerOptions, lasting: LastingState, file: HashedFile | null = null) {
    super(options, "out", newOutgoing(options.offer, lasting));
    this.#path = lasting.path ?? "";
    this.#file = file;
  }

  /** The machine of outgoing.ts. */
  protected override advance(
    state: OutgoingTransfer,
    input: TransferInput,
  ): TransferStep<OutgoingTransfer> {
    return advanceOutgoing(state, input);
  }

  /** Begins to send a leaf. */
  protected override perform(effect: FileEffect): Promise<TransferInput | null> {
    if (effect.type === "leaf") this.work(this.#send(effect));
    return Promise.resolve(null);
  }

  /** Reads a leaf, seals it beside the ones before, and sends it behind them, if it is wanted until then. */
  #send(
    { index, place, keys, run }: Extract<FileEffect, { type: "leaf" }>,
  ): Promise<TransferInput> {
    const { peer, host } = this;
    const isWanted = () => this.state.run === run && !this.cancelled;
    this.#read = this.#read.then(() => isWanted() ? this.#leaf(index, place === 0) : null);
    const sealed = this.#read.then((leaf) => leaf && sealFrame(keys, place, leaf, host.random));
    return this.#sent = Promise.all([sealed, this.#sent]).then(async ([frame, sent]) => {
      if (frame !== null && isWanted()) await host.sendFrame(peer, frame);
      return sent;
    });
  }

  /**
   * Reads a leaf and compares it with what was offered; gives nothing when the offer was taken back meanwhile.
   *
   * @param first whether it is a window's first: the moment to see whether the file as a whole is still the same
   * @throws {TransferError} `file-changed`, or `cannot-read`
   */
  async #leaf(index: number, first: boolean): Promise<Leaf | null> {
    const file = first || this.#file === null ? await this.#unchanged() : this.#file;
    if (this.cancelled) return null;
    const data = await file?.source.read(index);
    if (data === undefined || !equalBytes(hashLeaf(data), file!.tree.leaf(index))) {
      throw new TransferError("file-changed", "the file is not what was offered any more");
    }
    return { data, proof: file!.tree.proof(index) };
  }

  /** Closes the file. */
  protected override release(): void {
    this.#file?.source.close();
    this.#file = null;
  }

  /** The file, hashed; again when its length or its time has changed. `null` when it is not what was offered. */
  async #unchanged(): Promise<HashedFile | null> {
    if (this.#file !== null && await this.#file.source.stamp() === this.#file.stamp) {
      return this.#file;
    }
    this.release();
    const { bytes, root } = this.offer;
    this.#file = await openHashed(this.host.disk, this.#path, (length) => length === bytes, {
      cancelled: () => this.cancelled,
    });
    if (this.#file !== null && !equalBytes(this.#file.tree.root, root)) this.release();
    return this.#file;
  }
}
