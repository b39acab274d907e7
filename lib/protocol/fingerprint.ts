/**
 * Numbers for people to compare: 60 digits in twelve groups, as Signal shows them.
 *
 * @module
 */
import { type Bytes, compareBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, taggedHash } from "../crypto/hash.ts";
import { os2ip } from "../crypto/integers.ts";

const GROUPS = 12;
/** Five bytes give one group: 2^40 mod 100,000 is 2^-23 from uniform. */
const GROUP_BYTES = 5;

/** The fingerprint of one public key: 60 digits, 199 bits. */
export async function keyFingerprint(publicKey: Bytes): Promise<string> {
  return await digits(await taggedHash("parley-1 key fingerprint", publicKey));
}

/**
 * The safety number of one session, the same on both sides: over both identities and, through the session's
 * id, every byte of the handshake. Nothing that the relay chooses enters it.
 */
export async function safetyNumber(sessionId: Bytes, one: Bytes, other: Bytes): Promise<string> {
  const [low, high] = compareBytes(one, other) < 0 ? [one, other] : [other, one];
  return await digits(await taggedHash("parley-1 safety number", sessionId, low, high));
}

/** Stretches a hash to twelve groups of five digits, parted by spaces. */
async function digits(hash: Bytes): Promise<string> {
  const bytes = await hkdf(hash, new Uint8Array(), utf8("parley-1 digits"), GROUPS * GROUP_BYTES);
  return Array.from({ length: GROUPS }, (_, i) => {
    const group = os2ip(bytes.subarray(i * GROUP_BYTES, (i + 1) * GROUP_BYTES)) % 100_000n;
    return String(group).padStart(5, "0");
  }).join(" ");
}
