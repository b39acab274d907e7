/**
 * The errors and warnings that a conversation itself reports, in words.
 *
 * @module
 */
import { CheckError, ParleyError, RelayError } from "../errors.ts";
import type { PublicEvent } from "./events.ts";
import { FRAME_BYTES } from "./payload_limit.ts";

/** What the user is told of a bug; the process ends instead of hanging. */
export function internalError(cause: unknown): ParleyError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ParleyError(
    "internal",
    `an internal error, which is a bug in parley: ${message}. Please report it`,
  );
}

/** The connection has not come back. */
export function lostError(milliseconds: number, undelivered: number): ParleyError {
  return new ParleyError(
    "lost",
    `the connection did not come back within ${milliseconds / 1000} seconds; ` +
      `not known to have arrived: ${undelivered}. Try again with a longer --patience`,
  );
}

/** Nobody came in time, or they did not answer. */
export function timeoutError(): ParleyError {
  return new ParleyError(
    "timeout",
    "it was not delivered in time: nobody came, or they did not answer. Try a longer --timeout",
  );
}

/** Says why a text is not sent. */
export function tooLongError(bytes: number, longest: number): ParleyError {
  return new ParleyError(
    "line-too-long",
    `a text of ${bytes} bytes was not sent: at most ${longest} fit through this relay`,
  );
}

/** Says why no file can be sent. */
export function noFilesError(payloadBytes: number): RelayError {
  return new RelayError(
    "relay-limit",
    `this relay passes payloads of at most ${payloadBytes} bytes, and a piece of a file takes ` +
      `${FRAME_BYTES}: files need a relay with a larger --max-payload`,
  );
}

/** Somebody went on from an older copy of a profile. */
export function restoredWarning(whose: "ours" | "theirs"): PublicEvent {
  const message = whose === "ours"
    ? "your profile was put back from an older copy: lines of yours may arrive twice"
    : "the other side begins anew, perhaps from an older copy of its profile: lines of theirs may come twice";
  return { type: "warning", code: "restored", message };
}

/** Somebody else is in the room of a conversation that a code has tied to one peer. */
export function otherPeerError(): CheckError {
  return new CheckError(
    "other-peer",
    "somebody else is in the room, and not the one who proved the invite code: nothing was sent " +
      "to them. Waiting for the one who did",
  );
}

/** Too many messages in a row were refused. */
export function floodError(count: number): CheckError {
  return new CheckError(
    "bad-message",
    `${count} messages in a row were refused: forged, damaged or repeated on the way. ` +
      "Nothing of them was shown; a fresh session begins",
  );
}
