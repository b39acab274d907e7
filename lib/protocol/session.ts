/**
 * One session of two clients, from `KEY_EXCHANGE` to goodbye, as a pure state machine: a state and an input
 * give the next state and a list of effects. It touches no socket, file, clock or terminal.
 *
 *     waiting --start, or a message of the peer--> handshaking --confirmed--> secure
 *        |                                             |                        |
 *        '-----------the peer left, or a check failed--'------------------------'--> ended
 *
 * It queues nothing: what our side says, it must say while the session is secure.
 *
 * @module
 */
import { CheckError, ParleyError } from "../errors.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import {
  acknowledge,
  type Channel,
  type ChannelTransition,
  openChannel,
  receiveMessage,
  sendItems,
} from "./channel.ts";
import { isOrderSettled } from "./bundle_order.ts";
import type { OwnItem, SessionEffect, SessionEnvironment, SessionInput } from "./effects.ts";
import { keyFingerprint, safetyNumber } from "./fingerprint.ts";
import {
  checkName,
  type Established,
  type Handshake,
  type HandshakeMessage,
  type HandshakeOptions,
  type HandshakeTransition,
  receiveHandshake,
  startHandshake,
} from "./handshake.ts";
import { asFrame } from "./frame.ts";
import { payloadBytes } from "./wire.ts";

export type { BundleOrder, Direction, HeldBundle } from "./bundle_order.ts";
export type { Channel } from "./channel.ts";
export type {
  OwnItem,
  OwnStatement,
  SecureFacts,
  SessionEffect,
  SessionEnvironment,
  SessionInput,
  Step,
} from "./effects.ts";

/** The state of one session. Immutable. */
export interface Session {
  /** Our options in the handshake. */
  readonly options: HandshakeOptions;
  /** Where it stands in the diagram above. */
  readonly phase: "waiting" | "handshaking" | "secure" | "ended";
  /** Not `null` while handshaking. */
  readonly handshake: Handshake | null;
  /** Not `null` while secure. */
  readonly channel: Channel | null;
}

/** The next state, and the effects of one input. */
export interface Transition {
  /** The next state. */
  readonly session: Session;
  /** To be carried out in this order. */
  readonly effects: readonly SessionEffect[];
}

/**
 * A session in which nothing has happened yet.
 *
 * @throws {RangeError} when the name is too long
 */
export function newSession(options: HandshakeOptions): Session {
  checkName(options.name);
  return { options, phase: "waiting", handshake: null, channel: null };
}

/**
 * Advances a session by one input. Nothing from the network makes it throw: a fault becomes a `refused` effect, which
 * leaves the session as it was, or a `failed` one, which ends it. An ended session ignores every input.
 *
 * @throws {TypeError} when `send` comes before the session is secure
 * @throws {RangeError} when `send` is given what fits in no bundle
 */
export async function advance(
  session: Session,
  input: SessionInput,
  environment: SessionEnvironment,
): Promise<Transition> {
  if (session.phase === "ended") return unchanged(session);
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
    case "send":
      return send(session, input.items, environment);
    case "idle":
      return sendReceipt(session, environment);
    case "peer-left":
      return peerLeft(session);
    case "timeout":
      return timedOut(session);
  }
}

function unchanged(session: Session): Transition {
  return { session, effects: [] };
}

/** Refuses a message of the wrong phase, which any relay can send. */
function refused(session: Session, reason: string): Transition {
  return { session, effects: [{ type: "refused", error: new CheckError("unexpected", reason) }] };
}

/** The end of a session: its keys are dropped. */
function ended(session: Session): Session {
  return { ...session, phase: "ended", handshake: null, channel: null };
}

// Handshaking.

const HANDSHAKE_KIND: Readonly<Record<Exclude<PeerEvent, "received_message">, HandshakeMessage>> = {
  ELGAMAL_PK_BC: "hello",
  DEFF_HELLMAN_PK_BC: "share",
  SECURE_BC: "confirmation",
};

const HANDSHAKE_EVENT: Readonly<Record<HandshakeMessage, RelayedEvent>> = {
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
  if (session.phase !== "waiting") return unchanged(session);
  const progress = await startHandshake(session.options, environment);
  return {
    session: { ...session, phase: "handshaking", handshake: progress.state },
    effects: [
      { type: "step", step: "keys-made" },
      ...before,
      ...emits(progress),
      { type: "step", step: "identity-sent" },
    ],
  };
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
    return refused(session, `a ${kind} came when the handshake was done`);
  }
  if (kind === "hello" && typeof payload === "string") throw otherSuite();
  const bytes = payloadBytes(kind, payload);
  const begun = await begin(session, environment, []);
  const progress = await receiveHandshake(begun.session.handshake!, kind, bytes, environment);
  const next = { ...begun.session, handshake: progress.state };
  const effects = [...begun.effects, ...steps(kind, progress)];
  if (progress.established === null) return { session: next, effects };
  const opened = await open(next, progress.established);
  return { session: opened.session, effects: [...effects, ...opened.effects] };
}

/** The original protocol sends its keys as text. */
function otherSuite(): CheckError {
  return new CheckError(
    "suite-mismatch",
    "the other side speaks the original protocol without authentication: it needs parley, too",
  );
}

/** The effects of one handshake message: the answers, and the steps that are done. */
function steps(kind: HandshakeMessage, progress: HandshakeTransition): SessionEffect[] {
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

function emits(progress: HandshakeTransition): SessionEffect[] {
  return progress.send.map(({ kind, bytes }) => ({
    type: "emit",
    event: HANDSHAKE_EVENT[kind],
    payload: bytes,
  }));
}

/** The handshake is done: opens the channel. */
async function open(
  session: Session,
  established: Established,
): Promise<Transition> {
  const { keys: { sessionId }, role, peerIdentity, peerName, deniable, transcript } = established;
  const { identity, code } = session.options;
  const own = identity.publicKey.bytes;
  const channel = openChannel(established);
  const secure: SessionEffect = {
    type: "secure",
    peerName,
    peerIdentity,
    ownFingerprint: await keyFingerprint(own),
    peerFingerprint: await keyFingerprint(peerIdentity.bytes),
    safetyNumber: await safetyNumber(sessionId, own, peerIdentity.bytes),
    deniable,
    invited: code !== null,
    role,
    sessionId,
    transcript,
  };
  return { session: { ...session, phase: "secure", handshake: null, channel }, effects: [secure] };
}

/** A peer that stalls in the handshake holds a guess at the code, or a seat, until it is stopped. */
function timedOut(session: Session): Transition {
  if (session.phase !== "handshaking") return unchanged(session);
  throw new ParleyError("handshake-timeout", "the other side did not finish the handshake in time");
}

/**
 * Whether our proof of the invite code is out and the other side has given none. Whoever holds that proof
 * can try one guess on it, so however this ends, the code must not be used again.
 */
export function isCodeAtRisk(session: Session): boolean {
  return session.options.code !== null && session.handshake?.agreement != null;
}

/** The error when a session ends with the code at risk: any way of breaking off may hide a wrong guess. */
function spentCode(error: ParleyError): CheckError {
  if (error instanceof CheckError && error.code === "bad-code") return error;
  return new CheckError(
    "bad-code",
    `the other side broke off without proving the invite code (${error.message}): perhaps a guess. ` +
      "Make a new code; this one is spent",
  );
}

// Secure.

async function send(
  session: Session,
  items: readonly OwnItem[],
  environment: SessionEnvironment,
): Promise<Transition> {
  const { channel, options: { identity } } = session;
  if (channel === null) throw new TypeError("Cannot send before the session is secure");
  return within(session, await sendItems(channel, identity, items, environment));
}

async function hear(
  session: Session,
  payload: unknown,
  environment: SessionEnvironment,
): Promise<Transition> {
  const { channel } = session;
  if (channel === null) return refused(session, "a message came before the handshake was done");
  const bytes = asFrame(payload);
  if (bytes !== null) return { session, effects: [{ type: "frame", bytes }] };
  return within(session, await receiveMessage(channel, payload, environment));
}

async function sendReceipt(session: Session, environment: SessionEnvironment): Promise<Transition> {
  const { channel, options: { identity } } = session;
  if (channel === null) return unchanged(session);
  return within(session, await acknowledge(channel, identity, environment));
}

/** The transition of a channel as one of its session. */
function within(session: Session, { channel, effects }: ChannelTransition): Transition {
  if (effects.at(-1)?.type === "failed") return { session: ended(session), effects };
  return { session: channel === session.channel ? session : { ...session, channel }, effects };
}

/** Leaving a handshake is clean: nothing was said yet. With our proof of a code out, it may have been a guess. */
function peerLeft(session: Session): Transition {
  if (isCodeAtRisk(session)) throw new CheckError("unexpected", "it left");
  const { channel } = session;
  const clean = channel === null || channel.peer.ended;
  return { session: ended(session), effects: [{ type: "peer-left", clean }] };
}

/** Whether both sides have said goodbye and all of ours has arrived: nothing is lost by leaving now. */
export function isSettled({ channel }: Session): boolean {
  return channel !== null && isOrderSettled(channel);
}
