/**
 * The files of a conversation: a desk for each person, and one for what is offered before anybody is there, which
 * becomes that of whoever comes first.
 *
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import type { Correspondence } from "../delivery/delivery.ts";
import type { Tag } from "../delivery/record.ts";
import { type Offer, parseOffer } from "../protocol/offer.ts";
import type { FileSignal } from "../protocol/signal.ts";
import type { TransferEvent, TransferRecord, TransferState } from "../transfer/events.ts";
import type { Disk } from "../transfer/storage.ts";
import { type TransferName, Transfers } from "../transfer/transfers.ts";

/** What becomes of a file that is offered: a person or a script decides, or it is taken or refused at once. */
export type Acceptance = "ask" | "all" | "none";

/** What a desk works with. */
export interface FileDeskOptions {
  /** Where files are. */
  readonly disk: Disk;
  /** What outlives the sessions. */
  readonly mail: Correspondence;
  /** Fresh bytes, for ids. */
  readonly random: Random;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** What becomes of a file that is offered. */
  readonly acceptance: Acceptance;
  /**
   * Seals a signal and sends it, if there is a session with this person.
   *
   * @returns resolves when it left, or when there is nobody to send it to
   */
  readonly send: (to: Tag, signal: FileSignal) => Promise<void>;
  /** Tells the user. */
  readonly show: (event: TransferEvent) => void;
}

/** What a user can do with a file. */
export const FILE_ACTIONS = ["accept", "refuse", "pause", "resume", "cancel"] as const;

/** One of {@link FILE_ACTIONS}. */
export type FileAction = typeof FILE_ACTIONS[number];

/** The desks of one conversation. */
export class FileDesk {
  readonly #options: FileDeskOptions;
  readonly #desks = new Map<Tag, Transfers>();

  /** Desks with what is remembered on them. */
  constructor(options: FileDeskOptions) {
    this.#options = options;
  }

  /** All files with the one who is here, was here last, or comes first. */
  list(): readonly TransferState[] {
    return this.#current.list();
  }

  /** Whether a file still has to move before our side is done: one that they may take, or that we are taking. */
  get busy(): boolean {
    return this.list().some(({ direction, phase }) =>
      phase === "active" || phase === "held" || (phase === "offered" && direction === "out")
    );
  }

  /** Whether one is moving now. */
  get moving(): boolean {
    return this.list().some(({ phase }) => phase === "active");
  }

  /**
   * Hashes a file, and gives the offer to say.
   *
   * @throws {TransferError} when it can't be read
   */
  prepare(path: string, progress?: (done: number, bytes: number) => void): Promise<Offer> {
    return this.#current.prepareOffer(path, progress);
  }

  /**
   * Does what the user says.
   *
   * @throws {TransferError} `no-such-file`
   */
  act(action: FileAction, name: TransferName): void {
    this.#current[action](name);
  }

  /** On whose desk a file is that we offer; `null` when it is on none any more. */
  ownerOf({ id }: Offer): Tag | null {
    const name = toHex(id);
    for (const [tag, desk] of this.#desks) {
      if (desk.list().some((file) => file.id === name)) return tag;
    }
    return null;
  }

  /** Somebody is here for the first time in this run: what was offered to whoever comes is theirs. */
  adopt(place: Tag, person: Tag): void {
    const desk = this.#desks.get(place);
    if (desk === undefined) return;
    this.#desks.delete(place);
    const theirs = this.#desks.get(person);
    if (theirs !== undefined) {
      // It has what came right before a fall, maybe with files that are open: nobody else may open those.
      theirs.restore(desk.snapshot());
      return void desk.close();
    }
    this.#desks.set(person, desk);
    const known = new Set(desk.list().map(({ id }) => id));
    desk.restore(this.#remembered(person).filter(({ id }) => !known.has(id)));
  }

  /** The session with somebody is open. */
  opened(person: Tag): void {
    this.#deskOf(person).opened();
  }

  /** The session, if there was one, is over. */
  closed(): void {
    for (const desk of this.#desks.values()) desk.closed();
  }

  /** They tell us something about a file. */
  signal(from: Tag, signal: FileSignal): void {
    this.#deskOf(from).signal(signal);
  }

  /** They offer a file. */
  offered(from: Tag, offer: Offer): void {
    this.#deskOf(from).offered(offer);
  }

  /** An offer of ours has arrived, as its statement's text. */
  delivered(to: Tag, body: string): void {
    this.#deskOf(to).delivered(parseOffer(body).id);
  }

  /** Lets go of all files; partial ones are kept. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#desks.values(), (desk) => desk.close()));
  }

  get #current(): Transfers {
    return this.#deskOf(this.#options.mail.addressee);
  }

  #deskOf(tag: Tag): Transfers {
    const known = this.#desks.get(tag);
    if (known !== undefined) return known;
    const { disk, mail, random, now, send, acceptance } = this.#options;
    const desk: Transfers = new Transfers({
      disk,
      random,
      now,
      // A desk that was adopted is somebody's whose tag was not known when it was made.
      send: (signal) => {
        const person = this.#tagOf(desk);
        return person === null ? Promise.resolve() : send(person, signal);
      },
      show: (event) => {
        this.#options.show(event);
        if (event.type !== "file-offered") return;
        if (acceptance === "all") desk.accept(event.id);
        if (acceptance === "none") desk.refuse(event.id);
      },
      changed: () => {
        const person = this.#tagOf(desk);
        if (person !== null) mail.remember(person, desk.snapshot());
      },
    });
    this.#desks.set(tag, desk);
    desk.restore(this.#remembered(tag));
    return desk;
  }

  /**
   * What is remembered. An offer that is not on its way any more has arrived, or was never said because we fell in
   * between: either way the other side is asked.
   */
  #remembered(tag: Tag): readonly TransferRecord[] {
    const { mail } = this.#options;
    const underway = new Set(
      mail.keptFor(tag).filter(({ kind }) => kind === "file")
        .map(({ body }) => toHex(parseOffer(body).id)),
    );
    return mail.transfersWith(tag).map((record) =>
      record.direction === "out" && !underway.has(record.id) ? { ...record, known: true } : record
    );
  }

  /** Whose a desk is; `null` for one that was merged into another. */
  #tagOf(desk: Transfers): Tag | null {
    for (const [tag, known] of this.#desks) {
      if (known === desk) return tag;
    }
    return null;
  }
}
