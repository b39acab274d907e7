/**
 * What the encounters ask of their conversation.
 *
 * @module
 */
import type { Transfers } from "../transfer/transfers.ts";
import type { ConversationEvent } from "./events.ts";
import type { Link } from "./link.ts";

/** What an encounter asks of its conversation. */
export interface EncounterHost {
  /** The files with all peers. */
  readonly files: Transfers;
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
