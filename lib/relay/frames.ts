/**
 * Payloads of bytes, one frame each. Socket.IO would send two, a header in text and then the bytes, and so cost two system
 * calls instead of one at every hop. Such a payload goes past Socket.IO's events, as one binary message of Engine.IO: a
 * byte for the event, and the payload. Everything else is Socket.IO's, and all is to a client of the original protocol.
 *
 * @module
 */
import { RELAYED, type RelayedEvent } from "./wire_events.ts";

/** The relayed events in the order of their numbers, from 1. */
const EVENTS = Object.keys(RELAYED) as RelayedEvent[];

/** A payload's frame: the event's number, and the payload; behind `headroom` bytes that are left free. */
export function frameOf(event: RelayedEvent, payload: Uint8Array, headroom = 0): Uint8Array {
  const bytes = new Uint8Array(headroom + 1 + payload.length);
  bytes[headroom] = 1 + EVENTS.indexOf(event);
  bytes.set(payload, headroom + 1);
  return bytes;
}

/** The event and the payload of a frame; `undefined` for a number that no event has. */
export function readFrame(
  frame: Uint8Array,
): [event: RelayedEvent | undefined, payload: Uint8Array] {
  return [EVENTS[frame[0]! - 1], frame.subarray(1)];
}

/** What a server writes in front of a binary message of this length, in one frame (RFC 6455, 5.2). */
export function webSocketHeader(length: number): Uint8Array {
  const [FINAL_BINARY, TWO_BYTES, EIGHT_BYTES] = [0x82, 126, 127];
  if (length < TWO_BYTES) return Uint8Array.of(FINAL_BINARY, length);
  const header = new Uint8Array(length < 2 ** 16 ? 4 : 10);
  const view = new DataView(header.buffer);
  header.set([FINAL_BINARY, header.length === 4 ? TWO_BYTES : EIGHT_BYTES]);
  if (header.length === 4) view.setUint16(2, length);
  else view.setBigUint64(2, BigInt(length));
  return header;
}
