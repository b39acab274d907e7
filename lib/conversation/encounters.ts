/**
 * The encounters of a conversation, one after the other: each is a session with whichever peer is in the room, from
 * the key exchange until either side is gone.
 *
 *     session effects --> journal, then events --> subscribers
 *                    \--> link
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { textsOf } from "../delivery/outbox.ts";
import type { PeerId } from "../delivery/record.ts";
import { type ParleyError, WireError } from "../errors.ts";
import type { HandshakeOptions } from "../protocol/handshake.ts";
import {
  advance,
  newSession,
  type SecureFacts,
  type Session,
  type SessionEffect,
  type SessionInput,
} from "../protocol/session.ts";
import type { FileSignal, ResumeSignal, Signal } from "../protocol/signal.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import type { Archive } from "./archive.ts";
import { EarlyEnvelopes } from "./early_envelopes.ts";
import type { EncounterHost, EncounterOptions } from "./encounter_host.ts";
import { HandshakeTimer } from "./handshake_timer.ts";
import { Outgoing } from "./outgoing.ts";
import { type Parting, Presence } from "./presence.ts";
import { leadingStatements, Statements } from "./statements.ts";
import { floodError, otherPeerError, restoredWarning, tooLongError } from "./wording.ts";
import { FLOOD_PAUSE, SessionWatchdog } from "./session_watchdog.ts";

/** Most refusals in one session without anything accepted between them: each is cheap, and nobody needs so many. */
const MAX_REFUSALS = 16;

/** How often a sender of files is asked for leaves until it answers with a receipt. */
const GETS_FOR_ANSWER = 32;

/** The encounters. Each method is one input of the conversation's queue, taken to its end. */
export class Encounters {
  /** The presence of the peer. */
  readonly presence = new Presence();
  readonly #options: EncounterOptions;
  readonly #host: EncounterHost;
  readonly #delivery: Delivery;
  readonly #timer: HandshakeTimer;
  readonly #watchdog: SessionWatchdog;
  /** What we bring to the next handshake. */
  #handshake: HandshakeOptions;
  #session: Session;
  readonly #outgoing: Outgoing;
  readonly #early = new EarlyEnvelopes();
  readonly #statements: Statements;
  /** How often something was refused since the last time that something was accepted. */
  #refusals = 0;
  /** How often we were asked for leaves in this session. */
  #gets = 0;
  /** A check ended this conversation: whatever comes now comes too late. */
  #isOver = false;

  /** No peer has come yet. */
  constructor(options: EncounterOptions, host: EncounterHost) {
    this.#options = options;
    this.#host = host;
    this.#delivery = options.delivery;
    this.#handshake = options.handshake;
    this.#session = newSession(options.handshake);
    this.#outgoing = new Outgoing(options.delivery, host.limit);
    this.#statements = new Statements(options.delivery, this.presence, host);
    const { after } = options;
    this.#watchdog = new SessionWatchdog({
      after,
      renew: () => host.link()?.renew(),
      isBusy: () => host.isBusy(),
    });
    this.#timer = new HandshakeTimer({ after, timeOut: (handshake) => host.timeOut(handshake) });
  }

  /** What was said, for export. */
  get archive(): Archive {
    return this.#statements.archive;
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

  /** Stops all timers, and lets everybody go who waits for something to be sent. */
  close(): void {
    this.#outgoing.drop();
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

  /** How many statements of this session a person had before them by now. */
  get shown(): number {
    return this.#statements.shown;
  }

  /** Sends a signal about a file, if the session is with that peer. @param done called when that is decided */
  sendSignal(to: PeerId, signal: FileSignal, done: () => void): void {
    if (!this.#isOpen || this.#delivery.peer !== to) return done();
    this.#outgoing.add(signal, done);
    this.#host.pumpSoon();
  }

  /** Sends a frame likewise, past the session; resolves when there is room for another. */
  async sendFrame(to: PeerId, frame: Bytes): Promise<void> {
    if (!this.#isOpen || this.#delivery.peer !== to) return;
    this.#emit("message", frame);
    await this.#host.link()?.room();
  }

  #emit(event: RelayedEvent, payload: Bytes): void {
    this.#host.report({ type: "wire", direction: "out", event, payload });
    this.#host.link()?.emit(event, payload);
  }

  /** Whether more than receipts can be sent. */
  get #isOpen(): boolean {
    const { channel } = this.#session;
    return channel !== null && this.#delivery.ready && !channel.own.ended;
  }

  /** A handshake took too long. */
  async timedOut(handshake: number): Promise<void> {
    if (this.#timer.isCurrent(handshake)) await this.step({ type: "timeout" });
  }

  /** Sends what the peer is to have, a bundle at a time; behind the last, the goodbye. */
  async pump(): Promise<void> {
    if (!this.#isOpen) return;
    const { files, finished } = this.#host;
    // Behind their goodbye they say nothing about files any more, either.
    const isDone = finished() && (!files.busy || this.#session.channel!.peer.ended);
    const time = this.#options.environment.now();
    const end = { type: "end", text: "", time, seen: this.shown } as const;
    const batch = this.#outgoing.next(time, isDone ? end : null);
    if (batch === null) return;
    const { items, lines, sent } = batch;
    if (lines > 0) await this.#delivery.sealing(lines);
    await this.step({ type: "send", items });
    sent();
    if (lines > 0) this.#reportOutbox();
    this.#host.pumpSoon();
  }

  /** Takes a message of the peer. One that overtook the end of the handshake is held until then. */
  async receive(event: PeerEvent, payload: unknown): Promise<void> {
    const isEarly = event === "received_message" && this.#session.phase === "handshaking";
    if (isEarly && this.#early.hold(payload)) return;
    await this.step({ type: "receive", event, payload });
    if (this.#session.phase === "handshaking") return;
    for (const payload of this.#early.take()) {
      await this.step({ type: "receive", event: "received_message", payload });
    }
  }

  /** Takes one input of the session, and carries out its effects. */
  async step(input: SessionInput): Promise<void> {
    const { environment, advance: take = advance } = this.#options;
    const before = this.#session;
    const { session, effects } = await take(before, input, environment);
    this.#session = session;
    this.#timer.watch(session.phase === "handshaking");
    const { expected = 0, held = [] } = session.channel ?? {};
    if (expected > (before.channel?.expected ?? 0)) {
      this.#refusals = 0;
      if (held.length === 0) this.#watchdog.gapClosed();
    }
    this.#statements.record(effects);
    for (let i = 0; i < effects.length;) {
      const items = leadingStatements(effects, i);
      if (items.length > 0) await this.#statements.heard(items);
      else await this.#perform(effects[i]!, before.phase);
      i += Math.max(1, items.length);
      // What one of them did may have ended the session.
      if (this.#session.phase === "ended" && session.phase !== "ended") break;
    }
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
      case "emit":
        return this.#emit(effect.event, effect.payload);
      case "frame":
        return await this.#hearFrame(effect.bytes);
      case "secure": {
        const { type: _, ...facts } = effect;
        return await this.#meet(facts);
      }
      case "message":
      case "offered":
        return await this.#statements.heard([effect]);
      case "signal":
        return await this.#hearSignal(effect.signal);
      case "said":
        return this.#statements.said(effect);
      case "delivered":
        this.#watchdog.progress();
        this.#host.limit.progress();
        return this.#statements.arrived(await this.#delivery.delivered(effect.count));
      case "gap":
        this.#watchdog.gapSeen();
        return this.#host.report({ type: "gap", from: this.#delivery.received });
      case "peer-finished":
        this.#statements.finished();
        return this.#host.pumpSoon();
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

  async #hearSignal(signal: Signal): Promise<void> {
    if (signal.type === "resume") return await this.#resume(signal);
    // Before a goodbye that is behind it.
    await this.#host.files.signal(this.#delivery.peer!, signal);
    // Frames turn no ratchet: a sender that never answered would keep both sides from healing.
    const isDue = signal.type === "file-get" && ++this.#gets % GETS_FOR_ANSWER === 0;
    if (isDue) await this.step({ type: "send", items: [] });
  }

  async #hearFrame(bytes: Uint8Array): Promise<void> {
    try {
      const error = await this.#host.files.frame(bytes);
      if (error !== null) this.#refused(error);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#failed(error, "secure");
    }
  }

  /** Something was refused, and changed nothing. What goes on ends the session, with a notice that counts. */
  #refused(error: ParleyError): void {
    if (++this.#refusals < MAX_REFUSALS) return this.#host.report({ type: "refused", error });
    this.#endSession();
    this.#host.report({
      type: "refused",
      error: floodError(MAX_REFUSALS),
    });
    this.#watchdog.gapSeen(FLOOD_PAUSE);
  }

  /** A peer has proved its key: admitted, it learns where we left off. */
  async #meet(proved: SecureFacts): Promise<void> {
    if (this.presence.isStranger(proved)) {
      this.#endSession();
      return this.#host.report({ type: "refused", error: otherPeerError() });
    }
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
    this.#host.met();
    if (!isSame) this.#reportOutbox();
    const lines = textsOf(abandoned);
    if (lines.length > 0) this.#host.report({ type: "not-sent", lines });
    this.#host.report({ type: "secure", facts, again: isSame });
    await this.step({ type: "send", items: [greeting] });
  }

  /** Whether the peer is admitted; if not, this is the end. */
  async #admits(facts: SecureFacts): Promise<boolean> {
    if (this.presence.isKnown(facts)) return true;
    const error = await this.#options.admit?.(facts) ?? null;
    if (this.#host.closed()) return false;
    if (error !== null) this.fail(error);
    return error === null;
  }

  async #resume(signal: ResumeSignal): Promise<void> {
    try {
      const { lost, restored, count, arrived } = await this.#delivery.resume(signal);
      if (lost !== null) this.#host.report({ type: "lost", from: lost[0], to: lost[1] });
      if (restored !== null) this.#host.report(restoredWarning(restored));
      if (restored === "ours") {
        this.#endSession();
        return this.#host.link()?.renew();
      }
      if (arrived.length > 0) this.#statements.arrived({ count, arrived });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#failed(error, "secure");
    }
    await this.#withdraw();
    // What is owed from here on is counted from here on.
    this.#watchdog.watch(false);
    this.#host.files.opened(this.#delivery.peer!, this.#session.channel!.sessionId);
    this.#host.pumpSoon();
  }

  /** Takes lines out that this relay never lets pass: it is known now that they have not arrived. */
  async #withdraw(): Promise<void> {
    const { text: longest } = this.#host.limit;
    const lines = await this.#delivery.withdraw(longest);
    if (lines.length === 0) return;
    this.#reportOutbox();
    for (const { bytes } of lines) {
      this.#host.report({ type: "refused", error: tooLongError(bytes, longest) });
    }
    this.#host.report({ type: "not-sent", lines: textsOf(lines) });
  }

  /**
   * A check failed. Before we had met anybody, and where the other side itself broke a rule, that is the end. A later
   * handshake that fails may be a stranger's or the network's doing: the peer that we know may still come back. Where
   * a code is to meet somebody, whoever stumbles before the code was at risk is a stranger: the one who has it may
   * still come.
   */
  #failed(error: ParleyError, before: Session["phase"]): void {
    // Where lines wait for another peer, whoever breaks a rule may be a stranger on their seat.
    const isTheirs = before === "secure" && this.#delivery.setAside === 0;
    const isFirst = this.#delivery.peer === null && this.#handshake.code === null;
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
    this.#gets = 0;
    this.#statements.part();
    this.#early.take();
    this.#outgoing.drop();
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
