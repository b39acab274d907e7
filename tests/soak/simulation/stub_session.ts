/**
 * The session's state machine without its cryptography, for simulations: the inputs, the effects and their order are
 * those of lib/protocol/session.ts, and so are the rules of channel.ts about what comes when. Bytes are JSON behind a
 * checksum, so that damage shows as it does behind a tag. It keeps no secret and proves nothing.
 *
 * stub_session_test.ts holds it against the real one.
 */
import { type Bytes, fromHex, fromUtf8, toHex, utf8 } from "../../../lib/crypto/bytes.ts";
import type { VerifyingKey } from "../../../lib/crypto/elgamal.ts";
import { type CheckCode, CheckError, ParleyError, WireError } from "../../../lib/errors.ts";
import { MAX_SKIP, MAX_UNSIGNED } from "../../../lib/protocol/constants.ts";
import type {
  OwnInput,
  SessionEffect,
  SessionEnvironment,
  SessionInput,
} from "../../../lib/protocol/effects.ts";
import { encodeOffer, parseOffer } from "../../../lib/protocol/offer.ts";
import { otherRole, type Role } from "../../../lib/protocol/key_schedule.ts";
import type { advance, Session, Transition } from "../../../lib/protocol/session.ts";
import type { Signal } from "../../../lib/protocol/signal.ts";
import type { Statement, StatementKind } from "../../../lib/protocol/statement.ts";
import type { PeerEvent, RelayedEvent } from "../../../lib/relay/wire_events.ts";

/** As in lib/protocol/channel.ts. */
const MAX_HELD = 64;

const NOTHING: Bytes = new Uint8Array();

/** A handshake message: what it is, and its members. */
type Kind = "hello" | "share" | "confirmation";

interface StubHandshake {
  readonly hello: string;
  readonly received: Readonly<Partial<Record<Kind, Bytes>>>;
  readonly exchange:
    | { readonly role: Role; readonly peerHello: string; readonly key: string }
    | null;
  readonly agreement: { readonly session: string } | null;
  readonly done: boolean;
}

/** What is said, as it crosses the wire. */
interface Said {
  readonly sequence: number;
  readonly seen: number;
  readonly time: number;
  readonly kind: StatementKind;
  readonly text: string;
  readonly isSigned: boolean;
}

interface Direction {
  readonly next: number;
  readonly covered: number;
  readonly ended: boolean;
}

/** As far as the conversation looks at a channel, the members have the names of the real one's. */
interface StubChannel {
  readonly session: string;
  readonly role: Role;
  readonly sent: number;
  /** One more than the highest number that came. */
  readonly expected: number;
  /** The numbers below it that did not come. */
  readonly missing: readonly number[];
  readonly own: Direction;
  readonly peer: Direction;
  readonly held: readonly Said[];
  readonly delivered: number;
  readonly acknowledged: number;
  /** The newest of ours that they have answered. */
  readonly answered: number;
}

interface ChannelStep {
  readonly channel: StubChannel;
  readonly effects: readonly SessionEffect[];
}

type Payload =
  | ({ readonly type: "statement" } & Said)
  | { readonly type: "receipt"; readonly count: number }
  | { readonly type: "signal"; readonly signal: Record<string, unknown> };

/** Takes one input, as the real `advance` does. */
export const stubAdvance: typeof advance = async (session, input, environment) => {
  await Promise.resolve();
  if (session.phase === "ended") return { session, effects: [] };
  try {
    return take(session, input, environment);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { session: ended(session), effects: [{ type: "failed", error }] };
  }
};

function ended(session: Session): Session {
  return { ...session, phase: "ended", handshake: null, channel: null };
}

function refused(session: Session, code: CheckCode, message: string): Transition {
  return { session, effects: [{ type: "refused", error: new CheckError(code, message) }] };
}

function take(session: Session, input: SessionInput, environment: SessionEnvironment): Transition {
  switch (input.type) {
    case "start":
      return begin(session, environment, [{ type: "step", step: "key-exchange" }]);
    case "receive":
      return receive(session, input.event, input.payload, environment);
    case "say":
    case "offer":
    case "signal":
    case "finish":
      return within(session, sendOn(opened(session, input), input, environment));
    case "idle":
      return acknowledge(session);
    case "peer-left":
      return peerLeft(session);
    case "timeout":
      if (session.phase !== "handshaking") return { session, effects: [] };
      throw new ParleyError("handshake-timeout", "the handshake was not finished in time");
  }
}

const EVENT: Readonly<Record<Kind, RelayedEvent>> = {
  hello: "ELGAMAL_PK",
  share: "DEFF_HELLMAN_PK",
  confirmation: "SECURE",
};

const KIND: Readonly<Record<Exclude<PeerEvent, "received_message">, Kind>> = {
  ELGAMAL_PK_BC: "hello",
  DEFF_HELLMAN_PK_BC: "share",
  SECURE_BC: "confirmation",
};

function begin(
  session: Session,
  { random }: SessionEnvironment,
  before: readonly SessionEffect[],
): Transition {
  if (session.phase !== "waiting") return { session, effects: [] };
  if (session.options.code !== null) throw new TypeError("The stub knows no invite codes");
  const key = toHex(session.options.identity.publicKey.bytes);
  const hello = JSON.stringify({ nonce: toHex(random(8)), key });
  const handshake: StubHandshake = {
    hello,
    received: {},
    exchange: null,
    agreement: null,
    done: false,
  };
  return {
    session: { ...session, phase: "handshaking", handshake: handshake as never },
    effects: [
      { type: "step", step: "keys-made" },
      ...before,
      { type: "emit", event: "ELGAMAL_PK", payload: utf8(hello) },
      { type: "step", step: "identity-sent" },
    ],
  };
}

function receive(
  session: Session,
  event: PeerEvent,
  payload: unknown,
  environment: SessionEnvironment,
): Transition {
  if (event === "received_message") return hear(session, payload);
  const kind = KIND[event];
  if (session.phase === "secure") {
    return refused(session, "unexpected", `a ${kind} came when the handshake was done`);
  }
  if (!(payload instanceof Uint8Array)) throw new WireError(kind, "bytes", typeof payload);
  const begun = begin(session, environment, []);
  const handshake = begun.session.handshake as unknown as StubHandshake;
  const { next, sent, peer } = shake(handshake, kind, payload as Bytes, session);
  const effects: SessionEffect[] = [...begun.effects];
  if (kind === "hello") effects.push({ type: "step", step: "identity-received" });
  if (sent.some(({ kind }) => kind === "confirmation")) {
    effects.push({ type: "step", step: "signature-verified" });
    effects.push({ type: "step", step: "secret-computed" });
  }
  for (const { kind, bytes } of sent) {
    effects.push({ type: "emit", event: EVENT[kind], payload: bytes });
  }
  if (sent.some(({ kind }) => kind === "share")) effects.push({ type: "step", step: "share-sent" });
  const after: Session = { ...begun.session, handshake: next as never };
  if (peer === null) return { session: after, effects };
  const opened = open(after, next, peer);
  return { session: opened.session, effects: [...effects, ...opened.effects] };
}

/** One message of the handshake, as lib/protocol/handshake.ts takes it. */
function shake(state: StubHandshake, kind: Kind, bytes: Bytes, { options }: Session) {
  if (state.done || state.received[kind] !== undefined) {
    throw new CheckError("unexpected", `a second ${kind} came where the protocol has one`);
  }
  let next: StubHandshake = { ...state, received: { ...state.received, [kind]: bytes } };
  const sent: { kind: Kind; bytes: Bytes }[] = [];
  const { hello, share, confirmation } = next.received;
  if (next.exchange === null && hello !== undefined) {
    const { text: peerHello, key } = parseHello(hello);
    if (typeof key !== "string" || !/^([0-9a-f]{2})+$/.test(key)) {
      throw new CheckError("bad-key", "the other side's ElGamal key is not in the group");
    }
    if (key === toHex(options.identity.publicKey.bytes)) {
      throw new CheckError("reflection", "the other side presents our own key");
    }
    const role = state.hello < peerHello ? "low" : "high";
    next = { ...next, exchange: { role, peerHello, key } };
    sent.push({ kind: "share", bytes: seal({ own: state.hello, peer: peerHello }) });
  }
  if (next.agreement === null && next.exchange !== null && share !== undefined) {
    const theirs = unseal(share);
    const { role, peerHello } = next.exchange;
    if (theirs === null || theirs.own !== peerHello || theirs.peer !== state.hello) {
      throw new CheckError("bad-signature", "the signature on the share does not verify");
    }
    const session = role === "low" ? `${state.hello}${peerHello}` : `${peerHello}${state.hello}`;
    next = { ...next, agreement: { session: checksum(session) } };
    const { name } = options;
    sent.push({
      kind: "confirmation",
      bytes: seal({ role, session: next.agreement!.session, name }),
    });
  }
  if (next.agreement === null || confirmation === undefined) return { next, sent, peer: null };
  const theirs = unseal(confirmation);
  const { session } = next.agreement;
  if (theirs?.session !== session || theirs.role !== otherRole(next.exchange!.role)) {
    throw new CheckError("bad-confirmation", "the other side does not hold the same keys");
  }
  return { next: { ...next, done: true }, sent, peer: String(theirs.name) };
}

function open(
  session: Session,
  { exchange, agreement }: StubHandshake,
  peerName: string,
): Transition {
  const { role, key } = exchange!;
  const start: Direction = { next: 0, covered: 0, ended: false };
  const channel: StubChannel = {
    session: agreement!.session,
    role,
    sent: 0,
    expected: 0,
    missing: [],
    own: start,
    peer: start,
    held: [],
    delivered: 0,
    acknowledged: 0,
    answered: 0,
  };
  const secure: SessionEffect = {
    type: "secure",
    peerName,
    peerIdentity: { bytes: fromHex(key) } as VerifyingKey,
    ownFingerprint: "",
    peerFingerprint: "",
    safetyNumber: "",
    deniable: false,
    invited: false,
    role,
    sessionId: NOTHING,
    transcript: { helloLow: NOTHING, helloHigh: NOTHING, shareLow: NOTHING, shareHigh: NOTHING },
  };
  const secured: Session = {
    ...session,
    phase: "secure",
    handshake: null,
    channel: channel as never,
  };
  return { session: secured, effects: [secure] };
}

function channelOf(session: Session): StubChannel | null {
  return session.channel as unknown as StubChannel | null;
}

function within(session: Session, { channel, effects }: ChannelStep): Transition {
  return { session: { ...session, channel: channel as never }, effects };
}

function opened(session: Session, input: OwnInput): StubChannel {
  const channel = channelOf(session);
  if (channel === null) throw new TypeError(`Cannot ${input.type} before the session is secure`);
  return channel;
}

function sendOn(
  channel: StubChannel,
  input: OwnInput,
  environment: SessionEnvironment,
): ChannelStep {
  switch (input.type) {
    case "say":
      return say(channel, input.texts, environment);
    case "offer":
      return state(channel, "file", encodeOffer(input.offer), true, environment);
    case "signal":
      return signal(channel, input.signal);
    case "finish":
      if (channel.own.ended) return { channel, effects: [] };
      return state(channel, "end", "", true, environment);
  }
}

function say(
  channel: StubChannel,
  texts: readonly string[],
  environment: SessionEnvironment,
): ChannelStep {
  const effects: SessionEffect[] = [];
  let current = channel;
  for (const [i, text] of texts.entries()) {
    const last = i === texts.length - 1 || (i + 1) % MAX_UNSIGNED === 0;
    const step = state(current, "text", text, last, environment);
    current = step.channel;
    effects.push(...step.effects);
  }
  return { channel: current, effects };
}

function signal(channel: StubChannel, signal: Signal): ChannelStep {
  const spelled = Object.entries(signal).map(([member, value]) => [
    member,
    value instanceof Uint8Array ? { hex: toHex(value) } : value,
  ]);
  return send(channel, { type: "signal", signal: Object.fromEntries(spelled) });
}

function acknowledge(session: Session): Transition {
  const channel = channelOf(session);
  if (channel === null || channel.acknowledged === channel.peer.next) {
    return { session, effects: [] };
  }
  const count = channel.peer.next;
  const sealed = send(channel, { type: "receipt", count });
  return within(session, {
    channel: { ...sealed.channel, acknowledged: count },
    effects: sealed.effects,
  });
}

function peerLeft(session: Session): Transition {
  const channel = channelOf(session);
  const effect: SessionEffect = {
    type: "peer-left",
    clean: channel === null || channel.peer.ended,
  };
  return { session: ended(session), effects: [effect] };
}

function state(
  channel: StubChannel,
  kind: StatementKind,
  text: string,
  isSigned: boolean,
  { now }: SessionEnvironment,
): ChannelStep {
  const { own, peer } = channel;
  if (own.ended) {
    const error = new ParleyError("finished", "nothing can be said after the goodbye");
    return { channel, effects: [{ type: "refused", error }] };
  }
  const said: Said = { sequence: own.next, seen: peer.next, time: now(), kind, text, isSigned };
  const sealed = send(channel, { type: "statement", ...said });
  const next: StubChannel = {
    ...sealed.channel,
    own: {
      next: own.next + 1,
      covered: isSigned ? own.next + 1 : own.covered,
      ended: kind === "end",
    },
  };
  return {
    channel: next,
    effects: [...sealed.effects, { type: "said", text, statement: statementOf(said) }],
  };
}

function send(channel: StubChannel, payload: Payload): ChannelStep {
  const { session, role, sent } = channel;
  const bytes = seal({ session, role, number: sent, payload });
  const effect: SessionEffect = { type: "emit", event: "message", payload: bytes };
  return { channel: { ...channel, sent: sent + 1 }, effects: [effect] };
}

function hear(session: Session, bytes: unknown): Transition {
  const channel = channelOf(session);
  if (channel === null) {
    return refused(session, "unexpected", "a message came before the handshake was done");
  }
  const opened = bytes instanceof Uint8Array ? unseal(bytes as Bytes) : null;
  const number = Number(opened?.number);
  const isGenuine = opened !== null && opened.session === channel.session &&
    opened.role === otherRole(channel.role) && number - channel.expected <= MAX_SKIP &&
    (number >= channel.expected || channel.missing.includes(number));
  if (!isGenuine) return refused(session, "bad-message", "a message could not be opened");
  const { expected, missing } = channel;
  const skipped = Array.from({ length: Math.max(0, number - expected) }, (_, i) => expected + i);
  const next: StubChannel = {
    ...channel,
    expected: Math.max(expected, number + 1),
    missing: [...missing.filter((one) => one !== number), ...skipped],
  };
  const payload = opened.payload as Payload;
  if (payload.type === "receipt") return within(session, receipt(next, payload.count));
  if (payload.type === "statement") return within(session, receiveStatement(next, payload));
  const spelled = Object.entries(payload.signal).map(([member, value]) => [
    member,
    typeof value === "object" ? fromHex((value as { hex: string }).hex) : value,
  ]);
  const signal = Object.fromEntries(spelled) as Signal;
  return within(session, { channel: next, effects: [{ type: "signal", signal }] });
}

function receipt(channel: StubChannel, count: number): ChannelStep {
  if (count > channel.own.next) {
    throw new WireError("payload.count", `at most ${channel.own.next}`, String(count));
  }
  if (count <= channel.delivered) return { channel, effects: [] };
  return { channel: { ...channel, delivered: count }, effects: [{ type: "delivered", count }] };
}

function receiveStatement(channel: StubChannel, said: Said): ChannelStep {
  const { next } = channel.peer;
  if (said.sequence > next) return hold(channel, said);
  if (said.sequence < next) throw saidTwice();
  const effects: SessionEffect[] = [];
  let current = channel;
  for (let due: Said | undefined = said; due !== undefined;) {
    const accepted: ChannelStep = accept(current, due);
    current = accepted.channel;
    effects.push(...accepted.effects);
    due = current.held.find(({ sequence }) => sequence === current.peer.next);
    current = { ...current, held: current.held.filter((entry) => entry !== due) };
  }
  if (current.held.length > 0) effects.push(gap(current));
  return { channel: current, effects };
}

function saidTwice(): CheckError {
  return new CheckError("unexpected", "two statements came with one sequence number");
}

function gap({ peer, held }: StubChannel): SessionEffect {
  return { type: "gap", from: peer.next, to: Math.min(...held.map(({ sequence }) => sequence)) };
}

function hold(channel: StubChannel, said: Said): ChannelStep {
  if (channel.held.some(({ sequence }) => sequence === said.sequence)) throw saidTwice();
  // The network may be at fault. What is not kept is not acknowledged either, so it comes again.
  if (channel.held.length >= MAX_HELD) return { channel, effects: [] };
  const next = { ...channel, held: [...channel.held, said] };
  return { channel: next, effects: channel.held.length > 0 ? [] : [gap(next)] };
}

function accept(channel: StubChannel, said: Said): ChannelStep {
  const { peer, own, answered } = channel;
  if (peer.ended) throw new CheckError("unexpected", "the other side spoke after its goodbye");
  if (said.seen > own.next || said.seen < answered) {
    throw new CheckError("bad-chain", "the other side answers what was not said, or goes back");
  }
  const uncovered = peer.next + 1 - peer.covered;
  if (!said.isSigned && (uncovered >= MAX_UNSIGNED || said.kind === "end")) {
    throw new CheckError("bad-signature", "the other side left its statements unsigned");
  }
  const covered = said.isSigned ? peer.next + 1 : peer.covered;
  const next: Direction = { next: peer.next + 1, covered, ended: said.kind === "end" };
  const effects: SessionEffect[] = [];
  if (covered - peer.covered > 1) effects.push({ type: "covered", count: covered });
  const statement = statementOf(said);
  const signed = said.isSigned;
  if (said.kind === "end") effects.push({ type: "peer-finished", statement });
  else if (said.kind === "file") {
    effects.push({ type: "offered", offer: parseOffer(said.text), statement, signed });
  } else effects.push({ type: "message", text: said.text, statement, signed });
  return { channel: { ...channel, peer: next, answered: said.seen }, effects };
}

function statementOf({ sequence, seen, time, kind }: Said): Statement {
  return { sequence, seen, time, kind, body: NOTHING, previous: NOTHING, signature: null };
}

/** JSON behind a checksum. */
function seal(value: unknown): Bytes {
  const text = JSON.stringify(value);
  return utf8(checksum(text) + text);
}

/** What was sealed; `null` when it was damaged. */
function unseal(bytes: Bytes): Record<string, unknown> | null {
  try {
    const text = fromUtf8(bytes);
    const body = text.slice(8);
    return checksum(body) === text.slice(0, 8) ? JSON.parse(body) : null;
  } catch {
    return null;
  }
}

function parseHello(bytes: Bytes): { text: string; key: unknown } {
  try {
    const text = fromUtf8(bytes);
    return { text, key: JSON.parse(text).key };
  } catch {
    throw new WireError("hello", "a JSON object", "something else");
  }
}

/** FNV-1a over UTF-16, 32 bits in hexadecimal. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
