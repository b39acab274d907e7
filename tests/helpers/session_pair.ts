/**
 * Two people and a relay, in memory. The test decides what is delivered when, and may put an attacker in the
 * relay's place. Nothing here waits, sleeps or touches the network.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { copyBytes } from "../../lib/crypto/bytes.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { type Kem, mlKem768 } from "../../lib/crypto/kem.ts";
import type { Random } from "../../lib/crypto/random.ts";
import { type Bundle, encodeBundle } from "../../lib/protocol/bundle.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import { pad } from "../../lib/protocol/padding.ts";
import { ratchetEncrypt } from "../../lib/protocol/ratchet.ts";
import {
  advance,
  newSession,
  type OwnItem,
  type Session,
  type SessionEffect,
  type SessionEnvironment,
  type SessionInput,
} from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import type { StatementKind } from "../../lib/protocol/statement.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type PeerEvent, RELAYED } from "../../lib/relay/wire_events.ts";
import { seededRandom } from "./seeded_random.ts";

/** The two who talk. */
export type Name = "alice" | "bob";

/** Both, in the order in which tests go through them. */
export const NAMES: readonly Name[] = ["alice", "bob"];

/** The other one. */
export function otherThan(name: Name): Name {
  return name === "alice" ? "bob" : "alice";
}

/** Something on its way from one to the other. */
export interface Parcel {
  /** The sender. */
  readonly from: Name;
  /** The receiver. */
  readonly to: Name;
  /** Under which name it arrives. */
  readonly event: PeerEvent;
  /** Its bytes. */
  readonly payload: unknown;
}

/** What happens to a parcel on the way: the parcels that arrive instead of it. */
export type Relay = (parcel: Parcel) => readonly Parcel[];

/** Hands on what it gets. */
export const honestRelay: Relay = (parcel) => [parcel];

/** More messages than any test sends. */
const MAX_ROUNDS = 1000;

/** The instant at which every test's clock starts, in milliseconds. */
export const EPOCH = 1_700_000_000_000;

/** A clock that moves on by one second whenever somebody looks. */
export function tickingClock(): () => number {
  let ticks = 0;
  return () => EPOCH + 1000 * ticks++;
}

/**
 * A safe prime of 128 bits in elements as wide as the suite's, so that the wire is as it is and a signature costs
 * nothing. INSECURE: for tests of what is around the arithmetic. A session is in the group of its identity.
 */
export const SMALL_GROUP: Group = Object.freeze({
  name: "small" as Group["name"],
  p: 0xffffffffffffffffffffffffffffc3a7n,
  q: 0xffffffffffffffffffffffffffffc3a7n >> 1n,
  g: 2n,
  elementBytes: GROUP.elementBytes,
  exponentBits: 120,
});

const identities = new Map<string, SigningKey>();

/** Somebody's signing key, the same in every run and made once. */
export function identityOf(name: string, group: Group = GROUP): SigningKey {
  const id = `${group.name}: ${name}`;
  let identity = identities.get(id);
  if (identity === undefined) {
    identity = SigningKey.generate(group, seededRandom(`identity of ${name}`));
    identities.set(id, identity);
  }
  return identity;
}

/** What somebody brings: a signed conversation without a code unless a test wants another. */
export function optionsOf(
  name: string,
  changes: Partial<HandshakeOptions> = {},
  group: Group = GROUP,
): HandshakeOptions {
  return { identity: identityOf(name, group), name, deniable: false, code: null, ...changes };
}

/** What a session takes from outside: seeded randomness, ML-KEM-768 unless another is given, a clock. */
export function environmentOf(seed: string, kem: Kem = mlKem768): SessionEnvironment {
  return { random: seededRandom(seed), kem, now: tickingClock() };
}

/** Two sessions, and what is on its way between them. */
export class SessionPair {
  /** Where each of the two stands. */
  readonly sessions: Record<Name, Session>;
  /** What surrounds each of the two. */
  readonly environments: Record<Name, SessionEnvironment>;
  /** What is on its way to each of the two, oldest first. */
  readonly inbound: Record<Name, Parcel[]> = { alice: [], bob: [] };
  /** Everything that each has done, in order. */
  readonly effects: Record<Name, SessionEffect[]> = { alice: [], bob: [] };
  /** Everything that was handed to the relay, in order. */
  readonly posted: Parcel[] = [];
  /** The relay, or an attacker. */
  relay: Relay = honestRelay;
  /** The sessions' code: the real one, or what a test holds against it. */
  advance: typeof advance = advance;

  /** A world in which these sessions meet. */
  constructor(
    sessions: Record<Name, Session>,
    environments: Record<Name, SessionEnvironment>,
  ) {
    this.sessions = { ...sessions };
    this.environments = environments;
  }

  /** Two who have not met yet. */
  static of(
    changes: Partial<Record<Name, Partial<HandshakeOptions>>> = {},
    seed = "conversation",
    group: Group = SMALL_GROUP,
  ): SessionPair {
    const session = (name: Name) => newSession(optionsOf(name, changes[name], group));
    const environment = (name: Name) => environmentOf(`${seed}: ${name}`);
    return new SessionPair(
      { alice: session("alice"), bob: session("bob") },
      { alice: environment("alice"), bob: environment("bob") },
    );
  }

  /** Gives one side an input; what it sends is posted. Returns the effects. */
  async input(name: Name, input: SessionInput): Promise<readonly SessionEffect[]> {
    const transition = await this.advance(this.sessions[name], input, this.environments[name]);
    this.sessions[name] = transition.session;
    this.effects[name].push(...transition.effects);
    for (const effect of transition.effects) {
      if (effect.type === "emit") this.post(name, RELAYED[effect.event], effect.payload);
    }
    return transition.effects;
  }

  /** Hands something to the relay, in somebody's name. */
  post(from: Name, event: PeerEvent, payload: Bytes): void {
    const parcel = { from, to: otherThan(from), event, payload: copyBytes(payload) };
    this.posted.push(parcel);
    for (const arriving of this.relay(parcel)) this.inbound[arriving.to].push(arriving);
  }

  /** Delivers the parcel at `index` of those on the way to `name`. Returns the effects. */
  deliver(name: Name, index = 0): Promise<readonly SessionEffect[]> {
    const [parcel] = this.inbound[name].splice(index, 1);
    if (parcel === undefined) throw new RangeError(`Cannot deliver parcel ${index} to ${name}`);
    return this.receive(name, parcel.event, parcel.payload);
  }

  /** Hands something to `name` that the relay, or whoever stands in its place, made. */
  receive(name: Name, event: PeerEvent, payload: unknown): Promise<readonly SessionEffect[]> {
    return this.input(name, { type: "receive", event, payload });
  }

  /** Delivers all that is on the way, in order, and what comes of it. */
  async run(): Promise<void> {
    for (let rounds = 0; NAMES.some((name) => this.inbound[name].length > 0); rounds++) {
      if (rounds > MAX_ROUNDS) throw new RangeError("Cannot deliver it all: there is always more");
      for (const name of NAMES) if (this.inbound[name].length > 0) await this.deliver(name);
    }
  }

  /** Both start, all is delivered, and each begins with its `resume`. */
  async meet(): Promise<void> {
    for (const name of NAMES) await this.input(name, { type: "start" });
    await this.run();
    for (const name of NAMES) {
      if (this.sessions[name].phase !== "secure") continue;
      await this.send(name, newResume(seededRandom(`stream of ${name}`)));
    }
    await this.run();
  }

  /** Sends items, in one bundle. */
  send(name: Name, ...items: OwnItem[]): Promise<readonly SessionEffect[]> {
    return this.input(name, { type: "send", items });
  }

  /** Says something now, in one bundle. */
  say(name: Name, ...texts: string[]): Promise<readonly SessionEffect[]> {
    return this.send(name, ...texts.map((text) => this.statement(name, "text", text)));
  }

  /** Says goodbye. */
  finish(name: Name): Promise<readonly SessionEffect[]> {
    return this.send(name, this.statement(name, "end", ""));
  }

  /** What `name` states now, with all before its eyes that has come. */
  statement(name: Name, type: StatementKind, text: string): OwnItem {
    const seen = this.sessions[name].channel?.peer.next ?? 0;
    return { type, text, time: this.environments[name].now(), seen };
  }

  /** All is delivered, and then both have a quiet moment for their receipts. */
  async settle(): Promise<void> {
    await this.run();
    for (const name of NAMES) await this.input(name, { type: "idle" });
    await this.run();
  }

  /** Another world that goes on from here; its sessions are these, its randomness is its own. */
  fork(seed = "fork"): SessionPair {
    const fork = new SessionPair(this.sessions, {
      alice: { ...this.environments.alice, random: seededRandom(`${seed}: alice`) },
      bob: { ...this.environments.bob, random: seededRandom(`${seed}: bob`) },
    });
    for (const name of NAMES) fork.inbound[name].push(...this.inbound[name]);
    fork.relay = this.relay;
    return fork;
  }

  /** The texts that `name` was shown, in order. */
  textsShownTo(name: Name): string[] {
    return effectsOf(this.effects[name], "message").map(({ text }) => text);
  }
}

/** The effects of one type. */
export function effectsOf<T extends SessionEffect["type"]>(
  effects: readonly SessionEffect[],
  type: T,
): Extract<SessionEffect, { type: T }>[] {
  return effects.filter((effect): effect is Extract<SessionEffect, { type: T }> =>
    effect.type === type
  );
}

/** The types of the effects, in order. */
export function typesOf(effects: readonly SessionEffect[]): string[] {
  return effects.map(({ type }) => type);
}

/** The payloads that effects send, in order. */
export function emitted(effects: readonly SessionEffect[]): Bytes[] {
  return effectsOf(effects, "emit").map(({ payload }) => payload);
}

const secured = new Map<string, Promise<SessionPair>>();

/**
 * Two who have just finished their handshake, in the small group. It is run once for each kind, and every caller gets
 * a world of its own that goes on from there.
 */
export async function securedPair(
  changes: Partial<HandshakeOptions> = {},
  seed = "fork",
): Promise<SessionPair> {
  const kind = JSON.stringify([changes.deniable ?? false, changes.code ?? null]);
  let made = secured.get(kind);
  if (made === undefined) {
    made = (async () => {
      const both = { alice: changes, bob: changes };
      const conversation = SessionPair.of(both, undefined, SMALL_GROUP);
      await conversation.meet();
      return conversation;
    })();
    secured.set(kind, made);
  }
  return (await made).fork(seed);
}

/**
 * Seals what a misbehaving peer wants to: somebody who holds every key of `name` and keeps no rule.
 *
 * @param plaintext what is special about the bundle, or its padded bytes themselves
 * @returns what to hand to the other side; the conversation's ratchet of `name` has moved on
 */
export async function sealAs(
  conversation: SessionPair,
  name: Name,
  plaintext: Partial<Bundle> | Bytes,
): Promise<Bytes> {
  const session = conversation.sessions[name];
  const channel = session.channel!;
  const { sent, peer: { next: received } } = channel;
  const padded = plaintext instanceof Uint8Array
    ? plaintext
    : pad(encodeBundle({ number: sent, received, items: [], signature: null, ...plaintext }));
  const environment = conversation.environments[name];
  const { ratchet, bytes } = await ratchetEncrypt(channel.ratchet, padded, environment);
  const next = { ...channel, ratchet, sent: sent + 1 };
  conversation.sessions[name] = { ...session, channel: next };
  return bytes;
}

/** Randomness that can be taken up again at any draw, so that one state can be led along many ways. */
export function randomFrom(seed: string, draws: number): { random: Random; draws: () => number } {
  let next = draws;
  return { random: (length) => seededRandom(`${seed} ${next++}`)(length), draws: () => next };
}
