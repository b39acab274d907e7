/**
 * The inputs and effects of a session, and the environment that it draws from.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { VerifyingKey } from "../crypto/elgamal.ts";
import type { ParleyError } from "../errors.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import type { Environment } from "./handshake.ts";
import type { HandshakeTranscript, Role } from "./key_schedule.ts";
import type { Offer } from "./offer.ts";
import type { Signal } from "./signal.ts";
import type { Statement } from "./statement.ts";

/** An input of a session. */
export type SessionInput =
  /** The relay says that both seats of the room are taken. */
  | { readonly type: "start" }
  /** The relay delivers what claims to be the peer's. */
  | { readonly type: "receive"; readonly event: PeerEvent; readonly payload: unknown }
  /** Our side sends something. */
  | OwnInput
  /** No other input is waiting: the moment for receipts. */
  | { readonly type: "idle" }
  /** The relay says that the peer is gone. */
  | { readonly type: "peer-left" }
  /** The time for the peer's part of the handshake is over. */
  | { readonly type: "timeout" };

/** What our side sends: only in a secure session. */
export type OwnInput =
  /** Texts: several at once share a signature. */
  | { readonly type: "say"; readonly texts: readonly string[] }
  /** The offer of a file. */
  | { readonly type: "offer"; readonly offer: Offer }
  /** A signal: it is no statement, and is in no transcript. */
  | { readonly type: "signal"; readonly signal: Signal }
  /** Our goodbye: there is nothing more to say. */
  | { readonly type: "finish" };

/** The steps of the protocol up to the secure session, as they are reached. */
export type Step =
  | "keys-made"
  | "key-exchange"
  | "identity-sent"
  | "identity-received"
  | "share-sent"
  | "signature-verified"
  | "secret-computed";

/** An effect: to be carried out or shown by the caller. */
export type SessionEffect =
  | { readonly type: "emit"; readonly event: RelayedEvent; readonly payload: Bytes }
  | { readonly type: "step"; readonly step: Step }
  | ({ readonly type: "secure" } & SecureFacts)
  /** The peer said this. `signed` is false when no signature covers it yet. */
  | {
    readonly type: "message";
    readonly text: string;
    readonly statement: Statement;
    readonly signed: boolean;
  }
  /** The peer offers a file. */
  | {
    readonly type: "offered";
    readonly offer: Offer;
    readonly statement: Statement;
    readonly signed: boolean;
  }
  /** The peer sent a signal. */
  | { readonly type: "signal"; readonly signal: Signal }
  /** Our side made this statement; the message before it carries it. */
  | { readonly type: "said"; readonly text: string; readonly statement: Statement }
  /** The peer has acknowledged our statements below `count`. */
  | { readonly type: "delivered"; readonly count: number }
  /** A signature covers the peer's statements below `count`. */
  | { readonly type: "covered"; readonly count: number }
  /** Statements from `from` up to but not including `to` are missing; those after them are held. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** The peer has said its goodbye. */
  | { readonly type: "peer-finished"; readonly statement: Statement }
  /** An input was refused and changed nothing. The session goes on. */
  | { readonly type: "refused"; readonly error: ParleyError }
  /** A check failed: the session is over, nothing was sent. */
  | { readonly type: "failed"; readonly error: ParleyError }
  /** The peer is gone. `clean` unless it left a secure session without a goodbye. */
  | { readonly type: "peer-left"; readonly clean: boolean };

/** The facts of a secure session: both sides have proved their keys. */
export interface SecureFacts {
  /** The peer's name for itself: hostile text. */
  readonly peerName: string;
  /** The peer's public key. */
  readonly peerIdentity: VerifyingKey;
  /** The fingerprint of our key: 60 digits. */
  readonly ownFingerprint: string;
  /** The fingerprint of the peer's key: 60 digits. */
  readonly peerFingerprint: string;
  /** The safety number: 60 digits, the same on both sides. */
  readonly safetyNumber: string;
  /** No signatures on messages: both asked for that. */
  readonly deniable: boolean;
  /** An invite code made the exchange safe from a man in the middle. */
  readonly invited: boolean;
  /** Our role in the key schedule. */
  readonly role: Role;
  /** Names the session. */
  readonly sessionId: Bytes;
  /** The handshake's four messages. */
  readonly transcript: HandshakeTranscript;
}

/** The environment of a session: randomness, the KEM and the clock. */
export interface SessionEnvironment extends Environment {
  /** The clock, in milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
}
