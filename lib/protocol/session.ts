/**
 * One encounter of two people, from `KEY_EXCHANGE` to goodbye, as a pure state machine: an input and a state
 * give the next state and a list of effects. It touches no socket, file, clock or terminal.
 *
 *     waiting --start or a peer's message--> handshaking --confirmed--> secure --peer left--> ended
 *                                                 \______failed check______________________/
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { CheckError, ParleyError } from "../errors.ts";
import type { ClientEvent, PeerEvent } from "../relay/events.ts";
import {
  acknowledge,
  alreadyFinished,
  type Channel,
  type ChannelTransition,
  isChannelSettled,
  openChannel,
  receiveMessage,
  sayEnd,
  sayOffer,
  sayTexts,
  sendSignal,
} from "./channel.ts";
import { MAX_TEXT_BYTES } from "./constants.ts";
import type { SessionEffect, SessionEnvironment, SessionInput } from "./effects.ts";
import { keyFingerprint, safetyNumber } from "./fingerprint.ts";
import {
  checkName,
  type Established,
  type Handshake,
  type HandshakeMessage,
  type HandshakeOptions,
  type Progress,
  receiveHandshake,
  startHandshake,
} from "./handshake.ts";
import type { Offer } from "./offer.ts";
import type { Signal } from "./signal.ts";
import { payloadBytes } from "./wire.ts";

export type { Channel, Direction, Head } from "./channel.ts";
export type {
  SecureFacts,
  SessionEffect,
  SessionEnvironment,
  SessionInput,
  Step,
} from "./effects.ts";

/** The state of one session. Immutable. */
export interface Session {
  /** What this side brings. */
  readonly options: HandshakeOptions;
  /** Where the diagram above stands. */
  readonly phase: "waiting" | "handshaking" | "secure" | "ended";
  /** Only while handshaking. */
  readonly handshake: Handshake | null;
  /** Only while secure. */
  readonly channel: Channel | null;
  /** Said before the handshake was done. */
  readonly outbox: readonly string[];
  /** `finish` came before the handshake was done. */
  readonly finishing: boolean;
}

/** A state and the effects that led to it. */
export interface Transition {
  /** The next state. */
  readonly session: Session;
  /** To be carried out in this order. */
  readonly effects: readonly SessionEffect[];
}

/**
 * A session in which nothing has happened yet.
 *
 * @param outbox texts to send as soon as there is somebody to read them
 * @throws {RangeError} when the name or a text is too long, so that nothing later throws for it
 */
export function newSession(options: HandshakeOptions, outbox: readonly string[] = []): Session {
  checkName(options.name);
  checkTexts(outbox);
  return {
    options,
    phase: "waiting",
    handshake: null,
    channel: null,
    outbox,
    finishing: false,
  };
}

/**
 * Takes one input. Nothing from the network makes it throw: a fault becomes a `refused` effect, which
 * leaves the session as it was, or a `failed` one, which ends it.
 *
 * @throws {RangeError} when `say` is given a text of more than 512 KiB
 * @throws {TypeError} when `offer` or `signal` comes before the handshake is done
 */
export async function advance(
  session: Session,
  input: SessionInput,
  environment: SessionEnvironment,
): Promise<Transition> {
  if (session.phase === "ended") return { session, effects: [] };
  try {
    return await take(session, input, environment);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return {
      session: ended(session),
      effects: [{ type: "failed", error: isCodeAtRisk(session) ? spentCode(error) : error }],
    };
  }
}

/**
 * Whether our proof of the invite code is out and the other side has given none. Whoever holds that proof
 * can try one guess on it, so however this ends, the code must not be used again.
 */
export function isCodeAtRisk(session: Session): boolean {
  return session.options.code !== null && session.handshake?.agreement != null;
}

/** Breaking off, in whatever way, is what somebody does whose guess at the code was wrong. */
function spentCode(error: ParleyError): CheckError {
  if (error instanceof CheckError && error.code === "bad-code") return error;
  return new CheckError(
    "bad-code",
    `the other side broke off without proving the invite code (${error.message}): perhaps a guess. ` +
      "Make a new code; this one is spent",
  );
}

/** The end of a session: its keys and its queue are let go. */
function ended(session: Session): Session {
  return { ...session, phase: "ended", handshake: null, channel: null, outbox: [] };
}

function take(
  session: Session,
  input: SessionInput,
  environment: SessionEnvironment,
): Promise<Transition> | Transition {
  switch (input.type) {
    case "start":
      return begin(session, environment, [{ type: "step", step: "key-exchange" }]);
    case "receive":
      return receive(session, input.event, input.payload, environment);
    case "say":
      return say(session, input.texts, environment);
    case "offer":
      return offer(session, input.offer, environment);
    case "signal":
      return signal(session, input.signal, environment);
    case "finish":
      return finish(session, environment);
    case "idle":
      return acknowledgeAll(session, environment);
    case "peer-left":
      return peerLeft(session);
    case "timeout":
      return timedOut(session);
  }
}

const HANDSHAKE_KIND: Readonly<Record<Exclude<PeerEvent, "received_message">, HandshakeMessage>> = {
  ELGAMAL_PK_BC: "hello",
  DEFF_HELLMAN_PK_BC: "share",
  SECURE_BC: "confirmation",
};

const HANDSHAKE_EVENT: Readonly<Record<HandshakeMessage, ClientEvent>> = {
  hello: "ELGAMAL_PK",
  share: "DEFF_HELLMAN_PK",
  confirmation: "SECURE",
};

/** Starts the handshake, once: the peer's first message may overtake the relay's `KEY_EXCHANGE`. */
async function begin(
  session: Session,
  environment: SessionEnvironment,
  before: readonly SessionEffect[],
): Promise<Transition> {
  if (session.phase !== "waiting") return { session, effects: [] };
  const progress = await startHandshake(session.options, environment);
  const next: Session = { ...session, phase: "handshaking", handshake: progress.state };
  const effects: SessionEffect[] = [
    { type: "step", step: "keys-made" },
    ...before,
    ...emits(progress),
    { type: "step", step: "identity-sent" },
  ];
  return { session: next, effects };
}

function emits(progress: Progress): SessionEffect[] {
  return progress.send.map(({ kind, bytes }) => ({
    type: "emit",
    event: HANDSHAKE_EVENT[kind],
    payload: bytes,
  }));
}

async function receive(
  session: Session,
  event: PeerEvent,
  payload: unknown,
  environment: SessionEnvironment,
): Promise<Transition> {
  if (event === "received_message") return await hear(session, payload, environment);
  const kind = HANDSHAKE_KIND[event];
  if (session.phase === "secure") {
    const error = new CheckError("unexpected", `a ${kind} came when the handshake was done`);
    return { session, effects: [{ type: "refused", error }] };
  }
  if (kind === "hello" && typeof payload === "string") throw otherSuite();
  const bytes = payloadBytes(kind, payload);
  const begun = await begin(session, environment, []);
  const progress = await receiveHandshake(begun.session.handshake!, kind, bytes, environment);
  const next = { ...begun.session, handshake: progress.state };
  const effects = [...begun.effects, ...steps(kind, progress)];
  if (progress.established === null) return { session: next, effects };
  const opened = await open(next, progress.established, environment);
  return { session: opened.session, effects: [...effects, ...opened.effects] };
}

/** The original protocol sends its keys as text. */
function otherSuite(): CheckError {
  return new CheckError(
    "suite-mismatch",
    "the other side speaks the original protocol without authentication: it needs parley, too",
  );
}

/** The effects of one handshake message: what is sent, and which steps are done. */
function steps(kind: HandshakeMessage, progress: Progress): SessionEffect[] {
  const effects: SessionEffect[] = [];
  if (kind === "hello") effects.push({ type: "step", step: "identity-received" });
  const sent = progress.send.map(({ kind }) => kind);
  if (sent.includes("confirmation")) {
    effects.push({ type: "step", step: "signature-verified" });
    effects.push({ type: "step", step: "secret-computed" });
  }
  effects.push(...emits(progress));
  if (sent.includes("share")) effects.push({ type: "step", step: "share-sent" });
  return effects;
}

/** The handshake is done: from here on there are messages, first those that were kept. */
async function open(
  session: Session,
  established: Established,
  environment: SessionEnvironment,
): Promise<Transition> {
  const { keys, peerIdentity, peerName, deniable, transcript } = established;
  const { sessionId } = keys;
  const channel = await openChannel(established, environment.random);
  const own = session.options.identity.publicKey.bytes;
  const secure: SessionEffect = {
    type: "secure",
    peerName,
    peerIdentity,
    ownFingerprint: await keyFingerprint(own),
    peerFingerprint: await keyFingerprint(peerIdentity.bytes),
    safetyNumber: await safetyNumber(sessionId, own, peerIdentity.bytes),
    deniable,
    invited: session.options.code !== null,
    role: established.role,
    sessionId,
    transcript,
  };
  const { outbox, finishing } = session;
  const secured: Session = { ...session, phase: "secure", handshake: null, channel, outbox: [] };
  const said = await say(secured, outbox, environment);
  const last = finishing ? await finish(said.session, environment) : { ...said, effects: [] };
  return { session: last.session, effects: [secure, ...said.effects, ...last.effects] };
}

/** What a channel did, as a transition of its session. */
function within(session: Session, { channel, effects }: ChannelTransition): Transition {
  return { session: channel === session.channel ? session : { ...session, channel }, effects };
}

async function say(
  session: Session,
  texts: readonly string[],
  environment: SessionEnvironment,
): Promise<Transition> {
  checkTexts(texts);
  if (session.channel === null) {
    if (session.finishing && texts.length > 0) return { session, effects: [alreadyFinished()] };
    return { session: { ...session, outbox: [...session.outbox, ...texts] }, effects: [] };
  }
  const { identity } = session.options;
  return within(session, await sayTexts(session.channel, identity, texts, environment));
}

/** Offers and signals belong to one encounter: nothing keeps them for the next. */
function opened({ channel }: Session): Channel {
  if (channel === null) throw new TypeError("Cannot send this before the handshake is done");
  return channel;
}

async function offer(
  session: Session,
  offer: Offer,
  environment: SessionEnvironment,
): Promise<Transition> {
  const { identity } = session.options;
  return within(session, await sayOffer(opened(session), identity, offer, environment));
}

async function signal(
  session: Session,
  signal: Signal,
  environment: SessionEnvironment,
): Promise<Transition> {
  return within(session, await sendSignal(opened(session), signal, environment));
}

function checkTexts(texts: readonly string[]): void {
  if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES)) {
    throw new RangeError(`Cannot send a text of more than ${MAX_TEXT_BYTES} bytes of UTF-8`);
  }
}

async function finish(session: Session, environment: SessionEnvironment): Promise<Transition> {
  if (session.channel === null) return { session: { ...session, finishing: true }, effects: [] };
  return within(session, await sayEnd(session.channel, session.options.identity, environment));
}

async function hear(
  session: Session,
  payload: unknown,
  environment: SessionEnvironment,
): Promise<Transition> {
  if (session.channel === null) {
    const error = new CheckError("unexpected", "a message came before the handshake was done");
    return { session, effects: [{ type: "refused", error }] };
  }
  return within(session, await receiveMessage(session.channel, payload, environment));
}

async function acknowledgeAll(
  session: Session,
  environment: SessionEnvironment,
): Promise<Transition> {
  if (session.channel === null) return { session, effects: [] };
  return within(session, await acknowledge(session.channel, environment));
}

function peerLeft(session: Session): Transition {
  const { channel } = session;
  if (isCodeAtRisk(session)) throw new CheckError("unexpected", "it left");
  const effect: SessionEffect = {
    type: "peer-left",
    clean: channel === null || channel.peer.ended,
    undelivered: channel?.unconfirmed.map(({ text }) => text) ?? [],
    unsent: session.outbox,
  };
  return { session: ended(session), effects: [effect] };
}

/** A peer that stalls in the handshake keeps a guess at the code, or a seat, for as long as it is let. */
function timedOut(session: Session): Transition {
  if (session.phase !== "handshaking") return { session, effects: [] };
  throw new ParleyError("handshake-timeout", "the other side did not finish the handshake in time");
}

/** Whether both sides have said goodbye and all of ours has arrived: nothing is lost by leaving now. */
export function isSettled({ channel }: Session): boolean {
  return channel !== null && isChannelSettled(channel);
}

/** How many of our texts no receipt has covered. */
export function undeliveredCount(session: Session): number {
  return session.outbox.length + (session.channel?.unconfirmed.length ?? 0);
}
