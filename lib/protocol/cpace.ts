/**
 * The generator of CPace (draft-irtf-cfrg-cpace): a Diffie-Hellman base that both sides derive from the
 * invite code, so that only somebody with the code arrives at the same secret.
 *
 * @module
 */
import { type Bytes, utf8 } from "../crypto/bytes.ts";
import type { Group } from "../crypto/groups.ts";
import { hkdf, taggedHash } from "../crypto/hash.ts";
import { os2ip } from "../crypto/integers.ts";

/** Bytes beyond the prime's width: the reduction mod p is then 2^-128 from uniform. */
const EXTRA_BYTES = 16;

/**
 * A generator of the subgroup of order q that belongs to this code and this session only. It is a square
 * mod p, and nobody knows its logarithm to any other such generator; hence a wrong guess in one attempt
 * says nothing about a second guess.
 *
 * The draft's inputs: PRS is the code, sid binds both hellos (so both identities and nonces), CI is the
 * suite and the group.
 *
 * @param code the invite code, in its canonical spelling
 * @param helloLow the hello of the low side, whole
 * @param helloHigh the hello of the high side, whole
 */
export async function cpaceGenerator(
  group: Group,
  code: string,
  helloLow: Bytes,
  helloHigh: Bytes,
): Promise<bigint> {
  const sid = await taggedHash("parley-1 cpace sid", helloLow, helloHigh);
  const channel = utf8(`parley-1 cpace generator ${group.name}`);
  const wide = os2ip(await hkdf(utf8(code), sid, channel, group.elementBytes + EXTRA_BYTES));
  const root = wide % group.p;
  // 0, 1 and -1 have squares that generate nothing; a hash hits them with probability 2^-3070.
  return root <= 1n || root === group.p - 1n ? group.g : root * root % group.p;
}
