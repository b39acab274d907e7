/**
 * One handshake, recorded: every state that both sides pass through, kept, so that a test can lead any of
 * them along another way. The toy KEM and seeded randomness make each state's future its own: what a side
 * sends depends on what it has received and on nothing else.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { SigningKey } from "../../lib/crypto/elgamal.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { type CheckCode, CheckError, EXIT, type ParleyError, WireError } from "../../lib/errors.ts";
import type { HandshakeMessage, HandshakeOptions } from "../../lib/protocol/handshake.ts";
import {
  advance,
  newSession,
  type Session,
  type SessionEffect,
  type SessionInput,
  type Transition,
} from "../../lib/protocol/session.ts";
import { GROUP, type Share } from "../../lib/protocol/wire.ts";
import type { PeerEvent } from "../../lib/relay/wire_events.ts";
import {
  effectsOf,
  emitted,
  environmentOf,
  EPOCH,
  type Name,
  NAMES,
  optionsOf,
  randomFrom,
} from "../helpers/session_pair.ts";
import { signedShare } from "../../lab/forge/messages.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { insecureToyKem } from "../helpers/toy_kem.ts";

/** A side's messages of the handshake, in the order in which it sends them. */
export const KINDS: readonly HandshakeMessage[] = ["hello", "share", "confirmation"];

/** Under which event each arrives. */
export const EVENT_OF: Readonly<Record<HandshakeMessage, PeerEvent>> = {
  hello: "ELGAMAL_PK_BC",
  share: "DEFF_HELLMAN_PK_BC",
  confirmation: "SECURE_BC",
};

/** The input that a message arrives as. */
export function arrivalOf(kind: HandshakeMessage, payload: unknown): SessionInput {
  return { type: "receive", event: EVENT_OF[kind], payload };
}

/** One session at one moment, and the moments that can follow it. */
export class Moment {
  readonly #seed: string;
  readonly #draws: number;
  readonly #kept = new Map<string, Promise<Moment>>();

  /** The state. */
  readonly session: Session;
  /** What the input that led here brought about. */
  readonly effects: readonly SessionEffect[];

  /** Use {@link Moment.first}. */
  private constructor(
    seed: string,
    draws: number,
    session: Session,
    effects: readonly SessionEffect[],
  ) {
    this.#seed = seed;
    this.#draws = draws;
    this.session = session;
    this.effects = effects;
  }

  /** A session in which nothing has happened yet. */
  static first(seed: string, options: HandshakeOptions): Moment {
    return new Moment(seed, 0, newSession(options), []);
  }

  /** The moment after an input. It is computed anew at each call, from the same random bytes. */
  async after(input: SessionInput): Promise<Moment> {
    const { random, draws } = randomFrom(this.#seed, this.#draws);
    const environment = { random, kem: insecureToyKem(random), now: () => EPOCH };
    const { session, effects } = await advance(this.session, input, environment);
    return new Moment(this.#seed, draws(), session, effects);
  }

  /** The moment after a message of the handshake. */
  afterMessage(kind: HandshakeMessage, payload: unknown): Promise<Moment> {
    return this.after(arrivalOf(kind, payload));
  }

  /** The moment after an input that has a name. It is computed once, and kept. */
  keep(name: string, input: SessionInput): Promise<Moment> {
    let moment = this.#kept.get(name);
    if (moment === undefined) this.#kept.set(name, moment = this.after(input));
    return moment;
  }
}

/** A side of a recorded handshake. */
export interface RecordedSide {
  /** Nothing has happened yet. */
  readonly waiting: Moment;
  /** It has sent its hello. */
  readonly started: Moment;
  /** It has the other's hello, and has sent its share. */
  readonly exchanging: Moment;
  /** It has the other's share, too, and has sent its confirmation. */
  readonly confirming: Moment;
  /** The handshake is done. */
  readonly secure: Moment;
  /** What it sent. */
  readonly sent: Readonly<Record<HandshakeMessage, Bytes>>;
}

/** A recorded handshake. */
export type Recording = Readonly<Record<Name, RecordedSide>>;

const recordings = new Map<string, Promise<Recording>>();

/**
 * The handshake of Alice and Bob: the same bytes for the same seed. It is recorded once for each.
 *
 * @param changes for both sides
 */
export function recordedHandshake(
  seed = "recorded",
  changes: Partial<HandshakeOptions> = {},
  group: Group = GROUP,
): Promise<Recording> {
  const { code = null, deniable = false } = changes;
  const key = JSON.stringify([seed, code, deniable, group.name]);
  let recording = recordings.get(key);
  if (recording === undefined) recordings.set(key, recording = record(seed, changes, group));
  return recording;
}

async function record(
  seed: string,
  changes: Partial<HandshakeOptions>,
  group: Group,
): Promise<Recording> {
  const first = (name: Name) => Moment.first(`${seed} ${name}`, optionsOf(name, changes, group));
  const waiting = { alice: first("alice"), bob: first("bob") };
  const started = await both(waiting, (moment) => moment.after({ type: "start" }));
  const hello = payloads(started);
  const exchanging = await both(started, (m, peer) => m.afterMessage("hello", hello[peer]));
  const share = payloads(exchanging);
  const confirming = await both(exchanging, (m, peer) => m.afterMessage("share", share[peer]));
  const confirmation = payloads(confirming);
  const secure = await both(
    confirming,
    (m, peer) => m.afterMessage("confirmation", confirmation[peer]),
  );
  const side = (name: Name): RecordedSide => ({
    waiting: waiting[name],
    started: started[name],
    exchanging: exchanging[name],
    confirming: confirming[name],
    secure: secure[name],
    sent: { hello: hello[name], share: share[name], confirmation: confirmation[name] },
  });
  return { alice: side("alice"), bob: side("bob") };
}

async function both(
  moments: Record<Name, Moment>,
  step: (moment: Moment, peer: Name) => Promise<Moment>,
): Promise<Record<Name, Moment>> {
  return { alice: await step(moments.alice, "bob"), bob: await step(moments.bob, "alice") };
}

function payloads(moments: Record<Name, Moment>): Record<Name, Bytes> {
  for (const name of NAMES) assertEquals(emitted(moments[name].effects).length, 1);
  return {
    alice: emitted(moments.alice.effects)[0]!,
    bob: emitted(moments.bob.effects)[0]!,
  };
}

/** A share message that a hostile signer has signed: the same bytes in every run. */
export function signShare(
  signer: SigningKey,
  signerHello: Bytes,
  otherHello: Bytes,
  fields: Omit<Share, "signature">,
): Promise<Bytes> {
  return signedShare(signer, signerHello, otherHello, fields, seededRandom("hostile signer"));
}

/** What every input that a session may meet looks like, for showing that one is over. */
export const ANYTHING: readonly SessionInput[] = [
  { type: "start" },
  { type: "send", items: [{ type: "text", text: "anybody there?", time: 0, seen: 0 }] },
  { type: "send", items: [] },
  { type: "idle" },
  { type: "peer-left" },
  { type: "timeout" },
  ...(["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC", "SECURE_BC", "received_message"] as const).map(
    (event): SessionInput => ({ type: "receive", event, payload: new Uint8Array(200) }),
  ),
];

/** The one error of an input: no other effect beside it. */
export function onlyError(effects: readonly SessionEffect[]): ParleyError {
  assertEquals(effects.length, 1, `one effect, not ${effects.map(({ type }) => type)}`);
  const [effect] = effects;
  assert(effect!.type === "failed" || effect!.type === "refused", `an error, not ${effect!.type}`);
  return effect!.error;
}

/**
 * The session ended here with this one error: nothing was sent, no key is left, and nothing moves it any more.
 *
 * @param code a check's code, or the field's name for a {@link WireError}
 */
export async function assertFailed(
  { session, effects }: Transition,
  code: CheckCode | `${string}.${string}` | "hello" | "share" | "confirmation" | "message",
): Promise<void> {
  const error = onlyError(effects);
  assertEquals(effects[0]!.type, "failed");
  assertEquals(error.exitCode, EXIT.untrusted);
  if (error instanceof WireError) {
    assertEquals(error.field, code);
  } else {
    assertInstanceOf(error, CheckError);
    assertEquals(error.code, code);
  }
  assertEquals([session.phase, session.handshake, session.channel], ["ended", null, null]);
  for (const input of ANYTHING) {
    const next = await advance(session, input, environmentOf("over"));
    assertEquals(next.effects, []);
    assert(next.session === session, "an ended session stays as it is");
  }
}

/** The one `secure` effect among these. */
export function secureFacts(effects: readonly SessionEffect[]) {
  const found = effectsOf(effects, "secure");
  assertEquals(found.length, 1, "exactly one `secure`");
  return found[0]!;
}
