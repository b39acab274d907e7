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
import { drawNonce, generateKey, sign, type Signature } from "./elgamal.ts";
import { digest } from "./elgamal.ts";
import { MODP, type TextbookGroup } from "./group.ts";
import { type Json, parseJson, writeJson } from "./json.ts";

/** What the relay puts beside its share, so that the receiver takes it for the sender's. */
export type Forge = (parcel: Parcel, fields: Json, tap: Tap) => Record<string, Json>;

/** The relay's share and its two keys. */
export class Tap {
  /** The relay's own exponent. */
  readonly exponent: bigint;
  /** The relay's own share. */
  readonly share: bigint;
  /** What it has read. */
  readonly read: string[] = [];
  /** Its key with each side. */
  readonly keys: Partial<Record<Seat, Bytes>> = {};
  readonly #group: TextbookGroup;
  readonly #forge: Forge;

  /** A tap that gets its share accepted by `forge`. */
  constructor(forge: Forge, group: TextbookGroup = MODP) {
    this.#group = group;
    this.#forge = forge;
    this.exponent = randomNonZeroBelow(group.p - 1n, systemRandom);
    this.share = modPow(group.g, this.exponent, group.p);
  }

  /** What the relay does with each parcel. */
  readonly meddle: Meddle = (parcel) => {
    if (parcel.event === "DEFF_HELLMAN_PK_BC") return [this.#swapShare(parcel)];
    if (parcel.event === "received_message") return [this.#handOn(parcel)];
    return [parcel];
  };

  #swapShare(parcel: Parcel): Parcel {
    const fields = parseJson(String(parcel.payload));
    this.keys[parcel.from] = keyOf(modPow(fields.deff_public_key, this.exponent, this.#group.p));
    const forged = { deff_public_key: this.share, ...this.#forge(parcel, fields, this) };
    return { ...parcel, payload: writeJson(forged) };
  }

  #handOn(parcel: Parcel): Parcel {
    const text = unseal(this.keys[parcel.from]!, JSON.parse(String(parcel.payload)));
    this.read.push(text);
    const sealed = seal(this.keys[parcel.to]!, systemRandom(16), text);
    return { ...parcel, payload: JSON.stringify(sealed) };
  }
}

/** A signature as the fields of the wire. */
export function asFields({ r, s }: Signature): Record<string, Json> {
  return { s1: r, s2: s };
}

/** The plain man in the middle: a tap whose ElGamal keys take the place of the two people's. */
export class OwnKeysTap {
  /** What it has read. */
  readonly read: string[];
  readonly #tap: Tap;
  readonly #keys: Record<Seat, { x: bigint; y: bigint }>;

  /**
   * A tap with keys of its own.
   *
   * @param keys the key that each side gets to see; fresh ones unless an attack brings others
   */
  constructor(keys?: Record<Seat, { x: bigint; y: bigint }>) {
    const own = generateKey(MODP, systemRandom);
    this.#keys = keys ?? { alice: own, bob: own };
    this.#tap = new Tap((parcel, _fields, tap) => {
      const { x } = this.#keys[parcel.to];
      const nonce = drawNonce(MODP, systemRandom);
      return asFields(sign(MODP, x, digest(String(tap.share)), nonce));
    });
    this.read = this.#tap.read;
  }

  /** What the relay does with each parcel. */
  readonly meddle: Meddle = (parcel) => {
    if (parcel.event !== "ELGAMAL_PK_BC") return this.#tap.meddle(parcel);
    return [{ ...parcel, payload: String(this.#keys[parcel.to].y) }];
  };
}
