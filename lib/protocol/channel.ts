/**
 * The channel of a secure session: statements and receipts under the ratchet, as a pure state machine.
 *
 * Statements are accepted in order; an early one is held until the ones before it are there. Each is checked
 * against its sender's chain, against what it answers, and against a signature, before it is shown.
 *
 * @module
 */
import { type Bytes, equalBytes, fromUtf8, utf8 } from "../crypto/bytes.ts";
import type { SigningKey, VerifyingKey } from "../crypto/elgamal.ts";
import { CheckError, ParleyError, WireError } from "../errors.ts";
import { MAX_TEXT_BYTES, MAX_UNSIGNED } from "./constants.ts";
import type { OwnInput, SessionEffect, SessionEnvironment } from "./effects.ts";
import type { Established } from "./handshake.ts";
import { encodeOffer, parseOffer } from "./offer.ts";
import { pad, unpad } from "./padding.ts";
import {
  type Opened,
  type Ratchet,
  ratchetDecrypt,
  ratchetEncrypt,
  startRatchet,
} from "./ratchet.ts";
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

/** Most early statements held for the ones before them. */
const MAX_HELD = 64;

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

/** The state of a channel. Immutable. */
export interface Channel {
  /** Seals and opens messages. */
  readonly ratchet: Ratchet;
  /** Names the session. */
  readonly sessionId: Bytes;
  /** Verifies the peer's signatures. */
  readonly peerIdentity: VerifyingKey;
  /** No statement is signed. */
  readonly deniable: boolean;
  /** Our statements. */
  readonly own: Direction;
  /** The peer's statements, up to the first one that is missing. */
  readonly peer: Direction;
  /** Early statements of the peer, not yet checked against its chain. */
  readonly held: readonly Statement[];
  /** How many of our statements the peer has acknowledged. */
  readonly delivered: number;
  /** How many of the peer's statements our last receipt covered. */
  readonly acknowledged: number;
  /** The heads of our chain that the peer may still answer, newest first. */
  readonly heads: Head;
}

/** The hash of our chain after so many statements, and the heads before it. */
export interface Head {
  /** How many statements the chain had. */
  readonly count: number;
  /** The last one's hash; the session's id before the first. */
  readonly hash: Bytes;
  /** The head before, as far back as the peer may still answer. */
  readonly before: Head | null;
}

/** The heads from `count` on, or `null` when there is none of that count. */
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

/** The next state, and the effects of one input. */
export interface ChannelTransition {
  /** The next state. */
  readonly channel: Channel;
  /** To be carried out in this order. */
  readonly effects: readonly SessionEffect[];
}

/** Opens the channel of a finished handshake. */
export function openChannel(established: Established): Channel {
  const { keys: { sessionId }, peerIdentity, deniable } = established;
  const start: Direction = { next: 0, previous: sessionId, covered: 0, ended: false };
  return {
    ratchet: startRatchet(established),
    sessionId,
    peerIdentity,
    deniable,
    own: start,
    peer: start,
    held: [],
    delivered: 0,
    acknowledged: 0,
    heads: { count: 0, hash: sessionId, before: null },
  };
}

/**
 * Sends what our side says, offers or signals.
 *
 * @throws {RangeError} when a text is longer than 512 KiB
 */
export function sendMessage(
  channel: Channel,
  identity: SigningKey,
  input: OwnInput,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  switch (input.type) {
    case "say":
      return sayTexts(channel, identity, input.texts, environment);
    case "offer":
      return state(channel, identity, "file", encodeOffer(input.offer), true, environment);
    case "signal":
      return seal(channel, input, environment);
    case "finish":
      return sayEnd(channel, identity, environment);
  }
}

/** Says texts, with a signature on the last one and on every 32nd. */
async function sayTexts(
  channel: Channel,
  identity: SigningKey,
  texts: readonly string[],
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES)) {
    throw new RangeError(`Cannot send a text of more than ${MAX_TEXT_BYTES} bytes of UTF-8`);
  }
  const effects: SessionEffect[] = [];
  let current = channel;
  for (const [i, text] of texts.entries()) {
    const last = i === texts.length - 1 || (i + 1) % MAX_UNSIGNED === 0;
    const stated = await state(current, identity, "text", text, last, environment);
    current = stated.channel;
    effects.push(...stated.effects);
  }
  return { channel: current, effects };
}

/** Says goodbye, once. */
async function sayEnd(
  channel: Channel,
  identity: SigningKey,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  if (channel.own.ended) return { channel, effects: [] };
  return await state(channel, identity, "end", "", true, environment);
}

/** Makes, signs, seals and sends one statement. */
async function state(
  channel: Channel,
  identity: SigningKey,
  kind: StatementKind,
  text: string,
  sign: boolean,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  const { own, peer, sessionId, deniable } = channel;
  if (own.ended) return { channel, effects: [alreadyFinished()] };
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
  };
  return { channel: next, effects: [...sealed.effects, { type: "said", text, statement }] };
}

/** The answer to whatever our side says after its goodbye. */
function alreadyFinished(): SessionEffect {
  const error = new ParleyError("finished", "nothing can be said after the goodbye");
  return { type: "refused", error };
}

/** Pads, encrypts and emits a payload. */
async function seal(
  channel: Channel,
  payload: Payload,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  const padded = pad(encodePayload(payload));
  const { ratchet, bytes } = await ratchetEncrypt(channel.ratchet, padded, environment);
  return {
    channel: { ...channel, ratchet },
    effects: [{ type: "emit", event: "message", payload: bytes }],
  };
}

/**
 * Receives one message of the peer.
 *
 * @throws {CheckError} when the peer itself, and not the network, is at fault
 * @throws {WireError} likewise, when what it sealed is malformed
 */
export async function receiveMessage(
  channel: Channel,
  payload: unknown,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  let opened: Opened;
  try {
    const bytes = payloadBytes("message", payload);
    opened = await ratchetDecrypt(channel.ratchet, bytes, environment.random);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { channel, effects: [{ type: "refused", error }] };
  }
  // The message authenticated, so whatever is wrong from here on is the peer's doing: it ends the session.
  if (opened.fault !== null) throw opened.fault;
  const inner = parsePayload(unpad(opened.payload));
  const next = { ...channel, ratchet: opened.ratchet };
  if (inner.type === "receipt") return receipt(next, inner.count);
  if (inner.type === "signal") {
    return { channel: next, effects: [{ type: "signal", signal: inner.signal }] };
  }
  return await receiveStatement(next, inner.statement);
}

/** The peer acknowledges `count` of our statements. */
function receipt(channel: Channel, count: number): ChannelTransition {
  if (count > channel.own.next) {
    throw new WireError("payload.count", `at most ${channel.own.next}`, String(count));
  }
  if (count <= channel.delivered) return { channel, effects: [] };
  return { channel: { ...channel, delivered: count }, effects: [{ type: "delivered", count }] };
}

/** Accepts a statement in order, and after it those that were held for it. */
async function receiveStatement(
  channel: Channel,
  statement: Statement,
): Promise<ChannelTransition> {
  const { next } = channel.peer;
  if (statement.sequence > next) return hold(channel, statement);
  if (statement.sequence < next) {
    throw new CheckError(
      "unexpected",
      "the other side sent two statements with one sequence number",
    );
  }
  const effects: SessionEffect[] = [];
  let current = channel;
  for (let due: Statement | undefined = statement; due !== undefined;) {
    const accepted: ChannelTransition = await accept(current, due);
    current = accepted.channel;
    effects.push(...accepted.effects);
    due = current.held.find(({ sequence }) => sequence === current.peer.next);
    current = { ...current, held: current.held.filter((entry) => entry !== due) };
  }
  if (current.held.length > 0) effects.push(gap(current));
  return { channel: current, effects };
}

/** The statements that are missing before the first held one. */
function gap({ peer, held }: Channel): SessionEffect {
  const to = Math.min(...held.map(({ sequence }) => sequence));
  return { type: "gap", from: peer.next, to };
}

/** Holds a statement that came early. */
function hold(channel: Channel, statement: Statement): ChannelTransition {
  const twice = channel.held.some(({ sequence }) => sequence === statement.sequence);
  if (twice) {
    throw new CheckError(
      "unexpected",
      "the other side sent two statements with one sequence number",
    );
  }
  // The network may be at fault. A dropped statement is not acknowledged, so the peer sends it again.
  if (channel.held.length >= MAX_HELD) return { channel, effects: [] };
  const next = { ...channel, held: [...channel.held, statement] };
  const effects = channel.held.length > 0 ? [] : [gap(next)];
  return { channel: next, effects };
}

/** Checks a statement's link and signature, and shows it. */
async function accept(channel: Channel, statement: Statement): Promise<ChannelTransition> {
  const { peer, peerIdentity, sessionId, deniable } = channel;
  if (peer.ended) throw new CheckError("unexpected", "the other side spoke after its goodbye");
  if (!equalBytes(statement.previous, peer.previous)) {
    throw new CheckError("bad-chain", "the other side's statements do not form one chain");
  }
  const heads = headsFrom(channel.heads, statement.seen);
  if (heads === null) {
    throw new CheckError(
      "bad-chain",
      "the other side answers a statement that was not made, or an older one than before",
    );
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
  const signed = deniable || covered === next.next;
  if (statement.kind === "end") {
    effects.push({ type: "peer-finished", statement });
  } else if (statement.kind === "file") {
    const offer = parseOffer(parseText(statement.body));
    effects.push({ type: "offered", offer, statement, signed });
  } else {
    effects.push({ type: "message", text: parseText(statement.body), statement, signed });
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

/** Sends a receipt when there is something new to acknowledge. */
export async function acknowledge(
  channel: Channel,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  if (channel.acknowledged === channel.peer.next) return { channel, effects: [] };
  const count = channel.peer.next;
  const sealed = await seal(channel, { type: "receipt", count }, environment);
  return { channel: { ...sealed.channel, acknowledged: count }, effects: sealed.effects };
}

/** Whether both sides have said goodbye and all statements are acknowledged. */
export function isChannelSettled({ own, peer, delivered, acknowledged }: Channel): boolean {
  return own.ended && peer.ended && delivered === own.next && acknowledged === peer.next;
}
