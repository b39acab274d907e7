import { type Attack, mustHaveTaken, mustHold, mustNot, mustReach } from "../attack.ts";
import { changeHello } from "../forge/messages.ts";
import { flip } from "../forge/envelope.ts";
import { seal, type Sealed, unseal } from "../textbook/cipher.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

const LINE = "the judge decides: guilty = 1";
const CHANGED = "the judge decides: guilty = 0";

/** A textbook that signs messages if both sides want that. */
class AskingClient extends SignedClient {
  #signs = true;

  protected override sendKey(): void {
    this.port.emit("ELGAMAL_PK", writeJson({ y: this.elgamal.y, signed: true }));
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const { y, signed } = parseJson(payload);
    this.#signs = signed;
    return super.receiveKey(String(y));
  }

  protected override sendMessage(text: string): void {
    if (this.#signs) return super.sendMessage(text);
    this.port.emit("message", JSON.stringify(seal(this.key!, this.random(16), text)));
  }

  protected override receiveMessage(payload: string): void {
    if (this.#signs) return super.receiveMessage(payload);
    this.shown.push(unseal(this.key!, JSON.parse(payload) as Sealed));
  }
}

/** The bit that asks for signatures. */
export const signatureDowngrade: Attack = {
  name: "signature-downgrade",
  family: "downgrades and versions",
  idea:
    "The relay tells each that the other wants no signatures on messages; then it may change them.",
  formula: "{y, signed: true} -> {y, signed: false}; then C xor d",
  check: "signature covers both hellos",
  defence: "the signature covers both hellos, modes and all",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const make = (port: SignedClient["port"]) => new AskingClient(port);
    const { alice, bob } = await lab.textbookPair(make, (parcel) => {
      const fields = parseJson(String(parcel.payload));
      if (parcel.event === "ELGAMAL_PK_BC") {
        return [{ ...parcel, payload: writeJson({ ...fields, signed: false }) }];
      }
      if (parcel.event !== "received_message") return [parcel];
      const message = flip(Uint8Array.fromBase64(fields.message), -1, 0x01).toBase64();
      return [{ ...parcel, payload: writeJson({ ...fields, message }) }];
    });
    alice.say(LINE);
    await lab.until(() => bob.shown.length + bob.refused.length > 0, "Bob reads");
    lab.narrate("neither signs, since neither believes that the other wants it", {
      "Alice said": LINE,
      "Bob reads": bob.shown[0] ?? "nothing",
    });
    mustHold(bob.shown[0] === CHANGED, "the changed line is read");
    return `nothing was signed, and Bob read "${CHANGED}"`;
  },

  async parley(lab) {
    await lab.control();
    await lab.control({ deniable: true });
    const room = lab.room((parcel) => {
      if (parcel.event !== "ELGAMAL_PK_BC") return [parcel];
      const deniable = (hello: Uint8Array) => changeHello(hello, () => ({ deniable: true }));
      return [{ ...parcel, payload: deniable(parcel.payload as Uint8Array) }];
    });
    // Alice wants no signatures, and Bob does. The relay tells her that he does not want any, either.
    const [alice, bob] = [await lab.client(room, { deniable: true }), await lab.client(room)];
    bob.say(LINE);
    await lab.until(
      () => [alice, bob].every(({ failure, facts }) => failure !== null || facts !== null),
      "both decide",
    );
    mustNot(bob.facts !== null || alice.facts !== null, "one of the two has a session");
    mustHaveTaken(alice, "share-sent");
    mustReach(alice.failure !== null, "Alice decides");
    lab.narrate("Alice hears that both want no signatures", { error: alice.failure!.message });
    return {
      code: alice.failure!.code,
      seen: "Alice refused: Bob's signature covers the hello he sent",
    };
  },
};
