/**
 * One client's conversation: commands go down, events come up.
 *
 *     commands --> outbox --> session --> link --> relay
 *     events  <-- delivery <-- session <-- link <-- relay
 *
 * What the relay and the timers bring waits in one queue and is taken one input at a time, because the cryptography
 * between them is asynchronous. When a connection is lost and found again, on either side, the next encounter is a
 * fresh session, and what the same peer is not known to have is sent again in it.
 *
 * @module
 */
import type { AddedLines, Delivery } from "../delivery/delivery.ts";
import { offerItem } from "../delivery/outbox.ts";
import type { Item, PeerId } from "../delivery/record.ts";
import { ParleyError } from "../errors.ts";
import { parseOffer } from "../protocol/offer.ts";
import { isCodeAtRisk, isSettled } from "../protocol/session.ts";
import type { FileSignal } from "../protocol/signal.ts";
import { type Disk, NO_DISK } from "../transfer/storage.ts";
import { type Acceptance, Transfers } from "../transfer/transfers.ts";
import type { Exported } from "./archive.ts";
import type { EncounterHost } from "./encounter_host.ts";
import { type EncounterOptions, Encounters } from "./encounters.ts";
import type { ConversationEvent, EventStream, Subscriber } from "./events.ts";
import { InboxBudget } from "./inbox_budget.ts";
import {
  type Connect,
  limitError,
  type Link,
  refusalError,
  type RefusalInput,
  type RelayAddress,
  type RelayInput,
} from "./link.ts";
import { MIN_PAYLOAD_BYTES } from "../relay/wire_events.ts";
import { Patience } from "./patience.ts";
import { InputQueue } from "./queue.ts";

/** What a conversation needs. */
export interface ConversationOptions extends EncounterOptions {
  /** The relay and the room, for what is reported. */
  readonly address: RelayAddress;
  /** Where files are. @default nowhere: none can be sent or accepted */
  readonly disk?: Disk;
  /** What becomes of a file that is offered. @default {"none"} */
  readonly acceptance?: Acceptance;
  /** Whether a goodbye is answered by ours at once. @default {false} */
  readonly answersGoodbye?: boolean;
  /** How long a lost connection may take to come back, in milliseconds. @default {null} as long as it takes */
  readonly patience?: number | null;
  /** Where everything is reported that happens. */
  readonly events: EventStream;
  /** Opens the link to the relay. */
  readonly connect: Connect;
}

/** What waits in the queue: from the relay, and from the conversation itself. */
type Input =
  | RelayInput
  /** Lines are in the outbox; the journal may still be writing them. */
  | { readonly type: "added"; readonly lines: AddedLines }
  /** There may be something to send. */
  | { readonly type: "pump" }
  /** Another name of ours, for the next handshake: the current peer goes on with the old one. */
  | { readonly type: "rename"; readonly name: string }
  /** A handshake took too long. */
  | { readonly type: "timeout"; readonly handshake: number }
  /** We have waited long enough. */
  | { readonly type: "give-up"; readonly error: ParleyError }
  /** A signal about a file is to be sent. */
  | {
    readonly type: "signal";
    readonly to: PeerId;
    readonly signal: FileSignal;
    /** Called when it was sent, or will not be. */
    readonly done: () => void;
  };

/** The conversation. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #delivery: Delivery;
  readonly #files: Transfers;
  readonly #encounters: Encounters;
  readonly #patience: Patience;
  readonly #inbox = new InboxBudget();
  readonly #queue = new InputQueue<Input>({
    take: (input) => this.#take(input),
    idle: () => this.#encounters.rest(),
    broken: (cause) => this.#report({ type: "error", error: internalError(cause) }),
  });
  #link: Link | null = null;
  #connections = 0;
  /** Our side has nothing more to say. */
  #finishing = false;
  /** Whether a pump is in the queue already. */
  #isPumpQueued = false;
  /** The peer has most likely left, after its goodbye and with everything. */
  #hasGone = false;
  #stopDeadline: () => void = () => {};
  /** Resolves when everything is let go of; `null` before that is asked for. */
  #closing: Promise<void> | null = null;

  /** A conversation that is not connected yet. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#delivery = options.delivery;
    const { after, delivery, disk = NO_DISK, acceptance = "none", patience = null } = options;
    const { random, now } = options.environment;
    this.#files = new Transfers({
      store: delivery,
      disk,
      acceptance,
      random,
      now,
      send: (to, signal) => this.#sendSignal(to, signal),
      show: (event) => {
        this.#report(event);
        // Our goodbye may have waited for this file.
        this.#pumpSoon();
      },
    });
    this.#encounters = new Encounters(options, this.#host());
    this.#patience = new Patience({
      after,
      longest: patience,
      isDone: () =>
        this.#encounters.presence.hasFinished && this.undelivered === 0 && !this.#files.busy,
      left: () => {
        this.#hasGone = true;
        this.#pumpSoon();
      },
      giveUp: (longest) =>
        this.#queue.postFirst({ type: "give-up", error: lostError(longest, this.undelivered) }),
    });
  }

  #host(): EncounterHost {
    return {
      files: this.#files,
      link: () => this.#link,
      finished: () => this.#finishing,
      closed: () => this.#queue.closed,
      report: (event) => this.#report(event),
      pumpSoon: () => this.#pumpSoon(),
      met: () => this.#patience.stop(),
      peerFinished: () => {
        if (this.#options.answersGoodbye) this.finish();
      },
      parted: (how) => {
        if (how === "peer-left") this.#finishing = false;
        else this.#patience.lost();
      },
      timeOut: (handshake) => this.#queue.post({ type: "timeout", handshake }),
      isBusy: () => this.#queue.waiting.some(({ type }) => type === "received"),
      dropReceived: () => this.#dropReceived(),
    };
  }

  /** Calls `subscriber` with every event from now on. */
  subscribe(subscriber: Subscriber): void {
    this.#options.events.subscribe(subscriber);
  }

  /** Reports what an earlier run left, and opens the link; to be called once, after all have subscribed. */
  connect(): void {
    this.#reportOutbox();
    this.#recover();
    this.#link = this.#options.connect((input) => this.#receive(input));
  }

  /** Says lines to the addressee of this moment: the current peer, the last one, or the first that comes. */
  say(...texts: readonly string[]): void {
    if (this.#finishing) {
      const error = new ParleyError("finished", "nothing can be said after the goodbye");
      return this.#report({ type: "refused", error });
    }
    this.#add(texts.map((body) => ({ kind: "text", body })));
  }

  /** Says goodbye, behind all lines and files. */
  finish(): void {
    this.#finishing = true;
    this.#pumpSoon();
  }

  /** Brings another name to the next handshake. */
  rename(name: string): void {
    this.#queue.post({ type: "rename", name });
  }

  /** Ends the conversation with the error `timeout`, unless it is closed before. */
  giveUpAfter(milliseconds: number): void {
    const error = timeoutError();
    this.#stopDeadline = this.#options.after(
      milliseconds,
      () => this.#queue.postFirst({ type: "give-up", error }),
    );
  }

  /**
   * Offers a file, behind all lines that were said by then.
   *
   * @param progress is told how many bytes are hashed
   * @throws {TransferError} when it can't be read
   */
  async sendFile(path: string, progress?: (done: number, bytes: number) => void): Promise<void> {
    const { to, offer } = await this.#files.prepare(path, progress);
    if (!this.#queue.closed) this.#add([offerItem(offer)], to);
  }

  /**
   * The signed transcripts of the sessions with the current peer, or the last one.
   *
   * @throws {ParleyError} `nothing-to-export` before the first, or when they are deniable
   */
  exportTranscripts(): Promise<Exported[]> {
    const { handshake: { identity }, environment: { random } } = this.#options;
    return this.#encounters.archive.export(identity, random);
  }

  /** Sends what is still waiting and disconnects. Commands have no effect afterwards. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (isCodeAtRisk(this.#encounters.session)) this.#report({ type: "code-spent" });
    for (const input of this.#queue.waiting) if (input.type === "signal") input.done();
    this.#queue.close();
    this.#encounters.close();
    this.#patience.stop();
    this.#stopDeadline();
    await Promise.all([this.#link?.close(), this.#files.close()]);
    await this.#delivery.idle();
  }

  /** The files with the addressee of this moment. */
  get files(): Pick<Transfers, "list" | "busy" | "act"> {
    return this.#files;
  }

  /** How many lines of ours are not known to have arrived. */
  get undelivered(): number {
    return this.#delivery.lines.length + this.#delivery.setAside;
  }

  /** Both sides have said goodbye, and everything has arrived. */
  get settled(): boolean {
    return this.#queue.length === 0 && isSettled(this.#encounters.session) &&
      this.#delivery.lines.length === 0;
  }

  /** Whether our side has nothing more to say. */
  get finished(): boolean {
    return this.#finishing;
  }

  /** Whether our goodbye was sent in this session: it is behind all lines and files. */
  get saidGoodbye(): boolean {
    return this.#encounters.session.channel?.own.ended ?? false;
  }

  /** Whether the peer has most likely left, after its goodbye and with everything. */
  get hasGone(): boolean {
    return this.#hasGone;
  }

  /** Whether there is a peer to talk to. */
  get secure(): boolean {
    return this.#encounters.session.phase === "secure";
  }

  /** Resolves as soon as `condition` holds; it is looked at after every step. */
  until(condition: () => boolean): Promise<void> {
    return this.#queue.until(condition);
  }

  #report(event: ConversationEvent): void {
    if (!this.#queue.closed) this.#options.events.report(event);
  }

  #reportOutbox(): void {
    this.#report({ type: "outbox", lines: this.#delivery.lines });
  }

  /** Puts lines in the outbox, at once. */
  #add(items: readonly Item[], addressee?: PeerId): void {
    this.#queue.post({ type: "added", lines: this.#delivery.add(items, addressee) });
    this.#reportOutbox();
  }

  /** Pumps behind everything that waits, so that lines that were said together share a signature. */
  #pumpSoon(): void {
    if (this.#isPumpQueued) return;
    this.#isPumpQueued = true;
    this.#queue.post({ type: "pump" });
  }

  #sendSignal(to: PeerId, signal: FileSignal): Promise<void> {
    if (this.#queue.closed) return Promise.resolve();
    return new Promise((done) => this.#queue.post({ type: "signal", to, signal, done }));
  }

  /** Drops the messages that wait, up to the next encounter: the connection or session of this one is over. */
  #dropReceived(): void {
    let isOfThis = true;
    this.#queue.drop((input) => {
      if (input.type === "key-exchange") isOfThis = false;
      if (!isOfThis || input.type !== "received") return false;
      this.#inbox.release(input.payload);
      return true;
    });
  }

  #receive(input: RelayInput): void {
    if (input.type === "disconnected") this.#dropReceived();
    if (input.type !== "received" || this.#inbox.reserve(input.payload)) {
      return this.#queue.post(input);
    }
    // It is lost, so the session is given up for a fresh one.
    this.#link?.renew();
  }

  async #take(input: Input): Promise<void> {
    if (input.type === "received") this.#inbox.release(input.payload);
    if (this.#encounters.isOver) return this.#takeTooLate(input);
    switch (input.type) {
      case "connected":
        return this.#report({
          type: this.#connections++ === 0 ? "waiting" : "reconnected",
          ...this.#options.address,
        });
      case "disconnected":
        this.#report({ type: "disconnected" });
        this.#patience.lost();
        return await this.#encounters.part("lost");
      case "unreachable":
        return this.#report({ type: "error", error: input.error });
      case "refusal":
        return this.#refused(input);
      case "limits":
        if (input.payloadBytes < MIN_PAYLOAD_BYTES) this.#encounters.fail(limitError(input));
        return;
      case "key-exchange":
        return await this.#encounters.begin(input.acknowledge);
      case "relay-peer-away":
        return await this.#encounters.part("away");
      case "relay-peer-left":
        return await this.#encounters.part("left");
      case "received":
        this.#report({ ...input, type: "wire", direction: "in" });
        return await this.#encounters.step({ ...input, type: "receive" });
      case "timeout":
        return await this.#encounters.timedOut(input.handshake);
      case "give-up":
        return this.#encounters.fail(input.error);
      case "rename":
        return this.#encounters.rename(input.name);
      case "added":
        return await this.#added(input.lines);
      case "pump":
        this.#isPumpQueued = false;
        return await this.#encounters.pump();
      case "signal":
        await this.#encounters.sendSignal(input.to, input.signal);
        return input.done();
    }
  }

  /** The end has come: whoever waits for something is let go, and what the relay says is reported. */
  #takeTooLate(input: Input): void {
    if (input.type === "signal") input.done();
    if (input.type === "refusal") this.#refused(input);
  }

  /** Shows what an earlier run received and is not known to have shown. */
  #recover(): void {
    for (const { from, number, items } of this.#delivery.unshown()) {
      for (const [i, { kind, body: text, time, signed }] of items.entries()) {
        // Offers that were seen before are known.
        if (kind === "file") this.#files.offered(from, parseOffer(text));
        else {
          const sequence = number + i;
          this.#report({ type: "message", text, time, sequence, signed, again: true });
        }
      }
      this.#delivery.shown(from, number + items.length);
    }
  }

  #refused({ refusal, final }: RefusalInput): void {
    // A peer that lost the connection gets it later: that is what delivery is for.
    if (refusal.code === "no-peer") return;
    const error = refusalError(refusal);
    this.#report({ type: final ? "error" : "refused", error });
  }

  /** The lines may leave, unless they were for a peer in whose place another one has come. */
  async #added({ ids: [first, end], saved }: AddedLines): Promise<void> {
    await saved;
    for (const line of this.#delivery.lines) {
      const isNew = line.id >= first && line.id < end && line.kind === "text";
      if (isNew) this.#report({ type: "queued", line });
    }
    this.#pumpSoon();
  }
}

/** What the user is told of a bug; the process ends instead of hanging. */
export function internalError(cause: unknown): ParleyError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ParleyError(
    "internal",
    `an internal error, which is a bug in parley: ${message}. Please report it`,
  );
}

function lostError(milliseconds: number, undelivered: number): ParleyError {
  return new ParleyError(
    "lost",
    `the connection did not come back within ${milliseconds / 1000} seconds; ` +
      `not known to have arrived: ${undelivered}. Try again with a longer --patience`,
  );
}

function timeoutError(): ParleyError {
  return new ParleyError(
    "timeout",
    "it was not delivered in time: nobody came, or they did not answer. Try a longer --timeout",
  );
}
