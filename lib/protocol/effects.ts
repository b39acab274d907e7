/**
 * What a session takes and what it gives: its inputs, its effects, and the world outside.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import type { VerifyingKey } from "../crypto/elgamal.ts";
import type { ParleyError } from "../errors.ts";
import type { ClientEvent, PeerEvent } from "../relay/events.ts";
import type { Environment } from "./handshake.ts";
import type { Role, Transcript } from "./key_schedule.ts";
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
  | Outgoing
  /** No other input is waiting: the moment for receipts. */
  | { readonly type: "idle" }
  /** The relay says that the peer is gone. */
  | { readonly type: "peer-left" }
  /** The time for the peer's part of the handshake is over. */
  | { readonly type: "timeout" };

/** What our side sends: only in a secure session. */
export type Outgoing =
  /** Texts: several at once share a signature. */
  | { readonly type: "say"; readonly texts: readonly string[] }
  /** The offer of a file. */
  | { readonly type: "offer"; readonly offer: Offer }
  /** A signal: it is no statement, and is in no transcript. */
  | { readonly type: "signal"; readonly signal: Signal }
  /** Our goodbye: there is nothing more to say. */
  | { readonly type: "finish" };

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
  /** The other side offers a file. */
  | {
    readonly type: "offered";
    readonly offer: Offer;
    readonly statement: Statement;
    readonly signed: boolean;
  }
  /** The other side told us something that is not said. */
  | { readonly type: "signal"; readonly signal: Signal }
  /** This side said this, offered it, or said its goodbye, and it is on its way. */
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
  /** The peer is gone. `clean` unless it left a secure session without a goodbye. */
  | { readonly type: "peer-left"; readonly clean: boolean };

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
