/**
 * What a process has done so far, as far as a property depends on it: a session forgets all of it when it ends.
 */
import type { SecureFacts, SessionEffect } from "../../../lib/protocol/session.ts";
import type { Statement } from "../../../lib/protocol/statement.ts";
import { canonical } from "./canonical.ts";

/** What a process knew when it became secure, and what made it so. */
export interface SecureRecord {
  readonly facts: SecureFacts;
  readonly sessionId: string;
  readonly peerIdentity: string;
  /** The number of the confirmation that it accepted. */
  readonly confirmation: number;
}

/** What a process has done. Immutable. */
export interface History {
  /** The numbers of the messages that it sent, in order. */
  readonly sent: readonly number[];
  /** The id of the session whose keys it has computed, in hexadecimal. */
  readonly computed: string | null;
  /** Set when it has become secure. */
  readonly secure: SecureRecord | null;
  /** Its statements, its goodbye among them. */
  readonly said: readonly string[];
  /** The other side's statements that it has shown, its goodbye among them. */
  readonly shown: readonly string[];
  /** How many of its statements it believes to have arrived. */
  readonly delivered: number;
}

export const NO_HISTORY: History = {
  sent: [],
  computed: null,
  secure: null,
  said: [],
  shown: [],
  delivered: 0,
};

/** What its reader relies on in a statement: place, time, kind, body, and the chain before it. */
function textOf({ signature: _, ...statement }: Statement): string {
  return `${statement.kind} ${canonical(statement)}`;
}

/**
 * A history with one effect more. What was sent has its number already and is not the business of this.
 *
 * @param confirmation the number of the other side's confirmation, as soon as there is one
 */
export function withEffect(
  history: History,
  effect: SessionEffect,
  confirmation: number | null,
): History {
  switch (effect.type) {
    case "secure": {
      const { type: _, ...facts } = effect;
      const sessionId = facts.sessionId.toHex();
      const peerIdentity = facts.peerIdentity.bytes.toHex();
      const secure = { facts, sessionId, peerIdentity, confirmation: confirmation! };
      return { ...history, computed: sessionId, secure };
    }
    case "said":
      return { ...history, said: [...history.said, textOf(effect.statement)] };
    case "message":
    case "peer-finished":
      return { ...history, shown: [...history.shown, textOf(effect.statement)] };
    case "delivered":
      return { ...history, delivered: effect.count };
    default:
      return history;
  }
}
