/**
 * The three messages of the original protocol, all of them text.
 *
 *   ELGAMAL_PK        the key y in decimal
 *   DEFF_HELLMAN_PK   {"deff_public_key": N, "s1": N, "s2": N}, integers of any length
 *   message           {"message": base64, "iv": base64}
 *
 * Written as Python's `json.dumps` writes them; read from any JSON that says the same.
 *
 * @module
 */
import { BLOCK_BYTES } from "../crypto/aes_cfb.ts";
import { decryptCfb8, encryptCfb8 } from "../crypto/aes_cfb8.ts";
import { type Bytes, fromUtf8, utf8 } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { CheckError, WireError } from "../errors.ts";
import { MAX_TEXT_BYTES } from "../protocol/constants.ts";
import type { ClassicSignature } from "./elgamal.ts";
import { type ClassicGroup, isElement, maxDigits } from "./group.ts";
import { type Limits, parseDecimal, parseFields } from "./json.ts";

/** What a message may have beside its values: keys, signs, and spaces to a reasonable number. */
const MAX_SYNTAX = 1024;

/** A signed Diffie-Hellman share. */
export interface ClassicShare {
  /** The share, above 1 and below q - 1. */
  readonly share: bigint;
  /** The signature over its decimal text, not verified. */
  readonly signature: ClassicSignature;
}

/** The text of `ELGAMAL_PK`. */
export function encodeKey(y: bigint): string {
  return String(y);
}

/**
 * Reads an `ELGAMAL_PK`.
 *
 * @throws {CheckError} `suite-mismatch` for bytes, which parley-1 sends; `bad-key` for what is no key in the group
 * @throws {WireError} when it is not a number in decimal
 */
export function parseKey(group: ClassicGroup, payload: unknown): bigint {
  if (isBytes(payload)) {
    throw new CheckError(
      "suite-mismatch",
      "the other side speaks parley-1, not the original protocol: leave out --classic on this " +
        "side, which is the safe way, or add it on the other",
    );
  }
  const text = payloadText("key", payload);
  const most = maxDigits(group);
  if (text.length > most) throw new WireError("key", `at most ${most} digits`, `${text.length}`);
  const y = parseDecimal(text);
  if (y === null) throw new WireError("key", "a number in decimal", "other text");
  if (isElement(y, group)) return y;
  throw new CheckError(
    "bad-key",
    "the other side's ElGamal key is none: it has to be in (1, q - 1)",
  );
}

/** The text of `DEFF_HELLMAN_PK`. */
export function encodeClassicShare({ share, signature: { s1, s2 } }: ClassicShare): string {
  return `{"deff_public_key": ${share}, "s1": ${s1}, "s2": ${s2}}`;
}

/**
 * Reads a `DEFF_HELLMAN_PK`. Its signature is still to be verified.
 *
 * @throws {CheckError} `bad-share` for what is no share in the group
 * @throws {WireError} when it has another form
 */
export function parseClassicShare(group: ClassicGroup, payload: unknown): ClassicShare {
  const digits = maxDigits(group);
  const limits: Limits = { text: 3 * digits + MAX_SYNTAX, digits };
  const shape = { deff_public_key: "integer", s1: "integer", s2: "integer" } as const;
  const fields = parseFields("share", payloadText("share", payload), shape, limits);
  const { deff_public_key: share, s1, s2 } = fields;
  if (isElement(share, group)) return { share, signature: { s1, s2 } };
  throw new CheckError(
    "bad-share",
    "the other side's Diffie-Hellman key is none: it has to be in (1, q - 1)",
  );
}

/** Encrypts a text: what `message` carries. */
export function sealText(key: Bytes, text: string, random: Random): string {
  const iv = random(BLOCK_BYTES);
  const ciphertext = encryptCfb8(key, iv, utf8(text));
  return `{"message": "${ciphertext.toBase64()}", "iv": "${iv.toBase64()}"}`;
}

/** A character of base64 is six bits. */
const MAX_BASE64 = Math.ceil(MAX_TEXT_BYTES / 3) * 4;

/**
 * Decrypts what `message` carries. Nothing authenticates it: a change on the way changes the text.
 *
 * @throws {WireError} when it has another form, or what is decrypted is not UTF-8
 */
export function openText(key: Bytes, payload: unknown): string {
  const limits: Limits = { text: MAX_BASE64 + MAX_SYNTAX, digits: 0 };
  const shape = { message: "text", iv: "text" } as const;
  const fields = parseFields("message", payloadText("message", payload), shape, limits);
  const ciphertext = fromBase64("message.message", fields.message);
  const iv = fromBase64("message.iv", fields.iv);
  if (iv.length !== BLOCK_BYTES) {
    throw new WireError("message.iv", `${BLOCK_BYTES} bytes`, `${iv.length}`);
  }
  if (ciphertext.length > MAX_TEXT_BYTES) {
    throw new WireError(
      "message.message",
      `at most ${MAX_TEXT_BYTES} bytes`,
      `${ciphertext.length}`,
    );
  }
  try {
    return fromUtf8(decryptCfb8(key, iv, ciphertext));
  } catch {
    throw new WireError("message", "UTF-8 once it is decrypted", "other bytes");
  }
}

/** Base64 in its one canonical form. */
function fromBase64(field: string, text: string): Bytes {
  try {
    const bytes = Uint8Array.fromBase64(text);
    if (bytes.toBase64() === text) return bytes;
  } catch {
    // Said below.
  }
  throw new WireError(field, "base64", "other text");
}

/** The text of a payload, which may be anything. */
function payloadText(what: string, payload: unknown): string {
  if (typeof payload === "string") return payload;
  throw new WireError(what, "text", isBytes(payload) ? "bytes" : "something else");
}

function isBytes(payload: unknown): boolean {
  return ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer;
}
