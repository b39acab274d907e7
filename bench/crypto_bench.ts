/**
 * What the cryptography costs, as ratios against a peer in the same run: `deno bench bench/crypto_bench.ts`.
 *
 * Each group's baseline is the peer, so that the summary says how far parley is from it.
 *
 * @module
 */
import { createDiffieHellman } from "node:crypto";
import { BLOCK_BYTES, decryptCfb, encryptCfb, KEY_BYTES } from "../lib/crypto/aes_cfb.ts";
import type { Bytes } from "../lib/crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../lib/crypto/diffie_hellman.ts";
import { SigningKey, VerifyingKey } from "../lib/crypto/elgamal.ts";
import { FFDHE_3072 as GROUP, MASK_EXCESS_BITS } from "../lib/crypto/groups.ts";
import { i2osp } from "../lib/crypto/integers.ts";
import { mlKem768 } from "../lib/crypto/kem.ts";
import {
  FixedBase,
  halfSizeQuotient,
  jacobi,
  modInverse,
  modPow,
  modPowProduct,
} from "../lib/crypto/modular.ts";
import { randomBits, randomNonZeroBelow, systemRandom } from "../lib/crypto/random.ts";
import { BOX_KEY_BYTES, boxKey, openBox, sealBox } from "../lib/crypto/secret_box.ts";

const { p, q, g } = GROUP;
const [base, other] = [randomNonZeroBelow(p, systemRandom), randomNonZeroBelow(p, systemRandom)];
const [exponent, second] = [
  randomNonZeroBelow(q, systemRandom),
  randomNonZeroBelow(q, systemRandom),
];

/** Measures each of a group; the first is the peer, its baseline, if there is a peer. */
function compare(group: string, functions: Record<string, () => unknown>, hasPeer = true): void {
  for (const [i, [name, fn]] of Object.entries(functions).entries()) {
    // Deno awaits what is written as async, and nothing else.
    const measured = fn as () => void | Promise<void>;
    Deno.bench({ name, group, baseline: hasPeer && i === 0, fn: measured });
  }
}

/** The textbook's square-and-multiply, with V8's own `%`. */
function squareAndMultiply(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

compare("power, 3072-bit exponent", {
  "square and multiply": () => squareAndMultiply(base, exponent, p),
  "modPow()": () => modPow(base, exponent, p),
});

const BLOCK_BITS = GROUP.exponentBits + MASK_EXCESS_BITS + 1;
const generator = new FixedBase(g, p, BLOCK_BITS);
compare("power of the generator", {
  "modPow()": () => modPow(g, exponent, p),
  "FixedBase.pow()": () => generator.pow(exponent),
  "FixedBase.pow(), its tables made anew": () => new FixedBase(g, p, BLOCK_BITS).pow(exponent),
});

const twoPowers = () => modPow(base, exponent, p) * modPow(other, second, p) % p;
compare("product of two powers", {
  "modPow() twice": twoPowers,
  "modPowProduct()": () => modPowProduct([[base, exponent], [other, second]], p),
});

compare("other arithmetic", {
  "halfSizeQuotient()": () => halfSizeQuotient(exponent, q),
  "jacobi()": () => jacobi(base, p),
  "modInverse()": () => modInverse(base, p),
}, false);

const key = SigningKey.generate(GROUP, systemRandom);
const message = systemRandom(1024);
const signature = await key.sign("bench", message, systemRandom);
const verify = async (key: VerifyingKey) => await key.verify("bench", message, signature);
compare("signature", {
  "square and multiply": () => squareAndMultiply(base, exponent, p),
  "SigningKey.generate()": () => SigningKey.generate(GROUP, systemRandom),
  "SigningKey.sign()": async () => await key.sign("bench", message, systemRandom),
  "VerifyingKey.verify()": async () => await verify(key.publicKey),
  "VerifyingKey.verify(), a new key": async () =>
    await verify(VerifyingKey.parse(GROUP, key.publicKey.bytes)!),
});

// The peer gets an exponent of the same length: with its own, of full width, it takes about ten times as long. Under
// Deno that is a library in Rust, which takes 2.5 times as long as OpenSSL does under Node.
const peer = createDiffieHellman(i2osp(p, GROUP.elementBytes), 2);
peer.setPrivateKey(i2osp(randomBits(GROUP.exponentBits, systemRandom), GROUP.exponentBits / 8));
const pair = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
const share = parseShare(GROUP, pair.share)!;
compare("Diffie-Hellman", {
  "node:crypto computeSecret()": () => peer.computeSecret(pair.share),
  "sharedSecret(), two blinded powers": () => pair.sharedSecret(share, systemRandom),
  "DiffieHellmanKeyPair.generate()": () => DiffieHellmanKeyPair.generate(GROUP, systemRandom),
});

const kemPair = await mlKem768.generate();
const { ciphertext } = (await mlKem768.encapsulate(kemPair.publicKey))!;
compare("ML-KEM-768", {
  "mlKem768.generate()": async () => await mlKem768.generate(),
  "mlKem768.encapsulate()": async () => await mlKem768.encapsulate(kemPair.publicKey),
  "decapsulate()": async () => await kemPair.decapsulate(ciphertext),
}, false);

const [cipherKey, iv] = [systemRandom(KEY_BYTES), systemRandom(BLOCK_BYTES)];
const box = boxKey(systemRandom(BOX_KEY_BYTES));
const header = systemRandom(400);

/** WebCrypto's encryption, with its key's import. */
async function webCrypto(algorithm: AesCbcParams | AesGcmParams, plaintext: Bytes) {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", cipherKey, algorithm.name, false, ["encrypt"]);
  return await subtle.encrypt(algorithm, key, plaintext);
}

for (const [size, bytes] of [["1 KiB", 1024], ["1 MiB", 1_048_576]] as const) {
  const plaintext = systemRandom(bytes);
  const encrypted = await encryptCfb(cipherKey, iv, plaintext);
  const sealed = await sealBox(box, iv, header, plaintext);
  const gcm = { name: "AES-GCM", iv, additionalData: header };
  compare(`CFB of ${size}`, {
    "WebCrypto AES-CBC, with its key's import": async () =>
      await webCrypto({ name: "AES-CBC", iv }, plaintext),
    "encryptCfb()": async () => await encryptCfb(cipherKey, iv, plaintext),
    "decryptCfb()": () => decryptCfb(cipherKey, iv, encrypted),
  });
  compare(`box of ${size}`, {
    "WebCrypto AES-GCM, with its key's import": async () => await webCrypto(gcm, plaintext),
    "sealBox()": async () => await sealBox(box, iv, header, plaintext),
    "openBox()": async () => await openBox(box, header, sealed),
  });
}
