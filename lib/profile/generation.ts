/**
 * How often a profile was saved, in a small file of its own, so that an older profile that is put back in the place
 * of the newest shows.
 *
 *     file = "parley-generation\n" || generation (8) || HMAC-SHA-256 (32) of all before it
 *
 * The HMAC's key is sealed inside of the profile, so that nobody else writes a lower number. The limit: whoever puts
 * back both files of one moment goes unnoticed. No file on a disk can tell that; only something that is not on it.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes, utf8 } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { WireError } from "../errors.ts";
import { Reader, u64 } from "../protocol/codec.ts";
import type { MacKey } from "./secret.ts";

const MAGIC = utf8("parley-generation\n");

/** A generation's file in its parts. The number is a claim until the tag is verified. */
export interface Generation {
  /** The least generation that the profile can have. */
  readonly generation: number;
  /** Authenticates it. */
  readonly tag: Bytes;
}

function body(generation: number): Bytes {
  return concatBytes(MAGIC, u64(generation));
}

/** The file for a generation. */
export async function encodeGeneration(generation: number, key: MacKey): Promise<Bytes> {
  const content = body(generation);
  return concatBytes(content, await key.tag(content));
}

/**
 * Reads the file.
 *
 * @throws {WireError} when it has another form
 */
export function parseGeneration(bytes: Uint8Array): Generation {
  const reader = new Reader("generation file", bytes);
  if (!equalBytes(reader.bytes("magic", MAGIC.length), MAGIC)) {
    throw new WireError("generation file.magic", "parley-generation", "something else");
  }
  const generation = reader.u64("generation");
  const tag = reader.bytes("tag", SHA256_BYTES);
  reader.end();
  return { generation, tag };
}

/** Whether the number is the profile's own. */
export function verifyGeneration({ generation, tag }: Generation, key: MacKey): Promise<boolean> {
  return key.verify(body(generation), tag);
}
