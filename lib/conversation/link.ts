/**
 * What a client and its relay say to each other, without the socket between them: tests bring another.
 *
 * @module
 */
import { RelayError, type UnreachableError } from "../errors.ts";
import {
  MIN_PAYLOAD_BYTES,
  type PeerEvent,
  type Refusal,
  type RefusalCode,
  type RelayedEvent,
  type RelayLimits,
} from "../relay/wire_events.ts";

/** What comes from the relay. */
export type RelayInput =
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  | { readonly type: "unreachable"; readonly error: UnreachableError }
  | LimitsInput
  | KeyExchange
  | { readonly type: "relay-peer-away" }
  | { readonly type: "relay-peer-left" }
  | RefusalInput
  | { readonly type: "received"; readonly event: PeerEvent; readonly payload: unknown };

/** The relay has given us a seat, and says what passes. */
export interface LimitsInput extends RelayLimits {
  /** What it is. */
  readonly type: "limits";
}

/** Two are there. */
export interface KeyExchange {
  /** What it is. */
  readonly type: "key-exchange";
  /**
   * Acknowledges it: the relay drops what was sent before. To be called when nothing of an earlier
   * encounter will be emitted any more. It does nothing where there is nobody to tell.
   */
  readonly acknowledge: () => void;
}

/** The relay refuses something. */
export interface RefusalInput {
  /** What it is. */
  readonly type: "refusal";
  /** What it says. */
  readonly refusal: Refusal;
  /** Whether that is the end. If not, the client goes on, or goes on trying. */
  readonly final: boolean;
}

/** Opens a link; `onInput` is called for everything that happens on it, in order. */
export type Connect = (onInput: (input: RelayInput) => void) => Link;

/** The link to the relay. */
export interface Link {
  /**
   * Sends one event to the other side: bytes, or the text of the original protocol. Without a connection it is
   * dropped, because what belongs to one encounter has no place in the next.
   */
  emit(event: RelayedEvent, payload: Uint8Array | string): void;
  /** Resolves when the socket has taken so much that more may be emitted without a hurry, or there is no connection. */
  room(): Promise<void>;
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

/** Whether the relay gives no seat and disconnects. */
export function isRefusedSeat({ code }: Refusal): boolean {
  return code === "room-full" || code === "bad-room" || code === "bad-seat" || isBusy(code);
}

/** Whether the relay has too much to do, and takes us later. */
function isBusy(code: RefusalCode): boolean {
  return code === "too-many-clients" || code === "too-many-rooms" || code === "too-fast";
}

/** The pauses that a relay may ask for, in seconds: what it says otherwise is one of them all the same. */
const [LEAST_RETRY, USUAL_RETRY, LONGEST_RETRY] = [1, 30, 3600];

/** How long to wait before asking a busy relay again, in milliseconds; `null` where nothing is said about that. */
export function retryPause({ code, retrySeconds = USUAL_RETRY }: Refusal): number | null {
  if (!isBusy(code)) return null;
  return 1000 * Math.min(Math.max(retrySeconds, LEAST_RETRY), LONGEST_RETRY);
}

/** What to do after a refusal. */
const ADVICE: Readonly<Record<RefusalCode, string>> = {
  "room-full": "Try again later, or meet elsewhere: --room NAME, or --invite",
  "bad-room": "Choose another with --room NAME",
  "bad-seat": "This client and the relay do not fit together: compare --version",
  "too-many-clients": "It is tried again by itself; or use another relay: --server URL",
  "too-many-rooms": "It is tried again by itself; or use another relay: --server URL",
  "too-fast": "It goes on by itself",
  "bad-payload":
    "If that goes on, the relay and this client do not fit together: compare --version",
  "payload-too-large": "Say less at once, or ask for a relay with a larger --max-payload",
  "no-peer": "They have just left; what did not arrive is listed",
};

/** Whether this is a refusal's code. */
export function isRefusalCode(code: unknown): code is RefusalCode {
  return typeof code === "string" && Object.hasOwn(ADVICE, code);
}

/** A refusal as the user is told of it. */
export function refusalError({ code, message }: Refusal): RelayError {
  return new RelayError(code, `the relay refused: ${message}. ${ADVICE[code]}`);
}

/** Says why a relay with this limit will not do. */
export function limitError({ payloadBytes }: RelayLimits): RelayError {
  return new RelayError(
    "relay-limit",
    `this relay passes payloads of at most ${payloadBytes} bytes, and a conversation takes ` +
      `${MIN_PAYLOAD_BYTES}. Ask for a relay with a larger --max-payload, or name another with --server URL`,
  );
}
