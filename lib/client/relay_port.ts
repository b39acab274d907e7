/**
 * What a client and its relay say to each other, without the socket between them: tests bring another.
 *
 * @module
 */
import type { UnreachableError } from "../errors.ts";
import type { ClientEvent as RelayedEvent, PeerEvent, Refusal } from "../relay/events.ts";

/** What comes from the relay. */
export type RelayInput =
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  | { readonly type: "unreachable"; readonly error: UnreachableError }
  | { readonly type: "key-exchange" }
  | { readonly type: "relay-peer-left" }
  | { readonly type: "refusal"; readonly refusal: Refusal }
  | { readonly type: "received"; readonly event: PeerEvent; readonly payload: unknown };

/** The way to the relay. */
export interface RelayPort {
  /** Sends one event to the other side: bytes, or the text of the original protocol. */
  emit(event: RelayedEvent, payload: Uint8Array | string): void;
  /** Sends what is still waiting, then disconnects; resolves when that is done. */
  close(): Promise<void>;
}

/** Where to connect, and for how long to try. */
export interface RelayAddress {
  /** For example `http://localhost:5000`. */
  readonly server: string;
  /** The room's name. */
  readonly room: string;
}

/** Whether the relay disconnects after this refusal, so that trying again makes no sense. */
export function isFinal(refusal: Refusal): boolean {
  return refusal.code === "room-full" || refusal.code === "bad-room";
}
