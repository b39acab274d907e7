/**
 * ML-KEM-768 (FIPS 203), by WebCrypto: the half of the hybrid that a quantum computer does not undo.
 *
 * It is an interface and one implementation, because WebCrypto draws its own randomness: tests that need
 * the same bytes twice bring another implementation.
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";

/** Bytes of an ML-KEM-768 encapsulation key (FIPS 203, table 3). */
export const KEM_KEY_BYTES = 1184;
/** Bytes of an ML-KEM-768 ciphertext. */
export const KEM_CIPHERTEXT_BYTES = 1088;
/** Bytes of the shared secret. */
export const KEM_SECRET_BYTES = 32;

/** Bytes of a key's 768 coefficients, of twelve bits each; behind them is the seed of its matrix. */
const COEFFICIENTS_BYTES = 1152;

/** q of FIPS 203: every coefficient is below it. */
const MODULUS = 3329;

/**
 * Whether bytes encode an encapsulation key: their length is right and every coefficient is reduced (FIPS 203,
 * section 7.2, the type check and the modulus check).
 *
 * Our own check, because a key may have to be accepted long before something is encapsulated to it, and Deno's
 * WebCrypto finds a coefficient that is not reduced only then.
 */
export function isKemKey(bytes: Uint8Array): boolean {
  if (bytes.length !== KEM_KEY_BYTES) return false;
  for (let i = 0; i < COEFFICIENTS_BYTES; i += 3) {
    const [low, middle, high] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!];
    if ((low | (middle & 0xf) << 8) >= MODULUS || (middle >> 4 | high << 4) >= MODULUS) {
      return false;
    }
  }
  return true;
}

/** An ephemeral key pair whose private half stays inside. */
export interface KemKeyPair {
  /** The encapsulation key, to be sent. */
  readonly publicKey: Bytes;
  /**
   * The secret that a ciphertext holds. A ciphertext that was tampered with gives another, pseudorandom
   * secret (implicit rejection), and the key confirmation then fails.
   *
   * @param ciphertext exactly {@link KEM_CIPHERTEXT_BYTES}
   * @throws {DOMException} when it has another length
   */
  decapsulate(ciphertext: Uint8Array): Promise<Bytes>;
}

/** A key encapsulation mechanism. */
export interface Kem {
  /** A fresh key pair. */
  generate(): Promise<KemKeyPair>;
  /**
   * A fresh secret and its ciphertext for the owner of `publicKey`, or `null` when those bytes encode no
   * key ({@link isKemKey}).
   */
  encapsulate(publicKey: Uint8Array): Promise<{ ciphertext: Bytes; secret: Bytes } | null>;
}

/** The part of WebCrypto's interface for key encapsulation that TypeScript's library does not know yet. */
interface EncapsulatingCrypto {
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ ciphertext: ArrayBuffer; sharedKey: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
  generateKey(algorithm: string, extractable: boolean, usages: string[]): Promise<CryptoKeyPair>;
  exportKey(format: "raw-public", key: CryptoKey): Promise<ArrayBuffer>;
  importKey(
    format: "raw-public" | "raw-seed",
    bytes: Bytes,
    algorithm: string,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
}

/** WebCrypto, with key encapsulation. */
const kemCrypto = crypto.subtle as unknown as EncapsulatingCrypto;

const ALGORITHM = "ML-KEM-768";

/** ML-KEM-768 by WebCrypto. */
export const mlKem768: Kem = {
  async generate() {
    const usages = ["encapsulateBits", "decapsulateBits"];
    // The private key is not extractable; the public half of a pair always is.
    const pair = await kemCrypto.generateKey(ALGORITHM, false, usages);
    const publicKey = new Uint8Array(await kemCrypto.exportKey("raw-public", pair.publicKey));
    return {
      publicKey,
      decapsulate: async (ciphertext) =>
        new Uint8Array(
          await kemCrypto.decapsulateBits(ALGORITHM, pair.privateKey, ciphertext as Bytes),
        ),
    };
  },
  async encapsulate(publicKey) {
    if (!isKemKey(publicKey)) return null;
    const usages = ["encapsulateBits"];
    const bytes = publicKey as Bytes;
    const key = await kemCrypto.importKey("raw-public", bytes, ALGORITHM, false, usages);
    const { ciphertext, sharedKey } = await kemCrypto.encapsulateBits(ALGORITHM, key);
    return { ciphertext: new Uint8Array(ciphertext), secret: new Uint8Array(sharedKey) };
  },
};
