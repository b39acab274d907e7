/**
 * The events of a conversation: one list for the terminal, the pipe, JSON and `--explain`.
 *
 * @module
 */
import { type Bytes, toHex } from "../crypto/bytes.ts";
import type { OutboxLine } from "../delivery/outbox.ts";
import type { ParleyError } from "../errors.ts";
import type { KeyChange, PeerTrust } from "../profile/trust.ts";
import type { SecureFacts, Step } from "../protocol/session.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import type { TransferEvent } from "../transfer/transfer_events.ts";

/** An event that a script may see. The names are stable. */
export type PublicEvent =
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
  /** The contact that the profile takes the peer for, right before it is admitted. */
  | ({ readonly type: "trust" } & PeerTrust)
  /** A known contact has another key: nothing is sent until the user has decided. */
  | ({ readonly type: "key-changed" } & KeyChange)
  /** Both sides have proved their keys. */
  | {
    readonly type: "secure";
    readonly facts: SecureFacts;
    /** Whether it is the peer that was here before, in this run. */
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
  /** A line of ours is in the outbox, and in the journal where there is one. */
  | { readonly type: "queued"; readonly line: OutboxLine }
  /** A line of ours was sent, for the first time or again. */
  | { readonly type: "sent"; readonly line: OutboxLine }
  /** All of our lines below `count` have arrived; of `lines` that is news. */
  | { readonly type: "delivered"; readonly count: number; readonly lines: readonly OutboxLine[] }
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
  /** Lines for a peer that is gone were not sent to the one that came now. */
  | { readonly type: "not-sent"; readonly lines: readonly string[] }
  /** The connection to the relay broke; it is being tried again. */
  | { readonly type: "disconnected" }
  /** Something was refused and changed nothing. */
  | { readonly type: "refused"; readonly error: ParleyError }
  /** This ends the client. */
  | { readonly type: "error"; readonly error: ParleyError };

/** Everything that a conversation reports to its subscribers. */
export type ConversationEvent =
  | PublicEvent
  /** The lines for the current addressee that are not known to have arrived, after a change. */
  | { readonly type: "outbox"; readonly lines: readonly OutboxLine[] }
  /** We want no signatures, and the other side wants some: the user has to decide. */
  | { readonly type: "not-deniable" }
  /** A message of ours left for the relay, or one came, before it is checked. */
  | {
    readonly type: "wire";
    readonly direction: "out";
    readonly event: RelayedEvent;
    readonly payload: Bytes;
  }
  | {
    readonly type: "wire";
    readonly direction: "in";
    readonly event: PeerEvent;
    readonly payload: unknown;
  };

/** Each name once; the compiler holds them to the list above. */
const NAMES: Readonly<Record<PublicEvent["type"], true>> = {
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

/** An event as one JSON object, as docs/SCRIPTING.md lists them; `null` for one that is not public. Never a secret. */
export function eventToJson(event: ConversationEvent): Record<string, unknown> | null {
  const { type, ...rest } = event;
  switch (event.type) {
    case "outbox":
    case "wire":
    case "not-deniable":
      return null;
    case "secure": {
      const { peerIdentity: _key, transcript: _messages, role: _, sessionId, ...facts } =
        event.facts;
      return { event: type, ...facts, sessionId: toHex(sessionId), again: event.again };
    }
    case "queued":
      return { event: type, text: event.line.text, sequence: event.line.sequence };
    case "sent": {
      const { text, time, sequence } = event.line;
      return { event: type, text, time, sequence };
    }
    case "delivered":
      return { event: type, count: event.count };
    case "refused":
    case "error":
      return { event: type, code: event.error.code, message: event.error.message };
    default:
      return { event: type, ...rest };
  }
}

/** Takes events, in order. */
export type Subscriber = (event: ConversationEvent) => void;

/** Hands every event that is reported to all subscribers. */
export class EventStream {
  readonly #subscribers: Subscriber[] = [];

  /** Calls `subscriber` with every event from now on. */
  subscribe(subscriber: Subscriber): void {
    this.#subscribers.push(subscriber);
  }

  /** Hands one event on. */
  report(event: ConversationEvent): void {
    for (const subscriber of this.#subscribers) subscriber(event);
  }
}
