/**
 * What the cryptography costs, as ratios against a peer in the same run: `deno bench bench/crypto_bench.ts`.
 *
 * Each group's baseline is the peer, so that the summary says how far parley is from it.
 *
 * @module
 */
import { createDiffieHellman } from "node:crypto";
import { BLOCK_BYTES, decryptCfb, encryptCfb, KEY_BYTES } from "../lib/crypto/aes_cfb.ts";
import { DiffieHellmanKeyPair, parseShare } from "../lib/crypto/diffie_hellman.ts";
import { SigningKey } from "../lib/crypto/elgamal.ts";
import { FFDHE_3072 as GROUP } from "../lib/crypto/groups.ts";
import { i2osp } from "../lib/crypto/integers.ts";
import { mlKem768 } from "../lib/crypto/kem.ts";
import { FixedBase, jacobi, modInverse, modPow, modPowProduct } from "../lib/crypto/modular.ts";
import { randomBits, randomNonZeroBelow, systemRandom } from "../lib/crypto/random.ts";
import { BOX_KEY_BYTES, boxKey, openBox, sealBox } from "../lib/crypto/secret_box.ts";

const { p, q, g } = GROUP;
const [base, other] = [randomNonZeroBelow(p, systemRandom), randomNonZeroBelow(p, systemRandom)];
const [exponent, second] = [
  randomNonZeroBelow(q, systemRandom),
  randomNonZeroBelow(q, systemRandom),
];

// ---------------------------------------------------------------- powers

/** The textbook's square-and-multiply, with V8's own `%`. */
function squareAndMultiply(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

Deno.bench({
  name: "square and multiply",
  group: "power, 3072-bit exponent",
  baseline: true,
  fn: () => void squareAndMultiply(base, exponent, p),
});
Deno.bench("modPow()", { group: "power, 3072-bit exponent" }, () => void modPow(base, exponent, p));

const generator = new FixedBase(g, p, 3072);
Deno.bench({
  name: "modPow()",
  group: "power of the generator",
  baseline: true,
  fn: () => void modPow(g, exponent, p),
});
Deno.bench(
  "FixedBase.pow()",
  { group: "power of the generator" },
  () => void generator.pow(exponent),
);
Deno.bench(
  "new FixedBase()",
  { group: "power of the generator" },
  () => void new FixedBase(g, p, 3072),
);

Deno.bench({
  name: "modPow() twice",
  group: "product of two powers",
  baseline: true,
  fn: () => void (modPow(base, exponent, p) * modPow(other, second, p) % p),
});
Deno.bench(
  "modPowProduct()",
  { group: "product of two powers" },
  () => void modPowProduct([[base, exponent], [other, second]], p),
);

Deno.bench("jacobi()", { group: "other arithmetic" }, () => void jacobi(base, p));
Deno.bench("modInverse()", { group: "other arithmetic" }, () => void modInverse(base, p));

// ---------------------------------------------------------------- signatures

const key = SigningKey.generate(GROUP, systemRandom);
const message = systemRandom(1024);
const signature = await key.sign("bench", message, systemRandom);

// A verifier can't do with less than the two powers y^r and r^s, so they are its measure.
Deno.bench({
  name: "modPow() twice",
  group: "signature",
  baseline: true,
  fn: () => void (modPow(base, exponent, p) * modPow(other, second, p) % p),
});
Deno.bench("SigningKey.sign()", { group: "signature" }, async () => {
  await key.sign("bench", message, systemRandom);
});
Deno.bench("VerifyingKey.verify()", { group: "signature" }, async () => {
  await key.publicKey.verify("bench", message, signature);
});
Deno.bench(
  "SigningKey.generate()",
  { group: "signature" },
  () => void SigningKey.generate(GROUP, systemRandom),
);

// ---------------------------------------------------------------- key exchange

// The peer gets an exponent of the same length: with its own, of full width, it takes about ten times as long.
const peer = createDiffieHellman(i2osp(p, GROUP.elementBytes), 2);
peer.setPrivateKey(i2osp(randomBits(GROUP.exponentBits, systemRandom), GROUP.exponentBits / 8));
const pair = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
const share = parseShare(GROUP, pair.share)!;

Deno.bench({
  name: "node:crypto computeSecret()",
  group: "Diffie-Hellman",
  baseline: true,
  fn: () => void peer.computeSecret(pair.share),
});
Deno.bench(
  "sharedSecret(), two blinded powers",
  { group: "Diffie-Hellman" },
  () => void pair.sharedSecret(share, systemRandom),
);
Deno.bench(
  "DiffieHellmanKeyPair.generate()",
  { group: "Diffie-Hellman" },
  () => void DiffieHellmanKeyPair.generate(GROUP, systemRandom),
);

const kemPair = await mlKem768.generate();
const { ciphertext } = (await mlKem768.encapsulate(kemPair.publicKey))!;
Deno.bench("mlKem768.generate()", { group: "ML-KEM-768" }, async () => {
  await mlKem768.generate();
});
Deno.bench("mlKem768.encapsulate()", { group: "ML-KEM-768" }, async () => {
  await mlKem768.encapsulate(kemPair.publicKey);
});
Deno.bench("decapsulate()", { group: "ML-KEM-768" }, async () => {
  await kemPair.decapsulate(ciphertext);
});

// ---------------------------------------------------------------- encryption

const [cipherKey, iv] = [systemRandom(KEY_BYTES), systemRandom(BLOCK_BYTES)];
const box = boxKey(systemRandom(BOX_KEY_BYTES));
const header = systemRandom(400);

async function webCryptoKey(name: string): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", cipherKey, name, false, ["encrypt", "decrypt"]);
}

for (const [size, bytes] of [["1 KiB", 1024], ["1 MiB", 1_048_576]] as const) {
  const plaintext = systemRandom(bytes);
  const encrypted = await encryptCfb(cipherKey, iv, plaintext);
  const sealed = await sealBox(box, iv, header, plaintext);

  Deno.bench({
    name: "WebCrypto AES-CBC, with its key's import",
    group: `CFB of ${size}`,
    baseline: true,
    fn: async () => {
      await crypto.subtle.encrypt(
        { name: "AES-CBC", iv },
        await webCryptoKey("AES-CBC"),
        plaintext,
      );
    },
  });
  Deno.bench("encryptCfb()", { group: `CFB of ${size}` }, async () => {
    await encryptCfb(cipherKey, iv, plaintext);
  });
  Deno.bench(
    "decryptCfb()",
    { group: `CFB of ${size}` },
    () => void decryptCfb(cipherKey, iv, encrypted),
  );

  Deno.bench({
    name: "WebCrypto AES-GCM, with its key's import",
    group: `box of ${size}`,
    baseline: true,
    fn: async () => {
      const algorithm = { name: "AES-GCM", iv, additionalData: header };
      await crypto.subtle.encrypt(algorithm, await webCryptoKey("AES-GCM"), plaintext);
    },
  });
  Deno.bench("sealBox()", { group: `box of ${size}` }, async () => {
    await sealBox(box, iv, header, plaintext);
  });
  Deno.bench("openBox()", { group: `box of ${size}` }, async () => {
    await openBox(box, header, sealed);
  });
}
