/**
 * Files for tests: small ones, of many leaves all the same.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { hashLeaves } from "../../lib/transfer/hash_file.ts";
import { HashTree, leafCount, leafLength } from "../../lib/transfer/hash_tree.ts";

/** A file of this length whose leaves all differ. */
export function contentOf(bytes: number, seed = 0): Bytes {
  const content = new Uint8Array(bytes).fill(seed);
  for (let leaf = 0; leaf < leafCount(bytes); leaf++) content[leaf * LEAF_BYTES] = leaf + 1;
  return content;
}

/** One leaf of a file. */
export function leafOf(content: Uint8Array, index: number): Bytes {
  const start = index * LEAF_BYTES;
  return Uint8Array.from(content.subarray(start, start + leafLength(content.length, index)));
}

/** The tree over a file. */
export async function treeOf(content: Uint8Array): Promise<HashTree> {
  const leaves = leafCount(content.length);
  const read = (index: number) => Promise.resolve(leafOf(content, index));
  return HashTree.build(content.length, await hashLeaves({ read }, leaves, leaves));
}
