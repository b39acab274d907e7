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
      const publicKey = keyOf(random(32));
      return Promise.resolve({
        publicKey,
        // A ciphertext that was tampered with gives another secret, as implicit rejection does.
        decapsulate: (ciphertext) => secretOf(publicKey, ciphertext),
      });
    },
    async encapsulate(publicKey) {
      // Most byte strings encode no key here, though the ratchet takes each whose coefficients are reduced.
      if (!equalBytes(publicKey, keyOf(publicKey.slice(0, 32)))) return null;
      const ciphertext = stretch("ciphertext", random(32), KEM_CIPHERTEXT_BYTES);
      return { ciphertext, secret: await secretOf(publicKey, ciphertext) };
    },
  };
}

/** The key of a seed: every coefficient is below 2,048, so that {@link isKemKey} takes it. */
function keyOf(seed: Bytes): Bytes {
  const key = stretch("key", reduced(seed), KEM_KEY_BYTES);
  return reduced(key);
}

/** Bytes without the highest bit of each twelve. */
function reduced(bytes: Bytes): Bytes {
  return bytes.map((byte, i) => byte & [0xff, 0xf7, 0x7f][i % 3]!);
}

/** A seed, and behind it what a hash makes of it. */
function stretch(label: string, seed: Bytes, length: number): Bytes {
  return concatBytes(seed, seededRandom(`toy ${label} ${seed.toHex()}`)(length - seed.length));
}

async function secretOf(publicKey: Uint8Array, ciphertext: Uint8Array): Promise<Bytes> {
  const hash = await taggedHash("toy kem", publicKey, ciphertext);
  return hash.slice(0, KEM_SECRET_BYTES);
}
