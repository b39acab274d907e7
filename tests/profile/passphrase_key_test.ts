import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { scrypt } from "node:crypto";
import { toHex, utf8 } from "../../lib/crypto/bytes.ts";
import {
  DEFAULT_COST,
  isWithin,
  PassphraseKey,
  REAL_BOUNDS,
  scryptMemory,
} from "../../lib/profile/passphrase_key.ts";
import { TEST_COST } from "./people.ts";

const SALT = new Uint8Array(32).fill(7);

Deno.test("scrypt is RFC 7914's: its second test vector", async () => {
  const key = await new Promise<Uint8Array>((resolve, reject) =>
    scrypt("password", "NaCl", 64, { N: 1024, r: 8, p: 16 }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    })
  );
  assertEquals(
    toHex(key),
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
      "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
  );
});

Deno.test("the real cost takes 128 MiB, and the real bounds start at 64", () => {
  assertEquals(scryptMemory(DEFAULT_COST), 128 * 1024 * 1024);
  assertEquals(REAL_BOUNDS.leastMemory, 64 * 1024 * 1024);
  assert(isWithin(DEFAULT_COST, REAL_BOUNDS));
});

for (
  const [cost, expected] of [
    [{ logN: 16, r: 8, p: 1 }, true],
    [{ logN: 20, r: 8, p: 4 }, true],
    [{ logN: 15, r: 8, p: 1 }, false],
    [{ logN: 21, r: 8, p: 1 }, false],
    [{ logN: 17, r: 8, p: 5 }, false],
    [{ logN: 17, r: 8, p: 0 }, false],
    [{ logN: 17, r: 0, p: 1 }, false],
    [{ logN: 0, r: 255, p: 1 }, false],
    [{ logN: 255, r: 255, p: 255 }, false],
  ] as const
) {
  Deno.test(`isWithin() says ${expected} of ${JSON.stringify(cost)}`, () => {
    assertEquals(isWithin(cost, REAL_BOUNDS), expected);
  });
}

Deno.test("PassphraseKey takes one passphrase for the same in every normal form, and no other", async () => {
  const derive = (passphrase: string) => PassphraseKey.derive(passphrase, SALT, TEST_COST);
  const key = await derive("caf\u00e9 au lait");
  assertEquals((await derive("cafe\u0301 au lait")).check, key.check);
  for (const other of ["cafe au lait", "caf\u00e9 au lait ", "CAF\u00c9 AU LAIT", ""]) {
    assertNotEquals((await derive(other)).check, key.check);
  }
});

Deno.test("PassphraseKey depends on the salt and on each parameter", async () => {
  const keys = await Promise.all([
    PassphraseKey.derive("p", SALT, TEST_COST),
    PassphraseKey.derive("p", SALT.with(0, 8), TEST_COST),
    PassphraseKey.derive("p", SALT, { ...TEST_COST, logN: 5 }),
    PassphraseKey.derive("p", SALT, { ...TEST_COST, r: 2 }),
    PassphraseKey.derive("p", SALT, { ...TEST_COST, p: 2 }),
  ]);
  assertEquals(new Set(keys.map(({ check }) => toHex(check))).size, keys.length);
});

Deno.test("PassphraseKey keeps cost and salt for the header, whatever is written into the salt's buffer", async () => {
  const salt = SALT.slice();
  const derived = PassphraseKey.derive("p", salt, TEST_COST);
  salt.fill(0);
  const key = await derived;
  assertEquals([key.cost, key.salt], [TEST_COST, SALT]);
  assertEquals(key.check, (await PassphraseKey.derive("p", SALT, TEST_COST)).check);
});

Deno.test("PassphraseKey opens what it sealed, and prints nothing of itself", async () => {
  const key = await PassphraseKey.derive("correct horse", SALT, TEST_COST);
  const box = await key.seal(new Uint8Array(16), utf8("header"), utf8("plain"));
  assertEquals(await key.open(utf8("header"), box), utf8("plain"));
  assertEquals(await key.open(utf8("Header"), box), null);
  const shown = Deno.inspect(key, { depth: 10, showHidden: true });
  assert(!/material|correct/.test(shown), shown);
});
