/**
 * The channel of a secure session: bundles under the ratchet, as a pure state machine.
 *
 * Bundles are accepted in the order of their numbers; an early one is held until the ones before it are there. Each is
 * checked as a whole, its order (bundle_order.ts) and then its signature, before anything of it is shown.
 *
 * @module
 */
import { type Bytes, utf8 } from "../crypto/bytes.ts";
import type { SigningKey, VerifyingKey } from "../crypto/elgamal.ts";
import { CheckError, ParleyError } from "../errors.ts";
import { type Bundle, type BundleItem, encodeBundle, isStatement, parseBundle } from "./bundle.ts";
import {
  type BundleOrder,
  checkBundle,
  dueBundle,
  holdBundle,
  newOrder,
  nextBundle,
  statementText,
  takeBundle,
} from "./bundle_order.ts";
import { MAX_BUNDLE_ITEMS, MAX_TEXT_BYTES } from "./constants.ts";
import type { OwnItem, SessionEffect, SessionEnvironment } from "./effects.ts";
import type { Established } from "./handshake.ts";
import { addHeads, headAt, type Heads, headsFrom, lastHead, newHeads } from "./heads.ts";
import { parseOffer } from "./offer.ts";
import { pad, unpad } from "./padding.ts";
import {
  type Opened,
  type Ratchet,
  ratchetDecrypt,
  ratchetEncrypt,
  startRatchet,
  turnAhead,
} from "./ratchet.ts";
import { hashStatement, signStatement, type Statement, verifyStatement } from "./statement.ts";
import { payloadBytes } from "./wire.ts";

/** The state of a channel. Immutable. */
export interface Channel extends BundleOrder {
  /** Seals and opens bundles. */
  readonly ratchet: Ratchet;
  /** Names the session. */
  readonly sessionId: Bytes;
  /** Verifies the peer's signatures. */
  readonly peerIdentity: VerifyingKey;
  /** The heads of our chain that the peer may still answer. */
  readonly ownHeads: Heads;
  /** The heads of the peer's chain that we may still answer. */
  readonly peerHeads: Heads;
}

/** The next state, and the effects of one input. */
export interface ChannelTransition {
  /** The next state. */
  readonly channel: Channel;
  /** To be carried out in this order. `failed`, as the last one, ends the session. */
  readonly effects: readonly SessionEffect[];
}

/** Opens the channel of a finished handshake. */
export function openChannel(established: Established): Channel {
  const { keys: { sessionId }, peerIdentity, deniable } = established;
  return {
    ...newOrder(deniable),
    ratchet: startRatchet(established),
    sessionId,
    peerIdentity,
    ownHeads: newHeads(sessionId),
    peerHeads: newHeads(sessionId),
  };
}

/** Statements of one bundle as links of their chain, without their signature. */
interface Links {
  readonly statements: readonly Omit<Statement, "signature">[];
  /** The hash of each. */
  readonly hashes: readonly Bytes[];
}

/** Links the statements among some items to their sender's chain. */
async function link(
  { sessionId }: Channel,
  sender: VerifyingKey,
  chain: Heads,
  answerable: Heads,
  items: readonly BundleItem[],
): Promise<Links> {
  const statements: Omit<Statement, "signature">[] = [];
  const hashes: Bytes[] = [];
  let { count: sequence, hash: previous } = lastHead(chain);
  for (const item of items) {
    if (!isStatement(item)) continue;
    const { type: kind, seen, time, body } = item;
    const statement = { sequence: sequence++, seen, time, kind, body, previous };
    previous = await hashStatement(sessionId, sender, statement, headAt(answerable, seen));
    statements.push(statement);
    hashes.push(previous);
  }
  return { statements, hashes };
}

/** The statements, the last one with its bundle's signature. */
function signed({ statements }: Links, signature: Bytes | null): Statement[] {
  return statements.map((statement, i) => ({
    ...statement,
    signature: i === statements.length - 1 ? signature : null,
  }));
}

/**
 * Sends items in one bundle; without any it is a receipt only. After our goodbye there is nothing else to send.
 *
 * @throws {RangeError} when there are too many items, a text is longer than 512 KiB, or one answers what can't be
 */
export async function sendItems(
  channel: Channel,
  identity: SigningKey,
  own: readonly OwnItem[],
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  if (channel.own.ended && own.length > 0) {
    const error = new ParleyError("finished", "nothing can be said after the goodbye");
    return { channel, effects: [{ type: "refused", error }] };
  }
  const items = checkedItems(channel, own);
  const { ownHeads, peerHeads } = channel;
  const links = await link(channel, identity.publicKey, ownHeads, peerHeads, items);
  const last = links.hashes.at(-1);
  const signature = last === undefined || channel.deniable
    ? null
    : await signStatement(identity, last, environment.random);
  const { order, bundle } = nextBundle(channel, items);
  const padded = pad(encodeBundle({ ...bundle, signature }));
  const { ratchet, bytes } = await ratchetEncrypt(channel.ratchet, padded, environment);
  const next: Channel = {
    ...order,
    ratchet,
    ownHeads: addHeads(ownHeads, links.hashes),
    peerHeads: headsFrom(peerHeads, order.own.seen),
  };
  const effects: SessionEffect[] = [{ type: "emit", event: "message", payload: bytes }];
  for (const statement of signed(links, signature)) effects.push({ type: "said", statement });
  return { channel: next, effects };
}

function checkedItems({ own, peer }: Channel, items: readonly OwnItem[]): BundleItem[] {
  if (items.length > MAX_BUNDLE_ITEMS) {
    throw new RangeError(`Cannot send ${items.length} items at once: at most ${MAX_BUNDLE_ITEMS}`);
  }
  let { seen } = own;
  return items.map((item): BundleItem => {
    if (!("text" in item)) return item;
    const body = utf8(item.text);
    if (body.length > MAX_TEXT_BYTES) {
      throw new RangeError(`Cannot send a text of more than ${MAX_TEXT_BYTES} bytes of UTF-8`);
    }
    if (item.seen < seen || item.seen > peer.next) {
      throw new RangeError(`Cannot answer ${item.seen} statements: from ${seen} to ${peer.next}`);
    }
    seen = item.seen;
    return { type: item.type, seen, time: item.time, body };
  });
}

/**
 * Sends a receipt when there is something new to acknowledge. If not, it makes the ratchet's turn if one is due, so that
 * what is said next leaves sooner.
 */
export async function acknowledge(
  channel: Channel,
  identity: SigningKey,
  environment: SessionEnvironment,
): Promise<ChannelTransition> {
  if (channel.acknowledged < channel.peer.next) {
    return await sendItems(channel, identity, [], environment);
  }
  const ratchet = await turnAhead(channel.ratchet, environment);
  return { channel: ratchet === channel.ratchet ? channel : { ...channel, ratchet }, effects: [] };
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
  const unpadded = unpad(opened.payload);
  const bundle = parseBundle(unpadded);
  const next = { ...channel, ratchet: opened.ratchet };
  if (bundle.number !== channel.expected) {
    const held = holdBundle(next, { bundle, bytes: unpadded.length });
    return { channel: held, effects: [{ type: "gap" }] };
  }
  return await acceptDue(await accept(next, bundle));
}

/** Accepts the held bundles whose turn has come. */
async function acceptDue(first: ChannelTransition): Promise<ChannelTransition> {
  const effects = [...first.effects];
  let { channel } = first;
  for (let due = dueBundle(channel); due !== null; due = dueBundle(channel)) {
    try {
      const accepted = await accept(channel, due);
      channel = accepted.channel;
      effects.push(...accepted.effects);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      // What came before it holds, and is the peer's word.
      effects.push({ type: "failed", error });
      return { channel, effects };
    }
  }
  if (channel.held.length > 0) effects.push({ type: "gap" });
  return { channel, effects };
}

/** Checks the next bundle, all of it, and applies it. */
async function accept(channel: Channel, bundle: Bundle): Promise<ChannelTransition> {
  checkBundle(channel, bundle);
  const { peerIdentity, ownHeads, peerHeads, delivered } = channel;
  const { signature, received, items } = bundle;
  const links = await link(channel, peerIdentity, peerHeads, ownHeads, items);
  if (signature !== null) {
    if (!await verifyStatement(peerIdentity, links.hashes.at(-1)!, signature)) {
      throw new CheckError(
        "bad-signature",
        "the signature on the other side's message does not verify",
      );
    }
  }
  const order = takeBundle(channel, bundle);
  const effects: SessionEffect[] = [];
  if (received > delivered) effects.push({ type: "delivered", count: received });
  const statements = signed(links, signature).values();
  for (const item of items) {
    effects.push(
      isStatement(item)
        ? heard(statements.next().value!, !channel.deniable)
        : { type: "signal", signal: item },
    );
  }
  const next: Channel = {
    ...order,
    ownHeads: headsFrom(ownHeads, order.peer.seen),
    peerHeads: addHeads(peerHeads, links.hashes),
  };
  return { channel: next, effects };
}

/** The effect of one statement of the peer. */
function heard(statement: Statement, signed: boolean): SessionEffect {
  const { kind, body } = statement;
  if (kind === "end") return { type: "peer-finished", statement };
  const text = statementText(body);
  if (kind === "file") return { type: "offered", offer: parseOffer(text), statement, signed };
  return { type: "message", text, statement, signed };
}
