/**
 * Who is let in: it stands between a secure session and the first line that goes to whoever came.
 *
 * @module
 */
import { CheckError, type ParleyError } from "../errors.ts";
import { ProfileError } from "../profile/errors.ts";
import type { KeyChange, PeerTrust, TrustKeeper } from "../profile/trust.ts";
import type { SecureFacts } from "../protocol/session.ts";
import { safeText } from "../safe_text.ts";
import type { View } from "./events.ts";

/** What a doorkeeper works with. */
export interface DoorkeeperOptions {
  /** Knows people; `null` without a profile, and then everybody is new. */
  readonly keeper: TrustKeeper | null;
  /** Let in only who is verified (`--require-verified`). */
  readonly requireVerified: boolean;
  /** Whether there is somebody to ask about a changed key. Where not, it is refused. */
  readonly canAsk: boolean;
  /** Is shown who came. */
  readonly view: View;
}

/** Judges whoever comes. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions;
  #facts: SecureFacts | null = null;
  /** The question that is open. */
  #accepted: (() => void) | null = null;

  /** A doorkeeper who has seen nobody yet. */
  constructor(options: DoorkeeperOptions) {
    this.#options = options;
  }

  /**
   * Judges who came. While the user is asked about a changed key this does not resolve, and so nothing is sent.
   *
   * @returns why they are not let in, or `null`
   */
  async admit(facts: SecureFacts): Promise<ParleyError | null> {
    const { keeper, requireVerified, canAsk, view } = this.#options;
    this.#facts = facts;
    if (keeper === null) return requireVerified && !facts.invited ? unverified() : null;
    const judgement = await keeper.judge(facts);
    if (judgement.type === "refuse") return judgement.error;
    if (judgement.type === "admit") return this.#letIn(judgement.trust);
    const { change } = judgement;
    view.show({ type: "key-changed", ...change });
    if (!canAsk) return keyChanged(change);
    await new Promise<void>((resolve) => this.#accepted = resolve);
    return this.#letIn(await keeper.accept(facts));
  }

  /** The user takes the changed key for their contact's. `false` when there was no question. */
  accept(): boolean {
    const accepted = this.#accepted;
    this.#accepted = null;
    accepted?.();
    return accepted !== null;
  }

  /**
   * The user compared the digits with whoever is there.
   *
   * @returns whether that will be known next time
   */
  async verify(): Promise<boolean> {
    const { keeper } = this.#options;
    return keeper !== null && this.#facts !== null && await keeper.verify(this.#facts);
  }

  #letIn(trust: PeerTrust): ParleyError | null {
    const { requireVerified, view } = this.#options;
    view.show({ type: "trust", ...trust });
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
