import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from "../../lib/crypto/bytes.ts";
import { challenge, signatureBytes, SigningKey, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import {
  FFDHE_2048,
  FFDHE_3072,
  FFDHE_4096,
  type Group,
  MODP_2048,
} from "../../lib/crypto/groups.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { jacobi, modPow } from "../../lib/crypto/modular.ts";
import { naiveModPow } from "../helpers/primality.ts";
import { constantRandom, seededRandom } from "../helpers/seeded_random.ts";
import { SMALL_GROUP } from "../helpers/session_pair.ts";
import {
  decodeSignature,
  encodeSignature,
  equationHolds,
  forgeWithoutKey,
  keyWithKnownSecret,
  randomSquare,
  type RawSignature,
  recoverNonce,
  recoverPrivateKey,
  signWithNonce,
  type Statement,
  substituteKey,
} from "../helpers/unsafe_elgamal.ts";
import { TOY_GROUP, TOY_SQUARES } from "./toy_group.ts";
import second from "../vectors/elgamal.json" with { type: "json" };
import { taggedByHand } from "../helpers/tagged_hash.ts";

const GROUPS = [MODP_2048, FFDHE_2048, FFDHE_3072, FFDHE_4096];

// Attacks run in a smaller group than the suite's: they are the same there, and three times as fast.
const GROUP = FFDHE_2048;
const { p, q } = GROUP;
const { key: KEY, x: X } = keyWithKnownSecret(GROUP, "elgamal");
const { publicKey } = KEY;
const random = seededRandom("elgamal tests");

const STATEMENT: Statement = { context: "test", message: utf8("attack at dawn") };
const SIGNATURE = await KEY.sign(STATEMENT.context, STATEMENT.message, random);

/** Whether lib's verifier takes a signature, after all its checks. */
function accepts(
  { context, message }: Statement,
  signature: RawSignature | Bytes,
  key = publicKey,
) {
  const bytes = signature instanceof Uint8Array ? signature : encodeSignature(key.group, signature);
  return key.verify(context, message, bytes);
}

/** Asserts that the bare equation takes a signature and that the verifier, with its checks, does not. */
async function assertRefusedByACheckAlone(
  statement: Statement,
  signature: RawSignature,
  key = publicKey,
): Promise<void> {
  assert(await equationHolds(key.group, key.y, statement, signature), "the equation must hold");
  assertEquals(await accepts(statement, signature, key), false);
}

/** Messages for a construction that works for some of them only. */
function* statements(): Generator<Statement> {
  for (let i = 0; i < 3000; i++) yield { context: "test", message: utf8(`message ${i}`) };
  throw new Error("The construction worked for no message");
}

function parseToy(y: bigint): VerifyingKey | null {
  return VerifyingKey.parse(TOY_GROUP, i2osp(y, TOY_GROUP.elementBytes));
}

// ---------------------------------------------------------------- signing and verifying

for (const group of GROUPS) {
  Deno.test(`sign() and verify() agree in ${group.name}`, async () => {
    const key = SigningKey.generate(group, random);
    const signature = await key.sign("test", utf8("hello"), random);
    assertEquals(signature.length, signatureBytes(group));
    assert(await key.publicKey.verify("test", utf8("hello"), signature));
    assertEquals(await key.publicKey.verify("test", utf8("hullo"), signature), false);
  });
}

heavyTest("verify() takes the 12 signatures of a second implementation", async () => {
  let ran = 0;
  for (const { group: name, y, context, message, signature } of second.cases) {
    const key = VerifyingKey.parse(GROUPS.find((group) => group.name === name)!, fromHex(y));
    assert(key !== null);
    assert(await key.verify(context, fromHex(message), fromHex(signature)), `${name}: ${context}`);
    ran++;
  }
  assertEquals(ran, 12);
});

Deno.test("sign() covers messages of any length", async () => {
  for (const length of [0, 1, 63, 64, 65, 100_000]) {
    const message = random(length);
    assert(await accepts({ context: "", message }, await KEY.sign("", message, random)));
  }
});

heavyTest(
  "sign() and verify() agree for 300 messages in a group where s = 0 comes up often",
  async () => {
    const key = SigningKey.generate(TOY_GROUP, seededRandom("toy"));
    let left = 5000;
    const source = (length: number) => {
      if (left-- === 0) throw new Error("sign() tries again without end");
      return random(length);
    };
    for (let i = 0; i < 300; i++) {
      const message = utf8(`${i}`);
      assert(
        await accepts({ context: "", message }, await key.sign("", message, source), key.publicKey),
      );
    }
  },
);

Deno.test("challenge() is SHA-256 over label, context, group, key, r and message, each behind its length", async () => {
  const [y, r, message] = [randomSquare(GROUP, random), randomSquare(GROUP, random), utf8("m")];
  const hash = taggedByHand(
    ...["parley-1 elgamal", "contexte d'été", "ffdhe2048"].map(utf8),
    ...[i2osp(y, 256), i2osp(r, 256), message],
  );
  assertEquals(await challenge(GROUP, "contexte d'été", y, r, message), os2ip(hash));
});

// ---------------------------------------------------------------- every check, exhaustively

heavyTest(
  "verify() takes exactly the signatures that the definition takes, of all r to 2 p + 2 and s to 2 q + 1, modulo 23",
  async () => {
    const { p, q, g } = TOY_GROUP;
    let [accepted, withZero] = [0, 0];
    for (const y of [2n, 13n, 18n]) {
      const key = parseToy(y)!;
      for (const text of ["one", "two", "three"]) {
        const statement = { context: "toy", message: utf8(text) };
        for (let r = 0n; r < 2n * p + 3n; r++) {
          const h = await challenge(TOY_GROUP, statement.context, y, r, statement.message);
          const left = naiveModPow(g, h % q, p);
          for (let s = 0n; s < 2n * q + 2n; s++) {
            const equation = left === naiveModPow(y, r, p) * naiveModPow(r, s, p) % p;
            const expected = equation && TOY_SQUARES.has(r) && s > 0n && s < q;
            assertEquals(
              await accepts(statement, { r, s }, key),
              expected,
              `${y}, ${text}: (${r}, ${s})`,
            );
            if (expected) accepted++;
            if (equation && TOY_SQUARES.has(r) && s === 0n) withZero++;
          }
        }
      }
    }
    // Each key, message and square r have one s below q that fits, and where that is 0 there is no signature.
    assertEquals(accepted + withZero, 3 * 3 * TOY_SQUARES.size);
    assert(withZero > 0);
  },
);

Deno.test("verify() takes what the plain equation takes, whichever halves s has", async () => {
  const { p, q } = SMALL_GROUP;
  const half = 1n << 64n;
  let [accepted, refused] = [0, 0];
  for (let i = 0; i < 8; i++) {
    const key = SigningKey.generate(SMALL_GROUP, random);
    const { y } = key.publicKey;
    const statement = { context: "small", message: utf8(`message ${i}`) };
    const signature = await key.sign(statement.context, statement.message, random);
    const { r, s } = decodeSignature(SMALL_GROUP, signature);
    for (const other of [s, s - 1n, s + 1n, q - s, 1n, 2n, half - 1n, half, q - half, q - 1n]) {
      for (const square of [r, y, p - r * r % p]) {
        const raw = { r: square, s: other };
        const expected = jacobi(square, p) === 1 && other > 0n && other < q &&
          await equationHolds(SMALL_GROUP, y, statement, raw);
        assertEquals(await accepts(statement, raw, key.publicKey), expected, `${square}, ${other}`);
        if (expected) accepted++;
        else refused++;
      }
    }
  }
  assertEquals([accepted, refused], [8, 8 * 29]);
});

// ---------------------------------------------------------------- attacks on r

heavyTest(
  "verify() refuses Bleichenbacher's forgery: r = (p-1)/2, s = -h mod q, no key needed",
  async () => {
    for (const group of GROUPS) {
      const { publicKey: victim } = SigningKey.generate(group, random);
      const { statement, signature } = await forgeWithoutKey(
        group,
        victim.y,
        "test",
        "I owe you all",
      );
      assertEquals(jacobi(signature.r, group.p), -1);
      await assertRefusedByACheckAlone(statement, signature, victim);
    }
  },
);

Deno.test("verify() refuses r = p - g^k, a non-square that an even s hides", async () => {
  for (const statement of statements()) {
    const k = 12345n;
    const r = p - modPow(GROUP.g, k, p);
    const signature = await signWithNonce(GROUP, X, statement, k, r);
    if (signature.s % 2n === 1n) continue;
    assertEquals(jacobi(r, p), -1);
    return await assertRefusedByACheckAlone(statement, signature);
  }
});

Deno.test("verify() refuses r = 1", async () => {
  // g^h = y^1 1^s asks for h = x: out of reach in a real group, one message in eleven in the toy one.
  const { key, x } = keyWithKnownSecret(TOY_GROUP, "r = 1");
  for (const statement of statements()) {
    const { context, message } = statement;
    const h = await challenge(TOY_GROUP, context, key.publicKey.y, 1n, message);
    if (h % TOY_GROUP.q !== x) continue;
    return await assertRefusedByACheckAlone(statement, { r: 1n, s: 5n }, key.publicKey);
  }
});

// ---------------------------------------------------------------- attacks on s

Deno.test("verify() refuses s + q, which is s modulo q", async () => {
  const { r, s } = decodeSignature(GROUP, SIGNATURE);
  assert(await accepts(STATEMENT, { r, s }));
  await assertRefusedByACheckAlone(STATEMENT, { r, s: s + q });
});

// ---------------------------------------------------------------- attacks on the encoding

heavyTest("verify() refuses every other length, also when the numbers stay the same", async () => {
  // A zero byte between r and s, and the loss of one where s begins with it, change no number.
  const [r, s] = [SIGNATURE.slice(0, 256), SIGNATURE.slice(256)];
  const numbers = decodeSignature(GROUP, SIGNATURE);
  const longer = concatBytes(r, new Uint8Array(1), s);
  assertEquals(decodeSignature(GROUP, longer), numbers);
  assertEquals(await accepts(STATEMENT, longer), false);

  const power = modPow(GROUP.g, 77n, p);
  for (const statement of statements()) {
    const raw = await signWithNonce(GROUP, X, statement, 77n, power);
    const bytes = encodeSignature(GROUP, raw);
    if (bytes[256] !== 0) continue; // One in 128.
    const shorter = concatBytes(bytes.subarray(0, 256), bytes.subarray(257));
    assertEquals(decodeSignature(GROUP, shorter), raw);
    assert(await accepts(statement, bytes));
    assertEquals(await accepts(statement, shorter), false);
    break;
  }
});

Deno.test("verify() refuses truncated, extended and empty signatures", async () => {
  for (const length of [0, 1, 255, 256, 257, 511]) {
    assertEquals(await accepts(STATEMENT, SIGNATURE.slice(0, length)), false);
  }
  assertEquals(await accepts(STATEMENT, concatBytes(SIGNATURE, new Uint8Array(1))), false);
  assertEquals(await accepts(STATEMENT, concatBytes(new Uint8Array(1), SIGNATURE)), false);
  assertEquals(await accepts(STATEMENT, concatBytes(SIGNATURE, SIGNATURE)), false);
});

heavyTest("verify() refuses a signature with any one bit flipped (a sample of 24)", async () => {
  const bits = SIGNATURE.length * 8;
  for (let i = 0; i < 24; i++) {
    // Spread over both numbers, with the first and the last bit.
    const bit = i === 23 ? bits - 1 : i * 173 % bits;
    const flipped = SIGNATURE.slice();
    flipped[bit >> 3]! ^= 0x80 >> (bit & 7);
    assertEquals(await accepts(STATEMENT, flipped), false, `bit ${bit}`);
  }
});

// ---------------------------------------------------------------- what a signature is bound to

Deno.test("verify() refuses another message, context or key", async () => {
  const { context, message } = STATEMENT;
  assert(await accepts(STATEMENT, SIGNATURE));
  assertEquals(await accepts({ context, message: utf8("attack at dusk") }, SIGNATURE), false);
  assertEquals(await accepts({ context, message: message.subarray(1) }, SIGNATURE), false);
  for (const other of ["", "tes", "test ", "Test"]) {
    assertEquals(await accepts({ context: other, message }, SIGNATURE), false, other);
  }
  const { publicKey: other } = SigningKey.generate(GROUP, random);
  assertEquals(await accepts(STATEMENT, SIGNATURE, other), false);
});

Deno.test("verify() distinguishes what context and message would spell together", async () => {
  const signature = await KEY.sign("ab", utf8("c"), random);
  assert(await accepts({ context: "ab", message: utf8("c") }, signature));
  for (const [context, text] of [["a", "bc"], ["abc", ""], ["", "abc"]] as const) {
    assertEquals(await accepts({ context, message: utf8(text) }, signature), false);
  }
});

Deno.test("verify() refuses another group's name over the same numbers", async () => {
  const renamed: Group = { ...GROUP, name: "modp2048" };
  const key = VerifyingKey.parse(renamed, publicKey.bytes)!;
  assertEquals(await accepts(STATEMENT, SIGNATURE, key), false);
});

Deno.test("verify() refuses a key made to fit somebody else's signature to another message", async () => {
  const raw = decodeSignature(GROUP, SIGNATURE);
  const claim = { context: STATEMENT.context, message: utf8("I wrote this") };
  // The key to which the equation leads for this h. Were y not part of h, it would be a key for the claim.
  const h = await challenge(GROUP, claim.context, publicKey.y, raw.r, claim.message);
  const key = VerifyingKey.parse(GROUP, i2osp(substituteKey(GROUP, h, raw), 256))!;
  assertEquals(modPow(GROUP.g, h, p), modPow(key.y, raw.r, p) * modPow(raw.r, raw.s, p) % p);
  assertEquals(await accepts(claim, SIGNATURE, key), false);
});

// ---------------------------------------------------------------- public keys

Deno.test("VerifyingKey.parse() gives back the bytes it took, in memory of its own", () => {
  const bytes = publicKey.bytes.slice();
  const key = VerifyingKey.parse(GROUP, bytes)!;
  assertEquals(key.y, publicKey.y);
  assertEquals(key.bytes, publicKey.bytes);
  bytes.fill(0);
  assertEquals(key.bytes, publicKey.bytes);
});

Deno.test("SigningKey.generate() makes a key that parse() takes, whatever the random source", () => {
  for (const source of [constantRandom(0), constantRandom(255), seededRandom("generate")]) {
    const key = SigningKey.generate(GROUP, source);
    assertEquals(VerifyingKey.parse(GROUP, key.publicKey.bytes)?.y, key.publicKey.y);
    assertEquals(key.publicKey.bytes, i2osp(key.publicKey.y, 256));
  }
});

Deno.test("SigningKey.generate() makes another key at every call", () => {
  assertNotEquals(
    SigningKey.generate(GROUP, random).publicKey.y,
    SigningKey.generate(GROUP, random).publicKey.y,
  );
});

// ---------------------------------------------------------------- nonces

Deno.test("sign() signs one message twice with two nonces", async () => {
  const again = await KEY.sign(STATEMENT.context, STATEMENT.message, random);
  assertNotEquals(decodeSignature(GROUP, again).r, decodeSignature(GROUP, SIGNATURE).r);
  assert(await accepts(STATEMENT, again));
});

heavyTest(
  "sign() never repeats a nonce for another message, context or key, though the random source is broken",
  async () => {
    for (const broken of [constantRandom(0), constantRandom(255)]) {
      const nonces = new Set<bigint>();
      let signed = 0;
      const other = keyWithKnownSecret(GROUP, "another key");
      for (const { key, x } of [{ key: KEY, x: X }, other]) {
        for (const context of ["one", ""]) {
          for (const text of ["", "a", "one"]) {
            const statement = { context, message: utf8(text) };
            const signature = await key.sign(context, statement.message, broken);
            const raw = decodeSignature(GROUP, signature);
            const k = await recoverNonce(GROUP, x, statement, raw);
            assertEquals(modPow(GROUP.g, k, p), raw.r, "k is the nonce");
            nonces.add(k);
            signed++;
          }
        }
      }
      assertEquals([nonces.size, signed], [12, 12]);
    }
  },
);

Deno.test("recoverPrivateKey() shows why: two messages under one nonce give x away", async () => {
  const signed = async (statement: Statement) => ({
    statement,
    signature: await signWithNonce(GROUP, X, statement, 987654321n),
  });
  const [one, two] = [
    await signed({ context: "test", message: utf8("one") }),
    await signed({ context: "test", message: utf8("two") }),
  ];
  assert(await accepts(one.statement, one.signature));
  assert(await accepts(two.statement, two.signature));
  assertEquals(await recoverPrivateKey(GROUP, publicKey.y, one, two), X);
});

Deno.test("sign() signs what the message was at the call, whatever is written into it then", async () => {
  const message = utf8("pay 1 to Bob");
  const signing = KEY.sign("test", message, random);
  message[4] = "9".charCodeAt(0);
  const signature = await signing;
  assert(await accepts({ context: "test", message: utf8("pay 1 to Bob") }, signature));
  assertEquals(await accepts({ context: "test", message }, signature), false);
});

Deno.test("verify() judges what message and signature were at the call", async () => {
  const [message, signature] = [STATEMENT.message.slice(), SIGNATURE.slice()];
  const verifying = publicKey.verify(STATEMENT.context, message, signature);
  message.fill(0);
  signature.fill(0);
  assert(await verifying);
});

Deno.test("generate() and sign() draw blinding for every secret that they compute with", async () => {
  const drawn: number[] = [];
  const counting = (length: number) => {
    drawn.push(length);
    return random(length);
  };
  const key = SigningKey.generate(GROUP, counting);
  // x, with 128 bits more than q has, and 63 bits for the exponent that makes y.
  assertEquals(drawn.splice(0), [272, 8]);
  await key.sign("test", utf8("message"), counting);
  // Entropy of the nonce, 63 bits for the exponent that makes r, and a factor for k and x.
  assertEquals(drawn, [32, 8, 272]);
});

Deno.test("sign() gives a signature that does not depend on the blinding", async () => {
  // The entropy of the nonce is the first 32 bytes that a signature draws; everything later only blinds.
  const afterwards = (seed: string) => {
    const [first, rest] = [constantRandom(7), seededRandom(seed)];
    let calls = 0;
    return (length: number) => (calls++ === 0 ? first : rest)(length);
  };
  const { context, message } = STATEMENT;
  assertEquals(
    await KEY.sign(context, message, afterwards("one")),
    await KEY.sign(context, message, afterwards("two")),
  );
});

// ---------------------------------------------------------------- secrecy

Deno.test("the private key shows in no text, no property and no clone", () => {
  const bigints = (_: string, value: unknown) => typeof value === "bigint" ? `${value}` : value;
  const texts = [
    Deno.inspect(KEY, { showHidden: true, depth: 10, getters: true, iterableLimit: 1e6 }),
    JSON.stringify(KEY, bigints),
    JSON.stringify(Object.entries(KEY), bigints),
    Deno.inspect(structuredClone(KEY), { depth: 10, iterableLimit: 1e6 }),
    String(KEY),
    `${Reflect.ownKeys(KEY).map(String)}`,
  ];
  assertEquals(Reflect.ownKeys(KEY), ["publicKey"]);
  for (const text of texts) assertNoSecret(text);
});

Deno.test("the private key shows in no error", async () => {
  const failing: (() => unknown)[] = [
    () => KEY.sign("test", null as unknown as Bytes, random),
    () => KEY.sign(Symbol("context") as unknown as string, utf8(""), random),
    () => KEY.sign("test", utf8(""), null as unknown as typeof random),
    () => KEY.sign("test", utf8(""), () => null as unknown as Bytes),
    () =>
      KEY.sign("test", utf8(""), () => {
        throw new Error("no randomness");
      }),
  ];
  for (const fail of failing) {
    const error = await assertRejects(async () => await fail(), Error);
    assertNoSecret(Deno.inspect(error, { showHidden: true, depth: 10 }) + error.stack);
  }
});

function assertNoSecret(text: string): void {
  for (
    const form of [X.toString(), X.toString(16), toHex(i2osp(X, 256)), [...i2osp(X, 256)].join()]
  ) {
    // A part of it would be as bad as the whole.
    assert(!text.toLowerCase().replaceAll(/\s/g, "").includes(form.slice(0, 40)), text);
  }
}
