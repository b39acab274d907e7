/**
 * A profile at work: judges peers by its contacts and saves what it learns.
 *
 * @module
 */
import { ParleyError } from "../errors.ts";
import { keyFingerprint } from "../protocol/fingerprint.ts";
import {
  acceptKey,
  type Contact,
  findByKey,
  judgePeer,
  markVerified,
  type Peer,
  rememberMeeting,
} from "./contacts.ts";
import { ProfileError } from "./errors.ts";
import { lookAlike } from "./look_alike.ts";
import type { Profile } from "./profile.ts";
import type { Judgement, PeerFacts, PeerTrust, TrustKeeper } from "./trust.ts";

/** Options of a {@link ProfileKeeper}. */
export interface KeeperOptions {
  /** The profile as it was opened. */
  readonly profile: Profile;
  /** The name that the user expects (`--peer NAME`), or `null`. */
  readonly expected: string | null;
  /** Saves a profile. */
  readonly save: (profile: Profile) => Promise<void>;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Reports what could not be saved; the conversation goes on. */
  readonly warn: (error: ParleyError) => void;
}

/** Keeps a profile's contacts. */
export class ProfileKeeper implements TrustKeeper {
  readonly #options: KeeperOptions;
  #profile: Profile;
  #saving: Promise<unknown> = Promise.resolve();

  /** A keeper for an open profile. */
  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#profile = options.profile;
  }

  /** The profile as it is now. */
  get profile(): Profile {
    return this.#profile;
  }

  /** Judges a peer, and remembers the meeting with one that is let in. */
  async judge(facts: PeerFacts): Promise<Judgement> {
    const peer = peerOf(facts);
    const { contacts } = this.#profile;
    const verdict = judgePeer(contacts, peer, this.#options.expected);
    switch (verdict.state) {
      case "changed":
        return { type: "ask", change: await changeOf(verdict.contact, peer) };
      case "other":
        return { type: "refuse", error: wrongPeer(verdict.contact, verdict.expected) };
    }
    const next = rememberMeeting(contacts, verdict, peer, this.#options.now());
    if (next === null) {
      const name = verdict.state === "new" ? verdict.name : "";
      this.#options.warn(contactsFull());
      return { type: "admit", trust: strangerTrust(name, peer, this.#options.now()) };
    }
    const isNew = verdict.state === "new";
    const twin = isNew ? await lookAlike(contacts, verdict.name) : undefined;
    await this.#remember(next);
    const trust = trustOf(findByKey(next, peer.key)!, isNew);
    return {
      type: "admit",
      trust: twin === undefined ? trust : { ...trust, resembles: twin.name },
    };
  }

  /** Takes a changed key for the contact's, because the user says so. */
  async accept(facts: PeerFacts): Promise<PeerTrust> {
    const peer = peerOf(facts);
    const { contacts } = this.#profile;
    const verdict = judgePeer(contacts, peer, this.#options.expected);
    if (verdict.state !== "changed") throw new TypeError("Cannot accept a key that did not change");
    const next = acceptKey(contacts, verdict.contact, peer, this.#options.now());
    await this.#remember(next);
    return trustOf(findByKey(next, peer.key)!, true);
  }

  /** The user compared the digits with this peer. */
  async verify(facts: PeerFacts): Promise<boolean> {
    const next = markVerified(this.#profile.contacts, facts.peerIdentity.bytes);
    return next !== null && await this.#remember(next);
  }

  /** Saves the contacts, one save after the other; `false` when that fails, and then the user is told. */
  #remember(contacts: readonly Contact[]): Promise<boolean> {
    const profile = { ...this.#profile, contacts };
    this.#profile = profile;
    const saved = this.#saving.then(() => this.#options.save(profile)).then(
      () => true,
      (error) => {
        if (!(error instanceof ParleyError)) throw error;
        this.#options.warn(error);
        return false;
      },
    );
    this.#saving = saved.catch(() => {});
    return saved;
  }
}

function peerOf({ peerIdentity, peerName, peerFingerprint, invited }: PeerFacts): Peer {
  const { bytes: key } = peerIdentity;
  return { key, announced: peerName, fingerprint: peerFingerprint, invited };
}

function trustOf({ name, verified, firstSeen }: Contact, isNew: boolean): PeerTrust {
  const state = verified ? "verified" : isNew ? "unverified" : "known";
  return { state, contact: name, firstSeen };
}

function strangerTrust(contact: string, { invited }: Peer, firstSeen: number): PeerTrust {
  return { state: invited ? "verified" : "unverified", contact, firstSeen };
}

async function changeOf(contact: Contact, peer: Peer) {
  const { name, key, verified, firstSeen, lastSeen } = contact;
  return {
    contact: name,
    knownFingerprint: await keyFingerprint(key),
    peerFingerprint: peer.fingerprint,
    wasVerified: verified,
    firstSeen,
    lastSeen,
    invited: peer.invited,
  };
}

function wrongPeer({ name }: Contact, expected: string): ProfileError {
  return new ProfileError(
    "wrong-peer",
    `this is the key of ${name}, and you expect ${expected}: nothing was sent`,
  );
}

function contactsFull(): ProfileError {
  return new ProfileError(
    "contacts-full",
    "the profile has no room for another contact: this one will not be known next time",
  );
}
