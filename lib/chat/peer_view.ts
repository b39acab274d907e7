/**
 * The peer as the terminal shows it: its name, the trust in it, and whether it is there.
 *
 * @module
 */
import { safeName, shownName } from "../conversation/notices.ts";
import type { AdmissionQuestion } from "../conversation/admission.ts";
import type { ConversationEvent } from "../conversation/events.ts";
import type { KeyChange, PeerTrust } from "../profile/trust.ts";
import type { SecureFacts } from "../protocol/session.ts";
import type { Styler } from "../terminal/style.ts";
import { truncate } from "../terminal/text_width.ts";

/** The longest name that a line begins with, in columns. */
const NAME_COLUMNS = 20;

/** The view of the peer. */
export class PeerView {
  /** A name that is safe to show. */
  name = "the other side";
  /** Of the last session; `null` when nobody is here. */
  facts: SecureFacts | null = null;
  /** What the person has to decide before anything is sent. */
  question: AdmissionQuestion | null = null;
  /** Whether the connection to the peer is lost, on either side. */
  isAway = false;
  /** Whether the person, a code or the profile has verified the peer. */
  isVerified = false;
  /** The fingerprint for which `/verify` showed last what to compare. */
  compared: string | null = null;
  /** The contact that the profile takes the peer for. */
  #contact: PeerTrust | null = null;

  /** The profile knows the peer, or has remembered it. */
  known(contact: PeerTrust): void {
    this.#contact = contact;
    this.question = null;
  }

  /** A known name has another key. */
  changed(change: KeyChange): void {
    this.question = "key";
    this.#call(change.contact);
  }

  /** The session is secure. */
  secure(event: Extract<ConversationEvent, { type: "secure" }>): void {
    this.facts = event.facts;
    this.isAway = false;
    this.question = null;
    if (event.again) return;
    this.isVerified = event.facts.invited || this.#contact?.state === "verified";
    this.#call(this.#contact?.contact ?? event.facts.peerName);
  }

  #call(name: string): void {
    this.name = shownName(truncate(safeName(name), NAME_COLUMNS));
  }

  /** The peer has left. */
  left(): void {
    this.facts = null;
    this.isAway = false;
    this.#contact = null;
  }

  /** How far the peer is trusted, in words. */
  get trust(): string {
    if (this.facts?.invited) return "verified by the invite code";
    if (this.isVerified) return "verified";
    return this.#contact?.state === "known" ? "known" : "unverified";
  }

  /** What stands before the line that is being written. */
  prompt(style: Styler): string {
    // It stays in one piece, so that no part of it begins a row.
    const name = this.name.replaceAll(" ", "\u00a0");
    if (this.question === "key") return `${style(`to (changed) ${name}`, "red")}> `;
    if (this.question === "signed") return `${style("to somebody who wants signatures", "red")}> `;
    if (this.facts === null) return `${style("nobody here", "bold")}> `;
    const away = this.isAway ? ", away" : "";
    const colour = this.isVerified ? "green" : "bold";
    return `${style(`to (${this.trust}${away}) ${name}`, colour)}> `;
  }
}
