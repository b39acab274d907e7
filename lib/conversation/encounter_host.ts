/**
 * What the encounters need, and what they ask of their conversation.
 *
 * @module
 */
import type { Delivery } from "../delivery/delivery.ts";
import type { ParleyError } from "../errors.ts";
import type { HandshakeOptions } from "../protocol/handshake.ts";
import type { advance, SecureFacts, SessionEnvironment } from "../protocol/session.ts";
import type { After } from "../timer.ts";
import type { Transfers } from "../transfer/transfers.ts";
import type { ConversationEvent } from "./events.ts";
import type { Link } from "./link.ts";
import type { PayloadLimit } from "./payload_limit.ts";

/** What an encounter asks of its conversation. */
export interface EncounterHost {
  /** The files with all peers. */
  readonly files: Transfers;
  /** How much fits in one payload. */
  readonly limit: PayloadLimit;
  /** The way to the relay, when there is one. */
  link(): Link | null;
  /** Whether our side has nothing more to say. */
  finished(): boolean;
  /** Whether the conversation is closed: what was asked meanwhile is not answered any more. */
  closed(): boolean;
  /** Hands an event to all subscribers. */
  report(event: ConversationEvent): void;
  /** Pumps behind everything that waits. */
  pumpSoon(): void;
  /** A peer was admitted. */
  met(): void;
  /** The peer has said goodbye. */
  peerFinished(): void;
  /** The encounter is over; called right before that is reported. */
  parted(how: "peer-away" | "peer-left"): void;
  /** A handshake took too long. */
  timeOut(handshake: number): void;
  /** Whether something from the relay waits to be looked at. */
  isBusy(): boolean;
  /** Drops the messages of the session that wait: it is over. */
  dropReceived(): void;
}

/** What an encounter needs. */
export interface EncounterOptions {
  /** What we bring to each handshake. */
  readonly handshake: HandshakeOptions;
  /** What outlives the sessions. */
  readonly delivery: Delivery;
  /** Randomness, KEM and clock. */
  readonly environment: SessionEnvironment;
  /**
   * Decides about a peer before a line goes to it: an error ends the conversation, and nothing is sent. Nothing is
   * taken from the relay in the meantime. Without it every peer is admitted.
   */
  readonly admit?: (facts: SecureFacts) => ParleyError | null | Promise<ParleyError | null>;
  /** Starts a timer. */
  readonly after: After;
  /** The session's state machine. @default the real one */
  readonly advance?: typeof advance;
}
