/**
 * One encounter of two people, from `KEY_EXCHANGE` to goodbye, as a pure state machine: an input and a state
 * give the next state and a list of effects. It touches no socket, file, clock or terminal.
 *
 *     waiting --start or a peer's message--> handshaking --confirmed--> secure --peer left--> ended
 *                                                 \______failed check______________________/
 *
 * @module
 */
import { type Bytes, equalBytes, fromUtf8, utf8 } from "../crypto/bytes.ts";
import type { VerifyingKey } from "../crypto/elgamal.ts";
import { CheckError, ParleyError, WireError } from "../errors.ts";
import type { ClientEvent, PeerEvent } from "../relay/events.ts";
import { MAX_TEXT_BYTES, MAX_UNSIGNED } from "./constants.ts";
import { keyFingerprint, safetyNumber } from "./fingerprint.ts";
import {
  checkName,
  type Environment,
  type Established,
  type Handshake,
  type HandshakeMessage,
  type HandshakeOptions,
  type Progress,
  receiveHandshake,
  startHandshake,
} from "./handshake.ts";
import type { Role, Transcript } from "./key_schedule.ts";
import { pad, unpad } from "./padding.ts";
import { type Ratchet, ratchetDecrypt, ratchetEncrypt, startRatchet } from "./ratchet.ts";
import {
  encodePayload,
  hashStatement,
  parsePayload,
  type Payload,
  signStatement,
  type Statement,
  type StatementKind,
  verifyStatement,
} from "./statement.ts";
import { payloadBytes } from "./wire.ts";

/** Statements that came too early and wait for the ones before them. */
const MAX_HELD = 64;

/** What happens to a session. */
export type SessionInput =
  /** The relay says that two are in the room. */
  | { readonly type: "start" }
  /** The relay hands on what claims to be the other side's. */
  | { readonly type: "receive"; readonly event: PeerEvent; readonly payload: unknown }
  /** Our side says something; before the handshake it is kept. Several at once share a signature. */
  | { readonly type: "say"; readonly texts: readonly string[] }
  /** Our side has nothing more to say. */
  | { readonly type: "finish" }
  /** Nothing else is waiting: the moment for receipts. */
  | { readonly type: "idle" }
  /** The relay says that the other side is gone. */
  | { readonly type: "peer-left" }
  /** The other side had long enough for its part of the handshake. */
  | { readonly type: "timeout" };

/** The steps of DESIGN, as they are reached. */
export type Step =
  | "keys-made"
  | "key-exchange"
  | "identity-sent"
  | "identity-received"
  | "share-sent"
  | "signature-verified"
  | "secret-computed";

/** What the outside has to do or to show. */
export type SessionEffect =
  | { readonly type: "emit"; readonly event: ClientEvent; readonly payload: Bytes }
  | { readonly type: "step"; readonly step: Step }
  | ({ readonly type: "secure" } & SecureFacts)
  /** The other side said this. `signed` is false when no signature covers it yet. */
  | {
    readonly type: "message";
    readonly text: string;
    readonly statement: Statement;
    readonly signed: boolean;
  }
  /** This side said this, or its goodbye, and it is on its way. */
  | { readonly type: "said"; readonly text: string; readonly statement: Statement }
  /** All of our statements below `count` have arrived. */
  | { readonly type: "delivered"; readonly count: number }
  /** All of their statements below `count` are covered by a signature. */
  | { readonly type: "covered"; readonly count: number }
  /** Statements from `from` up to but not including `to` are missing; those after them are held back. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** The other side has nothing more to say. */
  | { readonly type: "peer-finished"; readonly statement: Statement }
  /** Something was not accepted, and changed nothing. The conversation goes on. */
  | { readonly type: "refused"; readonly error: ParleyError }
  /** A check failed: the session is over, nothing was sent. */
  | { readonly type: "failed"; readonly error: ParleyError }
  /** The other side is gone. `clean` when it said its goodbye; `unsent` never left this machine's queue. */
  | {
    readonly type: "peer-left";
    readonly clean: boolean;
    readonly undelivered: readonly string[];
    readonly unsent: readonly string[];
  };

/** What is known about a session once both sides have proved their keys. */
export interface SecureFacts {
  /** What the other side calls itself: hostile text. */
  readonly peerName: string;
  /** The other side's identity. */
  readonly peerIdentity: VerifyingKey;
  /** Sixty digits of our key. */
  readonly ownFingerprint: string;
  /** Sixty digits of theirs. */
  readonly peerFingerprint: string;
  /** Sixty digits, the same on both sides. */
  readonly safetyNumber: string;
  /** No signatures on messages: both asked for that. */
  readonly deniable: boolean;
  /** An invite code made the exchange safe from a man in the middle. */
  readonly invited: boolean;
  /** Our side of it. */
  readonly role: Role;
  /** Names the session. */
  readonly sessionId: Bytes;
  /** The handshake's four messages. */
  readonly transcript: Transcript;
}

/** What a session needs from outside: randomness, the KEM, and the time. */
export interface SessionEnvironment extends Environment {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
}

/** One direction of a conversation. */
export interface Direction {
  /** Sequence of the next statement. */
  readonly next: number;
  /** Hash of the last one; the session's id before the first. */
  readonly previous: Bytes;
  /** How many statements a signature covers. */
  readonly covered: number;
  /** Whether its `end` has been said. */
  readonly ended: boolean;
}

/** A conversation under way. */
export interface Channel {
  /** Seals and opens. */
  readonly ratchet: Ratchet;
  /** Names the session. */
  readonly sessionId: Bytes;
  /** Verifies what the other side says. */
  readonly peerIdentity: VerifyingKey;
  /** No statement is signed. */
  readonly deniable: boolean;
  /** What we said. */
  readonly own: Direction;
  /** What the other side said, up to the first statement that is missing. */
  readonly peer: Direction;
  /** Statements of the other side that are ahead of their turn. */
  readonly held: readonly Statement[];
  /** Texts of ours that no receipt has covered, by sequence. */
  readonly unconfirmed: readonly { readonly sequence: number; readonly text: string }[];
  /** How many of our statements have arrived. */
  readonly delivered: number;
  /** How many of theirs our last receipt covered. */
  readonly acknowledged: number;
  /** The heads of our chain that the other side may still answer, newest first. */
  readonly heads: Head;
}

/** The hash of our chain after so many statements, and the heads before it. */
export interface Head {
  /** How many statements the chain had. */
  readonly count: number;
  /** The last one's hash; the session's id before the first. */
  readonly hash: Bytes;
  /** The head before, as far back as the other side may still answer. */
  readonly before: Head | null;
}

/** The part of a list of heads from `count` on, or `null` when it does not reach so far back, or forward. */
function headsFrom(heads: Head, count: number): { answered: Bytes; kept: Head } | null {
  const newer: Head[] = [];
  let head: Head | null = heads;
  while (head !== null && head.count > count) {
    newer.push(head);
    head = head.before;
  }
  if (head === null || head.count !== count) return null;
  let kept: Head = { ...head, before: null };
  for (const { count, hash } of newer.reverse()) kept = { count, hash, before: kept };
  return { answered: head.hash, kept };
}

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
    case "finish":
      return finish(session, environment);
    case "idle":
      return acknowledge(session, environment);
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
  if (event === "received_message") return await receiveMessage(session, payload, environment);
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
  const start: Direction = { next: 0, previous: sessionId, covered: 0, ended: false };
  const channel: Channel = {
    ratchet: await startRatchet(established, environment.random),
    sessionId,
    peerIdentity,
    deniable,
    own: start,
    peer: start,
    held: [],
    unconfirmed: [],
    delivered: 0,
    acknowledged: 0,
    heads: { count: 0, hash: sessionId, before: null },
  };
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
  let current = { session, effects: [] as readonly SessionEffect[] };
  for (const [i, text] of texts.entries()) {
    const last = i === texts.length - 1 || (i + 1) % MAX_UNSIGNED === 0;
    const stated = await state(current.session, "text", text, last, environment);
    current = { session: stated.session, effects: [...current.effects, ...stated.effects] };
  }
  return current;
}

function checkTexts(texts: readonly string[]): void {
  if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES)) {
    throw new RangeError(`Cannot send a text of more than ${MAX_TEXT_BYTES} bytes of UTF-8`);
  }
}

async function finish(session: Session, environment: SessionEnvironment): Promise<Transition> {
  if (session.channel === null) return { session: { ...session, finishing: true }, effects: [] };
  if (session.channel.own.ended) return { session, effects: [] };
  return await state(session, "end", "", true, environment);
}

/** Makes, signs, seals and sends one statement. */
async function state(
  session: Session,
  kind: StatementKind,
  text: string,
  sign: boolean,
  environment: SessionEnvironment,
): Promise<Transition> {
  const channel = session.channel!;
  const { own, peer, sessionId, deniable } = channel;
  if (own.ended) return { session, effects: [alreadyFinished()] };
  const { identity } = session.options;
  const body = utf8(text);
  const unsigned = {
    sequence: own.next,
    seen: peer.next,
    time: environment.now(),
    kind,
    body,
    previous: own.previous,
  };
  const hash = await hashStatement(sessionId, identity.publicKey, unsigned, peer.previous);
  const signed = sign && !deniable;
  const signature = signed ? await signStatement(identity, hash, environment.random) : null;
  const statement: Statement = { ...unsigned, signature };
  const sealed = await seal(channel, { type: "statement", statement }, environment);
  const next: Channel = {
    ...sealed.channel,
    own: {
      next: own.next + 1,
      previous: hash,
      covered: signed ? own.next + 1 : own.covered,
      ended: kind === "end",
    },
    heads: { count: own.next + 1, hash, before: channel.heads },
    unconfirmed: kind === "text"
      ? [...channel.unconfirmed, { sequence: own.next, text }]
      : channel.unconfirmed,
  };
  const effects: SessionEffect[] = [sealed.effect, { type: "said", text, statement }];
  return { session: { ...session, channel: next }, effects };
}

function alreadyFinished(): SessionEffect {
  const error = new ParleyError("finished", "nothing can be said after the goodbye");
  return { type: "refused", error };
}

/** Pads and encrypts a payload. */
async function seal(
  channel: Channel,
  payload: Payload,
  { random }: SessionEnvironment,
): Promise<{ channel: Channel; effect: SessionEffect }> {
  const padded = pad(encodePayload(payload));
  const { ratchet, bytes } = await ratchetEncrypt(channel.ratchet, padded, random);
  return {
    channel: { ...channel, ratchet },
    effect: { type: "emit", event: "message", payload: bytes },
  };
}

async function receiveMessage(
  session: Session,
  payload: unknown,
  environment: SessionEnvironment,
): Promise<Transition> {
  const { channel } = session;
  if (channel === null) {
    const error = new CheckError("unexpected", "a message came before the handshake was done");
    return { session, effects: [{ type: "refused", error }] };
  }
  let opened: { ratchet: Ratchet; payload: Bytes };
  try {
    const bytes = payloadBytes("message", payload);
    opened = await ratchetDecrypt(channel.ratchet, bytes, environment.random);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { session, effects: [{ type: "refused", error }] };
  }
  // From here on the other side itself is at fault, not the network: what fails now ends the session.
  const inner = parsePayload(unpad(opened.payload));
  const next = { ...session, channel: { ...channel, ratchet: opened.ratchet } };
  if (inner.type === "receipt") return receipt(next, inner.count);
  return await receiveStatement(next, inner.statement);
}

/** The other side has `count` of our statements. */
function receipt(session: Session, count: number): Transition {
  const channel = session.channel!;
  if (count > channel.own.next) {
    throw new WireError("payload.count", `at most ${channel.own.next}`, String(count));
  }
  if (count <= channel.delivered) return { session, effects: [] };
  const unconfirmed = channel.unconfirmed.filter(({ sequence }) => sequence >= count);
  return {
    session: { ...session, channel: { ...channel, delivered: count, unconfirmed } },
    effects: [{ type: "delivered", count }],
  };
}

/** Takes a statement in its turn, and after it those that were held for it. */
async function receiveStatement(session: Session, statement: Statement): Promise<Transition> {
  const channel = session.channel!;
  const { next } = channel.peer;
  if (statement.sequence > next) return hold(session, statement);
  if (statement.sequence < next) {
    throw new CheckError("unexpected", "the other side said two things in one place");
  }
  const effects: SessionEffect[] = [];
  let current = channel;
  for (let due: Statement | undefined = statement; due !== undefined;) {
    const accepted: Accepted = await accept(current, due);
    current = accepted.channel;
    effects.push(...accepted.effects);
    due = current.held.find(({ sequence }) => sequence === current.peer.next);
    current = { ...current, held: current.held.filter((entry) => entry !== due) };
  }
  if (current.held.length > 0) effects.push(gap(current));
  return { session: { ...session, channel: current }, effects };
}

/** What is missing before the first statement that is held. */
function gap({ peer, held }: Channel): SessionEffect {
  const to = Math.min(...held.map(({ sequence }) => sequence));
  return { type: "gap", from: peer.next, to };
}

/** Keeps a statement that came before its turn. */
function hold(session: Session, statement: Statement): Transition {
  const channel = session.channel!;
  const twice = channel.held.some(({ sequence }) => sequence === statement.sequence);
  if (twice || channel.held.length >= MAX_HELD) {
    throw new CheckError("unexpected", "more statements are out of order than can be kept");
  }
  const next = { ...channel, held: [...channel.held, statement] };
  const effects = channel.held.length > 0 ? [] : [gap(next)];
  return { session: { ...session, channel: next }, effects };
}

interface Accepted {
  channel: Channel;
  effects: SessionEffect[];
}

/** Checks a statement's link and signature, and shows it. */
async function accept(channel: Channel, statement: Statement): Promise<Accepted> {
  const { peer, peerIdentity, sessionId, deniable } = channel;
  if (peer.ended) throw new CheckError("unexpected", "the other side spoke after its goodbye");
  if (!equalBytes(statement.previous, peer.previous)) {
    throw new CheckError("bad-chain", "the other side's statements do not form one chain");
  }
  const heads = headsFrom(channel.heads, statement.seen);
  if (heads === null) {
    throw new CheckError("bad-chain", "the other side answers what was not said, or goes back");
  }
  const hash = await hashStatement(sessionId, peerIdentity, statement, heads.answered);
  const covered = await coverage(channel, statement, hash);
  const next: Direction = {
    next: peer.next + 1,
    previous: hash,
    covered,
    ended: statement.kind === "end",
  };
  const effects: SessionEffect[] = [];
  if (covered > peer.covered && covered - peer.covered > 1) {
    effects.push({ type: "covered", count: covered });
  }
  if (statement.kind === "end") {
    effects.push({ type: "peer-finished", statement });
  } else {
    const text = parseText(statement.body);
    effects.push({ type: "message", text, statement, signed: deniable || covered === next.next });
  }
  return { channel: { ...channel, peer: next, heads: heads.kept }, effects };
}

/** How many of the peer's statements are covered by a signature after this one. */
async function coverage(channel: Channel, statement: Statement, hash: Bytes): Promise<number> {
  const { peer, peerIdentity, deniable } = channel;
  if (statement.signature === null) {
    const uncovered = peer.next + 1 - peer.covered;
    if (!deniable && (uncovered >= MAX_UNSIGNED || statement.kind === "end")) {
      throw new CheckError("bad-signature", "the other side left its statements unsigned");
    }
    return peer.covered;
  }
  if (deniable) throw new WireError("payload.signed", "0 in a deniable session", "1");
  if (!await verifyStatement(peerIdentity, hash, statement.signature)) {
    throw new CheckError(
      "bad-signature",
      "the signature on the other side's message does not verify",
    );
  }
  return peer.next + 1;
}

function parseText(body: Bytes): string {
  try {
    return fromUtf8(body);
  } catch {
    throw new WireError("payload.body", "UTF-8", "other bytes");
  }
}

/** Sends a receipt, when there is something new to acknowledge. */
async function acknowledge(session: Session, environment: SessionEnvironment): Promise<Transition> {
  const { channel } = session;
  if (channel === null || channel.acknowledged === channel.peer.next) {
    return { session, effects: [] };
  }
  const count = channel.peer.next;
  const sealed = await seal(channel, { type: "receipt", count }, environment);
  const next = { ...sealed.channel, acknowledged: count };
  return { session: { ...session, channel: next }, effects: [sealed.effect] };
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
export function isSettled(session: Session): boolean {
  const { channel } = session;
  if (channel === null) return false;
  const { own, peer, delivered, acknowledged } = channel;
  return own.ended && peer.ended && delivered === own.next && acknowledged === peer.next;
}

/** How many of our texts no receipt has covered. */
export function undeliveredCount(session: Session): number {
  return session.outbox.length + (session.channel?.unconfirmed.length ?? 0);
}
