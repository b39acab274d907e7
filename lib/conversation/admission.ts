/**
 * Admission: it stands between a secure session and the first line that goes to the peer.
 *
 * @module
 */
import { CheckError, type ParleyError } from "../errors.ts";
import { ProfileError } from "../profile/errors.ts";
import type { KeyChange, PeerTrust, TrustKeeper } from "../profile/trust.ts";
import type { SecureFacts } from "../protocol/session.ts";
import { safeText } from "../safe_text.ts";
import type { EventStream } from "./events.ts";

/** What a person is asked about before a peer is admitted. */
export type AdmissionQuestion =
  /** A known contact has another key. */
  | "key"
  /** We want to be deniable, and the other side does not: everything would be signed. */
  | "signed";

/** What admission needs. */
export interface AdmissionOptions {
  /** Knows peers; `null` without a profile, and then every peer is new. */
  readonly keeper: TrustKeeper | null;
  /** Admit only a verified peer (`--require-verified`). */
  readonly requireVerified: boolean;
  /** Whether we want no signatures (`--deniable`). @default {false} */
  readonly deniable?: boolean;
  /** Whether there is a person to ask. Where not, what one would be asked about is refused. */
  readonly canAsk: boolean;
  /** Where the decision is reported. */
  readonly events: EventStream;
}

/** Decides about each peer. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** The question that is open. */
  #question: { readonly about: AdmissionQuestion; readonly accepted: () => void } | null = null;

  /** No peer has come yet. */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Decides about a peer. While the user is asked this does not resolve, and so nothing is sent.
   *
   * @returns why it is not admitted, or `null`
   */
  async admit(facts: SecureFacts): Promise<ParleyError | null> {
    const { deniable = false, canAsk, events } = this.#options;
    if (deniable && !facts.deniable) {
      if (!canAsk) return notDeniable();
      events.report({ type: "not-deniable" });
      await this.#ask("signed");
    }
    return await this.#judge(facts);
  }

  async #judge(facts: SecureFacts): Promise<ParleyError | null> {
    const { keeper, requireVerified, canAsk, events } = this.#options;
    if (keeper === null) return requireVerified && !facts.invited ? unverified() : null;
    const judgement = await keeper.judge(facts);
    if (judgement.type === "refuse") return judgement.error;
    if (judgement.type === "admit") return this.#checkTrust(judgement.trust);
    const { change } = judgement;
    events.report({ type: "key-changed", ...change });
    if (!canAsk) return keyChanged(change);
    await this.#ask("key");
    return this.#checkTrust(await keeper.accept(facts));
  }

  #ask(about: AdmissionQuestion): Promise<void> {
    return new Promise((accepted) => this.#question = { about, accepted });
  }

  /** The user goes on: with the changed key as their contact's, or signed. @returns whether that was the question */
  accept(about: AdmissionQuestion): boolean {
    const question = this.#question;
    if (question?.about !== about) return false;
    this.#question = null;
    question.accepted();
    return true;
  }

  /**
   * The user compared the digits with a peer.
   *
   * @param facts of the peer whose digits were shown: another may have come meanwhile
   * @returns whether that will be known next time
   */
  async verify(facts: SecureFacts): Promise<boolean> {
    const { keeper } = this.#options;
    return keeper !== null && await keeper.verify(facts);
  }

  #checkTrust(trust: PeerTrust): ParleyError | null {
    const { requireVerified, events } = this.#options;
    events.report({ type: "trust", ...trust });
    return requireVerified && trust.state !== "verified" ? unverified() : null;
  }
}

function unverified(): CheckError {
  return new CheckError(
    "unverified",
    "nothing proves who the other side is, and --require-verified is set: nothing was sent. " +
      "Meet by an invite code (--invite and --join), or compare once with /verify under a --profile",
  );
}

function notDeniable(): CheckError {
  return new CheckError(
    "not-deniable",
    "the other side does not want to be deniable, so what is said would be signed, and --deniable is set: nothing " +
      "was sent. Both have to start with --deniable",
  );
}

function keyChanged({ contact }: KeyChange): ProfileError {
  return new ProfileError(
    "key-changed",
    `${
      safeText(contact)
    } has another key than before, and nothing was sent. Perhaps somebody is in between: ` +
      "ask them over another way, and decide in a terminal",
  );
}
