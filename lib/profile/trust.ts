/**
 * Trust in the peer of a secure session, as the profile decides it.
 *
 * @module
 */
import type { ParleyError } from "../errors.ts";
import type { SecureFacts } from "../protocol/session.ts";

/** How far a peer's key is trusted. */
export type TrustState =
  /** Met for the first time. */
  | "unverified"
  /** The key of an earlier meeting, which nobody compared. */
  | "known"
  /** Compared, or proved by an invite code, now or at an earlier meeting. */
  | "verified";

/** A peer that is let in. */
export interface PeerTrust {
  /** How far its key is trusted. */
  readonly state: TrustState;
  /** The name it is known by here, whatever it calls itself now. Hostile text. */
  readonly contact: string;
  /** When its key was first met, in milliseconds since 1970-01-01 UTC. */
  readonly firstSeen: number;
  /** For somebody new: the contact that the name could be taken for. Hostile text. */
  readonly resembles?: string;
}

/** A known name with another key. */
export interface KeyChange {
  /** The name. Hostile text. */
  readonly contact: string;
  /** Sixty digits of the key that is known. */
  readonly knownFingerprint: string;
  /** Sixty digits of the key that came. */
  readonly peerFingerprint: string;
  /** The known key was verified. */
  readonly wasVerified: boolean;
  /** When the known key was first met. */
  readonly firstSeen: number;
  /** When the known key was last met. */
  readonly lastSeen: number;
  /** The peer proved the invite code. */
  readonly invited: boolean;
}

/** The decision about a peer. */
export type Judgement =
  /** It is let in. */
  | { readonly type: "admit"; readonly trust: PeerTrust }
  /** Nothing is sent to it before the user has decided. */
  | { readonly type: "ask"; readonly change: KeyChange }
  /** Nothing is sent to it. */
  | { readonly type: "refuse"; readonly error: ParleyError };

/** The facts about a peer by which it is judged. */
export type PeerFacts = Pick<
  SecureFacts,
  "peerName" | "peerIdentity" | "peerFingerprint" | "invited"
>;

/** Judges peers. */
export interface TrustKeeper {
  /** Judges a peer, and remembers the meeting with one that is let in. */
  judge(facts: PeerFacts): Promise<Judgement>;
  /** Takes a changed key for the contact's, because the user says so. */
  accept(facts: PeerFacts): Promise<PeerTrust>;
  /**
   * The user compared the digits with this peer.
   *
   * @returns whether that will be known next time
   */
  verify(facts: PeerFacts): Promise<boolean>;
}
