/**
 * The desk: all files that move, or will, between us and one other person, over all sessions.
 *
 * @module
 */
import { fromHex, toHex, utf8 } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { LEAF_BYTES, MAX_FILE_BYTES, MAX_FILE_NAME_BYTES } from "../protocol/constants.ts";
import { type Offer, TRANSFER_ID_BYTES } from "../protocol/offer.ts";
import type { FileSignal } from "../protocol/signal.ts";
import { TransferError } from "./errors.ts";
import type { TransferEvent, TransferRecord, TransferState } from "./events.ts";
import { cleanFileName } from "./file_name.ts";
import { hashSource } from "./hash_file.ts";
import type { IncomingInput } from "./incoming.ts";
import type { OutgoingInput } from "./outgoing.ts";
import { Receiver } from "./receiver.ts";
import { Sender, type TransferWorld } from "./sender.ts";
import type { Disk } from "./storage.ts";

/** Most files that may be offered to us, or on their way to us, at a time: what is more is refused. */
export const MAX_INCOMING = 16;

/** Most signals that wait for the session in which they came to begin here, too. */
const MAX_EARLY = 64;

/** How many transfers that are over are remembered, to answer whoever asks late. */
const MAX_OVER = 64;

/** What the desk needs from outside. */
export interface TransferPorts {
  /**
   * Tells the other side something.
   *
   * @returns resolves when it was sealed and handed to the transport, or when there is no session any more
   */
  readonly send: (signal: FileSignal) => Promise<void>;
  /** Tells the user. */
  readonly show: (event: TransferEvent) => void;
  /** Where files are. */
  readonly disk: Disk;
  /** Milliseconds. */
  readonly now: () => number;
  /** Fresh bytes, for ids. */
  readonly random: Random;
  /** What `snapshot()` gives has changed. */
  readonly changed?: () => void;
}

/** How a user names a transfer: by its number, or by its id. */
export type TransferName = number | string;

/** One transfer at the desk. */
type Entry =
  | { readonly number: number; readonly direction: "out"; readonly runner: Sender }
  | { readonly number: number; readonly direction: "in"; readonly runner: Receiver };

/** The desk. */
export class Transfers {
  readonly #ports: TransferPorts;
  readonly #world: TransferWorld;
  /** By id, in the order in which they came. */
  readonly #entries = new Map<string, Entry>();
  readonly #underway = new Set<Promise<void>>();
  #open = false;
  /** Signals that came before `opened()`. */
  #early: FileSignal[] = [];
  #last = 0;
  /** Whether the user knows that files are being refused. */
  #crowded = false;

  /** A desk with nothing on it. */
  constructor(ports: TransferPorts) {
    this.#ports = ports;
    this.#world = {
      send: (signal) => this.#open ? ports.send(signal) : Promise.resolve(),
      show: ports.show,
      disk: ports.disk,
      now: ports.now,
      changed: () => ports.changed?.(),
    };
  }

  /**
   * Hashes a file and gives its offer; the caller says it as a statement.
   *
   * @param progress is told how many bytes are hashed; the event loop turns between two calls
   * @throws {TransferError} `cannot-read`, `file-too-large`, or `file-changed` when it changes meanwhile
   */
  async prepareOffer(
    path: string,
    progress?: (done: number, bytes: number) => void,
  ): Promise<Offer> {
    const source = await this.#ports.disk.open(path);
    try {
      const { bytes } = source;
      if (bytes > MAX_FILE_BYTES) throw tooLarge(path, bytes);
      const stamp = await source.stamp();
      const tree = await hashSource(source, {
        progress: (leaves) => progress?.(Math.min(bytes, leaves * LEAF_BYTES), bytes),
      });
      if (await source.stamp() !== stamp) throw stillChanging(path);
      const id = this.#ports.random(TRANSFER_ID_BYTES);
      const offer: Offer = { id, name: offeredName(source.name), bytes, root: tree.root };
      const runner = new Sender(this.#world, offer, path, { source, tree, stamp });
      this.#add(toHex(id), { number: this.#nextNumber(), direction: "out", runner });
      if (this.#open) runner.post({ type: "opened" });
      return offer;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /** An offer of ours has arrived at the other side: from now on it is asked what it has of the file. */
  delivered(id: Uint8Array): void {
    const entry = this.#entries.get(toHex(id));
    if (entry?.direction === "out") entry.runner.post({ type: "delivered" });
  }

  /** The other side offered a file. To be called once for each offer; one whose id is known is ignored. */
  offered(offer: Offer): void {
    const id = toHex(offer.id);
    if (this.#entries.has(id)) return;
    if (this.#openIncoming() >= MAX_INCOMING) return this.#refuseUnseen(offer);
    this.#crowded = false;
    const runner = new Receiver(this.#world, offer);
    const number = this.#nextNumber();
    this.#add(id, { number, direction: "in", runner });
    if (this.#open) runner.post({ type: "opened" });
    const { bytes } = offer;
    this.#ports.show({ type: "file-offered", id, number, name: cleanFileName(offer.name), bytes });
  }

  /** The other side tells us something about a file. */
  signal(signal: FileSignal): void {
    if (!this.#open) {
      if (this.#early.length < MAX_EARLY) this.#early.push(signal);
      return;
    }
    const entry = this.#entries.get(toHex(signal.id));
    if (entry?.direction === "out") {
      const input = toOutgoing(signal);
      if (input !== null) entry.runner.post(input);
    } else if (entry?.direction === "in") {
      const input = toIncoming(signal);
      if (input !== null) entry.runner.post(input);
    } else if (signal.type === "file-query" || signal.type === "file-get") {
      this.#tell({ type: "file-stop", id: signal.id, reason: "failed" });
    }
  }

  /** A session begins. What was offered and has not arrived should be on its way again before this. */
  opened(): void {
    this.#open = true;
    for (const { runner } of this.#entries.values()) runner.post({ type: "opened" });
    const early = this.#early;
    this.#early = [];
    for (const signal of early) this.signal(signal);
  }

  /** A session ends. */
  closed(): void {
    this.#open = false;
    this.#early = [];
    for (const { runner } of this.#entries.values()) runner.post({ type: "closed" });
  }

  /**
   * Takes a file that is offered.
   *
   * @throws {TransferError} `no-such-file`
   */
  accept(name: TransferName): void {
    this.#undecided(name).post({ type: "accept" });
  }

  /**
   * Does not take a file that is offered.
   *
   * @throws {TransferError} `no-such-file`
   */
  refuse(name: TransferName): void {
    this.#undecided(name).post({ type: "refuse" });
  }

  /**
   * Pauses a file, in either direction.
   *
   * @throws {TransferError} `no-such-file`
   */
  pause(name: TransferName): void {
    this.#live(name).post({ type: "pause" });
  }

  /**
   * Goes on with a file that was paused, by the user or because of the disk.
   *
   * @throws {TransferError} `no-such-file`
   */
  resume(name: TransferName): void {
    this.#live(name).post({ type: "resume" });
  }

  /**
   * Takes an offer back, or gives a file up. What came of it is removed.
   *
   * @throws {TransferError} `no-such-file`
   */
  cancel(name: TransferName): void {
    this.#live(name).post({ type: "cancel" });
  }

  /** All of them, those that are over too, in the order in which they came. */
  list(): readonly TransferState[] {
    return Array.from(this.#entries.values(), ({ number, runner }) => runner.describe(number));
  }

  /** What has to be remembered across a restart. */
  snapshot(): TransferRecord[] {
    return Array.from(this.#entries.values(), ({ runner }) => runner.record());
  }

  /** Takes back what a desk before this one remembered. Before the first session. */
  restore(records: readonly TransferRecord[]): void {
    for (const record of records) {
      const { direction, name, bytes } = record;
      const offer: Offer = { id: fromHex(record.id), name, bytes, root: fromHex(record.root) };
      const number = this.#nextNumber();
      this.#entries.set(
        record.id,
        direction === "out"
          ? { number, direction, runner: Sender.restore(this.#world, record, offer) }
          : { number, direction, runner: Receiver.restore(this.#world, record, offer) },
      );
    }
  }

  /** Resolves when nothing is under way: for tests, and before a client leaves. */
  async idle(): Promise<void> {
    await Promise.all([
      ...Array.from(this.#entries.values(), ({ runner }) => runner.idle()),
      ...this.#underway,
    ]);
  }

  /** Lets go of all files. Partial ones are kept. */
  async close(): Promise<void> {
    this.closed();
    // A large file takes minutes to hash.
    for (const { runner } of this.#entries.values()) runner.hurry();
    await this.idle();
    for (const { runner } of this.#entries.values()) runner.close();
  }

  #nextNumber(): number {
    return ++this.#last;
  }

  /** Puts a transfer on the desk, and the oldest of those that are over away. */
  #add(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    const over = Array.from(this.#entries).filter(([, { runner }]) => runner.over);
    for (const [old] of over.slice(0, -MAX_OVER)) this.#entries.delete(old);
    this.#world.changed();
  }

  #openIncoming(): number {
    let open = 0;
    for (const { direction, runner } of this.#entries.values()) {
      if (direction === "in" && !runner.over) open++;
    }
    return open;
  }

  /** The user hears of the first one of a flood. */
  #refuseUnseen({ id }: Offer): void {
    this.#tell({ type: "file-stop", id, reason: "refused" });
    if (this.#crowded) return;
    this.#crowded = true;
    this.#ports.show({
      type: "file-stopped",
      id: toHex(id),
      code: "too-many-files",
      message: `the other side offers more than ${MAX_INCOMING} files at a time: ` +
        "what is more is refused until you have taken or refused some",
    });
  }

  #tell(signal: FileSignal): void {
    const sent = this.#world.send(signal).catch(() => {}).then(() => {
      this.#underway.delete(sent);
    });
    this.#underway.add(sent);
  }

  #find(name: TransferName): Entry {
    for (const [id, entry] of this.#entries) {
      if (id === name || entry.number === name) return entry;
    }
    throw noSuchFile(name);
  }

  #undecided(name: TransferName): Receiver {
    const { direction, runner } = this.#find(name);
    if (direction === "in" && runner.undecided) return runner;
    throw new TransferError("no-such-file", `file ${name} does not wait for an answer`);
  }

  #live(name: TransferName): Sender | Receiver {
    const { runner } = this.#find(name);
    if (!runner.over) return runner;
    throw new TransferError("no-such-file", `file ${name} is over already`);
  }
}

/** What a signal is to a file of ours, or `null` when it has no place there. */
function toOutgoing(signal: FileSignal): OutgoingInput | null {
  switch (signal.type) {
    case "file-get":
      return { type: "get", from: signal.from };
    case "file-kept":
      return { type: "kept", count: signal.count };
    case "file-hold":
      return { type: "hold" };
    case "file-stop":
      return { type: "stop", reason: signal.reason };
    case "file-query":
    case "file-leaf":
      return null;
  }
}

/** What a signal is to a file of theirs, or `null` when it has no place there. */
function toIncoming(signal: FileSignal): IncomingInput | null {
  switch (signal.type) {
    case "file-query":
      return { type: "query" };
    case "file-leaf":
      return { type: "leaf", index: signal.index, proof: signal.proof, data: signal.data };
    case "file-hold":
      return { type: "hold" };
    case "file-stop":
      return { type: "stop", reason: signal.reason };
    case "file-get":
    case "file-kept":
      return null;
  }
}

/** A name that an offer takes. */
function offeredName(name: string): string {
  const text = name.toWellFormed();
  return text !== "" && utf8(text).length <= MAX_FILE_NAME_BYTES ? text : cleanFileName(text);
}

function noSuchFile(name: TransferName): TransferError {
  return new TransferError("no-such-file", `there is no file ${name}`);
}

function tooLarge(path: string, bytes: number): TransferError {
  return new TransferError(
    "file-too-large",
    `${path} has ${bytes} bytes: at most ${MAX_FILE_BYTES} can be sent at once; split it`,
  );
}

function stillChanging(path: string): TransferError {
  return new TransferError(
    "file-changed",
    `${path} is still being written: send it when that is done`,
  );
}
