import { type KemKeyPair, mlKem768 } from "../../lib/crypto/kem.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { type Attack, mustHold } from "../attack.ts";
import { changeHello } from "../forge/messages.ts";
import { otherSeat, type Parcel, type Seat } from "../harness/room.ts";
import { shortLog } from "../math/discrete_log.ts";
import { swapHello } from "../plays/swap_hello.ts";
import { keyOf, seal, unseal } from "../textbook/cipher.ts";
import { TOY, TOY_ORDER } from "../textbook/group.ts";
import { HybridClient, hybridSecrets } from "../textbook/hybrid_client.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";

const LINE = "even a quantum computer will not read this";

/** What the relay keeps of one side. */
interface Leg {
  /** The side's hello. */
  hello?: Json;
  /** The secret that this side encapsulated, to the relay's key. */
  received?: Bytes;
  /** The secret that the relay encapsulated, to this side's key. */
  sent?: Bytes;
  share?: bigint;
}

/** A relay that puts its own ML-KEM key into both hellos. Diffie-Hellman it leaves as it is, and breaks. */
class KemTap {
  readonly read: string[] = [];
  readonly legs: Record<Seat, Leg> = { alice: {}, bob: {} };
  readonly #pair: KemKeyPair;

  constructor(pair: KemKeyPair) {
    this.#pair = pair;
  }

  readonly meddle = async (parcel: Parcel): Promise<Parcel[]> => {
    const { from, to, event } = parcel;
    const fields = parseJson(String(parcel.payload));
    if (event === "ELGAMAL_PK_BC") {
      this.legs[from].hello = fields;
      const kemKey = this.#pair.publicKey.toBase64();
      return [{ ...parcel, payload: writeJson({ ...fields, kemKey }) }];
    }
    if (event === "DEFF_HELLMAN_PK_BC") {
      this.legs[from].share = fields.deff_public_key;
      const theirs = Uint8Array.fromBase64(fields.kemCiphertext);
      this.legs[from].received = await this.#pair.decapsulate(theirs);
      const key = Uint8Array.fromBase64(this.legs[to].hello.kemKey);
      const { ciphertext, secret } = (await mlKem768.encapsulate(key))!;
      this.legs[to].sent = secret;
      const kemCiphertext = ciphertext.toBase64();
      return [{ ...parcel, payload: writeJson({ ...fields, kemCiphertext }) }];
    }
    if (event !== "received_message") return [parcel];
    const text = unseal(this.#keyWith(from), JSON.parse(String(parcel.payload)));
    this.read.push(text);
    const sealed = seal(this.#keyWith(to), systemRandom(16), text);
    return [{ ...parcel, payload: JSON.stringify(sealed) }];
  };

  #keyWith(seat: Seat): Bytes {
    const { hello, received, sent } = this.legs[seat];
    const other = this.legs[otherSeat(seat)];
    const exponent = shortLog(TOY, this.legs[seat].share!, TOY_ORDER)!;
    const secret = modPow(other.share!, exponent, TOY.p);
    return keyOf(secret, ...hybridSecrets(hello.y, other.hello.y, received, sent ?? null));
  }
}

/** The relay's own ML-KEM key. */
export const kemReplaced: Attack = {
  name: "kem-replaced",
  family: "downgrades and versions",
  idea: "Nobody signs the ML-KEM keys: the relay puts its own in, and reads the post-quantum half.",
  formula:
    "Encaps(ek_relay) instead of Encaps(ek_Bob): the relay decapsulates, and encapsulates anew",
  check: "signature covers both hellos",
  defence: "the signature covers the hello that the other side received",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const tap = new KemTap(await mlKem768.generate());
    const { alice, bob } = await lab.textbookPair((port) => new HybridClient(port), tap.meddle);
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("both encapsulated to the relay's key", {
      "the secret that Alice encapsulated": tap.legs.alice.received!,
      "the relay reads": tap.read[0] ?? "nothing",
    });
    mustHold(alice.isHybrid && bob.isHybrid, "both believe in ML-KEM");
    mustHold(tap.read[0] === LINE && bob.shown[0] === LINE, "the relay reads");
    return `the relay read "${LINE}"`;
  },

  async parley(lab) {
    const { publicKey: kemKey } = await mlKem768.generate();
    return await swapHello(lab, (hello) => changeHello(hello, () => ({ kemKey })), "share-sent");
  },
};
