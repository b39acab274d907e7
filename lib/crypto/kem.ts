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
   * key (FIPS 203, section 7.2: the modulus check).
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
    try {
      const usages = ["encapsulateBits"];
      const key = await kemCrypto.importKey(
        "raw-public",
        publicKey as Bytes,
        ALGORITHM,
        false,
        usages,
      );
      const { ciphertext, sharedKey } = await kemCrypto.encapsulateBits(ALGORITHM, key);
      return { ciphertext: new Uint8Array(ciphertext), secret: new Uint8Array(sharedKey) };
    } catch (error) {
      // WebCrypto says so when the length is wrong (at the import) or a coefficient is not reduced (Deno
      // finds that at the encapsulation). Anything else is a bug.
      if (error instanceof DOMException) return null;
      throw error;
    }
  },
};
