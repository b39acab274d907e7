/**
 * What a client and its relay say to each other, without the socket between them: tests bring another.
 *
 * @module
 */
import { RelayError, type UnreachableError } from "../errors.ts";
import type {
  ClientEvent as RelayedEvent,
  PeerEvent,
  Refusal,
  RefusalCode,
} from "../relay/events.ts";

/** What comes from the relay. */
export type RelayInput =
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  | { readonly type: "unreachable"; readonly error: UnreachableError }
  | { readonly type: "key-exchange"; readonly acknowledge: () => void }
  | { readonly type: "relay-peer-away" }
  | { readonly type: "relay-peer-left" }
  | { readonly type: "refusal"; readonly refusal: Refusal }
  | { readonly type: "received"; readonly event: PeerEvent; readonly payload: unknown };

/** The way to the relay. */
export interface RelayPort {
  /** Sends one event to the other side: bytes, or the text of the original protocol. */
  emit(event: RelayedEvent, payload: Uint8Array | string): void;
  /** Drops the connection and makes a new one: the next encounter is a fresh session. */
  renew(): void;
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

/** What to do after a refusal. */
const ADVICE: Readonly<Record<RefusalCode, string>> = {
  "room-full": "Wait until somebody leaves, or meet elsewhere: --room NAME, or --invite",
  "bad-room": "Choose another with --room NAME",
  "bad-payload":
    "If that goes on, the relay and this client do not fit together: compare --version",
  "payload-too-large": "Say less at once, or ask for a relay with a larger --max-payload",
  "no-peer": "They have just left; what did not arrive is listed",
};

/** A refusal as the user is told of it. */
export function refusalError({ code, message }: Refusal): RelayError {
  return new RelayError(code, `the relay refused: ${message}. ${ADVICE[code]}`);
}
