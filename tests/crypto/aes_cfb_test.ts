import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BLOCK_BYTES, decryptCfb, encryptCfb, KEY_BYTES } from "../../lib/crypto/aes_cfb.ts";
import { fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import openssl from "../vectors/cfb.json" with { type: "json" };

// NIST SP 800-38A, F.3.17 (CFB128-AES256.Encrypt) and F.3.18 (CFB128-AES256.Decrypt).
const NIST = {
  key: fromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
  iv: fromHex("000102030405060708090a0b0c0d0e0f"),
  plaintext: fromHex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
  ),
  ciphertext: fromHex(
    "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b" +
      "df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471",
  ),
};

Deno.test("encryptCfb() gives F.3.17 of SP 800-38A", async () => {
  assertEquals(await encryptCfb(NIST.key, NIST.iv, NIST.plaintext), NIST.ciphertext);
});

Deno.test("decryptCfb() gives F.3.18 of SP 800-38A", () => {
  assertEquals(decryptCfb(NIST.key, NIST.iv, NIST.ciphertext), NIST.plaintext);
});

Deno.test("encryptCfb() and decryptCfb() agree with OpenSSL at 0 to 100 bytes and at 4,099", async () => {
  const lengths = [];
  for (const test of openssl.cases) {
    const [key, iv] = [fromHex(test.key), fromHex(test.iv)];
    assertEquals(toHex(await encryptCfb(key, iv, fromHex(test.plaintext))), test.ciphertext);
    assertEquals(toHex(decryptCfb(key, iv, fromHex(test.ciphertext))), test.plaintext);
    lengths.push(test.plaintext.length / 2);
  }
  assertEquals(lengths, [...Array(101).keys(), 4099]);
});

Deno.test("decryptCfb() gives back what encryptCfb() took by either of its ciphers", async () => {
  const random = seededRandom("either cipher");
  for (const length of [8160, 8175, 8176, 8177, 8191, 8192, 8193, 20_000]) {
    const [key, iv, plaintext] = [random(KEY_BYTES), random(BLOCK_BYTES), random(length)];
    assertEquals(decryptCfb(key, iv, await encryptCfb(key, iv, plaintext)), plaintext);
  }
});

heavyTest(
  "decryptCfb() gives back what encryptCfb() took, also where native calls may split",
  async () => {
    const random = seededRandom("cfb");
    for (const length of [65_535, 65_536, 65_537, 1_048_583]) {
      const [key, iv, plaintext] = [random(KEY_BYTES), random(BLOCK_BYTES), random(length)];
      const ciphertext = await encryptCfb(key, iv, plaintext);
      assertEquals(ciphertext.length, length);
      assert(decryptCfb(key, iv, ciphertext).every((byte, i) => byte === plaintext[i]));
    }
  },
);

Deno.test("encryptCfb() is not moved by a caller who wipes the plaintext meanwhile", async () => {
  const plaintext = NIST.plaintext.slice();
  const encrypting = encryptCfb(NIST.key, NIST.iv, plaintext);
  plaintext.fill(0);
  assertEquals(await encrypting, NIST.ciphertext);
});

Deno.test("encryptCfb() and decryptCfb() work on a view into a larger buffer", async () => {
  const buffer = new Uint8Array(200);
  buffer.set(NIST.plaintext, 7);
  const view = buffer.subarray(7, 7 + NIST.plaintext.length);
  assertEquals(await encryptCfb(NIST.key, NIST.iv, view), NIST.ciphertext);
  buffer.set(NIST.ciphertext, 9);
  const sealed = buffer.subarray(9, 9 + NIST.ciphertext.length);
  assertEquals(decryptCfb(NIST.key, NIST.iv, sealed), NIST.plaintext);
});

Deno.test("encryptCfb() and decryptCfb() refuse other lengths of key and IV", async () => {
  for (const length of [0, 16, 24, 31, 33, 64]) {
    const key = new Uint8Array(length);
    await assertRejects(() => encryptCfb(key, NIST.iv, key), RangeError, "AES-256 takes 32");
    assertThrows(() => decryptCfb(key, NIST.iv, key), RangeError, "AES-256 takes 32");
  }
  for (const length of [0, 8, 12, 15, 17, 32]) {
    const iv = new Uint8Array(length);
    await assertRejects(() => encryptCfb(NIST.key, iv, iv), RangeError, "CFB takes 16");
    assertThrows(() => decryptCfb(NIST.key, iv, iv), RangeError, "CFB takes 16");
  }
});

heavyTest("decryptCfb() frees its native cipher: memory does not grow with the calls", () => {
  const [key, iv, text] = [new Uint8Array(32), new Uint8Array(16), new Uint8Array(32)];
  const sizes = Array.from({ length: 5 }, () => {
    for (let i = 0; i < 15_000; i++) decryptCfb(key, iv, text);
    return Deno.memoryUsage().rss;
  });
  // A cipher that is never finished keeps 1.1 kB: 16 MB more in every round, not just in one.
  const growths = sizes.slice(1).map((size, i) => size - sizes[i]!);
  assert(Math.min(...growths) < 8e6, `grew by ${growths} bytes`);
});
