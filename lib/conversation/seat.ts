/**
 * The secret of a client's seat at the relay: whoever shows it gets the seat, so a client that lost its connection
 * finds it free when it comes back.
 *
 * It keeps strangers out of the room, no more. The relay knows it, and so does anybody that listens to a connection without
 * TLS; such a one can take the seat and thereby deny service, and is then as much a stranger to the other side as
 * anybody.
 *
 * @module
 */
import type { Random } from "../crypto/random.ts";

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
