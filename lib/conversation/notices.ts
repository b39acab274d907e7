/**
 * Events in words, a line each, for the terminal and for stderr.
 *
 * @module
 */
import { safeText } from "../safe_text.ts";
import type { ConversationEvent } from "./events.ts";

/** What is said of an event, or `null` when it is not worth a line. Peer text in it is harmless. */
export function noticeFor(event: ConversationEvent): string | null {
  switch (event.type) {
    case "invite":
      return `tell the other person this code, by voice or in person: ${event.code}`;
    case "code-spent":
      return "the other side had not proved the invite code yet: make a new one, this one is spent";
    case "warning":
      return `warning: ${event.message}`;
    case "waiting":
      return `waiting in room ${event.room} at ${event.server}`;
    case "reconnected":
      return `connected again to ${event.server}`;
    case "trust":
      return trustNotice(event);
    case "key-changed":
      return `STOP: ${contactName(event)} has another key than before, and nothing was sent. ` +
        `The key since ${day(event.firstSeen)}: ${event.knownFingerprint}; ` +
        `the key now: ${event.peerFingerprint}`;
    case "secure": {
      if (event.again) return `${peerName(event)} is back`;
      const { peerFingerprint, deniable, invited } = event.facts;
      const trust = invited ? ", checked by the invite code" : "";
      const mode = deniable ? ", unsigned (deniable)" : "";
      return `secure with ${peerName(event)}${trust}${mode}; their key is ${peerFingerprint}`;
    }
    case "safety":
      return `compare: ${event.safetyNumber}; in words: ${event.words}`;
    case "verified":
      return "verified: the digits are the same";
    case "exported":
      return `saved ${event.path}. Check it with: deno task verify ${event.path}`;
    case "insecure":
      return "connected with somebody, INSECURELY: nobody knows who it is, and the relay can read along";
    case "peer-finished":
      return "the other side has nothing more to say";
    case "peer-left":
      return leftNotice(event);
    case "not-sent":
      return `not sent, because somebody else is here now: ${count(event.lines.length, "line")}`;
    case "disconnected":
      return "the connection to the relay broke; trying again, and what you say is kept";
    case "peer-away":
      return "the other side has lost the connection; what you say is kept for them";
    case "lost":
      return `${count(event.to - event.from, "message")} of theirs lost for good`;
    case "gap":
      return `${
        count(event.to - event.from, "message")
      } of theirs missing; later ones are held back`;
    case "file-offered":
      return `the other side offers file ${event.number}: ${safeText(event.name)}, ${
        sizeText(event.bytes)
      }`;
    case "file-received":
      return `received ${safeText(event.path)}, ${sizeText(event.bytes)}`;
    case "file-sent":
      return `the other side has ${safeText(event.name)}, ${sizeText(event.bytes)}`;
    case "file-held":
      if (event.by === "disk") return safeText(event.message);
      return event.by === "you" ? "you have paused a file" : "the other side has paused a file";
    case "file-stopped":
      return safeText(event.message);
    case "refused":
    case "error":
      return safeText(event.error.message);
    default:
      return null;
  }
}

/** A name that somebody chose, made harmless. */
export function safeName(name: string): string {
  return safeText(name).trim();
}

/** One word without signs: beside it nothing of a name can be taken for a word of ours. */
const PLAIN_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]*…?$/u;

/** A harmless name as it stands among our words: in quotes, unless it is one word; "the other side" for none. */
export function shownName(safe: string): string {
  if (safe === "") return "the other side";
  return PLAIN_NAME.test(safe) ? safe : `"${safe.replaceAll('"', "'")}"`;
}

function peerName(event: Extract<ConversationEvent, { type: "secure" }>): string {
  return shownName(safeName(event.facts.peerName));
}

function contactName({ contact }: { readonly contact: string }): string {
  return shownName(safeName(contact));
}

/** A moment as a day, in UTC. */
export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function trustNotice(event: Extract<ConversationEvent, { type: "trust" }>): string {
  const since = `since ${day(event.firstSeen)}`;
  const how = {
    unverified: "new, and remembered from now on",
    known: `known ${since}, not verified`,
    verified: `known ${since}, verified`,
  };
  const twin = event.resembles === undefined
    ? ""
    : `. Careful: that looks like your contact ${
      shownName(safeName(event.resembles))
    }, who has another key`;
  return `the other side is ${contactName(event)}: ${how[event.state]}${twin}`;
}

function leftNotice(event: Extract<ConversationEvent, { type: "peer-left" }>): string {
  const how = event.clean ? "the other side has left" : "the other side vanished without a goodbye";
  const { length } = event.undelivered;
  return length === 0 ? how : `${how}; not known to have arrived: ${count(length, "line")}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Units of a size, each 1024 of the one before. */
const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/**
 * A size for people.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(sizeText(1), "1 byte");
 * assertEquals(sizeText(1536), "1.5 KiB");
 * assertEquals(sizeText(2 ** 31), "2 GiB");
 * ```
 */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? "" : "s"}`;
  let amount = bytes / 1024;
  let unit = 0;
  // What would be rounded to 1024 belongs to the next unit.
  while (amount >= 1023.5 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, "") : amount.toFixed(0);
  return `${digits} ${UNITS[unit]}`;
}
