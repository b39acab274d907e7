/**
 * The post-quantum half taken out of a handshake.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { KEM_KEY_BYTES, type KemKeyPair, mlKem768 } from "../../lib/crypto/kem.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { type Attack, mustHold } from "../attack.ts";
import { changeHello } from "../forge/messages.ts";
import type { Port } from "../harness/connection.ts";
import type { Lab } from "../harness/lab.ts";
import { changingJson, otherSeat, type Parcel, type Room, type Seat } from "../harness/room.ts";
import { shortLog } from "../math/discrete_log.ts";
import { swapHello } from "../plays/handshake.ts";
import { readWith } from "../plays/textbook_share.ts";
import { keyOf, seal, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import { TOY, TOY_ORDER } from "../textbook/elgamal.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";

/** A client that likes ML-KEM and does without. */
class HybridClient extends TextbookClient {
  #pair: KemKeyPair | null = null;
  #sent: { ciphertext: Uint8Array; secret: Uint8Array } | null = null;

  constructor(port: Port) {
    super(port, { group: TOY });
  }

  /** Whether ML-KEM is part of the key. */
  get isHybrid(): boolean {
    return this.#sent !== null;
  }

  protected override async sendHello(): Promise<void> {
    this.#pair = await mlKem768.generate();
    const kemKey = this.#pair.publicKey.toBase64();
    return super.sendHello({ kems: ["ML-KEM-768", "none"], kemKey });
  }

  protected override async receiveHello({ y, kems, kemKey }: Json): Promise<void> {
    this.peerKey = y;
    if (kems.includes("ML-KEM-768") && kemKey !== undefined) {
      this.#sent = await mlKem768.encapsulate(Uint8Array.fromBase64(kemKey));
    }
    // JSON leaves out a field that is undefined.
    this.sendShare({ kemCiphertext: this.#sent?.ciphertext.toBase64() });
  }

  protected override async receiveShare(fields: Json): Promise<void> {
    if (!this.isSigned(fields)) return;
    const { deff_public_key: share, kemCiphertext } = fields;
    const received = kemCiphertext === undefined
      ? null
      : await this.#pair!.decapsulate(Uint8Array.fromBase64(kemCiphertext));
    const secrets = hybridSecrets(this.elgamal.y, this.peerKey!, this.#sent?.secret, received);
    this.key = keyOf(this.secretWith(share), ...secrets);
    this.flush();
  }
}

/** Both ML-KEM secrets, that of the side with the smaller key first; none where one is missing. */
function hybridSecrets(
  own: bigint,
  peer: bigint,
  sent: Uint8Array | undefined,
  received: Uint8Array | null,
): Uint8Array[] {
  if (sent === undefined || received === null) return [];
  return own < peer ? [sent, received] : [received, sent];
}

const SECRET = "this must stay secret for thirty years";

/** What an eavesdropper reads, years later, who can take logarithms and has nothing but the recording. */
function readLater(lab: Lab, room: Room): string {
  const shares = (["alice", "bob"] as const).map((seat) =>
    parseJson(room.sentTexts(seat, "DEFF_HELLMAN_PK_BC")[0]!).deff_public_key as bigint
  );
  const exponent = shortLog(TOY, shares[0]!, TOY_ORDER)!;
  const secret = modPow(shares[1]!, exponent, TOY.p);
  const text = readWith(room, secret);
  lab.narrate("whoever takes logarithms has the Diffie-Hellman secret", {
    "g^a": shares[0]!,
    a: exponent,
    "g^ab": secret,
    "read with it": JSON.stringify(text),
  });
  return text;
}

async function talk(lab: Lab, change: (hello: Json) => Json): Promise<string> {
  const meddle = changingJson("ELGAMAL_PK_BC", change);
  const { alice, bob, room } = await lab.textbookPair(HybridClient, meddle);
  await lab.tell(alice, SECRET, bob);
  mustHold(bob.shown[0] === SECRET, "Bob reads what Alice said");
  return readLater(lab, room);
}

/**
 * Plays it, and once with ML-KEM in place: then the recording stays closed.
 *
 * @param change what the relay does to both hellos
 */
async function readWithoutKem(lab: Lab, change: (hello: Json) => Json): Promise<string> {
  lab.narrate("with ML-KEM in place:");
  mustHold(await talk(lab, (hello) => hello) !== SECRET, "with ML-KEM nothing is read");
  lab.narrate("with the hellos changed by the relay:");
  mustHold(await talk(lab, change) === SECRET, "without it everything is");
  return `whoever breaks Diffie-Hellman read "${SECRET}"`;
}

/** An ML-KEM-512 key has this many bytes (FIPS 203, table 3). */
const SMALLER_KEY_BYTES = 800;
const KEM_KEY_OFFSET = 426;

const kemDowngrade: Attack = {
  name: "kem-downgrade",
  idea:
    "The relay crosses ML-KEM out of both lists of what is supported: only Diffie-Hellman is left.",
  formula: "[ML-KEM-768, none] -> [none]: K = H(g^ab), and nothing else",
  check: "a hello has one length",
  defence: "the suite names ML-KEM-768, and a hello has one length",
  code: "malformed",

  textbook: (lab) => readWithoutKem(lab, (hello) => ({ ...hello, kems: ["none"] })),

  parley(lab) {
    lab.narrate("the relay shortens Alice's ML-KEM-768 key to the length of an ML-KEM-512 key");
    const length = KEM_KEY_OFFSET + SMALLER_KEY_BYTES;
    return swapHello(lab, (hello) => hello.slice(0, length), "identity-sent");
  },
};

const kemStripped: Attack = {
  name: "kem-stripped",
  idea:
    "The relay deletes the ML-KEM keys, and a program that treats them as optional goes on without.",
  formula: "no key, no ciphertext: K = H(g^ab). Zeros in its place encode a key that hides nothing",
  check: "signature covers both hellos",
  defence: "the signature covers the hello that the other side received",
  code: "bad-signature",

  textbook: (lab) => readWithoutKem(lab, ({ kemKey: _, ...hello }) => hello),

  parley(lab) {
    lab.narrate("the relay writes zeros over Alice's ML-KEM key: a valid key with no secret in it");
    const kemKey = new Uint8Array(KEM_KEY_BYTES);
    return swapHello(lab, (hello) => changeHello(hello, () => ({ kemKey })), "share-sent");
  },
};

const QUANTUM = "even a quantum computer will not read this";

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

  constructor(readonly pair: KemKeyPair) {}

  readonly meddle = async (parcel: Parcel): Promise<Parcel[]> => {
    const fields = await this.#changed(parcel, parseJson(String(parcel.payload)));
    return [{ ...parcel, payload: writeJson(fields) }];
  };

  async #changed({ from, to, event }: Parcel, fields: Json): Promise<Json> {
    if (event === "ELGAMAL_PK_BC") {
      this.legs[from].hello = fields;
      return { ...fields, kemKey: this.pair.publicKey.toBase64() };
    }
    if (event === "DEFF_HELLMAN_PK_BC") {
      this.legs[from].share = fields.deff_public_key;
      const theirs = Uint8Array.fromBase64(fields.kemCiphertext);
      this.legs[from].received = await this.pair.decapsulate(theirs);
      const key = Uint8Array.fromBase64(this.legs[to].hello.kemKey);
      const { ciphertext, secret } = (await mlKem768.encapsulate(key))!;
      this.legs[to].sent = secret;
      return { ...fields, kemCiphertext: ciphertext.toBase64() };
    }
    const text = unseal(this.#keyWith(from), fields);
    this.read.push(text);
    return seal(this.#keyWith(to), systemRandom(16), text);
  }

  #keyWith(seat: Seat): Bytes {
    const { hello, received, sent } = this.legs[seat];
    const other = this.legs[otherSeat(seat)];
    const exponent = shortLog(TOY, this.legs[seat].share!, TOY_ORDER)!;
    const secret = modPow(other.share!, exponent, TOY.p);
    return keyOf(secret, ...hybridSecrets(hello.y, other.hello.y, received, sent ?? null));
  }
}

const kemReplaced: Attack = {
  name: "kem-replaced",
  idea: "Nobody signs the ML-KEM keys: the relay puts its own in, and reads the post-quantum half.",
  formula:
    "Encaps(ek_relay) instead of Encaps(ek_Bob): the relay decapsulates, and encapsulates anew",
  check: "signature covers both hellos",
  defence: "the signature covers the hello that the other side received",
  code: "bad-signature",

  async textbook(lab) {
    const tap = new KemTap(await mlKem768.generate());
    const { alice, bob } = await lab.textbookPair(HybridClient, tap.meddle);
    await lab.tell(alice, QUANTUM, bob);
    lab.narrate("both encapsulated to the relay's key", {
      "the secret that Alice encapsulated": tap.legs.alice.received!,
      "the relay reads": tap.read[0] ?? "nothing",
    });
    mustHold(alice.isHybrid && bob.isHybrid, "both believe in ML-KEM");
    mustHold(tap.read[0] === QUANTUM && bob.shown[0] === QUANTUM, "the relay reads");
    return `the relay read "${QUANTUM}"`;
  },

  async parley(lab) {
    const { publicKey: kemKey } = await mlKem768.generate();
    return await swapHello(lab, (hello) => changeHello(hello, () => ({ kemKey })), "share-sent");
  },
};

export const KEM: readonly Attack[] = [kemDowngrade, kemStripped, kemReplaced];
