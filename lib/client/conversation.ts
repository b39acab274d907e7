/**
 * One client's conversation: the mailbox in front of the session's state machine.
 *
 * Inputs from the relay and from the user queue up here and are taken one at a time, because the
 * cryptography between them is asynchronous. When the other side leaves, the next one gets a fresh session.
 *
 * @module
 */
import { type Bytes, equalBytes } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import { HANDSHAKE_PATIENCE } from "../protocol/constants.ts";
import type { HandshakeOptions } from "../protocol/handshake.ts";
import { otherRole, type Role } from "../protocol/key_schedule.ts";
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
  undeliveredCount,
} from "../protocol/session.ts";
import type { Statement } from "../protocol/statement.ts";
import { coveredEntries, type Entry, writeTranscript } from "../protocol/transcript.ts";
import type { ClientEvent, View } from "./events.ts";
import type { WireTap } from "./explain.ts";
import { Mailbox } from "./mailbox.ts";
import { refusalError, type RelayAddress, type RelayInput, type RelayPort } from "./relay_port.ts";

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

/** The time that one handshake has. */
export interface Clock {
  /** Lets the handshake be. */
  stop: () => void;
}

/** What a conversation takes: from the relay, from the user, and from the clock. */
export type ConversationInput = RelayInput | UserInput | Renaming | {
  readonly type: "timeout";
  readonly clock: Clock;
};

/** What a conversation is made of. */
export interface ConversationOptions {
  /** The relay and the room, for what the user is told. */
  readonly address: RelayAddress;
  /** What we bring to each handshake. */
  readonly handshake: HandshakeOptions;
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
}

/** The conversation that a transcript is made from: the current one, or the last. */
interface Talk {
  readonly ownName: string;
  readonly facts: SecureFacts;
  readonly entries: Entry[];
}

/** Most lines that share one `say`, so that a flood of input does not hold up what comes in. */
const MAX_BATCH = 64;

/** The mailbox. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #mailbox = new Mailbox<ConversationInput>({
    take: (input) => this.#take(input),
    idle: () => this.#step({ type: "idle" }),
    broken: (cause) => this.#show({ type: "error", error: internalError(cause) }),
  });
  /** What we bring to the next handshake. */
  #handshake: HandshakeOptions;
  #session: Session;
  /** The clock that the handshake under way is held to. */
  #clock: Clock | null = null;
  #port: RelayPort | null = null;
  #lastPeer: Bytes | null = null;
  #talk: Talk | null = null;
  /** Lines that a peer who is gone was to have. */
  #pending: readonly string[] = [];
  /** Lines out of the mailbox that the session is still sealing. */
  #underway = 0;

  /** A conversation that is not connected yet. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#handshake = options.handshake;
    this.#session = newSession(options.handshake);
  }

  /** Takes the way to the relay; to be called once, before anything is posted. */
  attach(port: RelayPort): void {
    this.#port = port;
  }

  /** Queues an input. */
  post(input: ConversationInput): void {
    this.#mailbox.post(input);
  }

  /** How many lines of ours are not known to have arrived. */
  get undelivered(): number {
    return queuedLines(this.#mailbox) + this.#underway + this.#pending.length +
      undeliveredCount(this.#session);
  }

  /** Both sides have said goodbye, and everything has arrived. */
  get settled(): boolean {
    return this.#mailbox.waiting.length === 0 && isSettled(this.#session);
  }

  /** Whether our side has said its goodbye. */
  get finished(): boolean {
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
  async close(): Promise<void> {
    if (this.#mailbox.closed) return;
    if (isCodeAtRisk(this.#session)) this.#show({ type: "code-spent" });
    this.#mailbox.close();
    this.#clock?.stop();
    await this.#port?.close();
  }

  #show(event: ClientEvent): void {
    if (!this.#mailbox.closed) this.#options.view.show(event);
  }

  async #take(input: ConversationInput): Promise<void> {
    switch (input.type) {
      case "connected":
        return this.#show({ type: "waiting", ...this.#options.address });
      case "disconnected":
        this.#show({ type: "disconnected" });
        return await this.#step({ type: "peer-left" });
      case "unreachable":
        return this.#show({ type: "error", error: input.error });
      case "refusal": {
        const error = refusalError(input.refusal);
        return this.#show({ type: input.final ? "error" : "refused", error });
      }
      case "key-exchange":
        input.acknowledge();
        return await this.#step({ type: "start" });
      case "relay-peer-away":
      case "relay-peer-left":
        return await this.#step({ type: "peer-left" });
      case "received":
        this.#options.tap?.received(input.event, input.payload);
        return await this.#step({ ...input, type: "receive" });
      case "finish":
        return await this.#step(input);
      case "timeout":
        // One that ran out while its handshake ended must not end the next.
        if (input.clock === this.#clock) await this.#step({ type: "timeout" });
        return;
      case "rename":
        return this.#rename(input.name);
      case "say":
        return await this.#say(input.texts);
    }
  }

  #rename(name: string): void {
    this.#handshake = { ...this.#handshake, name };
    if (this.#session.phase !== "waiting") return;
    this.#session = { ...this.#session, options: this.#handshake };
  }

  /** Says a line and all that wait right behind it: they share one signature. */
  async #say(first: readonly string[]): Promise<void> {
    const texts = [...first, ...takeQueuedLines(this.#mailbox, MAX_BATCH - first.length)];
    if (this.#lastPeer !== null && !this.secure) {
      this.#pending = [...this.#pending, ...texts];
      return;
    }
    this.#underway = texts.length;
    await this.#step({ type: "say", texts });
  }

  async #step(input: SessionInput): Promise<void> {
    // Nobody had come yet: there is no session to lose, and nothing to tell.
    if (input.type === "peer-left" && this.#session.phase === "waiting") return;
    const { session, effects } = await advance(this.#session, input, this.#options.environment);
    this.#session = session;
    this.#underway = 0;
    this.#watchClock();
    for (const effect of effects) {
      // What the session said at once comes behind this effect, and has not left yet.
      if (effect.type === "secure" && !await this.#admits(effect)) return;
      this.#perform(effect);
    }
  }

  /** Whether the one who came is welcome; if not, this is the end. */
  async #admits(facts: SecureFacts): Promise<boolean> {
    const error = await this.#options.admit?.(facts) ?? null;
    if (error === null) return !this.#mailbox.closed;
    this.#session = { ...this.#session, phase: "ended", channel: null, outbox: [] };
    this.#show({ type: "error", error });
    return false;
  }

  /** Holds a handshake to its time, from its first message to its last. */
  #watchClock(): void {
    const runs = this.#session.phase === "handshaking";
    if (runs === (this.#clock !== null)) return;
    this.#clock?.stop();
    this.#clock = null;
    if (!runs) return;
    const clock: Clock = { stop: () => {} };
    clock.stop = this.#options.after(
      HANDSHAKE_PATIENCE,
      () => this.post({ type: "timeout", clock }),
    );
    this.#clock = clock;
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case "emit":
        this.#options.tap?.sent(effect.event, effect.payload);
        return this.#port?.emit(effect.event, effect.payload);
      case "secure": {
        const { type: _, ...facts } = effect;
        this.#talk = { ownName: this.#session.options.name, facts, entries: [] };
        this.#show({ type: "secure", facts });
        return this.#meet(facts.peerIdentity.bytes);
      }
      case "message": {
        const { text, signed, statement: { time, sequence } } = effect;
        this.#record("peer", effect.statement);
        return this.#show({ type: "message", text, time, sequence, signed });
      }
      case "said": {
        const { text, statement: { kind, time, sequence } } = effect;
        this.#record("own", effect.statement);
        if (kind === "end") return;
        return this.#show({ type: "sent", text, time, sequence });
      }
      case "peer-finished":
        this.#record("peer", effect.statement);
        return this.#show({ type: "peer-finished" });
      case "failed":
        return this.#show({ type: "error", error: effect.error });
      case "peer-left":
        return this.#part(effect);
      default:
        return this.#show(effect);
    }
  }

  #record(who: "own" | "peer", statement: Statement): void {
    const { facts, entries } = this.#talk!;
    const sender: Role = who === "own" ? facts.role : otherRole(facts.role);
    entries.push({ sender, statement });
  }

  /**
   * The signed transcript of this conversation, or of the last one.
   *
   * @returns its text, and how many of the newest statements no signature covers yet
   * @throws {ParleyError} `nothing-to-export` before the first conversation, or when it is deniable
   */
  async exportTranscript(): Promise<{ text: string; omitted: number }> {
    if (this.#talk === null) {
      throw new ParleyError("nothing-to-export", "there is no conversation to export yet");
    }
    const { ownName: name, facts, entries } = this.#talk;
    if (facts.deniable) {
      throw new ParleyError(
        "nothing-to-export",
        "this conversation is deniable: it has no signatures, so a transcript would prove nothing",
      );
    }
    const { identity } = this.#options.handshake;
    const names = facts.role === "low"
      ? { low: name, high: facts.peerName }
      : { low: facts.peerName, high: name };
    const snapshot = [...entries];
    const conversation = {
      handshake: facts.transcript,
      exporter: facts.role,
      names,
      entries: snapshot,
    };
    const text = await writeTranscript(conversation, identity, this.#options.environment.random);
    return { text, omitted: snapshot.length - coveredEntries(snapshot).length };
  }

  /** Somebody is there. What was kept for the one before goes to the same person only. */
  #meet(identity: Bytes): void {
    const kept = this.#pending;
    const isSame = this.#lastPeer !== null && equalBytes(this.#lastPeer, identity);
    this.#lastPeer = identity;
    this.#pending = [];
    if (kept.length === 0) return;
    if (isSame) this.#mailbox.putBack({ type: "say", texts: kept });
    else this.#show({ type: "not-sent", lines: kept });
  }

  /** Nobody is there any more: the next one gets a fresh session. */
  #part(effect: Extract<SessionEffect, { type: "peer-left" }>): void {
    const { clean, undelivered, unsent } = effect;
    const met = this.#lastPeer !== null;
    this.#session = newSession(this.#handshake, met ? [] : unsent);
    if (met) this.#show({ type: "peer-left", clean, undelivered });
  }
}

/** How many lines of ours wait in the mailbox. */
export function queuedLines(mailbox: { readonly waiting: readonly ConversationInput[] }): number {
  return mailbox.waiting.reduce(
    (lines, input) => lines + (input.type === "say" ? input.texts.length : 0),
    0,
  );
}

/** Takes lines out of the front of the mailbox, until there are `enough` or something else comes first. */
function takeQueuedLines(mailbox: Mailbox<ConversationInput>, enough: number): string[] {
  const texts: string[] = [];
  while (texts.length < enough && mailbox.waiting[0]?.type === "say") {
    texts.push(...(mailbox.shift() as { texts: readonly string[] }).texts);
  }
  return texts;
}

/** What the user is told of a bug; the process ends instead of hanging. */
export function internalError(cause: unknown): ParleyError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ParleyError(
    "internal",
    `an internal error, which is a bug in parley: ${message}. Please report it`,
  );
}
