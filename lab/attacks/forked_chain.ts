import { createHash } from "node:crypto";
import { systemRandom } from "../../lib/crypto/random.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import { seal, type Sealed, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, type Signature, verify } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";

const [OFFER, SEAL] = ["I pay you 1000 euros.", "Agreed, and signed: Mallory"];
const OTHER_OFFER = "I pay you 10 euros.";

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A textbook whose lines name the hash of the line before, and in which the last line of a burst is signed for all. */
class ChainingClient extends TextbookClient {
  /** What each signed line was signed with: what it says about the line before, and its signature. */
  readonly proofs: { previous: string; signature: Signature }[] = [];
  readonly #claimed: string | null;
  #previous = "";

  constructor(port: Port, claimed: string | null) {
    super(port);
    this.#claimed = claimed;
  }

  protected override sendMessage(text: string): void {
    const isLast = text === SEAL;
    const previous = isLast && this.#claimed !== null ? hash(this.#claimed) : this.#previous;
    const { r, s } = this.sign(`${previous} ${text}`);
    this.#previous = hash(text);
    const sealed = seal(this.key!, this.random(16), text);
    const proof = isLast ? { s1: r, s2: s } : {};
    this.port.emit("message", writeJson({ ...sealed, previous, ...proof }));
  }

  protected override receiveMessage(payload: string): void {
    const { message, iv, previous, s1: r, s2: s } = parseJson(payload);
    const text = unseal(this.key!, { message, iv } as Sealed);
    if (r !== undefined) {
      if (!this.verify(`${previous} ${text}`, { r, s })) {
        return void this.refused.push("bad signature");
      }
      this.proofs.push({ previous, signature: { r, s } });
    }
    this.shown.push(text);
  }
}

/** A signed line that hangs on another than the one that was read. */
export const forkedChain: Attack = {
  name: "forked-chain",
  family: "implementation flaws",
  idea:
    "Mallory's signed line names the hash of a line that Alice never got: it proves another offer.",
  formula: 'Sign(x_M, H(offer\') || "agreed") verifies, whatever offer Alice has read',
  check: "each line follows the one read",
  defence: "a statement names the hash of the one before it, and the receiver has to have that one",
  code: "bad-chain",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ChainingClient(port, null));
    const mallory = await lab.textbook(room, (port) => new ChainingClient(port, OTHER_OFFER));
    mallory.say(OFFER);
    mallory.say(SEAL);
    await lab.until(() => alice.shown.length + alice.refused.length > 1, "Alice reads both");
    const { previous, signature } = alice.proofs[0]!;
    const proves = (offer: string) =>
      verify(MODP, mallory.elgamal.y, digest(`${hash(offer)} ${SEAL}`), signature);
    lab.narrate("what Alice has in hand, before a judge", {
      "she read": alice.shown.join(" "),
      "hash in the signed line": previous,
      "it proves her offer": proves(OFFER),
      [`it proves "${OTHER_OFFER}"`]: proves(OTHER_OFFER),
    });
    mustHold(alice.shown.join() === [OFFER, SEAL].join(), "Alice reads both lines");
    mustHold(!proves(OFFER) && proves(OTHER_OFFER), "the signature proves the other offer");
    return `Alice read "${OFFER}"; her proof says "${OTHER_OFFER}"`;
  },

  async parley(lab) {
    await lab.peerControl();
    const room = lab.room();
    const alice = await lab.client(room);
    const mallory = await lab.peer(room);
    mallory.say(OFFER);
    await lab.until(
      () => alice.texts.length > 0 || alice.failure !== null,
      "Alice reads the offer",
    );
    mustReach(alice.texts[0] === OFFER, "Alice has read the offer");
    const claimed = systemRandom(mallory.session.channel!.own.previous.length);
    // From here on Mallory's own program believes that she had said something else before.
    mallory.post({
      type: "change",
      change: (session) => {
        const channel = session.channel!;
        lab.narrate("Mallory will sign a line that follows another than the one she sent", {
          "hash of what Alice read": channel.own.previous,
          "hash in the signed line": claimed,
        });
        return { ...session, channel: { ...channel, own: { ...channel.own, previous: claimed } } };
      },
    });
    mallory.say(SEAL);
    await lab.until(() => alice.texts.length > 1 || alice.failure !== null, "Alice decides");
    mustNot(alice.failure === null, "Alice took a line that follows another");
    lab.narrate("Alice ends the session", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "Alice ended the session; the line was not shown" };
  },
};
