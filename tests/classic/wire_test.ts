import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { DEFAULT_CLASSIC_GROUP, maxDigits } from "../../lib/classic/group.ts";
import {
  encodeClassicShare,
  encodeKey,
  openText,
  parseClassicShare,
  parseKey,
  sealText,
} from "../../lib/classic/wire.ts";
import { decryptCfb8, encryptCfb8 } from "../../lib/crypto/aes_cfb8.ts";
import { fromHex } from "../../lib/crypto/bytes.ts";
import { type CheckCode, CheckError, WireError } from "../../lib/errors.ts";
import { MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";
import { Dice } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { drawing, groupOf, RECORDED, SMALL_GROUP } from "./world.ts";

const { q } = SMALL_GROUP;
const KEY = fromHex("00".repeat(32));

/** Asserts a fault of form, in this field. */
function assertMalformed(parse: () => unknown, field: string): void {
  const error = assertThrows(parse, WireError);
  assertEquals(error.field, field);
}

/** Asserts a failed check. */
function assertCheck(parse: () => unknown, code: CheckCode): void {
  assertEquals(assertThrows(parse, CheckError).code, code);
}

Deno.test("parseKey() and encodeKey() are each other's inverse, on the Python client's keys", () => {
  for (const recorded of RECORDED) {
    for (const { y } of [recorded.alice, recorded.bob]) {
      assertEquals(parseKey(groupOf(recorded), y), BigInt(y));
      assertEquals(encodeKey(BigInt(y)), y);
    }
  }
});

Deno.test("parseKey() refuses what is not a decimal number", () => {
  for (
    const text of ["", "-5", "+5", "05", " 5", "5 ", "5\n", "5.0", "5e0", "0x5", "5n", "٥", '"5"']
  ) {
    assertMalformed(() => parseKey(SMALL_GROUP, text), "key");
  }
  for (const other of [null, undefined, 5, 5n, ["5"], { toString: () => "5" }]) {
    assertMalformed(() => parseKey(SMALL_GROUP, other), "key");
  }
  assertMalformed(() => parseKey(SMALL_GROUP, "9".repeat(maxDigits(SMALL_GROUP) + 1)), "key");
});

Deno.test("parseKey() refuses 0, 1, q - 1 and what is above: bad-key", () => {
  for (const y of [0n, 1n, q - 1n, q, q + 1n]) {
    assertCheck(() => parseKey(SMALL_GROUP, String(y)), "bad-key");
  }
  assertEquals([2n, q - 2n].map((y) => parseKey(SMALL_GROUP, String(y))), [2n, q - 2n]);
});

Deno.test("parseKey() takes bytes for parley-1, and says so", () => {
  for (const bytes of [new Uint8Array(5), new ArrayBuffer(5), new DataView(new ArrayBuffer(5))]) {
    assertCheck(() => parseKey(SMALL_GROUP, bytes), "suite-mismatch");
  }
});

Deno.test("encodeShare() writes what the Python client writes, and parseShare() reads it", () => {
  for (const recorded of RECORDED) {
    for (const side of [recorded.alice, recorded.bob]) {
      const [share, s1, s2] = [side.share, side.s1, side.s2].map(BigInt) as [
        bigint,
        bigint,
        bigint,
      ];
      const parsed = { share, signature: { s1, s2 } };
      assertEquals(encodeClassicShare(parsed), side.shareMessage);
      assertEquals(parseClassicShare(groupOf(recorded), side.shareMessage), parsed);
    }
  }
});

Deno.test("parseShare() reads its fields in any order, with or without spaces", () => {
  const expected = { share: 5n, signature: { s1: 6n, s2: 7n } };
  for (
    const text of [
      '{"s2":7,"s1":6,"deff_public_key":5}',
      '\n{ "s1" : 6 , "deff_public_key" : 5 , "s2" : 7 }\n',
    ]
  ) assertEquals(parseClassicShare(SMALL_GROUP, text), expected);
});

const WRONG_SHARES: readonly [text: unknown, field: string][] = [
  ['{"deff_public_key": 5, "s1": 6}', "share.s2"],
  ['{"deff_public_key": 5, "s2": 6}', "share.s1"],
  ['{"s1": 5, "s2": 6}', "share.deff_public_key"],
  ['{"deff_public_key": "5", "s1": 6, "s2": 7}', "share.deff_public_key"],
  ['{"deff_public_key": 5, "s1": -6, "s2": 7}', "share.s1"],
  ['{"deff_public_key": 5, "s1": 6, "s2": 7.0}', "share.s2"],
  ['{"deff_public_key": 5, "s1": 6, "s2": 7e1}', "share.s2"],
  ['{"deff_public_key": 05, "s1": 6, "s2": 7}', "share.deff_public_key"],
  ['{"deff_public_key": 5, "s1": 6, "s2": 7, "s2": 7}', "share.s2"],
  ['{"deff_public_key": 5, "s1": 6, "s2": 7, "s3": 7}', "share"],
  [`{"deff_public_key": 5, "s1": 1${q}, "s2": 7}`, "share.s1"],
  [`{"deff_public_key": 5, "s1": 6, "s2": 7${" ".repeat(2000)}}`, "share"],
  ["5", "share"],
  ["", "share"],
  [null, "share"],
  [{ deff_public_key: 5, s1: 6, s2: 7 }, "share"],
  [new Uint8Array(3), "share"],
];

for (const [text, field] of WRONG_SHARES) {
  Deno.test(`parseShare() refuses ${JSON.stringify(text).slice(0, 70)}`, () =>
    assertMalformed(() => parseClassicShare(SMALL_GROUP, text), field));
}

Deno.test("parseShare() refuses 0, 1, q - 1 and what is above: bad-share", () => {
  for (const share of [0n, 1n, q - 1n, q, q + 1n]) {
    const text = encodeClassicShare({ share, signature: { s1: 6n, s2: 7n } });
    assertCheck(() => parseClassicShare(SMALL_GROUP, text), "bad-share");
  }
});

Deno.test("sealText() and openText() agree with the Python client, letter by letter", () => {
  let checked = 0;
  for (const recorded of RECORDED) {
    const key = fromHex(recorded.key);
    for (const { iv, text, message } of recorded.messages) {
      assertEquals(sealText(key, text, drawing(groupOf(recorded), iv)), message);
      assertEquals(openText(key, message), text);
      checked++;
    }
  }
  assertEquals(checked, 21);
});

Deno.test("sealText() draws 16 bytes for each IV", () => {
  const random = seededRandom("iv");
  const ivs = [1, 2].map(() => JSON.parse(sealText(KEY, "same", random)).iv);
  assert(ivs[0] !== ivs[1]);
  for (const iv of ivs) assertEquals(Uint8Array.fromBase64(iv).length, 16);
});

const IV = "AAAAAAAAAAAAAAAAAAAAAA==";

const WRONG_MESSAGES: readonly [text: unknown, field: string][] = [
  [`{"message": "QQ=="}`, "message.iv"],
  [`{"iv": "${IV}"}`, "message.message"],
  [`{"message": "QQ==", "iv": "${IV}", "tag": ""}`, "message"],
  [`{"message": "QQ==", "iv": "${IV}", "iv": "${IV}"}`, "message.iv"],
  [`{"message": 1, "iv": "${IV}"}`, "message.message"],
  [`{"message": "QQ=", "iv": "${IV}"}`, "message.message"],
  [`{"message": "QQ", "iv": "${IV}"}`, "message.message"],
  [`{"message": "QR==", "iv": "${IV}"}`, "message.message"],
  [`{"message": "Q Q==", "iv": "${IV}"}`, "message.message"],
  [`{"message": "QQ==\\n", "iv": "${IV}"}`, "message.message"],
  [`{"message": "-_==", "iv": "${IV}"}`, "message.message"],
  [`{"message": "é", "iv": "${IV}"}`, "message.message"],
  [`{"message": "QQ==", "iv": ""}`, "message.iv"],
  [`{"message": "QQ==", "iv": "${"A".repeat(20)}"}`, "message.iv"],
  [`{"message": "QQ==", "iv": "${"A".repeat(24)}"}`, "message.iv"],
  ["QQ==", "message"],
  [new Uint8Array(40), "message"],
  [null, "message"],
];

for (const [text, field] of WRONG_MESSAGES) {
  Deno.test(`openText() refuses ${JSON.stringify(text).slice(0, 70)}`, () =>
    assertMalformed(() => openText(KEY, text), field));
}

Deno.test("openText() takes base64 whose slashes are escaped, as some encoders write them", () => {
  const message = encryptCfb8(KEY, new Uint8Array(16), new TextEncoder().encode("~~~???"))
    .toBase64();
  const escaped = message.replaceAll("/", "\\/");
  assertEquals(openText(KEY, `{"message": "${escaped}", "iv": "${IV}"}`), "~~~???");
});

heavyTest("openText() takes 512 KiB of text and refuses one byte more", () => {
  // A byte over and over, behind an IV of the same, stands for one letter over and over: nothing has to be encrypted.
  const fill = (byte: number, length: number) => new Uint8Array(length).fill(byte);
  const isLetter = (byte: number) => decryptCfb8(KEY, fill(byte, 16), fill(byte, 1))[0]! < 128;
  const byte = [...Array(256).keys()].find(isLetter)!;
  const iv = fill(byte, 16).toBase64();
  const sealed = (length: number) =>
    `{"message": "${fill(byte, length).toBase64()}", "iv": "${iv}"}`;
  assertEquals(openText(KEY, sealed(MAX_TEXT_BYTES)).length, MAX_TEXT_BYTES);
  assertMalformed(() => openText(KEY, sealed(MAX_TEXT_BYTES + 1)), "message.message");
  assertEquals(openText(KEY, `${" ".repeat(1000)}{"message": "", "iv": "${IV}"}`), "");
  const spaces = " ".repeat(800_000);
  assertMalformed(() => openText(KEY, `${spaces}{"message": "", "iv": "${IV}"}`), "message");
});

Deno.test("openText() refuses what is not UTF-8 once it is decrypted, as under another key", () => {
  const ciphertext = encryptCfb8(KEY, new Uint8Array(16), Uint8Array.of(0x61, 0xff, 0xc0));
  const text = `{"message": "${ciphertext.toBase64()}", "iv": "${IV}"}`;
  assertMalformed(() => openText(KEY, text), "message");
  const sealed = sealText(KEY, "a text of some length", seededRandom("x"));
  assertMalformed(() => openText(fromHex("01".repeat(32)), sealed), "message");
});

heavyTest("the parsers meet spoiled texts with an error of ours or with sense", () => {
  const dice = new Dice(2);
  const recorded = RECORDED[0]!;
  const key = fromHex(recorded.key);
  const group = DEFAULT_CLASSIC_GROUP;
  const parsers: [sample: string, roundTrip: (text: string) => string | null][] = [
    [recorded.alice.y, (text) => encodeKey(parseKey(group, text))],
    [recorded.alice.shareMessage, (text) => encodeClassicShare(parseClassicShare(group, text))],
    [recorded.messages[4]!.message, (text) => (openText(key, text), null)],
  ];
  let [taken, refused] = [0, 0];
  for (let i = 0; i < 2_000; i++) {
    const [sample, roundTrip] = parsers[i % parsers.length]!;
    const [at, cut] = [dice.below(sample.length + 1), dice.below(3)];
    const put = dice.pick([...'09- ",}{A=\0é', "", "\ud800"]);
    const text = sample.slice(0, at) + put + sample.slice(at + cut);
    try {
      const again = roundTrip(text);
      // What is read is written back in the one form, which differs from the text in nothing but its spaces.
      if (again !== null) assertEquals(again.replaceAll(" ", ""), text.replaceAll(" ", ""));
      taken++;
    } catch (error) {
      if (!(error instanceof CheckError)) assertInstanceOf(error, WireError, text);
      refused++;
    }
  }
  assert(taken > 150 && refused > 500, `${taken} taken, ${refused} refused`);
});
