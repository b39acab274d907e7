/**
 * One client's conversation: the mailbox in front of the session's state machine, and of the correspondence that
 * outlives sessions.
 *
 * Inputs from the relay and from the user queue up here and are taken one at a time, because the cryptography between
 * them is asynchronous. When a connection is lost and found again, on either side, the next encounter is a fresh
 * session, and what the same person is not known to have is sent again in it.
 *
 * @module
 */
import type { Correspondence } from "../delivery/delivery.ts";
import type { Item, Tag } from "../delivery/record.ts";
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
import { Archive, type Exported } from "./archive.ts";
import { leadingTexts, type Lines, MAX_BATCH, queuedLines, takeBatch, textsOf } from "./batch.ts";
import { Company, type Parting } from "./presence.ts";
import type { ClientEvent, View } from "./events.ts";
import type { WireTap } from "./explain.ts";
import { type Acceptance, FileDesk } from "./file_desk.ts";
import { HandshakeClock, type HandshakeTime } from "./handshake_timer.ts";
import { Mailbox } from "./queue.ts";
import {
  refusalError,
  type RefusalInput,
  type RelayAddress,
  type RelayInput,
  type RelayPort,
} from "./link.ts";
import { Renewal } from "./session_watchdog.ts";

/** What the user does. */
export type UserInput =
  | { readonly type: "say"; readonly texts: readonly string[] }
  | { readonly type: "finish" };

/** Another name of ours, for the next handshake: who is here already goes on with the old one. */
export interface Renaming {
  /** What it is. */
  readonly type: "rename";
  /** At most 127 bytes of UTF-8. */
  readonly name: string;
}

/** What a conversation takes: from the relay, from the user, and from itself. */
export type ConversationInput =
  | RelayInput
  | UserInput
  | Renaming
  /** A handshake took too long. */
  | { readonly type: "timeout"; readonly time: HandshakeTime }
  /** There may be something to say. */
  | { readonly type: "pump" }
  /** Something about a file is to be told to somebody. */
  | {
    readonly type: "signal";
    readonly to: Tag;
    readonly signal: FileSignal;
    /** Called when it is sent, or will not be. */
    readonly done: () => void;
  }
  /** A file is to be offered, behind all lines that wait. */
  | { readonly type: "offer"; readonly offer: Offer };

/** What a conversation is made of. */
export interface ConversationOptions {
  /** The relay and the room, for what the user is told. */
  readonly address: RelayAddress;
  /** What we bring to each handshake. */
  readonly handshake: HandshakeOptions;
  /** What outlives the sessions. */
  readonly mail: Correspondence;
  /** Where files are. @default nowhere: none can be sent or taken */
  readonly disk?: Disk;
  /** What becomes of a file that is offered. @default {"none"} */
  readonly acceptance?: Acceptance;
  /** Randomness, KEM and clock. */
  readonly environment: SessionEnvironment;
  /** Is shown everything that happens. */
  readonly view: View;
  /** Sees what crosses the wire, to explain it. */
  readonly tap?: WireTap | null;
  /**
   * Decides about who came, before a line goes to them: an error ends the conversation, and nothing that was kept
   * for them is sent. Nothing is taken from the relay in the meantime. Without it everybody is welcome.
   */
  readonly admit?: (facts: SecureFacts) => ParleyError | null | Promise<ParleyError | null>;
  /** Calls back once, later; the result prevents that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** The session's state machine. @default the real one */
  readonly advance?: typeof advance;
}

/** Most bytes of messages that wait to be looked at. */
const MAX_INBOX_BYTES = 64 * 1024 * 1024;

/** What a message takes beside its payload, about, in bytes. */
const MESSAGE_BYTES = 256;

function sizeOf(payload: unknown): number {
  if (payload instanceof Uint8Array || payload instanceof ArrayBuffer) {
    return payload.byteLength + MESSAGE_BYTES;
  }
  return (typeof payload === "string" ? payload.length : 0) + MESSAGE_BYTES;
}

/** Most that may come before the other side has told where it left off: an honest one tells that first. */
const MAX_EARLY = 64;

/** The mailbox. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #mail: Correspondence;
  readonly #files: FileDesk;
  readonly #archive = new Archive();
  readonly #company = new Company();
  readonly #clock: HandshakeClock;
  readonly #renewal: Renewal;
  readonly #mailbox = new Mailbox<ConversationInput | Lines>({
    take: (input) => this.#take(input),
    idle: () => this.#rest(),
    broken: (cause) => this.#show({ type: "error", error: internalError(cause) }),
  });
  /** What we bring to the next handshake. */
  #handshake: HandshakeOptions;
  #session: Session;
  #port: RelayPort | null = null;
  #connections = 0;
  /** Our side has nothing more to say. */
  #finishing = false;
  /** What came before the other side told where it left off. */
  #early: SessionEffect[] = [];
  /** How many items of theirs came in this session. */
  #heard = 0;
  /** Lines out of the mailbox that are not kept yet. */
  #underway = 0;
  /** Bytes of messages that wait in the mailbox. */
  #inboxBytes = 0;
  /** A check ended this conversation: whatever comes now comes too late. */
  #isOver = false;
  /** Resolves when everything is let go of; `null` before that is asked for. */
  #closing: Promise<void> | null = null;

  /** A conversation that is not connected yet. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#mail = options.mail;
    this.#handshake = options.handshake;
    this.#session = newSession(options.handshake);
    const { after } = options;
    this.#renewal = new Renewal({ after, renew: () => this.#port?.renew() });
    const timeOut = (time: HandshakeTime) => this.post({ type: "timeout", time });
    this.#clock = new HandshakeClock({ after, timeOut });
    const { mail, disk = NO_DISK, acceptance = "none", environment: { random, now } } = options;
    this.#files = new FileDesk({
      mail,
      disk,
      acceptance,
      random,
      now,
      send: (to, signal) => this.#send(to, signal),
      show: (event) => {
        this.#show(event);
        // Our goodbye may have waited for this file.
        this.post({ type: "pump" });
      },
    });
  }

  /** Takes the way to the relay; to be called once, before anything is posted. */
  attach(port: RelayPort): void {
    this.#port = port;
    this.#recover();
  }

  /** Queues an input. What is said is for the one who is here now, whoever is when its turn comes. */
  post(input: ConversationInput): void {
    if (input.type === "received" && !this.#hasRoomFor(input.payload)) return;
    this.#mailbox.post(
      input.type === "say" ? { ...input, to: this.#mail.addressee } : input,
    );
  }

  /**
   * Whether the mailbox takes another message: somebody who sends faster than we work, or while the user is asked
   * something, fills it. What it has no room for is lost, so the session is given up for a fresh one.
   */
  #hasRoomFor(payload: unknown): boolean {
    this.#inboxBytes += sizeOf(payload);
    if (this.#inboxBytes <= MAX_INBOX_BYTES) return true;
    this.#inboxBytes -= sizeOf(payload);
    this.#port?.renew();
    return false;
  }

  /** How many lines of ours are not known to have arrived. */
  get undelivered(): number {
    return queuedLines(this.#mailbox).length + this.#underway + this.#mail.kept.length +
      this.#mail.setAside;
  }

  /** Those lines, oldest first: with whoever is here, or was here last. */
  get undeliveredTexts(): readonly string[] {
    return [...textsOf(this.#mail.kept), ...queuedLines(this.#mailbox)];
  }

  /** Both sides have said goodbye, and everything has arrived. */
  get settled(): boolean {
    return this.#mailbox.waiting.length === 0 && isSettled(this.#session) &&
      this.#mail.kept.length === 0;
  }

  /** Whether our side has nothing more to say. */
  get finished(): boolean {
    return this.#finishing;
  }

  /** Whether our goodbye is on its way in this session: it is behind all lines and files. */
  get saidGoodbye(): boolean {
    return this.#session.channel?.own.ended ?? false;
  }

  /** Whether there is somebody to talk to. */
  get secure(): boolean {
    return this.#session.phase === "secure";
  }

  /** Resolves as soon as `condition` holds; it is looked at after every step. */
  until(condition: () => boolean): Promise<void> {
    return this.#mailbox.until(condition);
  }

  /** Sends what is still waiting and disconnects. What is posted afterwards is ignored. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (isCodeAtRisk(this.#session)) this.#show({ type: "code-spent" });
    for (const input of this.#mailbox.waiting) if (input.type === "signal") input.done();
    this.#mailbox.close();
    this.#clock.stop();
    this.#renewal.stop();
    await Promise.all([this.#port?.close(), this.#files.close()]);
    await this.#mail.idle();
  }

  /** The files with the one who is here, was here last, or comes first. */
  get files(): Pick<FileDesk, "list" | "busy" | "act"> {
    return this.#files;
  }

  /**
   * Offers a file, behind all lines that wait.
   *
   * @param progress is told how many bytes are hashed
   * @throws {TransferError} when it can't be read
   */
  async sendFile(path: string, progress?: (done: number, bytes: number) => void): Promise<void> {
    const offer = await this.#files.prepare(path, progress);
    this.post({ type: "offer", offer });
  }

  #send(to: Tag, signal: FileSignal): Promise<void> {
    if (this.#mailbox.closed) return Promise.resolve();
    return new Promise((done) => this.post({ type: "signal", to, signal, done }));
  }

  /**
   * The signed transcripts of the sessions with the one who is here, or was here last.
   *
   * @throws {ParleyError} `nothing-to-export` before the first, or when they are deniable
   */
  exportTranscripts(): Promise<Exported[]> {
    const { handshake: { identity }, environment: { random } } = this.#options;
    return this.#archive.export(identity, random);
  }

  #show(event: ClientEvent): void {
    if (!this.#mailbox.closed) this.#options.view.show(event);
  }

  async #take(input: ConversationInput | Lines): Promise<void> {
    if (this.#isOver) return this.#takeTooLate(input);
    switch (input.type) {
      case "connected":
        return this.#show({
          type: this.#connections++ === 0 ? "waiting" : "reconnected",
          ...this.#options.address,
        });
      case "disconnected":
        this.#show({ type: "disconnected" });
        return await this.#part("lost");
      case "unreachable":
        return this.#show({ type: "error", error: input.error });
      case "refusal":
        return this.#refused(input);
      case "key-exchange":
        return await this.#begin(input.acknowledge);
      case "relay-peer-away":
        return await this.#part("away");
      case "relay-peer-left":
        return await this.#part("left");
      case "received":
        this.#inboxBytes -= sizeOf(input.payload);
        this.#options.tap?.received(input.event, input.payload);
        return await this.#step({ ...input, type: "receive" });
      case "finish":
        this.#finishing = true;
        return await this.#pump();
      case "timeout":
        if (this.#clock.isNow(input.time)) await this.#step({ type: "timeout" });
        return;
      case "rename":
        return this.#rename(input.name);
      case "say":
        return await this.#say(input);
      case "pump":
        return await this.#pump();
      case "signal":
        if (this.secure && this.#mail.ready && this.#mail.tag === input.to) await this.#step(input);
        return input.done();
      case "offer":
        return await this.#offer(input.offer);
    }
  }

  /** The end has come: who waits for something is let go, and what the relay says is told. */
  #takeTooLate(input: ConversationInput | Lines): void {
    if (input.type === "signal") input.done();
    if (input.type === "refusal") this.#refused(input);
  }

  /** Shows what an earlier run received and is not known to have shown. */
  #recover(): void {
    for (const { from, number, items } of this.#mail.unshown()) {
      for (const [i, { kind, body: text, time, signed }] of items.entries()) {
        // A desk knows the offers that it has seen before.
        if (kind === "file") this.#files.offered(from, parseOffer(text));
        else this.#show({ type: "message", text, time, sequence: number + i, signed, again: true });
      }
      this.#mail.shown(from, number + items.length);
    }
  }

  #refused({ refusal, final }: RefusalInput): void {
    // Who lost the connection gets it later: that is what the correspondence is for.
    if (refusal.code === "no-peer") return;
    const error = refusalError(refusal);
    this.#show({ type: final ? "error" : "refused", error });
  }

  #rename(name: string): void {
    this.#handshake = { ...this.#handshake, name };
    if (this.#session.phase !== "waiting") return;
    this.#session = { ...this.#session, options: this.#handshake };
  }

  /**
   * Two are in the room. A session that stands is not begun again: a relay says first that the other one is away, and
   * one that does not is lying.
   */
  async #begin(acknowledge: () => void): Promise<void> {
    if (this.#session.phase === "ended") await this.#part("lost");
    // Nothing of an earlier encounter is sent any more.
    acknowledge();
    await this.#step({ type: "start" });
  }

  /** Keeps a line and all that wait right behind it, and says them if there is somebody. */
  async #say(first: Lines): Promise<void> {
    const texts = takeBatch(this.#mailbox, first);
    if (this.#finishing) {
      const error = new ParleyError("finished", "nothing can be said after the goodbye");
      return this.#show({ type: "refused", error });
    }
    this.#underway = texts.length;
    const items = texts.map((body) => ({ kind: "text", body }) as const);
    const { to, number } = await this.#mail.keep(items, first.to);
    this.#underway = 0;
    // Somebody else came while they waited for their turn.
    if (to !== this.#mail.addressee) return this.#show({ type: "not-sent", lines: texts });
    for (const [i, text] of texts.entries()) {
      this.#show({ type: "queued", text, sequence: number === null ? null : number + i });
    }
    await this.#pump();
  }

  /** Keeps an offer for the one on whose desk the file is: somebody else may have come while it was read. */
  async #offer(offer: Offer): Promise<void> {
    const to = this.#files.ownerOf(offer);
    if (to === null) return;
    await this.#mail.keep([{ kind: "file", body: encodeOffer(offer) }], to);
    await this.#pump();
  }

  /** Says what the one who is here is to have, some of it at a time; behind the last, the goodbye. */
  async #pump(): Promise<void> {
    if (!this.secure || !this.#mail.ready) return;
    const items = this.#mail.next(MAX_BATCH);
    const [first] = items;
    if (first === undefined) {
      if (this.#finishing && !this.#files.busy) await this.#step({ type: "finish" });
      return;
    }
    if (first.kind === "file") await this.#step({ type: "offer", offer: parseOffer(first.body) });
    else await this.#step({ type: "say", texts: leadingTexts(items) });
    this.post({ type: "pump" });
  }

  async #step(input: SessionInput): Promise<void> {
    const { environment, advance: take = advance } = this.#options;
    const before = this.#session.phase;
    const { session, effects } = await take(this.#session, input, environment);
    this.#session = session;
    this.#clock.watch(session.phase === "handshaking");
    for (const effect of effects) await this.#perform(effect, before);
    this.#renewal.watch(this.#isOwed);
  }

  /** Whether something has to come in this session: their `resume`, or a receipt for an item or our goodbye. */
  get #isOwed(): boolean {
    const { channel } = this.#session;
    return channel !== null && (!this.#mail.ready || channel.delivered < channel.own.next);
  }

  /** Nothing is waiting: the moment for receipts. What came before their `resume` is kept nowhere yet. */
  async #rest(): Promise<void> {
    if (this.#mail.ready) await this.#step({ type: "idle" });
  }

  async #perform(effect: SessionEffect, before: Session["phase"]): Promise<void> {
    switch (effect.type) {
      case "emit":
        this.#options.tap?.sent(effect.event, effect.payload);
        return this.#port?.emit(effect.event, effect.payload);
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
        if (!this.#mail.ready) return;
        this.#renewal.progress();
        return await this.#delivered(effect.count);
      case "covered":
        if (!this.#mail.ready) return void this.#early.push(effect);
        return this.#show({ ...effect, count: this.#numberOf(effect.count) });
      case "gap":
        this.#renewal.suspect();
        return this.#show({
          type: "gap",
          from: this.#numberOf(effect.from),
          to: this.#numberOf(effect.from) + effect.to - effect.from,
        });
      case "peer-finished":
        if (!this.#mail.ready) return void this.#early.push(effect);
        this.#archive.record("peer", effect.statement);
        if (this.#company.finish()) this.#show({ type: "peer-finished" });
        return;
      case "failed":
        return this.#failed(effect.error, before);
      case "peer-left":
        // One that was still in its handshake had nothing to say goodbye to.
        if (before === "secure") this.#company.close(effect.clean);
        return;
      case "refused":
        // What came damaged may have been a piece of a file, and nobody sends that again in this session.
        if (effect.error.code === "bad-message" && this.#files.moving) this.#renewal.suspect();
        return this.#show(effect);
      case "step":
        return this.#show(effect);
    }
  }

  /** Somebody has proved their key: let in, they learn where we left off. */
  async #meet(proved: SecureFacts): Promise<void> {
    if (this.#company.isStranger(proved)) return this.#turnAway();
    const facts = this.#company.recognize(proved);
    if (!await this.#admits(facts)) return;
    this.#company.welcome(facts);
    // The code was for one meeting. From here on their key is who they are.
    this.#handshake = { ...this.#handshake, code: null };
    const { tag: before, addressee: place } = this.#mail;
    const { greeting, isSame, abandoned } = await this.#mail.meet(
      facts.peerIdentity.bytes,
    );
    // What was offered to whoever comes is for the first one. What was offered to that one is nobody else's.
    if (before === null) this.#files.adopt(place, this.#mail.tag!);
    this.#archive.begin(this.#session.options.name, facts, isSame);
    this.#early = [];
    this.#heard = 0;
    const lines = textsOf(abandoned);
    if (lines.length > 0) this.#show({ type: "not-sent", lines });
    this.#show({ type: "secure", facts, again: isSame });
    await this.#step({ type: "signal", signal: greeting });
  }

  /** Somebody else is in the room of a conversation that a code has tied to one person. */
  #turnAway(): void {
    this.#endSession();
    const error = new CheckError(
      "other-peer",
      "somebody else is in the room, and not the one who proved the invite code: nothing was sent " +
        "to them. Waiting for the one who did",
    );
    this.#show({ type: "refused", error });
  }

  /** Whether the one who came is welcome; if not, this is the end. */
  async #admits(facts: SecureFacts): Promise<boolean> {
    if (this.#company.isKnown(facts)) return true;
    const error = await this.#options.admit?.(facts) ?? null;
    if (this.#mailbox.closed) return false;
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
    if (!this.#mail.ready) {
      this.#early.push(effect);
      if (this.#early.length <= MAX_EARLY) return;
      const error = new CheckError("unexpected", "the other side spoke before it said hello");
      return this.#retry(error);
    }
    if (effect.type === "message") return await this.#hearText(effect);
    if (effect.type === "offered") return await this.#hearOffer(effect);
    if (effect.signal.type !== "resume") this.#files.signal(this.#mail.tag!, effect.signal);
  }

  async #resume(signal: ResumeSignal): Promise<void> {
    try {
      const { lost, arrived } = await this.#mail.resume(signal);
      if (lost !== null) this.#show({ type: "lost", from: lost[0], to: lost[1] });
      if (arrived.length > 0) this.#arrived(arrived);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#failed(error, "secure");
    }
    // What is owed from here on is counted from here on.
    this.#renewal.watch(false);
    const early = this.#early;
    this.#early = [];
    this.#files.opened(this.#mail.tag!);
    for (const effect of early) await this.#perform(effect, "secure");
    await this.#pump();
  }

  async #hearText(effect: Extract<SessionEffect, { type: "message" }>): Promise<void> {
    const { text, signed, statement } = effect;
    const { time } = statement;
    this.#archive.record("peer", statement);
    const sequence = await this.#mail.hear({ kind: "text", body: text, time, signed });
    this.#heard++;
    this.#renewal.trust();
    this.#company.speak();
    this.#show({ type: "message", text, time, sequence, signed });
    this.#mail.shown(this.#mail.tag!, sequence + 1);
  }

  async #hearOffer(effect: Extract<SessionEffect, { type: "offered" }>): Promise<void> {
    const { offer, signed, statement: { time } } = effect;
    this.#archive.record("peer", effect.statement);
    const body = encodeOffer(offer);
    const sequence = await this.#mail.hear({ kind: "file", body, time, signed });
    this.#heard++;
    this.#renewal.trust();
    this.#files.offered(this.#mail.tag!, offer);
    this.#mail.shown(this.#mail.tag!, sequence + 1);
  }

  async #delivered(count: number): Promise<void> {
    const { total, arrived } = await this.#mail.delivered(count);
    this.#show({ type: "delivered", count: total });
    this.#filesArrived(arrived);
  }

  /** Items of ours turn out to have arrived in an earlier session. */
  #arrived(items: readonly Item[]): void {
    this.#show({ type: "delivered", count: this.#mail.first! });
    this.#filesArrived(items);
  }

  #filesArrived(items: readonly Item[]): void {
    for (const { kind, body } of items) {
      if (kind === "file") this.#files.delivered(this.#mail.tag!, body);
    }
  }

  #said({ text, statement }: Extract<SessionEffect, { type: "said" }>): void {
    this.#archive.record("own", statement);
    const { kind, time } = statement;
    if (kind === "end") return;
    const sequence = this.#mail.say();
    if (kind === "text") this.#show({ type: "sent", text, time, sequence });
  }

  /** The number in their stream of what has this number among the session's items. */
  #numberOf(place: number): number {
    return this.#mail.received - this.#heard + Math.min(place, this.#heard);
  }

  /**
   * A check failed. Before we had met anybody, and where the other side itself broke a rule, that is the end. A later
   * handshake that fails may be a stranger's or the network's doing: the one whom we know may still come back.
   */
  #failed(error: ParleyError, before: Session["phase"]): void {
    // Where something is kept for somebody else, whoever breaks a rule may be a stranger on their seat.
    const isTheirs = before === "secure" && this.#mail.setAside === 0;
    if (isTheirs || this.#mail.tag === null || error.code === "bad-code") return this.#fail(error);
    this.#retry(error);
  }

  /** This session came to nothing, which may be the network's doing: another is to take its place. */
  #retry(error: ParleyError): void {
    this.#endSession();
    this.#show({ type: "refused", error });
    this.#renewal.suspect();
  }

  /** This is the end. */
  #fail(error: ParleyError): void {
    this.#isOver = true;
    this.#endSession();
    this.#show({ type: "error", error });
  }

  #endSession(): void {
    const gone = { phase: "ended", handshake: null, channel: null } as const;
    this.#replaceSession({ ...this.#session, ...gone });
  }

  /** Lets go of a session, and of all that is good for one session only. */
  #replaceSession(session: Session): void {
    this.#session = session;
    this.#clock.stop();
    this.#mail.part();
    this.#files.closed();
    this.#renewal.stop();
  }

  /** An encounter is over: the next one gets a fresh session. */
  async #part(how: Parting): Promise<void> {
    // Nobody had come yet: there is no session to lose.
    if (this.#session.phase !== "waiting") {
      await this.#step({ type: "peer-left" });
      if (this.#isOver) return;
      this.#replaceSession(newSession(this.#handshake));
    }
    const type = this.#company.part(how);
    if (type === null) return;
    if (type === "peer-away") return this.#show({ type });
    this.#finishing = false;
    const undelivered = textsOf(this.#mail.kept);
    this.#show({ type, clean: this.#company.isClean, undelivered });
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
