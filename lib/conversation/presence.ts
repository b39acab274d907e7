/**
 * Who is in the room with us, as far as that outlives a session.
 *
 *     nobody --let in--> here --connection lost--> away --comes back--> here
 *        \<-----------left------/                   /
 *         \<----------------left-------------------/
 *
 * @module
 */
import { type Bytes, equalBytes } from "../crypto/bytes.ts";
import type { SecureFacts } from "../protocol/session.ts";

/** How an encounter ends: the other one leaves, or loses the connection, or we lose ours. */
export type Parting = "left" | "away" | "lost";

/** The one other person. */
export class Company {
  #presence: "nobody" | "here" | "away" = "nobody";
  /** Whether the last session ended after their goodbye. */
  #isClean = true;
  /** Who is let in without being asked about again. */
  #admitted: Bytes | null = null;
  /** Whom the invite code proved: nobody else is let in. */
  #pinned: Bytes | null = null;
  /** Whether their goodbye was shown. */
  #hasFinished = false;

  /** Whether they said goodbye before their last session ended. */
  get isClean(): boolean {
    return this.#isClean;
  }

  /** Whether a code has tied this conversation to somebody else. */
  isStranger({ peerIdentity }: SecureFacts): boolean {
    return this.#pinned !== null && !equalBytes(this.#pinned, peerIdentity.bytes);
  }

  /** What is known of somebody who came: the one whom the code proved needs no code any more. */
  recognize(facts: SecureFacts): SecureFacts {
    return this.#pinned === null ? facts : { ...facts, invited: true };
  }

  /** Whether they were let in the last time. */
  isKnown({ peerIdentity }: SecureFacts): boolean {
    return this.#admitted !== null && equalBytes(this.#admitted, peerIdentity.bytes);
  }

  /** They are let in. */
  welcome(facts: SecureFacts): void {
    const { peerIdentity, invited } = facts;
    if (!this.isKnown(facts)) this.#hasFinished = false;
    this.#admitted = peerIdentity.bytes;
    if (invited) this.#pinned = peerIdentity.bytes;
    this.#presence = "here";
  }

  /** They speak. */
  speak(): void {
    this.#hasFinished = false;
  }

  /** They say goodbye; whether that is news. */
  finish(): boolean {
    const isNews = !this.#hasFinished;
    this.#hasFinished = true;
    return isNews;
  }

  /** Their session is over. */
  close(isClean: boolean): void {
    this.#isClean = isClean;
  }

  /**
   * An encounter is over.
   *
   * @returns what to tell the user, or `null` when nothing of it is news
   */
  part(how: Parting): "peer-left" | "peer-away" | null {
    const before = this.#presence;
    if (before === "nobody") return null;
    this.#presence = how === "left" ? "nobody" : "away";
    // Who comes after that is looked at again, whoever it is.
    if (how === "left") {
      this.#admitted = null;
      return "peer-left";
    }
    return how === "away" && before === "here" ? "peer-away" : null;
  }
}
