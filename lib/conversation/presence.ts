/**
 * The presence of the peer, as far as that outlives a session.
 *
 *     absent --admitted--> here --connection lost--> away --comes back--> here
 *        \<-----left--------/                         /
 *         \<------------------left-------------------/
 *
 * @module
 */
import { type Bytes, equalBytes } from "../crypto/bytes.ts";
import type { SecureFacts } from "../protocol/session.ts";

/** How an encounter ends: the peer leaves, or loses the connection, or we lose ours. */
export type Parting = "left" | "away" | "lost";

/** The presence of the one peer. */
export class Presence {
  #state: "absent" | "here" | "away" = "absent";
  /** Whether the last session ended after their goodbye. */
  #isClean = true;
  /** The key that is admitted without another look. */
  #admitted: Bytes | null = null;
  /** The key that the invite code proved: no other is admitted. */
  #pinned: Bytes | null = null;
  /** Whether their goodbye was reported. */
  #hasFinished = false;

  /** Whether the peer said goodbye before the last session ended. */
  get isClean(): boolean {
    return this.#isClean;
  }

  /** Whether the peer has said goodbye, and nothing since. */
  get hasFinished(): boolean {
    return this.#hasFinished;
  }

  /** Whether a code has tied this conversation to another key. */
  isStranger({ peerIdentity }: SecureFacts): boolean {
    return this.#pinned !== null && !equalBytes(this.#pinned, peerIdentity.bytes);
  }

  /** The facts of a session, with what is known from earlier ones: the code is proved once. */
  recognize(facts: SecureFacts): SecureFacts {
    return this.#pinned === null ? facts : { ...facts, invited: true };
  }

  /** Whether this key was admitted the last time. */
  isKnown({ peerIdentity }: SecureFacts): boolean {
    return this.#admitted !== null && equalBytes(this.#admitted, peerIdentity.bytes);
  }

  /** The peer is admitted. */
  admit(facts: SecureFacts): void {
    const { peerIdentity, invited } = facts;
    if (!this.isKnown(facts)) this.#hasFinished = false;
    this.#admitted = peerIdentity.bytes;
    if (invited) this.#pinned = peerIdentity.bytes;
    this.#state = "here";
  }

  /** The peer says something. */
  speak(): void {
    this.#hasFinished = false;
  }

  /** The peer says goodbye. @returns whether that is news */
  finish(): boolean {
    const isNews = !this.#hasFinished;
    this.#hasFinished = true;
    return isNews;
  }

  /** The peer's session is over. */
  close(isClean: boolean): void {
    this.#isClean = isClean;
  }

  /**
   * An encounter is over.
   *
   * @returns what to report, or `null` when nothing of it is news
   */
  part(how: Parting): "peer-left" | "peer-away" | null {
    const before = this.#state;
    if (before === "absent") return null;
    this.#state = how === "left" ? "absent" : "away";
    // After that every key is looked at again.
    if (how === "left") {
      this.#admitted = null;
      return "peer-left";
    }
    return how === "away" && before === "here" ? "peer-away" : null;
  }
}
