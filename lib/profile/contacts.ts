/**
 * Contacts, and the verdict on a peer's key: trust on first use, and a stop when a known name comes with
 * another key. Pure: lists in, lists out, time as an argument.
 *
 * The rule. A contact is one key under one name. The key decides which contact a peer is; the name that it gives
 * itself decides nothing but where a new key is filed:
 *
 * 1. A key that is known is that contact, whatever it calls itself now.
 * 2. An unknown key claims a name: the one that the user expects (`--peer NAME`), or else the one that it gives
 *    itself. If that name is a contact's, the key has changed. If not, it is new and is filed under that name.
 * 3. Where the user expects a name, a known key of anybody else is the wrong peer.
 *
 * @module
 */
import { type Bytes, equalBytes, utf8 } from "../crypto/bytes.ts";
import { MAX_NAME_BYTES } from "../protocol/constants.ts";
import { withoutUnseen } from "../safe_text.ts";

/**
 * Most contacts of one profile: the relay can show us new keys for ever. When the list is full nobody new is
 * remembered; to drop an old contact for a new one would let a flood of keys wash the known ones away.
 */
export const MAX_CONTACTS = 1000;

/** A peer of an earlier session. */
export interface Contact {
  /** The name it is filed under: the user's, or what it called itself at first. Hostile text. */
  readonly name: string;
  /** Its identity, at the width of an element. */
  readonly key: Bytes;
  /** The user compared, or an invite code proved it. */
  readonly verified: boolean;
  /** When this key was first met, in milliseconds since 1970-01-01 UTC. */
  readonly firstSeen: number;
  /** When it was last met. */
  readonly lastSeen: number;
}

/** The peer of this session. */
export interface Peer {
  /** Its identity. */
  readonly key: Bytes;
  /** What it calls itself: hostile text, may be empty. */
  readonly announced: string;
  /** Sixty digits of its key; they name a peer that gives no name. */
  readonly fingerprint: string;
  /** An invite code proved it. */
  readonly invited: boolean;
}

/** The verdict on a peer. */
export type ContactVerdict =
  /** Nobody is known by this key or by this name. */
  | { readonly state: "new"; readonly name: string }
  /** The key is this contact's. */
  | { readonly state: "known"; readonly contact: Contact }
  /** This contact's name, with another key. */
  | { readonly state: "changed"; readonly contact: Contact }
  /** The key is this contact's, and somebody else was expected. */
  | { readonly state: "other"; readonly contact: Contact; readonly expected: string };

/**
 * A name as names are compared: compatibility forms, case, invisible characters and spaces make no difference.
 * Letters of two scripts that look alike do.
 */
export function foldName(name: string): string {
  return withoutUnseen(name.normalize("NFKC"))
    .toLowerCase()
    .normalize("NFKC")
    .replaceAll(/[\p{Z}\s]+/gu, " ")
    .trim();
}

/** Whether a contact can have this name: there is something to compare, and it is not too long. */
export function isContactName(name: string): boolean {
  return foldName(name) !== "" && name.isWellFormed() && utf8(name).length <= MAX_NAME_BYTES;
}

/** The contact of this name. */
function findByName(contacts: readonly Contact[], name: string): Contact | undefined {
  const folded = foldName(name);
  return contacts.find((contact) => foldName(contact.name) === folded);
}

/** The contact with this key. */
export function findByKey(contacts: readonly Contact[], key: Bytes): Contact | undefined {
  return contacts.find((contact) => equalBytes(contact.key, key));
}

/** Judges a peer by the rule above; `expected` is the name that the user expects. */
export function judgePeer(
  contacts: readonly Contact[],
  peer: Peer,
  expected: string | null,
): ContactVerdict {
  const contact = findByKey(contacts, peer.key);
  if (contact !== undefined) {
    const isExpected = expected === null || foldName(expected) === foldName(contact.name);
    return isExpected ? { state: "known", contact } : { state: "other", contact, expected };
  }
  const name = expected ?? nameOf(peer);
  const namesake = findByName(contacts, name);
  return namesake === undefined ? { state: "new", name } : { state: "changed", contact: namesake };
}

/** The name a peer is filed under: its own, or one made of its key. */
function nameOf({ announced, fingerprint }: Peer): string {
  return isContactName(announced) ? announced : `peer ${fingerprint.slice(0, 11)}`;
}

/**
 * The contacts after a meeting with a peer that the profile knows or may get to know; `null` when there is no room.
 *
 * @throws {RangeError} for a verdict that lets nobody in
 */
export function rememberMeeting(
  contacts: readonly Contact[],
  verdict: ContactVerdict,
  { key, invited }: Peer,
  now: number,
): readonly Contact[] | null {
  if (verdict.state === "known") {
    const { contact } = verdict;
    const verified = contact.verified || invited;
    const lastSeen = Math.max(contact.lastSeen, now);
    return replace(contacts, contact, { ...contact, verified, lastSeen });
  }
  if (verdict.state !== "new") {
    throw new RangeError(`Cannot remember a peer that is ${verdict.state}`);
  }
  if (contacts.length >= MAX_CONTACTS) return null;
  const { name } = verdict;
  return [...contacts, { name, key, verified: invited, firstSeen: now, lastSeen: now }];
}

/**
 * The contacts after the user took a changed key for their contact's. What was verified was the old key.
 *
 * @throws {RangeError} when there is no such contact, or the key is a contact's already
 */
export function acceptKey(
  contacts: readonly Contact[],
  contact: Contact,
  { key, invited }: Peer,
  now: number,
): readonly Contact[] {
  if (findByKey(contacts, key)) throw new RangeError("Cannot accept this key: a contact has it");
  const changed = { ...contact, key, verified: invited, firstSeen: now, lastSeen: now };
  return replace(contacts, contact, changed);
}

/** The contacts after the user compared the digits with the contact of this key, if there is one. */
export function markVerified(contacts: readonly Contact[], key: Bytes): readonly Contact[] | null {
  const contact = findByKey(contacts, key);
  return contact === undefined ? null : replace(contacts, contact, { ...contact, verified: true });
}

function replace(contacts: readonly Contact[], old: Contact, by: Contact): readonly Contact[] {
  if (!contacts.includes(old)) throw new RangeError("Cannot replace a contact that is not there");
  return contacts.map((contact) => contact === old ? by : contact);
}
