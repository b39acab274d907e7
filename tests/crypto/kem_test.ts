import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type Bytes, fromHex, toHex } from "../../lib/crypto/bytes.ts";
import {
  isKemKey,
  KEM_CIPHERTEXT_BYTES,
  KEM_KEY_BYTES,
  KEM_SECRET_BYTES,
  mlKem768,
} from "../../lib/crypto/kem.ts";
import wycheproof from "../vectors/wycheproof/mlkem_768_test.json" with { type: "json" };

interface Vector {
  readonly tcId: number;
  readonly comment?: string;
  readonly seed: string;
  readonly ek?: string;
  readonly c: string;
  readonly K: string;
  readonly result: string;
}

const groups: readonly { readonly tests: readonly Vector[] }[] = wycheproof.testGroups;
const vectors = groups.flatMap((group) => group.tests);

/**
 * WebCrypto's own interface, which imports a private key from its seed. parley never does: its keys are
 * fresh in every session.
 */
const webCrypto = crypto.subtle as unknown as {
  importKey(
    format: "raw-seed",
    seed: Bytes,
    algorithm: string,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
  getPublicKey(key: CryptoKey, usages: string[]): Promise<CryptoKey>;
  exportKey(format: "raw-public", key: CryptoKey): Promise<ArrayBuffer>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
};

function privateKey(seed: string): Promise<CryptoKey> {
  return webCrypto.importKey("raw-seed", fromHex(seed), "ML-KEM-768", false, ["decapsulateBits"]);
}

async function publicKey(seed: string): Promise<string> {
  const key = await webCrypto.getPublicKey(await privateKey(seed), ["encapsulateBits"]);
  return toHex(new Uint8Array(await webCrypto.exportKey("raw-public", key)));
}

async function decapsulate(seed: string, ciphertext: string): Promise<string> {
  const key = await privateKey(seed);
  const secret = await webCrypto.decapsulateBits("ML-KEM-768", key, fromHex(ciphertext));
  return toHex(new Uint8Array(secret));
}

// ---------------------------------------------------------------- WebCrypto's ML-KEM-768

Deno.test("WebCrypto makes the key of Wycheproof's 173 seeds, and refuses 20 of a wrong length", async () => {
  let [made, refused] = [0, 0];
  for (const { tcId, seed, ek } of vectors) {
    if (ek === undefined) {
      await assertRejects(() => publicKey(seed), DOMException, "Invalid key data");
      refused++;
    } else {
      assertEquals(await publicKey(seed), ek, `case ${tcId}`);
      made++;
    }
  }
  assertEquals([made, refused], [173, 20]);
});

Deno.test("WebCrypto decapsulates Wycheproof's 153 ciphertexts, 20 by implicit rejection", async () => {
  let [ran, rejectedImplicitly] = [0, 0];
  for (const { tcId, seed, c, K, result, comment = "" } of vectors) {
    if (result !== "valid") continue;
    assertEquals(await decapsulate(seed, c), K, `case ${tcId}`);
    ran++;
    if (/^(Random|Bit flipped) ciphertext/.test(comment)) rejectedImplicitly++;
  }
  assertEquals([ran, rejectedImplicitly], [153, 20]);
});

Deno.test("WebCrypto refuses Wycheproof's 20 ciphertexts of a wrong length", async () => {
  let ran = 0;
  for (const { seed, ek, c, result } of vectors) {
    if (result !== "invalid" || ek === undefined) continue;
    await assertRejects(() => decapsulate(seed, c), DOMException, "1088 bytes");
    ran++;
  }
  assertEquals(ran, 20);
});

// ---------------------------------------------------------------- mlKem768

Deno.test("mlKem768: both sides get one secret, of the lengths that FIPS 203 gives", async () => {
  const pair = await mlKem768.generate();
  assertEquals(pair.publicKey.length, KEM_KEY_BYTES);
  const sent = await mlKem768.encapsulate(pair.publicKey);
  assert(sent !== null);
  assertEquals(sent.ciphertext.length, KEM_CIPHERTEXT_BYTES);
  assertEquals(sent.secret.length, KEM_SECRET_BYTES);
  assertEquals(await pair.decapsulate(sent.ciphertext), sent.secret);
});

Deno.test("mlKem768.generate() and .encapsulate() are fresh at every call", async () => {
  const [one, two] = [await mlKem768.generate(), await mlKem768.generate()];
  assertNotEquals(one.publicKey, two.publicKey);
  const [first, second] = [
    await mlKem768.encapsulate(one.publicKey),
    await mlKem768.encapsulate(one.publicKey),
  ];
  assertNotEquals(first!.ciphertext, second!.ciphertext);
  assertNotEquals(first!.secret, second!.secret);
});

Deno.test("mlKem768: a tampered ciphertext gives another secret, the same each time", async () => {
  const pair = await mlKem768.generate();
  const { ciphertext, secret } = (await mlKem768.encapsulate(pair.publicKey))!;
  for (const at of [0, 500, KEM_CIPHERTEXT_BYTES - 1]) {
    const tampered = ciphertext.slice();
    tampered[at]! ^= 1;
    const other = await pair.decapsulate(tampered);
    assertEquals(other.length, KEM_SECRET_BYTES);
    assertNotEquals(other, secret);
    assertEquals(await pair.decapsulate(tampered), other);
  }
});

Deno.test("mlKem768: another key pair gets another secret", async () => {
  const [one, two] = [await mlKem768.generate(), await mlKem768.generate()];
  const { ciphertext, secret } = (await mlKem768.encapsulate(one.publicKey))!;
  assertNotEquals(await two.decapsulate(ciphertext), secret);
});

Deno.test("mlKem768: decapsulate() refuses other lengths", async () => {
  const pair = await mlKem768.generate();
  for (const length of [0, 1, KEM_CIPHERTEXT_BYTES - 1, KEM_CIPHERTEXT_BYTES + 1]) {
    await assertRejects(() => pair.decapsulate(new Uint8Array(length)), DOMException, "1088 bytes");
  }
});

Deno.test("isKemKey() and mlKem768.encapsulate() refuse a key of another length", async () => {
  const { publicKey } = await mlKem768.generate();
  assert(isKemKey(publicKey));
  for (const length of [0, 1, KEM_KEY_BYTES - 1, KEM_KEY_BYTES + 1]) {
    const other = new Uint8Array(length);
    assert(!isKemKey(other), `${length} bytes`);
    assertEquals(await mlKem768.encapsulate(other), null);
  }
});

Deno.test("isKemKey() and mlKem768.encapsulate() refuse a coefficient of 3,329 or more, and take 3,328", async () => {
  const { publicKey } = await mlKem768.generate();
  /** Twelve bits a coefficient, the lower bits first: FIPS 203, algorithm 5. */
  const withCoefficient = (index: number, value: number) => {
    const bytes = publicKey.slice();
    const at = (index >> 1) * 3;
    if (index % 2 === 0) {
      bytes[at] = value & 0xff;
      bytes[at + 1] = bytes[at + 1]! & 0xf0 | value >> 8;
    } else {
      bytes[at + 1] = bytes[at + 1]! & 0x0f | (value & 0xf) << 4;
      bytes[at + 2] = value >> 4;
    }
    return bytes;
  };
  for (const index of [0, 1, 2, 383, 766, 767]) {
    for (const value of [3329, 3585, 4095]) {
      const bad = withCoefficient(index, value);
      assert(!isKemKey(bad), `${value} at ${index}`);
      assertEquals(await mlKem768.encapsulate(bad), null);
    }
    for (const value of [0, 3328]) {
      const good = withCoefficient(index, value);
      assert(isKemKey(good), `${value} at ${index}`);
      // WebCrypto's own check agrees.
      assert(await mlKem768.encapsulate(good) !== null);
    }
  }
  // The seed of the matrix may be anything.
  assert(isKemKey(publicKey.slice().fill(0xff, 1152)));
});

Deno.test("mlKem768: the private half of a pair is not among its properties", async () => {
  const pair = await mlKem768.generate();
  assertEquals(Object.keys(pair).sort(), ["decapsulate", "publicKey"]);
});
