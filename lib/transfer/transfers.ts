/**
 * All files of a conversation, with every peer and over all sessions.
 *
 * @module
 */
import { type Bytes, fromHex, toHex, utf8 } from "../crypto/bytes.ts";
import type { ParleyError } from "../errors.ts";
import { LEAF_BYTES, MAX_FILE_BYTES, MAX_FILE_NAME_BYTES } from "../protocol/constants.ts";
import { type Offer, parseOffer, TRANSFER_ID_BYTES } from "../protocol/offer.ts";
import type { FileSignal } from "../protocol/signal.ts";
import { TransferError } from "./errors.ts";
import type { FileAction, TransferRecord, TransferState } from "./transfer_events.ts";
import { cleanFileName } from "./file_name.ts";
import { openHashed } from "./hash_file.ts";
import { OFFERED } from "./machine.ts";
import { Receiver } from "./receiver.ts";
import { offerOf, type Runner, type RunnerOptions, type TransferHost } from "./runner.ts";
import { Sender } from "./sender.ts";
import { Windows } from "./windows.ts";

/** Most files that a peer may offer or send at a time: what is more is refused. */
export const MAX_INCOMING = 16;

/** How many transfers that are over are remembered for each peer, to answer it when it asks late. */
const MAX_OVER = 64;

/** What becomes of a file that is offered: a person or a script decides, or it is accepted or refused at once. */
export type Acceptance = "ask" | "all" | "none";

/** How a user names a transfer: by its number, or by its id. */
export type TransferName = number | string;

/** What outlives the process. `peer` is a peer's id, or the conversation's before the first one has come. */
export interface TransferStore {
  /** The peer that is here, was here last, or comes first. */
  readonly addressee: string;
  /** The lines and offers that a peer is not known to have. */
  linesFor(peer: string): readonly { readonly kind: string; readonly text: string }[];
  /** What was remembered of the files with a peer. */
  transfersWith(peer: string): readonly TransferRecord[];
  /** Remembers the files with a peer: all of them. */
  remember(peer: string, records: readonly TransferRecord[]): void;
}

/** What the transfers of a conversation are made of. */
export interface TransfersOptions extends TransferHost {
  /** What outlives the process. */
  readonly store: TransferStore;
  /** What becomes of a file that is offered. */
  readonly acceptance: Acceptance;
}

/** The transfers of one conversation. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #windows: Windows;
  /** In the order in which they came. */
  #entries: Runner[] = [];
  /** The peers whose records have been read. */
  readonly #restored = new Set<string>();
  /** The first peer, and the conversation's id, under which files were offered before. */
  #claim: { readonly from: string; readonly to: string } | null = null;
  /** The peer with whom there is a session, and its id. */
  #open: { readonly peer: string; readonly sessionId: Bytes } | null = null;
  /** Whether the user knows that files are being refused. */
  #crowded = false;

  /** Transfers as they were remembered. */
  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#windows = new Windows(options);
  }

  /** All files with the peer that is here, was here last, or comes first; those that are over, too. */
  list(): readonly TransferState[] {
    return this.#current.map((entry) => entry.describe());
  }

  /** Whether a file keeps us here: one that the peer may accept, or that is active. */
  get busy(): boolean {
    return this.#current.some(({ direction, over, phase }) =>
      !over && (phase !== "offered" || direction === "out")
    );
  }

  /**
   * Hashes a file and gives its offer; the caller says it as a statement.
   *
   * @param progress is told how many bytes are hashed; the event loop turns between two calls
   * @returns the offer, and the peer that was here or was to come first when the file was named
   * @throws {TransferError} `cannot-read`, `file-too-large`, or `file-changed` when it changes meanwhile
   */
  async prepare(
    path: string,
    progress?: (done: number, bytes: number) => void,
  ): Promise<{ to: string; offer: Offer }> {
    const { disk, random, store: { addressee } } = this.#options;
    let length = 0;
    const fits = (bytes: number) => {
      if (bytes > MAX_FILE_BYTES) throw tooLarge(path, bytes);
      length = bytes;
      return true;
    };
    const file = await openHashed(disk, path, fits, {
      progress: (leaves) => progress?.(Math.min(length, leaves * LEAF_BYTES), length),
    });
    const { source, stamp, tree: { root } } = file!;
    try {
      if (await source.stamp() !== stamp) throw stillChanging(path);
    } catch (error) {
      source.close();
      throw error;
    }
    const { bytes } = source;
    const offer = { id: random(TRANSFER_ID_BYTES), name: offeredName(source.name), bytes, root };
    // The first peer may have come meanwhile.
    const to = this.#claim?.from === addressee ? this.#claim.to : addressee;
    this.#add(new Sender(this.#newEntry(to, offer), { ...OFFERED, path }, file));
    return { to, offer };
  }

  /** An offer of ours has arrived, as its statement's text: from now on the peer is asked what it has of the file. */
  delivered(to: string, body: string): void {
    this.#find(to, parseOffer(body).id)?.post({ type: "delivered" });
  }

  /** A peer offers a file. An offer whose id is known is ignored. */
  offered(from: string, offer: Offer): void {
    const entries = this.#with(from);
    if (this.#find(from, offer.id) !== undefined) return;
    const open = entries.filter(({ direction, over }) => direction === "in" && !over);
    if (open.length >= MAX_INCOMING) return this.#refuse(from, offer.id);
    this.#crowded = false;
    const entry = new Receiver(this.#newEntry(from, offer), this.#windows);
    this.#add(entry);
    const { id, number } = entry;
    const { name, bytes } = entry.describe();
    const { show, acceptance } = this.#options;
    show({ type: "file-offered", id, number, name, bytes });
    if (acceptance === "all") entry.post({ type: "accept" });
    if (acceptance === "none") entry.post({ type: "refuse" });
  }

  /** A peer's signal about a file, in its session. Resolves when the user knows of the end that it may bring. */
  async signal(from: string, signal: FileSignal): Promise<void> {
    const entry = this.#find(from, signal.id);
    const taken = entry?.post(signal);
    if (signal.type === "file-stop") await taken;
    if (entry !== undefined) return;
    if (signal.type !== "file-query" && signal.type !== "file-get") return;
    void this.#options.send(from, { type: "file-stop", id: signal.id, reason: "failed" });
  }

  /**
   * A frame in the session, which may be the peer's.
   *
   * @returns why it is refused, if it is
   * @throws {WireError} when the peer itself sealed something malformed
   */
  frame(bytes: Uint8Array): Promise<ParleyError | null> {
    return this.#windows.frame(bytes);
  }

  /** The first peer has come: what was offered before that is theirs. */
  claim(from: string, to: string): void {
    this.#claim = { from, to };
    const last = this.#restored.has(to) ? this.#lastNumber(to) : 0;
    for (const entry of this.#with(from)) {
      entry.number += last;
      entry.peer = to;
    }
    // What else is remembered comes behind.
    this.#with(to);
  }

  /** A session begins. What was offered and has not arrived should be in flight again before this. */
  opened(peer: string, sessionId: Bytes): void {
    this.#open = { peer, sessionId };
    this.#windows.begin(sessionId);
    for (const entry of this.#with(peer)) entry.post({ type: "opened", sessionId });
  }

  /** The session, if there is one, ends. */
  closed(): void {
    this.#open = null;
    this.#windows.begin(null);
    for (const entry of this.#entries) entry.post({ type: "closed" });
  }

  /**
   * Does what the user says with a file.
   *
   * @throws {TransferError} `no-such-file` when there is none, or when this can't be done with it
   */
  act(action: FileAction, name: TransferName): void {
    const entry = this.#current.find(({ id, number }) => id === name || number === name);
    if (entry === undefined) throw noSuchFile(`there is no file ${name}`);
    if (action === "accept" || action === "refuse") {
      const isUndecided = entry.direction === "in" && entry.phase === "offered";
      if (!isUndecided) throw noSuchFile(`file ${name} does not wait for an answer`);
    }
    if (entry.over) throw noSuchFile(`file ${name} is over already`);
    entry.post({ type: action });
  }

  /** Resolves when nothing is being done: for tests, and before a client leaves. */
  async idle(): Promise<void> {
    await Promise.all(this.#entries.map((entry) => entry.idle()));
  }

  /** Closes all files. Partial ones are kept. */
  async close(): Promise<void> {
    this.closed();
    await Promise.all(this.#entries.map((entry) => entry.close()));
  }

  get #current(): readonly Runner[] {
    return this.#with(this.#options.store.addressee);
  }

  /** All files with a peer. */
  #with(peer: string): readonly Runner[] {
    if (!this.#restored.has(peer)) this.#restore(peer);
    return this.#entries.filter((entry) => entry.peer === peer);
  }

  #find(peer: string, id: Uint8Array): Runner | undefined {
    const name = toHex(id);
    return this.#with(peer).find((entry) => entry.id === name);
  }

  /**
   * Reads what is remembered. An offer that is not in the outbox has arrived, or was never said because the process was
   * killed in between: either way the peer is asked.
   */
  #restore(peer: string): void {
    this.#restored.add(peer);
    const { store } = this.#options;
    const unsaid = store.linesFor(peer).filter(({ kind }) => kind === "file")
      .map(({ text }) => toHex(parseOffer(text).id));
    for (const record of store.transfersWith(peer)) {
      // What was claimed is here already, and remembered under its new peer.
      if (this.#find(peer, fromHex(record.id)) !== undefined) continue;
      const options = this.#newEntry(peer, offerOf(record));
      this.#entries.push(
        record.direction === "in"
          ? new Receiver(options, this.#windows, record)
          : new Sender(options, { ...record, known: record.known || !unsaid.includes(record.id) }),
      );
    }
  }

  /** What the next entry is made of. */
  #newEntry(peer: string, offer: Offer): RunnerOptions {
    const changed = (entry: Runner) => this.#remember(entry.peer);
    return { host: this.#options, peer, number: this.#lastNumber(peer) + 1, offer, changed };
  }

  #lastNumber(peer: string): number {
    return Math.max(0, ...this.#with(peer).map(({ number }) => number));
  }

  /** Adds a transfer; the oldest of those that are over with this peer make room for it. */
  #add(entry: Runner): void {
    const { peer } = entry;
    this.#entries.push(entry);
    const forgotten = this.#with(peer).filter(({ over }) => over).slice(0, -MAX_OVER);
    this.#entries = this.#entries.filter((known) => !forgotten.includes(known));
    this.#remember(peer);
    if (this.#open?.peer === peer) {
      entry.post({ type: "opened", sessionId: this.#open.sessionId });
    }
  }

  #remember(peer: string): void {
    this.#options.store.remember(peer, this.#with(peer).map((entry) => entry.record()));
  }

  /** The user hears of the first one of a flood. */
  #refuse(from: string, id: Offer["id"]): void {
    void this.#options.send(from, { type: "file-stop", id, reason: "refused" });
    if (this.#crowded) return;
    this.#crowded = true;
    this.#options.show({
      type: "file-stopped",
      id: toHex(id),
      code: "too-many-files",
      message: `the other side offers more than ${MAX_INCOMING} files at a time: ` +
        "what is more is refused until you have accepted or refused some",
    });
  }
}

/** A name that an offer takes. */
function offeredName(name: string): string {
  const text = name.toWellFormed();
  return text !== "" && utf8(text).length <= MAX_FILE_NAME_BYTES ? text : cleanFileName(text);
}

function noSuchFile(message: string): TransferError {
  return new TransferError("no-such-file", message);
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
