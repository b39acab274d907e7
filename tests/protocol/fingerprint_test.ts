import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { hkdfSync } from "node:crypto";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import {
  keyFingerprint,
  safetyNumber,
  safetyPicture,
  safetyWords,
} from "../../lib/protocol/fingerprint.ts";
import { ADJECTIVES, NOUNS } from "../../lib/protocol/words.ts";
import { identityOf } from "../helpers/session_pair.ts";
import { flipBit } from "../helpers/mutants.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

const SIXTY_DIGITS = /^\d{5}( \d{5}){11}$/;
const ALICE = identityOf("alice").publicKey.bytes;
const BOB = identityOf("bob").publicKey.bytes;
const SESSION_ID = new Uint8Array(32).fill(1);

Deno.test("keyFingerprint() is sixty digits in twelve groups, and each key has its own", async () => {
  const seen = new Set<string>();
  for (const key of [ALICE, BOB, flipBit(ALICE, 0), flipBit(ALICE, 383)]) {
    const fingerprint = await keyFingerprint(key);
    assertMatch(fingerprint, SIXTY_DIGITS);
    seen.add(fingerprint);
  }
  assertEquals(seen.size, 4);
});

Deno.test("safetyNumber() is the same on both sides, and depends on session and both keys", async () => {
  const number = await safetyNumber(SESSION_ID, ALICE, BOB);
  assertMatch(number, SIXTY_DIGITS);
  assertEquals(await safetyNumber(SESSION_ID, BOB, ALICE), number);
  for (
    const [id, one, other] of [
      [flipBit(SESSION_ID, 31), ALICE, BOB],
      [SESSION_ID, flipBit(ALICE, 383), BOB],
      [SESSION_ID, ALICE, flipBit(BOB, 383)],
      [SESSION_ID, ALICE, ALICE],
    ] as const
  ) {
    assertNotEquals(await safetyNumber(id, one, other), number);
  }
});

Deno.test("a group keeps its leading zeros, and no digit is favoured", async () => {
  const groups: string[] = [];
  for (let i = 0; i < 300; i++) {
    groups.push(...(await keyFingerprint(i2osp(BigInt(i), 384))).split(" "));
  }
  assert(groups.some((group) => group.startsWith("0")));
  assert(groups.every((group) => group.length === 5));
  const counts = Array<number>(10).fill(0);
  for (const digit of groups.join("")) counts[Number(digit)]!++;
  // 18,000 digits: 1,800 of each, give or take six standard deviations.
  for (const count of counts) assert(Math.abs(count - 1800) < 250, counts.join());
});

Deno.test("keyFingerprint() is what docs/PROTOCOL.md says", async () => {
  const hash = taggedByHand(utf8("parley-1 key fingerprint"), ALICE);
  const bytes = new Uint8Array(hkdfSync("sha256", hash, "", "parley-1 digits", 60));
  const groups = Array.from({ length: 12 }, (_, i) => {
    const group = os2ip(bytes.subarray(5 * i, 5 * i + 5)) % 100_000n;
    return String(group).padStart(5, "0");
  });
  assertEquals(await keyFingerprint(ALICE), groups.join(" "));
});

Deno.test("safetyWords() gives sixteen words, describing words and things in turn, for each number its own", async () => {
  const seen = new Set<string>();
  const used = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const words = await safetyWords(await safetyNumber(i2osp(BigInt(i), 32), ALICE, BOB));
    for (const [place, word] of words.split(" ").entries()) {
      assert((place % 2 === 0 ? ADJECTIVES : NOUNS).includes(word), word);
      used.add(word);
    }
    assertEquals(words.split(" ").length, 16);
    seen.add(words);
  }
  assertEquals(seen.size, 200);
  assert(used.size > 500, "every word comes up");
});

Deno.test("safetyPicture() draws eleven lines of nineteen characters in which all 64 steps are", async () => {
  const symbols = " .o+=*BOX@%&#/^";
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const picture = await safetyPicture(await safetyNumber(i2osp(BigInt(i), 32), ALICE, BOB));
    assertEquals(picture.map((line) => line.length), Array(11).fill(19));
    assertEquals([picture.at(0), picture.at(-1)], Array(2).fill(`+${"-".repeat(17)}+`));
    const visits = picture.slice(1, -1).map((line) => {
      assertMatch(line, /^\|.*\|$/);
      return [...line.slice(1, -1)].reduce((sum, symbol) => sum + symbols.indexOf(symbol), 0);
    });
    assertEquals(visits.reduce((sum, n) => sum + n, 0), 64);
    seen.add(picture.join());
  }
  assertEquals(seen.size, 50);
});

Deno.test("safetyPicture() is what docs/PROTOCOL.md says, by another program", async () => {
  // One touches the left and the upper edge, the other has a field that was visited 16 times.
  const pictures = {
    "00230": `
+-----------------+
|   oo ...        |
|  .  o   .       |
| .  .            |
|.                |
|.                |
| .     .         |
|o     .          |
|...o.*.o         |
| .++=B&o         |
+-----------------+`,
    "03699": `
+-----------------+
|                 |
|                 |
|              .  |
|         .   o   |
|          . . .  |
|           .   oo|
|             . +*|
|            . =*B|
|             ooO^|
+-----------------+`,
  };
  for (const [group, picture] of Object.entries(pictures)) {
    const number = Array(12).fill(group).join(" ");
    assertEquals(`\n${(await safetyPicture(number)).join("\n")}`, picture);
  }
});
