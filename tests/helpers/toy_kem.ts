/**
 * A KEM that is no KEM at all: a hash, and the secret's seed sent in the open. It has the sizes of ML-KEM-768
 * and draws from a `Random`, so that a conversation gives the same bytes twice. FOR TESTS ONLY: whoever sees
 * a ciphertext knows its secret.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes } from "../../lib/crypto/bytes.ts";
import {
  type Kem,
  KEM_CIPHERTEXT_BYTES,
  KEM_KEY_BYTES,
  KEM_SECRET_BYTES,
} from "../../lib/crypto/kem.ts";
import { taggedHash } from "../../lib/crypto/hash.ts";
import type { Random } from "../../lib/crypto/random.ts";
import { seededRandom } from "./seeded_random.ts";

/** Deterministic under a deterministic `random`, and insecure under any. */
export function insecureToyKem(random: Random): Kem {
  return {
    generate() {
      const publicKey = stretch("key", random(32), KEM_KEY_BYTES);
      return Promise.resolve({
        publicKey,
        // A ciphertext that was tampered with gives another secret, as implicit rejection does.
        decapsulate: (ciphertext) => secretOf(publicKey, ciphertext),
      });
    },
    async encapsulate(publicKey) {
      const seed = publicKey.slice(0, 32);
      // Stands for the modulus check: most byte strings encode no key.
      if (!equalBytes(publicKey, stretch("key", seed, KEM_KEY_BYTES))) return null;
      const ciphertext = stretch("ciphertext", random(32), KEM_CIPHERTEXT_BYTES);
      return { ciphertext, secret: await secretOf(publicKey, ciphertext) };
    },
  };
}

/** A seed, and behind it what a hash makes of it. */
function stretch(label: string, seed: Bytes, length: number): Bytes {
  return concatBytes(seed, seededRandom(`toy ${label} ${seed.toHex()}`)(length - seed.length));
}

async function secretOf(publicKey: Uint8Array, ciphertext: Uint8Array): Promise<Bytes> {
  const hash = await taggedHash("toy kem", publicKey, ciphertext);
  return hash.slice(0, KEM_SECRET_BYTES);
}
