/**
 * What an attacker, or a careless implementation, does with ElGamal signatures. Nothing in lib/ can reach
 * this: `SigningKey.sign` takes no nonce, and gives no private key out.
 *
 * @module
 */
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { keyFromRepeatedNonce } from "../../lab/math/nonces.ts";
import { challenge, SigningKey } from "../../lib/crypto/elgamal.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { mod, modInverse, modPow } from "../../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../../lib/crypto/random.ts";
import { seededRandom } from "./seeded_random.ts";

/** What a signature is made over. */
export interface Statement {
  readonly context: string;
  readonly message: Bytes;
}

/** A signature as its two numbers, in any range. */
export interface RawSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** r || s, each at the width of an element. */
export function encodeSignature(group: Group, { r, s }: RawSignature): Bytes {
  return concatBytes(i2osp(r, group.elementBytes), i2osp(s, group.elementBytes));
}

/** The inverse of {@link encodeSignature}, with no check at all. */
export function decodeSignature(group: Group, signature: Uint8Array): RawSignature {
  return {
    r: os2ip(signature.subarray(0, group.elementBytes)),
    s: os2ip(signature.subarray(group.elementBytes)),
  };
}

/** A key pair of lib's whose private key is known, because the random source that made it is. */
export function keyWithKnownSecret(group: Group, seed: string): { key: SigningKey; x: bigint } {
  const key = SigningKey.generate(group, seededRandom(seed));
  const x = randomNonZeroBelow(group.q, seededRandom(seed));
  if (modPow(group.g, x, group.p) !== key.publicKey.y) throw new Error("The secret is another one");
  return { key, x };
}

/** Whether g^h = y^r r^s (mod p), and nothing else: the equation without any of the verifier's checks. */
export async function equationHolds(
  group: Group,
  y: bigint,
  { context, message }: Statement,
  { r, s }: RawSignature,
): Promise<boolean> {
  const { p, g } = group;
  const h = await challenge(group, context, y, r, message);
  return modPow(g, h, p) === modPow(y, r, p) * modPow(r, s, p) % p;
}

/**
 * Signs with a nonce that the caller picks, under an r that the caller may have moved away from g^k:
 * s = k^-1 (h - x r) mod q.
 */
export async function signWithNonce(
  group: Group,
  x: bigint,
  { context, message }: Statement,
  k: bigint,
  r: bigint = modPow(group.g, k, group.p),
): Promise<RawSignature> {
  const h = await challenge(group, context, modPow(group.g, x, group.p), r, message);
  return { r, s: mod(modInverse(k, group.q) * (h - x * r), group.q) };
}

/** The nonce of a signature, for whoever knows the private key: k = s^-1 (h - x r) mod q. */
export async function recoverNonce(
  group: Group,
  x: bigint,
  { context, message }: Statement,
  { r, s }: RawSignature,
): Promise<bigint> {
  const h = await challenge(group, context, modPow(group.g, x, group.p), r, message);
  return mod(modInverse(s, group.q) * (h - x * r), group.q);
}

/** The private key, from two signatures made with one nonce. */
export async function recoverPrivateKey(
  group: Group,
  y: bigint,
  one: { statement: Statement; signature: RawSignature },
  two: { statement: Statement; signature: RawSignature },
): Promise<bigint> {
  const [a, b] = await Promise.all(
    [one, two].map(async ({ statement: { context, message }, signature: { r, s } }) => {
      return { m: await challenge(group, context, y, r, message), r, s };
    }),
  );
  return keyFromRepeatedNonce(a!, b!, group.q)!;
}

/**
 * A forgery with no private key (Bleichenbacher, EUROCRYPT 1996). With r = (p-1)/2 = q, y^r = 1 for every
 * key; r = -1/2, so that r^s = 2^-s for even s; and with g = 2, s = -h mod q solves the equation. q is odd,
 * so s is even for every second message: try a few.
 */
export async function forgeWithoutKey(
  group: Group,
  y: bigint,
  context: string,
  text: string,
): Promise<{ statement: Statement; signature: RawSignature }> {
  const r = (group.p - 1n) / 2n;
  for (let attempt = 0; attempt < 200; attempt++) {
    const message = utf8(`${text} (${attempt})`);
    const s = mod(-await challenge(group, context, y, r, message), group.q);
    if (s % 2n === 0n) return { statement: { context, message }, signature: { r, s } };
  }
  throw new Error("No message gave an even s: the challenge does not depend on it");
}

/**
 * The key under which (r, s) satisfies the equation for a given h: y' = (g^h r^-s)^(1/r) mod p. Where h does
 * not depend on the key, that makes somebody else's signature one's own, to any message.
 */
export function substituteKey(group: Group, h: bigint, { r, s }: RawSignature): bigint {
  const { p, q, g } = group;
  const target = modPow(g, h, p) * modInverse(modPow(r, s, p), p) % p;
  return modPow(target, modInverse(r, q), p);
}

/** An element of the subgroup of squares other than 1, uniform. */
export function randomSquare(group: Group, random: Random): bigint {
  return modPow(group.g, randomNonZeroBelow(group.q, random), group.p);
}
