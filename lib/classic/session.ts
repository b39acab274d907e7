/**
 * One session in the suite `classic`: the original protocol, as a pure state machine like
 * protocol/session.ts. An input and a state give the next state and a list of effects.
 *
 *     waiting --start or the peer's key--> handshaking --share verified--> open --peer left--> ended
 *                                               \______failed check_______________/
 *
 * It is not secure, and can't be made so without breaking the protocol: nobody knows whose keys came, messages carry
 * neither MAC nor signature, and nothing shows whether one arrived, or all.
 *
 * @module
 */
import { type Bytes, utf8 } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { CheckError, ParleyError } from "../errors.ts";
import { MAX_TEXT_BYTES } from "../protocol/constants.ts";
import type { Step } from "../protocol/session.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import { ClassicKeyPair } from "./diffie_hellman.ts";
import { type ClassicSigningKey, verifyClassic } from "./elgamal.ts";
import {
  type ClassicShare,
  encodeClassicShare,
  encodeKey,
  openText,
  parseClassicShare,
  parseKey,
  sealText,
} from "./wire.ts";

/** An input of a session. */
export type ClassicInput =
  /** The relay says that two are in the room. */
  | { readonly type: "start" }
  /** The relay hands on what claims to be the other side's. */
  | { readonly type: "receive"; readonly event: PeerEvent; readonly payload: unknown }
  /** Our side says something: only while it is open. */
  | { readonly type: "say"; readonly texts: readonly string[] }
  /** The relay says that the other side is gone, which is this protocol's only goodbye. */
  | { readonly type: "peer-left" };

/** An effect: to be carried out or shown by the caller. */
export type ClassicEffect =
  | { readonly type: "emit"; readonly event: RelayedEvent; readonly payload: string }
  | { readonly type: "step"; readonly step: Step }
  /** Both have a key now, and messages can go. */
  | { readonly type: "open" }
  /** The other side, or somebody on the way, said this. */
  | {
    readonly type: "message";
    readonly text: string;
    readonly time: number;
    readonly sequence: number;
  }
  /** This side said this, and it is on its way. */
  | {
    readonly type: "said";
    readonly text: string;
    readonly time: number;
    readonly sequence: number;
  }
  /** Something was not accepted, and changed nothing. The conversation goes on. */
  | { readonly type: "refused"; readonly error: ParleyError }
  /** A check failed: the session is over. */
  | { readonly type: "failed"; readonly error: ParleyError }
  /** The other side is gone. */
  | { readonly type: "peer-left" };

/** A session's randomness and clock. */
export interface ClassicEnvironment {
  /** Fresh random bytes. */
  readonly random: Random;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
}

/** The state of a handshake. */
export interface ClassicHandshake {
  /** Our Diffie-Hellman key. */
  readonly keyPair: ClassicKeyPair;
  /** The other side's ElGamal key, once it has come. */
  readonly peerKey: bigint | null;
  /** A share that overtook that key: clients on python-socketio send both from threads of their own. */
  readonly early: ClassicShare | null;
}

/** The state of an open session. */
export interface ClassicChannel {
  /** The AES-256 key of both directions. */
  readonly key: Bytes;
  /** How many texts we said. */
  readonly sent: number;
  /** How many texts came. */
  readonly received: number;
}

/** The state of one session. Immutable. */
export interface ClassicSession {
  /** Our key for signatures, and with it the group. */
  readonly signingKey: ClassicSigningKey;
  /** The state of the diagram above. */
  readonly phase: "waiting" | "handshaking" | "open" | "ended";
  /** Only while handshaking. */
  readonly handshake: ClassicHandshake | null;
  /** Only while open. */
  readonly channel: ClassicChannel | null;
}

/** A state and the effects that led to it. */
export interface ClassicTransition {
  /** The next state. */
  readonly session: ClassicSession;
  /** To be carried out in this order. */
  readonly effects: readonly ClassicEffect[];
}

/** A session in which nothing has happened yet. */
export function newClassicSession(signingKey: ClassicSigningKey): ClassicSession {
  return { signingKey, phase: "waiting", handshake: null, channel: null };
}

/**
 * Takes one input. Nothing from the network makes it throw: a fault becomes a `refused` effect, which leaves the
 * session as it was, or a `failed` one, which ends it.
 *
 * @throws {TypeError} when `say` comes before the session is open
 * @throws {RangeError} when it is given a text of more than 512 KiB
 */
export async function advanceClassic(
  session: ClassicSession,
  input: ClassicInput,
  environment: ClassicEnvironment,
): Promise<ClassicTransition> {
  if (session.phase === "ended") return { session, effects: [] };
  try {
    return await take(session, input, environment);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { session: ended(session), effects: [{ type: "failed", error }] };
  }
}

function ended(session: ClassicSession): ClassicSession {
  return { ...session, phase: "ended", handshake: null, channel: null };
}

function take(
  session: ClassicSession,
  input: ClassicInput,
  environment: ClassicEnvironment,
): Promise<ClassicTransition> | ClassicTransition {
  switch (input.type) {
    case "start":
      return begin(session, environment, [{ type: "step", step: "key-exchange" }]);
    case "receive":
      return receive(session, input.event, input.payload, environment);
    case "say":
      return say(session, input.texts, environment);
    case "peer-left":
      return { session: ended(session), effects: [{ type: "peer-left" }] };
  }
}

/** Sends our key, once: the peer's key may overtake the relay's `KEY_EXCHANGE`. */
function begin(
  session: ClassicSession,
  { random }: ClassicEnvironment,
  before: readonly ClassicEffect[],
): ClassicTransition {
  if (session.phase !== "waiting") return { session, effects: [] };
  const { signingKey } = session;
  const keyPair = ClassicKeyPair.generate(signingKey.group, random);
  return {
    session: {
      ...session,
      phase: "handshaking",
      handshake: { keyPair, peerKey: null, early: null },
    },
    effects: [
      { type: "step", step: "keys-made" },
      ...before,
      { type: "emit", event: "ELGAMAL_PK", payload: encodeKey(signingKey.y) },
      { type: "step", step: "identity-sent" },
    ],
  };
}

async function receive(
  session: ClassicSession,
  event: PeerEvent,
  payload: unknown,
  environment: ClassicEnvironment,
): Promise<ClassicTransition> {
  if (event === "received_message") return receiveMessage(session, payload, environment);
  if (event === "SECURE_BC") return refused(session, "a SECURE came, which this suite has not");
  if (session.phase === "open") {
    return refused(session, `a second ${event} came when the handshake was done`);
  }
  const begun = begin(session, environment, []);
  const next = event === "ELGAMAL_PK_BC"
    ? await receiveKey(begun.session, payload, environment)
    : await receiveShare(begun.session, payload);
  return { session: next.session, effects: [...begun.effects, ...next.effects] };
}

function refused(session: ClassicSession, message: string): ClassicTransition {
  const error = new CheckError("unexpected", message);
  return { session, effects: [{ type: "refused", error }] };
}

/** Step 3, and our part of step 4. */
async function receiveKey(
  session: ClassicSession,
  payload: unknown,
  environment: ClassicEnvironment,
): Promise<ClassicTransition> {
  const { signingKey } = session;
  const { keyPair, peerKey, early } = session.handshake!;
  if (peerKey !== null) throw new CheckError("unexpected", "a second ElGamal key came");
  const handshake = { keyPair, peerKey: parseKey(signingKey.group, payload), early: null };
  const { share } = keyPair;
  const signature = await signingKey.sign(String(share), environment.random);
  const effects: ClassicEffect[] = [
    { type: "step", step: "identity-received" },
    { type: "emit", event: "DEFF_HELLMAN_PK", payload: encodeClassicShare({ share, signature }) },
    { type: "step", step: "share-sent" },
  ];
  const next = { ...session, handshake };
  if (early === null) return { session: next, effects };
  const agreed = await agree(next, handshake, early);
  return { session: agreed.session, effects: [...effects, ...agreed.effects] };
}

/** The other side's part of step 4. Without the key that signs it, it waits for that. */
async function receiveShare(
  session: ClassicSession,
  payload: unknown,
): Promise<ClassicTransition> {
  const handshake = session.handshake!;
  if (handshake.early !== null) {
    throw new CheckError("unexpected", "a second Diffie-Hellman key came");
  }
  const share = parseClassicShare(session.signingKey.group, payload);
  if (handshake.peerKey !== null) return await agree(session, handshake, share);
  return { session: { ...session, handshake: { ...handshake, early: share } }, effects: [] };
}

/** Steps 5 and 6. */
async function agree(
  session: ClassicSession,
  { keyPair, peerKey }: ClassicHandshake,
  { share, signature }: ClassicShare,
): Promise<ClassicTransition> {
  const { group } = session.signingKey;
  if (!await verifyClassic(group, peerKey!, String(share), signature)) {
    throw new CheckError(
      "bad-signature",
      "the signature on the other side's Diffie-Hellman key does not verify: either it was changed on the " +
        "way, or the two sides use different groups (--classic-group)",
    );
  }
  const channel = { key: await keyPair.messageKey(share), sent: 0, received: 0 };
  return {
    session: { ...session, phase: "open", handshake: null, channel },
    effects: [
      { type: "step", step: "signature-verified" },
      { type: "step", step: "secret-computed" },
      { type: "open" },
    ],
  };
}

/** Step 7, our part. */
function say(
  session: ClassicSession,
  texts: readonly string[],
  { random, now }: ClassicEnvironment,
): ClassicTransition {
  const { channel } = session;
  if (channel === null) throw new TypeError("Cannot say anything before the session is open");
  if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES)) {
    throw new RangeError(`Cannot send a text of more than ${MAX_TEXT_BYTES} bytes of UTF-8`);
  }
  const effects = texts.flatMap((text, i): ClassicEffect[] => [
    { type: "emit", event: "message", payload: sealText(channel.key, text, random) },
    { type: "said", text, time: now(), sequence: channel.sent + i },
  ]);
  const sent = channel.sent + texts.length;
  return { session: { ...session, channel: { ...channel, sent } }, effects };
}

/** Step 7, the other side's part. */
function receiveMessage(
  session: ClassicSession,
  payload: unknown,
  { now }: ClassicEnvironment,
): ClassicTransition {
  const { channel } = session;
  if (channel === null) return refused(session, "a message came before the handshake was done");
  try {
    const text = openText(channel.key, payload);
    const { received } = channel;
    return {
      session: { ...session, channel: { ...channel, received: received + 1 } },
      effects: [{ type: "message", text, time: now(), sequence: received }],
    };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { session, effects: [{ type: "refused", error }] };
  }
}
