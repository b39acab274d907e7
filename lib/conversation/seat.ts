/**
 * What a client shows the relay: the room, and the secret of its seat. Whoever shows that gets the seat, so a client that
 * lost its connection finds it free when it comes back.
 *
 * It keeps strangers out of the room, no more. The relay knows it, and so does anybody that listens to a connection without
 * TLS; such a one can take the seat and thereby deny service, and is then as much a stranger to the other side as
 * anybody.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { taggedHash } from "../crypto/hash.ts";
import type { Random } from "../crypto/random.ts";
import { DEFAULT_ROOM, isAllottedRoom } from "../relay/wire_events.ts";

/**
 * A room's name as the relay sees it. A name that somebody chose may say who meets there, so the relay gets its hash. The
 * default room, where clients of the original protocol are, and those that relays allot have nothing to hide.
 */
export async function relayRoom(room: string): Promise<string> {
  if (room === DEFAULT_ROOM || isAllottedRoom(room)) return room;
  return (await taggedHash("parley-1 room", utf8(room))).toHex();
}

/** Nobody guesses so many random bytes. */
export const SEAT_BYTES = 32;

/** Makes a seat's secret: 43 characters of base64url. To be made once, and shown at each connection. */
export function makeSeat(random: Random): string {
  return encodeSeat(random(SEAT_BYTES));
}

/** A seat's secret as it is shown to the relay. */
export function encodeSeat(secret: Uint8Array): string {
  return secret.toBase64({ alphabet: "base64url", omitPadding: true });
}
