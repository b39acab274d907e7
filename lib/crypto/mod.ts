/**
 * The primitives of parley: ElGamal signatures, Diffie-Hellman, ML-KEM-768, SHA-256, AES-256-CFB, and the box of the
 * last two. They know nothing of the protocol, and take their randomness as an argument.
 *
 * @example A signature
 * ```ts
 * import { FFDHE_3072, SigningKey, systemRandom } from "@parley/parley/crypto";
 *
 * const key = SigningKey.generate(FFDHE_3072, systemRandom);
 * const message = new TextEncoder().encode("hello");
 * const signature = await key.sign("example", message, systemRandom);
 * console.log(await key.publicKey.verify("example", message, signature)); // true
 * ```
 *
 * @module
 */
export { decryptCfb, encryptCfb } from "./aes_cfb.ts";
export type { Bytes } from "./bytes.ts";
export { DiffieHellmanKeyPair, parseShare } from "./diffie_hellman.ts";
export { signatureBytes, SigningKey, VerifyingKey } from "./elgamal.ts";
export { FFDHE_2048, FFDHE_3072, FFDHE_4096, type Group, MODP_2048 } from "./groups.ts";
export { hkdf, hmacSha256, sha256, verifyHmacSha256 } from "./hash.ts";
export { type Kem, type KemKeyPair, mlKem768 } from "./kem.ts";
export { type Random, systemRandom } from "./random.ts";
export { type BoxKey, boxKey, openBox, sealBox } from "./secret_box.ts";
