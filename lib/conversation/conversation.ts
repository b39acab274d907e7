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
import type { After } from "../clock.ts";
import type { AddedLines, Delivery } from "../delivery/delivery.ts";
import type { OutboxLine } from "../delivery/outbox.ts";
import type { Item, PeerId } from "../delivery/record.ts";
import { CheckError, ParleyError, WireError } from "../errors.ts";
import type { HandshakeOptions } from "../protocol/handshake.ts";
import { encodeOffer, type Offer, parseOffer } from "../protocol/offer.ts";
import {
  advance,
  isCodeAtRisk,
  isSettled,
  newSession,
  type SecureFacts,
  type Session,
  type SessionEffect,
  type SessionEnvironment,
  type SessionInput,
} from "../protocol/session.ts";
import type { FileSignal, ResumeSignal } from "../protocol/signal.ts";
import { type Disk, NO_DISK } from "../transfer/storage.ts";
import { type Acceptance, Transfers } from "../transfer/transfers.ts";
import { Archive, type Exported } from "./archive.ts";
import type { ConversationEvent, EventStream, Subscriber } from "./events.ts";
import { HandshakeTimer } from "./handshake_timer.ts";
import { InboxBudget } from "./inbox_budget.ts";
import {
  type Connect,
  type Link,
  refusalError,
  type RefusalInput,
  type RelayAddress,
  type RelayInput,
} from "./link.ts";
import { Patience } from "./patience.ts";
import { type Parting, Presence } from "./presence.ts";
import { InputQueue } from "./queue.ts";
import { SessionWatchdog } from "./session_watchdog.ts";

/** What a conversation needs. */
export interface ConversationOptions {
  /** The relay and the room, for what is reported. */
  readonly address: RelayAddress;
  /** What we bring to each handshake. */
  readonly handshake: HandshakeOptions;
  /** What outlives the sessions. */
  readonly delivery: Delivery;
  /** Where files are. @default nowhere: none can be sent or accepted */
  readonly disk?: Disk;
  /** What becomes of a file that is offered. @default {"none"} */
  readonly acceptance?: Acceptance;
  /** Whether a goodbye is answered by ours at once. @default {false} */
  readonly answersGoodbye?: boolean;
  /** How long a lost connection may take to come back, in milliseconds. @default {null} as long as it takes */
  readonly patience?: number | null;
  /** Randomness, KEM and clock. */
  readonly environment: SessionEnvironment;
  /** Where everything is reported that happens. */
  readonly events: EventStream;
  /**
   * Decides about a peer before a line goes to it: an error ends the conversation, and nothing is sent. Nothing is
   * taken from the relay in the meantime. Without it every peer is admitted.
   */
  readonly admit?: (facts: SecureFacts) => ParleyError | null | Promise<ParleyError | null>;
  /** Starts a timer. */
  readonly after: After;
  /** Opens the link to the relay. */
  readonly connect: Connect;
  /** The session's state machine. @default the real one */
  readonly advance?: typeof advance;
}

/** What waits in the queue: from the relay, and from the conversation itself. */
type Input =
  | RelayInput
  /** Lines are in the outbox; the journal may still be writing them. */
  | { readonly type: "added"; readonly lines: AddedLines }
  /** There may be something to send. */
  | { readonly type: "pump" }
  /** Another name of ours, for the next handshake: a peer who is here goes on with the old one. */
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

/** Most lines that share a signature, so that a flood of them does not hold up what comes in. */
const MAX_BATCH = 64;

/** Most that may come before the other side has told where it left off: an honest one tells that first. */
const MAX_EARLY = 64;

/** The conversation. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #delivery: Delivery;
  readonly #files: Transfers;
  readonly #archive = new Archive();
  readonly #presence = new Presence();
  readonly #timer: HandshakeTimer;
  readonly #watchdog: SessionWatchdog;
  readonly #patience: Patience;
  readonly #inbox = new InboxBudget();
  readonly #queue = new InputQueue<Input>({
    take: (input) => this.#take(input),
    idle: () => this.#rest(),
    broken: (cause) => this.#report({ type: "error", error: internalError(cause) }),
  });
  /** What we bring to the next handshake. */
  #handshake: HandshakeOptions;
  #session: Session;
  #link: Link | null = null;
  #connections = 0;
  /** Our side has nothing more to say. */
  #finishing = false;
  /** Whether a pump is in the queue already. */
  #isPumpQueued = false;
  /** What came before the other side told where it left off. */
  #early: SessionEffect[] = [];
  /** How many items of theirs came in this session. */
  #heard = 0;
  /** A check ended this conversation: whatever comes now comes too late. */
  #isOver = false;
  /** The peer has most likely left, after its goodbye and with everything. */
  #hasGone = false;
  #stopDeadline: () => void = () => {};
  /** Resolves when everything is let go of; `null` before that is asked for. */
  #closing: Promise<void> | null = null;

  /** A conversation that is not connected yet. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#delivery = options.delivery;
    this.#handshake = options.handshake;
    this.#session = newSession(options.handshake);
    const { after, delivery, disk = NO_DISK, acceptance = "none", patience = null } = options;
    this.#watchdog = new SessionWatchdog({ after, renew: () => this.#link?.renew() });
    this.#timer = new HandshakeTimer({
      after,
      timeOut: (handshake) => this.#queue.post({ type: "timeout", handshake }),
    });
    this.#patience = new Patience({
      after,
      longest: patience,
      isDone: () => this.#presence.hasFinished && this.undelivered === 0 && !this.#files.busy,
      left: () => {
        this.#hasGone = true;
        this.#pumpSoon();
      },
      giveUp: (longest) =>
        this.#queue.post({ type: "give-up", error: lostError(longest, this.undelivered) }),
    });
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

  /** Says lines to the peer who is here, was here last, or comes first: whichever it is at this moment. */
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
      () => this.#queue.post({ type: "give-up", error }),
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
   * The signed transcripts of the sessions with the peer who is here, or was here last.
   *
   * @throws {ParleyError} `nothing-to-export` before the first, or when they are deniable
   */
  exportTranscripts(): Promise<Exported[]> {
    const { handshake: { identity }, environment: { random } } = this.#options;
    return this.#archive.export(identity, random);
  }

  /** Sends what is still waiting and disconnects. Commands have no effect afterwards. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (isCodeAtRisk(this.#session)) this.#report({ type: "code-spent" });
    for (const input of this.#queue.waiting) if (input.type === "signal") input.done();
    this.#queue.close();
    this.#timer.stop();
    this.#watchdog.stop();
    this.#patience.stop();
    this.#stopDeadline();
    await Promise.all([this.#link?.close(), this.#files.close()]);
    await this.#delivery.idle();
  }

  /** The files with the peer who is here, was here last, or comes first. */
  get files(): Pick<Transfers, "list" | "busy" | "act"> {
    return this.#files;
  }

  /** How many lines of ours are not known to have arrived. */
  get undelivered(): number {
    return this.#delivery.lines.length + this.#delivery.setAside;
  }

  /** Both sides have said goodbye, and everything has arrived. */
  get settled(): boolean {
    return this.#queue.waiting.length === 0 && isSettled(this.#session) &&
      this.#delivery.lines.length === 0;
  }

  /** Whether our side has nothing more to say. */
  get finished(): boolean {
    return this.#finishing;
  }

  /** Whether our goodbye was sent in this session: it is behind all lines and files. */
  get saidGoodbye(): boolean {
    return this.#session.channel?.own.ended ?? false;
  }

  /** Whether the peer has most likely left, after its goodbye and with everything. */
  get hasGone(): boolean {
    return this.#hasGone;
  }

  /** Whether there is a peer to talk to. */
  get secure(): boolean {
    return this.#session.phase === "secure";
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

  #receive(input: RelayInput): void {
    if (input.type !== "received" || this.#inbox.reserve(input.payload)) {
      return this.#queue.post(input);
    }
    // It is lost, so the session is given up for a fresh one.
    this.#link?.renew();
  }

  async #take(input: Input): Promise<void> {
    if (input.type === "received") this.#inbox.release(input.payload);
    if (this.#isOver) return this.#takeTooLate(input);
    switch (input.type) {
      case "connected":
        return this.#report({
          type: this.#connections++ === 0 ? "waiting" : "reconnected",
          ...this.#options.address,
        });
      case "disconnected":
        this.#report({ type: "disconnected" });
        this.#patience.lost();
        return await this.#part("lost");
      case "unreachable":
        return this.#report({ type: "error", error: input.error });
      case "refusal":
        return this.#refused(input);
      case "key-exchange":
        return await this.#begin(input.acknowledge);
      case "relay-peer-away":
        return await this.#part("away");
      case "relay-peer-left":
        return await this.#part("left");
      case "received":
        this.#report({ ...input, type: "wire", direction: "in" });
        return await this.#step({ ...input, type: "receive" });
      case "timeout":
        if (this.#timer.isCurrent(input.handshake)) await this.#step({ type: "timeout" });
        return;
      case "give-up":
        return this.#fail(input.error);
      case "rename":
        return this.#rename(input.name);
      case "added":
        return await this.#added(input.lines);
      case "pump":
        this.#isPumpQueued = false;
        return await this.#pump();
      case "signal":
        if (this.secure && this.#delivery.ready && this.#delivery.peer === input.to) {
          await this.#step(input);
        }
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

  #rename(name: string): void {
    this.#handshake = { ...this.#handshake, name };
    if (this.#session.phase !== "waiting") return;
    this.#session = { ...this.#session, options: this.#handshake };
  }

  /**
   * Both seats are taken. A session that stands is not begun again: a relay says first that the peer is away, and one
   * that does not is lying.
   */
  async #begin(acknowledge: () => void): Promise<void> {
    if (this.#session.phase === "ended") await this.#part("lost");
    // Nothing of an earlier encounter is sent any more.
    acknowledge();
    await this.#step({ type: "start" });
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

  /** Sends what the peer is to have, a batch at a time; behind the last, the goodbye. */
  async #pump(): Promise<void> {
    if (!this.secure || !this.#delivery.ready) return;
    const lines = this.#delivery.next(MAX_BATCH);
    const [first] = lines;
    if (first === undefined) {
      const isDone = this.#finishing && !this.#delivery.hasUnsent && !this.#files.busy;
      if (isDone) await this.#step({ type: "finish" });
      return;
    }
    if (first.kind === "file") await this.#step({ type: "offer", offer: parseOffer(first.text) });
    else await this.#step({ type: "say", texts: leadingTexts(lines) });
    this.#reportOutbox();
    this.#pumpSoon();
  }

  async #step(input: SessionInput): Promise<void> {
    const { environment, advance: take = advance } = this.#options;
    const before = this.#session.phase;
    const { session, effects } = await take(this.#session, input, environment);
    this.#session = session;
    this.#timer.watch(session.phase === "handshaking");
    for (const effect of effects) await this.#perform(effect, before);
    this.#watchdog.watch(this.#isOwed);
  }

  /** Whether something has to come in this session: their `resume`, or a receipt for a line or our goodbye. */
  get #isOwed(): boolean {
    const { channel } = this.#session;
    return channel !== null && (!this.#delivery.ready || channel.delivered < channel.own.next);
  }

  /** Nothing is waiting: the moment for receipts. What came before their `resume` is in no journal yet. */
  async #rest(): Promise<void> {
    if (this.#delivery.ready) await this.#step({ type: "idle" });
  }

  async #perform(effect: SessionEffect, before: Session["phase"]): Promise<void> {
    switch (effect.type) {
      case "emit": {
        const { event, payload } = effect;
        this.#report({ type: "wire", direction: "out", event, payload });
        return this.#link?.emit(event, payload);
      }
      case "secure": {
        const { type: _, ...facts } = effect;
        return await this.#meet(facts);
      }
      case "message":
      case "offered":
      case "signal":
        return await this.#hear(effect);
      case "said":
        return this.#said(effect);
      case "delivered":
        if (!this.#delivery.ready) return;
        this.#watchdog.progress();
        return this.#arrived(await this.#delivery.delivered(effect.count));
      case "covered":
        if (!this.#delivery.ready) return void this.#early.push(effect);
        return this.#report({ ...effect, count: this.#numberOf(effect.count) });
      case "gap":
        this.#watchdog.gapSeen();
        return this.#report({
          type: "gap",
          from: this.#numberOf(effect.from),
          to: this.#numberOf(effect.from) + effect.to - effect.from,
        });
      case "peer-finished":
        if (!this.#delivery.ready) return void this.#early.push(effect);
        return this.#peerFinished(effect);
      case "failed":
        return this.#failed(effect.error, before);
      case "peer-left":
        // One that was still in its handshake had nothing to say goodbye to.
        if (before === "secure") this.#presence.close(effect.clean);
        return;
      case "refused":
        // What came damaged may have been a piece of a file, and nobody sends that again in this session.
        if (effect.error.code === "bad-message" && this.#files.moving) this.#watchdog.gapSeen();
        return this.#report(effect);
      case "step":
        return this.#report(effect);
    }
  }

  /** A peer has proved its key: admitted, it learns where we left off. */
  async #meet(proved: SecureFacts): Promise<void> {
    if (this.#presence.isStranger(proved)) return this.#turnAway();
    const facts = this.#presence.recognize(proved);
    if (!await this.#admits(facts)) return;
    this.#presence.admit(facts);
    // The code was for one meeting. From here on their key is who they are.
    this.#handshake = { ...this.#handshake, code: null };
    const { peer: before, addressee } = this.#delivery;
    const { greeting, isSame, abandoned } = await this.#delivery.meet(facts.peerIdentity.bytes);
    // What was offered to whoever comes is for the first one. What was offered to that one is nobody else's.
    if (before === null) this.#files.claim(addressee, this.#delivery.peer!);
    this.#archive.begin(this.#session.options.name, facts, isSame);
    this.#early = [];
    this.#heard = 0;
    this.#patience.stop();
    if (!isSame) this.#reportOutbox();
    const lines = textsOf(abandoned);
    if (lines.length > 0) this.#report({ type: "not-sent", lines });
    this.#report({ type: "secure", facts, again: isSame });
    await this.#step({ type: "signal", signal: greeting });
  }

  /** Somebody else is in the room of a conversation that a code has tied to one peer. */
  #turnAway(): void {
    this.#endSession();
    const error = new CheckError(
      "other-peer",
      "somebody else is in the room, and not the one who proved the invite code: nothing was sent " +
        "to them. Waiting for the one who did",
    );
    this.#report({ type: "refused", error });
  }

  /** Whether the peer is admitted; if not, this is the end. */
  async #admits(facts: SecureFacts): Promise<boolean> {
    if (this.#presence.isKnown(facts)) return true;
    const error = await this.#options.admit?.(facts) ?? null;
    if (this.#queue.closed) return false;
    if (error !== null) this.#fail(error);
    return error === null;
  }

  /** Takes what came from the other side, once it is known where that belongs. */
  async #hear(
    effect: Extract<SessionEffect, { type: "message" | "offered" | "signal" }>,
  ): Promise<void> {
    if (effect.type === "signal" && effect.signal.type === "resume") {
      return await this.#resume(effect.signal);
    }
    if (!this.#delivery.ready) {
      this.#early.push(effect);
      if (this.#early.length <= MAX_EARLY) return;
      const error = new CheckError("unexpected", "the other side spoke before it said hello");
      return this.#retry(error);
    }
    if (effect.type !== "signal") return await this.#hearStatement(effect);
    if (effect.signal.type !== "resume") this.#files.signal(this.#delivery.peer!, effect.signal);
  }

  async #resume(signal: ResumeSignal): Promise<void> {
    try {
      const { lost, count, arrived } = await this.#delivery.resume(signal);
      if (lost !== null) this.#report({ type: "lost", from: lost[0], to: lost[1] });
      if (arrived.length > 0) this.#arrived({ count, arrived });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#failed(error, "secure");
    }
    // What is owed from here on is counted from here on.
    this.#watchdog.watch(false);
    const early = this.#early;
    this.#early = [];
    this.#files.opened(this.#delivery.peer!);
    for (const effect of early) await this.#perform(effect, "secure");
    await this.#pump();
  }

  /** A text or an offer: in the journal before it is shown, and before it is acknowledged. */
  async #hearStatement(
    effect: Extract<SessionEffect, { type: "message" | "offered" }>,
  ): Promise<void> {
    const { signed, statement, statement: { time } } = effect;
    this.#archive.record("peer", statement);
    const item: Item = effect.type === "message"
      ? { kind: "text", body: effect.text }
      : offerItem(effect.offer);
    const sequence = await this.#delivery.receive({ ...item, time, signed });
    this.#heard++;
    this.#watchdog.gapClosed();
    if (effect.type === "offered") this.#files.offered(this.#delivery.peer!, effect.offer);
    else {
      this.#presence.speak();
      this.#report({ type: "message", text: effect.text, time, sequence, signed });
    }
    this.#delivery.shown(this.#delivery.peer!, sequence + 1);
  }

  #peerFinished({ statement }: Extract<SessionEffect, { type: "peer-finished" }>): void {
    this.#archive.record("peer", statement);
    if (!this.#presence.finish()) return;
    this.#report({ type: "peer-finished" });
    if (this.#options.answersGoodbye) this.finish();
  }

  /** Lines of ours turn out to have arrived, in this session or in an earlier one. */
  #arrived({ count, arrived }: { count: number; arrived: readonly OutboxLine[] }): void {
    this.#reportOutbox();
    this.#report({ type: "delivered", count, lines: arrived.filter(isText) });
    for (const line of arrived) {
      if (!isText(line)) this.#files.delivered(this.#delivery.peer!, line.text);
    }
  }

  #said({ statement }: Extract<SessionEffect, { type: "said" }>): void {
    this.#archive.record("own", statement);
    if (statement.kind === "end") return;
    const line = this.#delivery.sent(statement.time);
    if (isText(line)) this.#report({ type: "sent", line });
  }

  /** The number in their stream of what has this number among the session's items. */
  #numberOf(place: number): number {
    return this.#delivery.received - this.#heard + Math.min(place, this.#heard);
  }

  /**
   * A check failed. Before we had met anybody, and where the other side itself broke a rule, that is the end. A later
   * handshake that fails may be a stranger's or the network's doing: the peer whom we know may still come back.
   */
  #failed(error: ParleyError, before: Session["phase"]): void {
    // Where lines wait for another peer, whoever breaks a rule may be a stranger on their seat.
    const isTheirs = before === "secure" && this.#delivery.setAside === 0;
    const isFirst = this.#delivery.peer === null;
    if (isTheirs || isFirst || error.code === "bad-code") return this.#fail(error);
    this.#retry(error);
  }

  /** This session came to nothing, which may be the network's doing: another is to take its place. */
  #retry(error: ParleyError): void {
    this.#endSession();
    this.#report({ type: "refused", error });
    this.#watchdog.gapSeen();
  }

  /** This is the end. */
  #fail(error: ParleyError): void {
    this.#isOver = true;
    this.#endSession();
    this.#report({ type: "error", error });
  }

  #endSession(): void {
    const gone = { phase: "ended", handshake: null, channel: null } as const;
    this.#replaceSession({ ...this.#session, ...gone });
  }

  /** Lets go of a session, and of all that is good for one session only. */
  #replaceSession(session: Session): void {
    this.#session = session;
    this.#timer.stop();
    this.#delivery.part();
    this.#files.closed();
    this.#watchdog.stop();
    this.#reportOutbox();
  }

  /** An encounter is over: the next one gets a fresh session. */
  async #part(how: Parting): Promise<void> {
    // Nobody had come yet: there is no session to lose.
    if (this.#session.phase !== "waiting") {
      await this.#step({ type: "peer-left" });
      if (this.#isOver) return;
      this.#replaceSession(newSession(this.#handshake));
    }
    const type = this.#presence.part(how);
    if (type === null) return;
    if (type === "peer-away") {
      this.#report({ type });
      return this.#patience.lost();
    }
    this.#finishing = false;
    const undelivered = textsOf(this.#delivery.lines);
    this.#report({ type, clean: this.#presence.isClean, undelivered });
  }
}

function isText({ kind }: OutboxLine): boolean {
  return kind === "text";
}

function textsOf(lines: readonly OutboxLine[]): string[] {
  return lines.filter(isText).map(({ text }) => text);
}

/** The texts before the first file. */
function leadingTexts(lines: readonly OutboxLine[]): string[] {
  const end = lines.findIndex((line) => !isText(line));
  return textsOf(end < 0 ? lines : lines.slice(0, end));
}

function offerItem(offer: Offer): Item {
  return { kind: "file", body: encodeOffer(offer) };
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
