/**
 * A relay that has put a Diffie-Hellman share of its own into both directions of a textbook handshake: it has a key
 * with each side, reads what passes, and hands it on under the other key. How it gets its share accepted is what the
 * attacks differ in.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import type { Meddle, Parcel, Seat } from "../harness/room.ts";
import { keyOf, seal, unseal } from "./cipher.ts";
import { asFields, digest, drawNonce, generateKey, type KeyPair, MODP, sign } from "./elgamal.ts";
import { type Json, parseJson, writeJson } from "./json.ts";

/** What the relay puts beside its share, so that the receiver takes it for the sender's. */
export type Forge = (parcel: Parcel, fields: Json, tap: Tap) => Record<string, Json>;

/** The relay's share and its two keys. */
export class Tap {
  readonly exponent = randomNonZeroBelow(MODP.p - 1n, systemRandom);
  readonly share = modPow(MODP.g, this.exponent, MODP.p);
  /** What it has read. */
  readonly read: string[] = [];
  /** Its key with each side. */
  readonly keys: Partial<Record<Seat, Bytes>> = {};

  /** A tap that gets its share accepted by `forge`. */
  constructor(readonly forge: Forge) {}

  /** What the relay does with each parcel. */
  meddle: Meddle = (parcel) => {
    if (parcel.event === "DEFF_HELLMAN_PK_BC") return [this.#swapShare(parcel)];
    if (parcel.event === "received_message") return [this.#handOn(parcel)];
    return [parcel];
  };

  #swapShare(parcel: Parcel): Parcel {
    const fields = parseJson(String(parcel.payload));
    this.keys[parcel.from] = keyOf(modPow(fields.deff_public_key, this.exponent, MODP.p));
    const forged = { deff_public_key: this.share, ...this.forge(parcel, fields, this) };
    return { ...parcel, payload: writeJson(forged) };
  }

  #handOn(parcel: Parcel): Parcel {
    const text = unseal(this.keys[parcel.from]!, JSON.parse(String(parcel.payload)));
    this.read.push(text);
    const sealed = seal(this.keys[parcel.to]!, systemRandom(16), text);
    return { ...parcel, payload: JSON.stringify(sealed) };
  }
}

/** A share and its signature under the private key x, as the fields of the wire. */
export function shareFields(share: bigint, x: bigint): Record<string, Json> {
  const signature = sign(MODP, x, digest(String(share)), drawNonce(MODP, systemRandom));
  return { deff_public_key: share, ...asFields(signature) };
}

/** The plain man in the middle: a tap whose ElGamal keys take the place of the two people's. */
export class OwnKeysTap extends Tap {
  /**
   * A tap with keys of its own.
   *
   * @param keyFor the key that one side gets to see in place of the other's; one for both unless an attack wants others
   */
  constructor(keyFor?: (to: Seat, real: bigint) => KeyPair) {
    const own = generateKey(MODP, systemRandom);
    const keys: Partial<Record<Seat, KeyPair>> = {};
    super(({ to }, _fields, { share }) => shareFields(share, keys[to]!.x));
    const { meddle } = this;
    this.meddle = (parcel) => {
      if (parcel.event !== "ELGAMAL_PK_BC") return meddle(parcel);
      const key = keys[parcel.to] = keyFor?.(parcel.to, BigInt(String(parcel.payload))) ?? own;
      return [{ ...parcel, payload: String(key.y) }];
    };
  }
}
