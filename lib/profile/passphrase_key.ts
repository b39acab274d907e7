/**
 * From a passphrase to keys: scrypt (RFC 7914), then HKDF.
 *
 * @module
 */
import { scrypt } from "node:crypto";
import { type Bytes, copyBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf } from "../crypto/hash.ts";
import { BOX_KEY_BYTES, boxKey, openBox, sealBox } from "../crypto/secret_box.ts";

/** The cost of one derivation: 128 * r * 2^logN bytes of memory, and p times the work. */
export interface ScryptCost {
  /** Base-2 logarithm of N. */
  readonly logN: number;
  /** Block size. */
  readonly r: number;
  /** Parallelization; Deno works them off one after the other. */
  readonly p: number;
}

/** Bounds for a cost that a file names. */
export interface ScryptBounds {
  /** Least memory, in bytes. */
  readonly leastMemory: number;
  /** Most memory, in bytes. */
  readonly mostMemory: number;
  /** Highest p. */
  readonly mostP: number;
}

const MIB = 1024 * 1024;

/** The cost of a new profile: 128 MiB. OWASP's first choice for scrypt (2024). */
export const DEFAULT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

/**
 * The real bounds. Less than 64 MiB would be a weak file that somebody made for us to use. More than 1 GiB, or
 * more than four rounds, is one that is meant to take our memory or our time.
 */
export const REAL_BOUNDS: ScryptBounds = {
  leastMemory: 64 * MIB,
  mostMemory: 1024 * MIB,
  mostP: 4,
};

/** Bytes of a salt. */
export const SALT_BYTES = 32;

/** Bytes of {@link PassphraseKey.check}. */
export const CHECK_BYTES = 32;

const SCRYPT_BYTES = 32;

/** Bytes of memory that a derivation takes. */
export function scryptMemory({ logN, r }: ScryptCost): number {
  return 128 * r * 2 ** logN;
}

/** Whether a cost is within bounds, which is asked before anything is allocated. */
export function isWithin(cost: ScryptCost, bounds: ScryptBounds): boolean {
  const memory = scryptMemory(cost);
  return cost.logN >= 1 && cost.r >= 1 && cost.p >= 1 && cost.p <= bounds.mostP &&
    memory >= bounds.leastMemory && memory <= bounds.mostMemory;
}

/** The keys that a passphrase makes. They don't print. */
export class PassphraseKey {
  /** The cost they were derived at. */
  readonly cost: ScryptCost;
  /** The salt they were derived with. */
  readonly salt: Bytes;
  /** Equal for equal passphrases, and says nothing else about the keys: it stands in the header. */
  readonly check: Bytes;
  readonly #material: Bytes;

  private constructor(cost: ScryptCost, salt: Bytes, material: Bytes) {
    this.cost = cost;
    this.salt = salt;
    this.#material = material.slice(0, BOX_KEY_BYTES);
    this.check = material.slice(BOX_KEY_BYTES);
  }

  /**
   * Derives the keys. Takes the time and the memory that the cost says, beside the event loop. The passphrase is
   * brought into Unicode's form NFC, so that it is the same on every keyboard.
   */
  static async derive(
    passphrase: string,
    salt: Uint8Array,
    cost: ScryptCost,
  ): Promise<PassphraseKey> {
    const ownSalt = copyBytes(salt);
    const secret = await runScrypt(utf8(passphrase.normalize("NFC")), ownSalt, cost);
    const info = utf8("parley-1 profile");
    const material = await hkdf(secret, new Uint8Array(), info, BOX_KEY_BYTES + CHECK_BYTES);
    return new PassphraseKey(cost, ownSalt, material);
  }

  /** Seals a plaintext under a header. */
  seal(iv: Bytes, header: Uint8Array, plaintext: Uint8Array): Promise<Bytes> {
    return sealBox(boxKey(this.#material), iv, header, plaintext);
  }

  /** Opens what {@link PassphraseKey.seal} made; `null` when anything is wrong with it. */
  open(header: Uint8Array, box: Uint8Array): Promise<Bytes | null> {
    return openBox(boxKey(this.#material), header, box);
  }
}

function runScrypt(passphrase: Bytes, salt: Bytes, cost: ScryptCost): Promise<Uint8Array> {
  const { logN, r, p } = cost;
  // Node counts a little more than the 128 N r of the specification.
  const options = { N: 2 ** logN, r, p, maxmem: scryptMemory(cost) + 128 * r * (p + 2) + MIB };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, SCRYPT_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
