/**
 * The session's state machine without its cryptography, for simulations: the inputs, the effects and their order are
 * those of lib/protocol/session.ts, and bundles keep the very rules of lib/protocol/bundle_order.ts. Bytes are JSON
 * behind a checksum, so that damage shows as it does behind a tag. It keeps no secret and proves nothing.
 *
 * stub_session_test.ts holds it against the real one.
 */
import { type Bytes, fromHex, fromUtf8, toHex, utf8 } from "../../../lib/crypto/bytes.ts";
import type { VerifyingKey } from "../../../lib/crypto/elgamal.ts";
import { type CheckCode, CheckError, ParleyError, WireError } from "../../../lib/errors.ts";
import {
  type Bundle,
  type BundleItem,
  encodeBundle,
  isStatement,
  parseBundle,
} from "../../../lib/protocol/bundle.ts";
import {
  type BundleOrder,
  checkBundle,
  dueBundle,
  holdBundle,
  newOrder,
  nextBundle,
  statementText,
  takeBundle,
} from "../../../lib/protocol/bundle_order.ts";
import { MAX_SKIP } from "../../../lib/protocol/constants.ts";
import type {
  SessionEffect,
  SessionEnvironment,
  SessionInput,
} from "../../../lib/protocol/effects.ts";
import { otherRole, type Role } from "../../../lib/protocol/key_schedule.ts";
import { parseOffer } from "../../../lib/protocol/offer.ts";
import type { advance, OwnItem, Session, Transition } from "../../../lib/protocol/session.ts";
import type { Statement } from "../../../lib/protocol/statement.ts";
import type { PeerEvent, RelayedEvent } from "../../../lib/relay/wire_events.ts";

const NOTHING: Bytes = new Uint8Array();

/** Stands for a signature: it says that there is one. */
const SIGNATURE: Bytes = new Uint8Array(768);

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

/** Where the bundles stand, and the numbers of envelopes that a ratchet would count. */
interface StubChannel extends BundleOrder {
  readonly session: string;
  readonly role: Role;
  /** How many envelopes were sent. */
  readonly envelopes: number;
  /** One more than the highest number that came. */
  readonly next: number;
  /** The numbers below it that did not come. */
  readonly missing: readonly number[];
}

interface ChannelStep {
  readonly channel: StubChannel;
  readonly effects: readonly SessionEffect[];
}

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
    case "send": {
      const channel = channelOf(session);
      if (channel === null) throw new TypeError("Cannot send before the session is secure");
      return within(session, send(channel, input.items));
    }
    case "idle": {
      const channel = channelOf(session);
      const isDue = channel !== null && channel.acknowledged < channel.peer.next;
      return isDue ? within(session, send(channel, [])) : { session, effects: [] };
    }
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
  const channel: StubChannel = {
    ...newOrder(false),
    session: agreement!.session,
    role,
    envelopes: 0,
    next: 0,
    missing: [],
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
  if (effects.at(-1)?.type === "failed") return { session: ended(session), effects };
  return { session: { ...session, channel: channel as never }, effects };
}

function peerLeft(session: Session): Transition {
  const channel = channelOf(session);
  const clean = channel === null || channel.peer.ended;
  return { session: ended(session), effects: [{ type: "peer-left", clean }] };
}

function send(channel: StubChannel, own: readonly OwnItem[]): ChannelStep {
  if (channel.own.ended && own.length > 0) {
    const error = new ParleyError("finished", "nothing can be said after the goodbye");
    return { channel, effects: [{ type: "refused", error }] };
  }
  const items = own.map((item): BundleItem =>
    "text" in item ? { ...item, body: utf8(item.text) } : item
  );
  const { order, bundle } = nextBundle(channel, items);
  const { session, role, envelopes } = channel;
  const payload = seal({
    session,
    role,
    number: envelopes,
    bundle: toHex(encodeBundle({ ...bundle, signature: null })),
    signed: items.some(isStatement),
  });
  const said = statementsOf(items, channel.own.next);
  return {
    channel: { ...order, envelopes: envelopes + 1 },
    effects: [
      { type: "emit", event: "message", payload },
      ...said.map((statement): SessionEffect => ({ type: "said", statement })),
    ],
  };
}

/** The statements among some items, the last one signed. @param sequence of the first */
function statementsOf(items: readonly BundleItem[], sequence: number): Statement[] {
  const said = items.filter(isStatement);
  return said.map(({ type: kind, seen, time, body }, i) => {
    const signature = i === said.length - 1 ? SIGNATURE : null;
    return { sequence: sequence + i, seen, time, kind, body, previous: NOTHING, signature };
  });
}

function hear(session: Session, bytes: unknown): Transition {
  const channel = channelOf(session);
  if (channel === null) {
    return refused(session, "unexpected", "a message came before the handshake was done");
  }
  const opened = bytes instanceof Uint8Array ? unseal(bytes as Bytes) : null;
  const number = Number(opened?.number);
  const { next, missing } = channel;
  const isGenuine = opened !== null && opened.session === channel.session &&
    opened.role === otherRole(channel.role) && number - next <= MAX_SKIP &&
    (number >= next || missing.includes(number));
  if (!isGenuine) return refused(session, "bad-message", "a message could not be opened");
  const skipped = Array.from({ length: Math.max(0, number - next) }, (_, i) => next + i);
  const counted: StubChannel = {
    ...channel,
    next: Math.max(next, number + 1),
    missing: [...missing.filter((one) => one !== number), ...skipped],
  };
  const plaintext = fromHex(String(opened.bundle));
  const bundle = { ...parseBundle(plaintext), signature: opened.signed ? SIGNATURE : null };
  if (bundle.number !== channel.expected) {
    const held = holdBundle(counted, { bundle, bytes: plaintext.length });
    return within(session, { channel: held, effects: [{ type: "gap" }] });
  }
  return within(session, acceptDue(accept(counted, bundle)));
}

function acceptDue(first: ChannelStep): ChannelStep {
  const effects = [...first.effects];
  let { channel } = first;
  for (let due = dueBundle(channel); due !== null; due = dueBundle(channel)) {
    try {
      const step = accept(channel, due);
      channel = step.channel;
      effects.push(...step.effects);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      return { channel, effects: [...effects, { type: "failed", error }] };
    }
  }
  if (channel.held.length > 0) effects.push({ type: "gap" });
  return { channel, effects };
}

function accept(channel: StubChannel, bundle: Bundle): ChannelStep {
  checkBundle(channel, bundle);
  const { received, items } = bundle;
  const effects: SessionEffect[] = [];
  if (received > channel.delivered) effects.push({ type: "delivered", count: received });
  const statements = statementsOf(items, channel.peer.next).values();
  for (const item of items) {
    effects.push(
      isStatement(item) ? heard(statements.next().value!) : { type: "signal", signal: item },
    );
  }
  return { channel: takeBundle(channel, bundle), effects };
}

function heard(statement: Statement): SessionEffect {
  const { kind, body } = statement;
  if (kind === "end") return { type: "peer-finished", statement };
  const text = statementText(body);
  if (kind === "file") return { type: "offered", offer: parseOffer(text), statement, signed: true };
  return { type: "message", text, statement, signed: true };
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
