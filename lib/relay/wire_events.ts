/**
 * The relay's side of the wire: event names, rooms and limits. Both the relay and the client know these,
 * and the relay knows nothing else of the protocol.
 *
 * @module
 */

/** The port that the relay listens on unless its options say otherwise. */
export const DEFAULT_PORT = 5000;

/** The room of a client that names none, as the clients of the original protocol do. */
export const DEFAULT_ROOM = "lobby";

/** Most bytes in one payload unless the relay's options say otherwise: 1 MiB. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 1024 * 1024;

/** The least limit that a relay may have, in bytes: a handshake and a line pass, with room to spare. */
export const MIN_PAYLOAD_BYTES = 16 * 1024;

/** How long a seat is reserved for a client that lost its connection, in seconds, unless the relay's options say otherwise. */
export const DEFAULT_AWAY_SECONDS = 120;

/** Seats in one room. */
export const ROOM_SEATS = 2;

/**
 * The relayed events: what one client sends up, and the name under which the other receives it. The
 * spelling is the wire's.
 */
export const RELAYED = {
  /** ElGamal public key: step 3. */
  ELGAMAL_PK: "ELGAMAL_PK_BC",
  /** Signed Diffie-Hellman share: step 4. */
  DEFF_HELLMAN_PK: "DEFF_HELLMAN_PK_BC",
  /** Key confirmation: after step 6. */
  SECURE: "SECURE_BC",
  /** Sealed message: step 7. */
  message: "received_message",
} as const;

/** A relayed event, as a client sends it. */
export type RelayedEvent = keyof typeof RELAYED;

/** A relayed event, as the peer receives it. */
export type PeerEvent = typeof RELAYED[RelayedEvent];

/** Emitted by the relay to a client with a seat of its own, before anything else. Its one argument is {@link RelayLimits}. */
export const RELAY_LIMITS = "RELAY_LIMITS";

/** Emitted by the relay to a client with a seat in a room that was given a number, behind the limits. The room's name. */
export const RELAY_ROOM = "RELAY_ROOM";

/** The argument of {@link RELAY_LIMITS}. */
export interface RelayLimits {
  /** Most bytes in one payload; at least {@link MIN_PAYLOAD_BYTES}. */
  readonly payloadBytes: number;
}

/**
 * Emitted by the relay to both when two are there: step 2. Its one argument is the room's name. A client that has
 * a seat of its own is asked to acknowledge it: what that client sends before belongs to an earlier session.
 */
export const KEY_EXCHANGE = "KEY_EXCHANGE";

/** Emitted by the relay when the peer's connection breaks and its seat stays reserved. No argument. */
export const PEER_AWAY = "PEER_AWAY";

/** Emitted by the relay when the peer leaves, or does not come back in time. No argument. */
export const PEER_LEFT = "PEER_LEFT";

/**
 * Emitted by the relay to each client with a seat of its own when it is about to end. No argument. Such a client ends its
 * connection and makes another.
 */
export const RELAY_DRAIN = "RELAY_DRAIN";

/** Emitted by the relay when it refuses something. Its one argument is a {@link Refusal}. */
export const RELAY_ERROR = "RELAY_ERROR";

/** Why the relay refuses something. With all but the last three it disconnects, too. */
export type RefusalCode =
  | "room-full"
  | "bad-room"
  | "bad-seat"
  | "too-many-clients"
  | "too-many-rooms"
  | "too-fast"
  | "bad-payload"
  | "payload-too-large"
  | "no-peer";

/** The argument of {@link RELAY_ERROR}. */
export interface Refusal {
  /** A stable code. */
  readonly code: RefusalCode;
  /** One line for a person. */
  readonly message: string;
  /** Most of what there was too much of: with `payload-too-large`, bytes in one payload. */
  readonly limit?: number;
  /** With `too-many-clients`, `too-many-rooms`, `too-fast`: when to try again, in seconds. */
  readonly retrySeconds?: number;
}

/** Some letters, such as the Hangul fillers, nobody sees. */
const ROOM_NAME = /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

/** Whether `name` is a room's: 1 to 64 letters, digits, dots, hyphens and underscores. */
export function isRoomName(name: unknown): name is string {
  return typeof name === "string" && ROOM_NAME.test(name);
}

/** The room that a client with a seat of its own names to be given a number, for an invite code. */
export const NEW_ROOM = "invite";

/** The room that a relay gives this number. */
export function allottedRoom(number: number): string {
  return `${NEW_ROOM}-${number}`;
}

const ALLOTTED_ROOM = /^invite-[1-9]\d{0,8}$/;

/** Whether `name` is a room's that a relay has given a number, for an invite code. */
export function isAllottedRoom(name: unknown): name is string {
  return typeof name === "string" && ALLOTTED_ROOM.test(name);
}

/** The rule for a room's name, for error messages. */
export const ROOM_NAME_RULE = "1 to 64 letters, digits, dots, hyphens or underscores";

const SEAT_SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Whether `seat` is a seat's secret: 32 bytes in base64url without padding. */
export function isSeat(seat: unknown): seat is string {
  return typeof seat === "string" && SEAT_SECRET.test(seat);
}

/** The rule for a seat's secret, for error messages. */
export const SEAT_RULE = "43 characters of base64url, which is 32 random bytes";
