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
import type { Statement, StatementKind } from "./statement.ts";

/** An input of a session. */
export type SessionInput =
  /** The relay says that both seats of the room are taken. */
  | { readonly type: "start" }
  /** The relay delivers what claims to be the peer's. */
  | { readonly type: "receive"; readonly event: PeerEvent; readonly payload: unknown }
  /** Our side sends items, in one bundle; none for a receipt. Only in a secure session. */
  | { readonly type: "send"; readonly items: readonly OwnItem[] }
  /** No other input is waiting: the moment for receipts. */
  | { readonly type: "idle" }
  /** The relay says that the peer is gone. */
  | { readonly type: "peer-left" }
  /** The time for the peer's part of the handshake is over. */
  | { readonly type: "timeout" };

/** A statement that our side makes. */
export interface OwnStatement {
  /** Its kind; behind an end nothing else is sent. */
  readonly type: StatementKind;
  /** A text, or an offer as offer.ts encodes it; empty for an end. */
  readonly text: string;
  /** When it was said, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  /** How many of the peer's statements in this session its author had before him: no fewer than before. */
  readonly seen: number;
}

/** What our side sends. */
export type OwnItem = OwnStatement | Signal;

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
  /** The peer said this. `signed` is false in a deniable session only. */
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
  /** A frame came, unopened: it may be the peer's. */
  | { readonly type: "frame"; readonly bytes: Uint8Array }
  /** The peer sent a signal. */
  | { readonly type: "signal"; readonly signal: Signal }
  /** Our side made this statement; the message before it carries it. */
  | { readonly type: "said"; readonly statement: Statement }
  /** The peer has acknowledged our statements below `count`. */
  | { readonly type: "delivered"; readonly count: number }
  /** Something of the peer's is missing; what came after it is held. */
  | { readonly type: "gap" }
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
