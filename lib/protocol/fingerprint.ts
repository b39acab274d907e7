/**
 * Numbers for people to compare: 60 digits in twelve groups, as Signal shows them.
 *
 * @module
 */
import { type Bytes, compareBytes, utf8 } from "../crypto/bytes.ts";
import { hkdf, taggedHash } from "../crypto/hash.ts";
import { os2ip } from "../crypto/integers.ts";
import { ADJECTIVES, NOUNS } from "./words.ts";

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

/**
 * A safety number in words, which are easier to say than digits: sixteen words, 128 bits, alternating between
 * describing words and things. A man in the middle who makes both sides see one phrase needs 2^64 tries in each
 * of two pending handshakes.
 */
export async function safetyWords(number: string): Promise<string> {
  const bytes = await stretch(number, "parley-1 safety words", 16);
  const words = Array.from(bytes, (byte, i) => (i % 2 === 0 ? ADJECTIVES : NOUNS)[byte]!);
  return words.join(" ");
}

/** Columns and rows of {@link safetyPicture}, without its frame. */
const PICTURE = { columns: 17, rows: 9 } as const;

/** What a field shows after so many visits. */
const VISITS = " .o+=*BOX@%&#/^";

/**
 * A safety number as a picture, to compare at a glance: the walk of OpenSSH's "drunken bishop" (Loss, Limmer and
 * von Gernler, 2009) over 64 two-bit moves. It shows that two numbers differ; that they are equal, only the
 * digits or the words say.
 *
 * @returns eleven lines of nineteen ASCII characters
 */
export async function safetyPicture(number: string): Promise<string[]> {
  const { columns, rows } = PICTURE;
  const field = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  let [x, y] = [Math.floor(columns / 2), Math.floor(rows / 2)];
  for (const byte of await stretch(number, "parley-1 safety picture", 16)) {
    for (let shift = 0; shift < 8; shift += 2) {
      const move = byte >> shift & 3;
      x = Math.min(Math.max(x + (move & 1 ? 1 : -1), 0), columns - 1);
      y = Math.min(Math.max(y + (move & 2 ? 1 : -1), 0), rows - 1);
      field[y]![x]!++;
    }
  }
  const symbol = (visits: number) => VISITS[Math.min(visits, VISITS.length - 1)]!;
  const lines = field.map((row) => `|${row.map(symbol).join("")}|`);
  const edge = `+${"-".repeat(columns)}+`;
  return [edge, ...lines, edge];
}

/** Bytes derived from a safety number, for one way to show it. */
function stretch(number: string, label: string, length: number): Promise<Bytes> {
  return hkdf(utf8(number), new Uint8Array(), utf8(label), length);
}

/** Stretches a hash to twelve groups of five digits, parted by spaces. */
async function digits(hash: Bytes): Promise<string> {
  const bytes = await hkdf(hash, new Uint8Array(), utf8("parley-1 digits"), GROUPS * GROUP_BYTES);
  return Array.from({ length: GROUPS }, (_, i) => {
    const group = os2ip(bytes.subarray(i * GROUP_BYTES, (i + 1) * GROUP_BYTES)) % 100_000n;
    return String(group).padStart(5, "0");
  }).join(" ");
}
