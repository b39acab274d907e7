/**
 * One file that we send: the machine of outgoing.ts, and the file on the disk.
 *
 * @module
 */
import { equalBytes } from "../crypto/bytes.ts";
import type { LastingState } from "./transfer_events.ts";
import { type HashedFile, openHashed } from "./hash_file.ts";
import { hashLeaf } from "./hash_tree.ts";
import type { DiskEffect, TransferInput, TransferStep } from "./machine.ts";
import { advanceOutgoing, newOutgoing, type OutgoingTransfer } from "./outgoing.ts";
import { Runner, type RunnerOptions } from "./runner.ts";

/** One file that we send. */
export class Sender extends Runner<OutgoingTransfer> {
  readonly #path: string;
  #file: HashedFile | null;

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

  /** Reads a leaf and compares it with what was offered; gives nothing when the offer was taken back meanwhile. */
  protected override async perform(effect: DiskEffect): Promise<TransferInput | null> {
    if (effect.type !== "read") return null;
    const { index } = effect;
    const file = await this.#unchanged();
    if (this.cancelled) return null;
    if (file === null) return { type: "bad" };
    const { source, tree } = file;
    const data = await source.read(index);
    if (!equalBytes(await hashLeaf(data), tree.leaf(index))) return { type: "bad" };
    return { type: "read", index, data, proof: tree.proof(index) };
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
