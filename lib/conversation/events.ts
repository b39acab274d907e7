/**
 * What a client tells its user, in a terminal, on a pipe or as JSON: one list for all three.
 *
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import type { ParleyError } from "../errors.ts";
import type { KeyChange, PeerTrust } from "../profile/trust.ts";
import type { SecureFacts, Step } from "../protocol/session.ts";
import type { TransferEvent } from "../transfer/events.ts";

/** One thing that happened. The names are stable: scripts read them. */
export type ClientEvent =
  /** An invitation was made; `code` is for the other person's eyes only. */
  | { readonly type: "invite"; readonly code: string }
  /** We leave after our proof of the code is out and before theirs: it must not be used again. */
  | { readonly type: "code-spent" }
  /** Something that the user has to know before anything is said. */
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  /** Connected to the relay; nobody else is in the room yet. */
  | { readonly type: "waiting"; readonly room: string; readonly server: string }
  /** The connection to the relay is there again. */
  | { readonly type: "reconnected"; readonly room: string; readonly server: string }
  /** What just happened, in numbers and reasons (`--explain`). */
  | { readonly type: "explain"; readonly lines: readonly string[] }
  /** One of the seven steps was taken. */
  | { readonly type: "step"; readonly step: Step }
  /** Whom the profile takes the other side for, right before they are let in. */
  | ({ readonly type: "trust" } & PeerTrust)
  /** Somebody whom the profile knows has another key: nothing is sent until the user has decided. */
  | ({ readonly type: "key-changed" } & KeyChange)
  /** Both sides have proved their keys. */
  | {
    readonly type: "secure";
    readonly facts: SecureFacts;
    /** Whether it is the one who was here before, in this run. */
    readonly again: boolean;
  }
  /** What both sides can compare (`{"verify":true}` of `--json-input`). */
  | {
    readonly type: "safety";
    readonly safetyNumber: string;
    readonly peerFingerprint: string;
    readonly words: string;
  }
  /** The digits that a script has are this conversation's, or the other side's key. */
  | { readonly type: "verified" }
  /** The signed transcript was saved; `omitted` newest lines have no signature yet. */
  | { readonly type: "exported"; readonly path: string; readonly omitted: number }
  /** Both sides have a key, in a suite that is not secure. */
  | { readonly type: "insecure"; readonly suite: "classic" }
  /** The other side said something. */
  | {
    readonly type: "message";
    readonly text: string;
    readonly time: number;
    readonly sequence: number;
    readonly signed: boolean;
    /** It came in an earlier run, which may have shown it. */
    readonly again?: true;
  }
  /** A line of ours is kept until it has arrived; `sequence` is `null` before anybody has come. */
  | { readonly type: "queued"; readonly text: string; readonly sequence: number | null }
  /** A line of ours is on its way. */
  | {
    readonly type: "sent";
    readonly text: string;
    readonly time: number;
    readonly sequence: number;
  }
  /** All of our lines below `count` have arrived. */
  | { readonly type: "delivered"; readonly count: number }
  /** All of their lines below `count` are covered by a signature. */
  | { readonly type: "covered"; readonly count: number }
  /** Lines of theirs are missing; what follows is held back until they come. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** Lines of theirs are lost for good: neither side has them. */
  | { readonly type: "lost"; readonly from: number; readonly to: number }
  /** The other side has lost the connection and may come back. */
  | { readonly type: "peer-away" }
  /** Something happened to a file. */
  | TransferEvent
  /** The other side has nothing more to say. */
  | { readonly type: "peer-finished" }
  /** The other side is gone. */
  | {
    readonly type: "peer-left";
    readonly clean: boolean;
    readonly undelivered: readonly string[];
  }
  /** Lines meant for somebody else who is gone were not sent to who came now. */
  | { readonly type: "not-sent"; readonly lines: readonly string[] }
  /** The connection to the relay broke; it is being tried again. */
  | { readonly type: "disconnected" }
  /** Something was refused and changed nothing. */
  | { readonly type: "refused"; readonly error: ParleyError }
  /** This ends the client. */
  | { readonly type: "error"; readonly error: ParleyError };

/** Each name once; the compiler holds them to the list above. */
const NAMES: Readonly<Record<ClientEvent["type"], true>> = {
  "invite": true,
  "code-spent": true,
  "warning": true,
  "waiting": true,
  "reconnected": true,
  "explain": true,
  "step": true,
  "trust": true,
  "key-changed": true,
  "secure": true,
  "safety": true,
  "verified": true,
  "exported": true,
  "insecure": true,
  "message": true,
  "queued": true,
  "sent": true,
  "delivered": true,
  "covered": true,
  "gap": true,
  "lost": true,
  "peer-away": true,
  "file-offered": true,
  "file-progress": true,
  "file-received": true,
  "file-sent": true,
  "file-held": true,
  "file-stopped": true,
  "peer-finished": true,
  "peer-left": true,
  "not-sent": true,
  "disconnected": true,
  "refused": true,
  "error": true,
};

/** The names of all events, as docs/events.schema.json lists them. */
export const EVENT_NAMES: readonly string[] = Object.keys(NAMES);

/** An event as one JSON object, as docs/SCRIPTING.md lists them. Never a secret. */
export function eventToJson(event: ClientEvent): Record<string, unknown> {
  const { type, ...rest } = event;
  if (event.type === "secure") {
    const { peerIdentity: _key, transcript: _messages, role: _, sessionId, ...facts } = event.facts;
    return { event: type, ...facts, sessionId: toHex(sessionId), again: event.again };
  }
  if (event.type === "refused" || event.type === "error") {
    return { event: type, code: event.error.code, message: event.error.message };
  }
  return { event: type, ...rest };
}

/** Who shows events to the user. */
export interface View {
  /** Shows one event. */
  show(event: ClientEvent): void;
}
