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

/** What admission needs. */
export interface AdmissionOptions {
  /** Knows peers; `null` without a profile, and then every peer is new. */
  readonly keeper: TrustKeeper | null;
  /** Admit only a verified peer (`--require-verified`). */
  readonly requireVerified: boolean;
  /** Whether there is a person to ask about a changed key. Where not, it is refused. */
  readonly canAsk: boolean;
  /** Where the decision is reported. */
  readonly events: EventStream;
}

/** Decides about each peer. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** The question that is open. */
  #accepted: (() => void) | null = null;

  /** No peer has come yet. */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Decides about a peer. While the user is asked about a changed key this does not resolve, and so nothing is sent.
   *
   * @returns why it is not admitted, or `null`
   */
  async admit(facts: SecureFacts): Promise<ParleyError | null> {
    const { keeper, requireVerified, canAsk, events } = this.#options;
    if (keeper === null) return requireVerified && !facts.invited ? unverified() : null;
    const judgement = await keeper.judge(facts);
    if (judgement.type === "refuse") return judgement.error;
    if (judgement.type === "admit") return this.#checkTrust(judgement.trust);
    const { change } = judgement;
    events.report({ type: "key-changed", ...change });
    if (!canAsk) return keyChanged(change);
    await new Promise<void>((resolve) => this.#accepted = resolve);
    return this.#checkTrust(await keeper.accept(facts));
  }

  /** The user takes the changed key for their contact's. @returns whether there was a question */
  accept(): boolean {
    const accepted = this.#accepted;
    this.#accepted = null;
    accepted?.();
    return accepted !== null;
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

function keyChanged({ contact }: KeyChange): ProfileError {
  return new ProfileError(
    "key-changed",
    `${
      safeText(contact)
    } has another key than before, and nothing was sent. Perhaps somebody is in between: ` +
      "ask them over another way, and decide in a terminal",
  );
}
