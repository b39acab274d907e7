import { createHash } from "node:crypto";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";

/** docs/PROTOCOL.md's hash of a list, a second time: SHA-256 by node:crypto over every part behind its length. */
export function taggedByHand(...parts: readonly Uint8Array[]): Bytes {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(i2osp(BigInt(part.length), 4)).update(part);
  return Uint8Array.from(hash.digest());
}
