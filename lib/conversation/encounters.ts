/**
 * The encounters of a conversation, one after the other: each is a session with whichever peer is in the room, from
 * the key exchange until either side is gone.
 *
 *     session effects --> journal, then events --> subscribers
 *                    \--> link
 *
 * @module
 */
import type { Delivery } from "../delivery/delivery.ts";
import { isText, leadingTexts, offerItem, type OutboxLine, textsOf } from "../delivery/outbox.ts";
import type { Item, PeerId } from "../delivery/record.ts";
import { CheckError, type ParleyError, WireError } from "../errors.ts";
import type { HandshakeOptions } from "../protocol/handshake.ts";
import { parseOffer } from "../protocol/offer.ts";
import {
  advance,
  newSession,
  type SecureFacts,
  type Session,
  type SessionEffect,
  type SessionEnvironment,
  type SessionInput,
} from "../protocol/session.ts";
import type { FileSignal, ResumeSignal } from "../protocol/signal.ts";
import { Archive } from "./archive.ts";
import type { EncounterHost } from "./encounter_host.ts";
import { HandshakeTimer } from "./handshake_timer.ts";
import { type Parting, Presence } from "./presence.ts";
import { FLOOD_PAUSE, SessionWatchdog } from "./session_watchdog.ts";
import type { After } from "../timer.ts";

/** What an encounter needs. */
export interface EncounterOptions {
  /** What we bring to each handshake. */
  readonly handshake: HandshakeOptions;
  /** What outlives the sessions. */
  readonly delivery: Delivery;
  /** Randomness, KEM and clock. */
  readonly environment: SessionEnvironment;
  /**
   * Decides about a peer before a line goes to it: an error ends the conversation, and nothing is sent. Nothing is
   * taken from the relay in the meantime. Without it every peer is admitted.
   */
  readonly admit?: (facts: SecureFacts) => ParleyError | null | Promise<ParleyError | null>;
  /** Starts a timer. */
  readonly after: After;
  /** The session's state machine. @default the real one */
  readonly advance?: typeof advance;
}

/** Most lines that share a signature, so that a flood of them does not hold up what comes in. */
const MAX_BATCH = 64;

/** Most that may come before the other side has sent its `resume`: an honest one sends that first. */
const MAX_EARLY = 64;

/** Most refusals in one session without anything accepted between them: each is cheap, and nobody needs so many. */
const MAX_REFUSALS = 16;

/** The encounters. Each method is one input of the conversation's queue, taken to its end. */
export class Encounters {
  /** The presence of the peer. */
  readonly presence = new Presence();
  /** What was said, for export. */
  readonly archive = new Archive();
  readonly #options: EncounterOptions;
  readonly #host: EncounterHost;
  readonly #delivery: Delivery;
  readonly #timer: HandshakeTimer;
  readonly #watchdog: SessionWatchdog;
  /** What we bring to the next handshake. */
  #handshake: HandshakeOptions;
  #session: Session;
  /** What came before the other side told where it left off. */
  #early: SessionEffect[] = [];
  /** How many items of theirs came in this session. */
  #heard = 0;
  /** How often something was refused since the last time that something was accepted. */
  #refusals = 0;
  /** A check ended this conversation: whatever comes now comes too late. */
  #isOver = false;

  /** No peer has come yet. */
  constructor(options: EncounterOptions, host: EncounterHost) {
    this.#options = options;
    this.#host = host;
    this.#delivery = options.delivery;
    this.#handshake = options.handshake;
    this.#session = newSession(options.handshake);
    const { after } = options;
    this.#watchdog = new SessionWatchdog({
      after,
      renew: () => host.link()?.renew(),
      isBusy: () => host.isBusy(),
    });
    this.#timer = new HandshakeTimer({ after, timeOut: (handshake) => host.timeOut(handshake) });
  }

  /** The session that stands, or the one that comes. */
  get session(): Session {
    return this.#session;
  }

  /** Whether a check ended the conversation. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get #isSecure(): boolean {
    return this.#session.phase === "secure";
  }

  #reportOutbox(): void {
    this.#host.report({ type: "outbox", lines: this.#delivery.lines });
  }

  /** Stops all timers. */
  close(): void {
    this.#timer.stop();
    this.#watchdog.stop();
  }

  /** Brings another name to the next handshake. */
  rename(name: string): void {
    this.#handshake = { ...this.#handshake, name };
    if (this.#session.phase !== "waiting") return;
    this.#session = { ...this.#session, options: this.#handshake };
  }

  /**
   * Both seats are taken. A session that stands is not begun again: a relay says first that the peer is away, and one
   * that does not is lying.
   */
  async begin(acknowledge: () => void): Promise<void> {
    if (this.#session.phase === "ended") await this.part("lost");
    // Nothing of an earlier encounter is sent any more.
    acknowledge();
    await this.step({ type: "start" });
  }

  /** Sends a signal about a file, if the session is with that peer. */
  async sendSignal(to: PeerId, signal: FileSignal): Promise<void> {
    const isHere = this.#isSecure && this.#delivery.ready && this.#delivery.peer === to;
    if (isHere) await this.step({ type: "signal", signal });
  }

  /** A handshake took too long. */
  async timedOut(handshake: number): Promise<void> {
    if (this.#timer.isCurrent(handshake)) await this.step({ type: "timeout" });
  }

  /** Sends what the peer is to have, a batch at a time; behind the last, the goodbye. */
  async pump(): Promise<void> {
    if (!this.#isSecure || !this.#delivery.ready) return;
    const lines = this.#delivery.next(MAX_BATCH);
    const [first] = lines;
    if (first === undefined) {
      const isDone = this.#host.finished() && !this.#delivery.hasUnsent && !this.#host.files.busy;
      if (isDone) await this.step({ type: "finish" });
      return;
    }
    if (first.kind === "file") await this.step({ type: "offer", offer: parseOffer(first.text) });
    else await this.step({ type: "say", texts: leadingTexts(lines) });
    this.#reportOutbox();
    this.#host.pumpSoon();
  }

  /** Takes one input of the session, and carries out its effects. */
  async step(input: SessionInput): Promise<void> {
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
  async rest(): Promise<void> {
    if (this.#delivery.ready) await this.step({ type: "idle" });
  }

  async #perform(effect: SessionEffect, before: Session["phase"]): Promise<void> {
    switch (effect.type) {
      case "emit": {
        const { event, payload } = effect;
        this.#host.report({ type: "wire", direction: "out", event, payload });
        return this.#host.link()?.emit(event, payload);
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
        return this.#host.report({ ...effect, count: this.#numberOf(effect.count) });
      case "gap":
        this.#watchdog.gapSeen();
        return this.#host.report({
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
        if (before === "secure") this.presence.close(effect.clean);
        return;
      case "refused":
        return this.#refused(effect.error);
      case "step":
        return this.#host.report(effect);
    }
  }

  /** Something was refused, and changed nothing. That is reported once; what goes on ends the session. */
  #refused(error: ParleyError): void {
    // What came damaged may have been a piece of a file, and nobody sends that again in this session.
    if (error.code === "bad-message" && this.#host.files.moving) this.#watchdog.gapSeen();
    if (++this.#refusals === 1) this.#host.report({ type: "refused", error });
    if (this.#refusals < MAX_REFUSALS) return;
    this.#endSession();
    this.#host.report({
      type: "refused",
      error: new CheckError(
        "bad-message",
        `${MAX_REFUSALS} messages in a row were refused: forged, damaged or repeated on the way. ` +
          "Nothing of them was shown; a fresh session begins",
      ),
    });
    this.#watchdog.gapSeen(FLOOD_PAUSE);
  }

  /** A peer has proved its key: admitted, it learns where we left off. */
  async #meet(proved: SecureFacts): Promise<void> {
    if (this.presence.isStranger(proved)) return this.#refuseStranger();
    const facts = this.presence.recognize(proved);
    if (!await this.#admits(facts)) return;
    this.presence.admit(facts);
    // The code was for one meeting. From here on their key is who they are.
    this.#handshake = { ...this.#handshake, code: null };
    const { peer: before, addressee } = this.#delivery;
    const { greeting, isSame, abandoned } = await this.#delivery.meet(facts.peerIdentity.bytes);
    // What was offered to whoever comes is for the first one. What was offered to that one is nobody else's.
    if (before === null) this.#host.files.claim(addressee, this.#delivery.peer!);
    this.archive.begin(this.#session.options.name, facts, isSame);
    this.#early = [];
    this.#heard = 0;
    this.#host.met();
    if (!isSame) this.#reportOutbox();
    const lines = textsOf(abandoned);
    if (lines.length > 0) this.#host.report({ type: "not-sent", lines });
    this.#host.report({ type: "secure", facts, again: isSame });
    await this.step({ type: "signal", signal: greeting });
  }

  /** Somebody else is in the room of a conversation that a code has tied to one peer. */
  #refuseStranger(): void {
    this.#endSession();
    const error = new CheckError(
      "other-peer",
      "somebody else is in the room, and not the one who proved the invite code: nothing was sent " +
        "to them. Waiting for the one who did",
    );
    this.#host.report({ type: "refused", error });
  }

  /** Whether the peer is admitted; if not, this is the end. */
  async #admits(facts: SecureFacts): Promise<boolean> {
    if (this.presence.isKnown(facts)) return true;
    const error = await this.#options.admit?.(facts) ?? null;
    if (this.#host.closed()) return false;
    if (error !== null) this.fail(error);
    return error === null;
  }

  /** Takes what came from the other side, once it is known where that belongs. */
  async #hear(
    effect: Extract<SessionEffect, { type: "message" | "offered" | "signal" }>,
  ): Promise<void> {
    this.#refusals = 0;
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
    if (effect.signal.type !== "resume") {
      this.#host.files.signal(this.#delivery.peer!, effect.signal);
    }
  }

  async #resume(signal: ResumeSignal): Promise<void> {
    try {
      const { lost, count, arrived } = await this.#delivery.resume(signal);
      if (lost !== null) this.#host.report({ type: "lost", from: lost[0], to: lost[1] });
      if (arrived.length > 0) this.#arrived({ count, arrived });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#failed(error, "secure");
    }
    // What is owed from here on is counted from here on.
    this.#watchdog.watch(false);
    const early = this.#early;
    this.#early = [];
    this.#host.files.opened(this.#delivery.peer!);
    for (const effect of early) await this.#perform(effect, "secure");
    await this.pump();
  }

  /** A text or an offer: in the journal before it is shown, and before it is acknowledged. */
  async #hearStatement(
    effect: Extract<SessionEffect, { type: "message" | "offered" }>,
  ): Promise<void> {
    const { signed, statement, statement: { time } } = effect;
    this.archive.record("peer", statement);
    const item: Item = effect.type === "message"
      ? { kind: "text", body: effect.text }
      : offerItem(effect.offer);
    const sequence = await this.#delivery.receive({ ...item, time, signed });
    this.#heard++;
    this.#watchdog.gapClosed();
    if (effect.type === "offered") this.#host.files.offered(this.#delivery.peer!, effect.offer);
    else {
      this.presence.speak();
      this.#host.report({ type: "message", text: effect.text, time, sequence, signed });
    }
    this.#delivery.shown(this.#delivery.peer!, sequence + 1);
  }

  #peerFinished({ statement }: Extract<SessionEffect, { type: "peer-finished" }>): void {
    this.archive.record("peer", statement);
    if (!this.presence.finish()) return;
    this.#host.report({ type: "peer-finished" });
    this.#host.peerFinished();
  }

  /** Lines of ours turn out to have arrived, in this session or in an earlier one. */
  #arrived({ count, arrived }: { count: number; arrived: readonly OutboxLine[] }): void {
    this.#reportOutbox();
    this.#host.report({ type: "delivered", count, lines: arrived.filter(isText) });
    for (const line of arrived) {
      if (!isText(line)) this.#host.files.delivered(this.#delivery.peer!, line.text);
    }
  }

  #said({ statement }: Extract<SessionEffect, { type: "said" }>): void {
    this.archive.record("own", statement);
    if (statement.kind === "end") return;
    const line = this.#delivery.sent(statement.time);
    if (isText(line)) this.#host.report({ type: "sent", line });
  }

  /** The number in their stream of what has this number among the session's items. */
  #numberOf(place: number): number {
    return this.#delivery.received - this.#heard + Math.min(place, this.#heard);
  }

  /**
   * A check failed. Before we had met anybody, and where the other side itself broke a rule, that is the end. A later
   * handshake that fails may be a stranger's or the network's doing: the peer that we know may still come back.
   */
  #failed(error: ParleyError, before: Session["phase"]): void {
    // Where lines wait for another peer, whoever breaks a rule may be a stranger on their seat.
    const isTheirs = before === "secure" && this.#delivery.setAside === 0;
    const isFirst = this.#delivery.peer === null;
    if (isTheirs || isFirst || error.code === "bad-code") return this.fail(error);
    this.#retry(error);
  }

  /** This session came to nothing, which may be the network's doing: another is to take its place. */
  #retry(error: ParleyError): void {
    this.#endSession();
    this.#host.report({ type: "refused", error });
    this.#watchdog.gapSeen();
  }

  /** This is the end. */
  fail(error: ParleyError): void {
    this.#isOver = true;
    this.#endSession();
    this.#host.report({ type: "error", error });
  }

  #endSession(): void {
    const gone = { phase: "ended", handshake: null, channel: null } as const;
    this.#replaceSession({ ...this.#session, ...gone });
    this.#host.dropReceived();
  }

  /** Lets go of a session, and of all that is good for one session only. */
  #replaceSession(session: Session): void {
    this.#session = session;
    this.#refusals = 0;
    this.#timer.stop();
    this.#delivery.part();
    this.#host.files.closed();
    this.#watchdog.stop();
    this.#reportOutbox();
  }

  /** An encounter is over: the next one gets a fresh session. */
  async part(how: Parting): Promise<void> {
    // Nobody had come yet: there is no session to lose.
    if (this.#session.phase !== "waiting") {
      await this.step({ type: "peer-left" });
      if (this.#isOver) return;
      this.#replaceSession(newSession(this.#handshake));
    }
    const type = this.presence.part(how);
    if (type === null) return;
    this.#host.parted(type);
    if (type === "peer-away") return this.#host.report({ type });
    const undelivered = textsOf(this.#delivery.lines);
    this.#host.report({ type, clean: this.presence.isClean, undelivered });
  }
}
