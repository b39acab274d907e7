import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BLOCK_BYTES, KEY_BYTES } from "../../lib/crypto/aes_cfb.ts";
import { decryptCfb8, encryptCfb8 } from "../../lib/crypto/aes_cfb8.ts";
import { fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import openssl from "../vectors/cfb8.json" with { type: "json" };

// NIST SP 800-38A, F.3.11 (CFB8-AES256.Encrypt) and F.3.12 (CFB8-AES256.Decrypt).
const NIST = {
  key: fromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
  iv: fromHex("000102030405060708090a0b0c0d0e0f"),
  plaintext: fromHex("6bc1bee22e409f96e93d7e117393172aae2d"),
  ciphertext: fromHex("dc1f1a8520a64db55fcc8ac554844e889700"),
};

Deno.test("encryptCfb8() gives F.3.11 of SP 800-38A", () => {
  assertEquals(encryptCfb8(NIST.key, NIST.iv, NIST.plaintext), NIST.ciphertext);
});

Deno.test("decryptCfb8() gives F.3.12 of SP 800-38A", () => {
  assertEquals(decryptCfb8(NIST.key, NIST.iv, NIST.ciphertext), NIST.plaintext);
});

Deno.test("encryptCfb8() and decryptCfb8() agree with OpenSSL and pycryptodome at 0 to 100 bytes and at 1,031", () => {
  const lengths = [];
  for (const test of openssl.cases) {
    const [key, iv] = [fromHex(test.key), fromHex(test.iv)];
    assertEquals(toHex(encryptCfb8(key, iv, fromHex(test.plaintext))), test.ciphertext);
    assertEquals(toHex(decryptCfb8(key, iv, fromHex(test.ciphertext))), test.plaintext);
    lengths.push(test.plaintext.length / 2);
  }
  assertEquals(lengths, [...Array(101).keys(), 1031]);
});

heavyTest(
  "decryptCfb8() gives back what encryptCfb8() took, also where native calls may split",
  () => {
    const random = seededRandom("cfb8");
    for (const length of [4_095, 4_096, 4_097, 9_000]) {
      const [key, iv, plaintext] = [random(KEY_BYTES), random(BLOCK_BYTES), random(length)];
      const ciphertext = encryptCfb8(key, iv, plaintext);
      assertEquals(ciphertext.length, length);
      assertEquals(toHex(decryptCfb8(key, iv, ciphertext)), toHex(plaintext));
    }
  },
);

Deno.test("encryptCfb8() and decryptCfb8() leave their arguments alone, and work on views", () => {
  const buffer = new Uint8Array(100);
  buffer.set(NIST.plaintext, 7);
  const view = buffer.subarray(7, 7 + NIST.plaintext.length);
  assertEquals(encryptCfb8(NIST.key, NIST.iv, view), NIST.ciphertext);
  assertEquals(view.slice(), NIST.plaintext);
  buffer.set(NIST.ciphertext, 9);
  const sealed = buffer.subarray(9, 9 + NIST.ciphertext.length);
  assertEquals(decryptCfb8(NIST.key, NIST.iv, sealed), NIST.plaintext);
  assertEquals(sealed.slice(), NIST.ciphertext);
});

Deno.test("encryptCfb8() and decryptCfb8() refuse other lengths of key and IV", () => {
  for (const crypt of [encryptCfb8, decryptCfb8]) {
    for (const length of [0, 16, 24, 31, 33, 64]) {
      const key = new Uint8Array(length);
      assertThrows(() => crypt(key, NIST.iv, key), RangeError, "AES-256 takes 32");
    }
    for (const length of [0, 8, 12, 15, 17, 32]) {
      const iv = new Uint8Array(length);
      assertThrows(() => crypt(NIST.key, iv, iv), RangeError, "CFB takes 16");
    }
  }
});

heavyTest(
  "encryptCfb8() and decryptCfb8() free their native ciphers: memory does not grow with the calls",
  () => {
    const [key, iv, text] = [new Uint8Array(32), new Uint8Array(16), new Uint8Array(2)];
    const sizes = Array.from({ length: 4 }, () => {
      for (let i = 0; i < 5_000; i++) decryptCfb8(key, iv, encryptCfb8(key, iv, text));
      return Deno.memoryUsage().rss;
    });
    // A cipher that is never finished keeps 1.1 kB: 5 MB more for either in every round, not just in one.
    const growths = sizes.slice(1).map((size, i) => size - sizes[i]!);
    assert(Math.min(...growths) < 3e6, `grew by ${growths} bytes`);
  },
);
