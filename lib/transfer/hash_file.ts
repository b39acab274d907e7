/**
 * Hashes the leaves of a file that is on a disk.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { hashLeaf, HashTree, leafCount } from "./hash_tree.ts";
import type { Disk, Source } from "./storage.ts";

/** How to hash. */
export interface HashingOptions {
  /** Called with how many leaves are done. The event loop turns between two of them. */
  readonly progress?: (leaves: number) => void;
  /** Whether to stop: the hashes of the rest are zeros. */
  readonly cancelled?: () => boolean;
}

/** The hashes of the first `count` leaves, joined, with room for those of `total`. */
export async function hashLeaves(
  file: Pick<Source, "read">,
  count: number,
  total: number,
  { progress, cancelled }: HashingOptions = {},
): Promise<Bytes> {
  const hashes = new Uint8Array(total * SHA256_BYTES);
  if (count === 0) return hashes;
  let reading = file.read(0);
  for (let index = 0; index < count && !cancelled?.(); index++) {
    const data = await reading;
    // The next one is read while this one is hashed.
    if (index + 1 < count) {
      reading = file.read(index + 1);
      reading.catch(() => {});
    }
    hashes.set(hashLeaf(data), index * SHA256_BYTES);
    progress?.(index + 1);
  }
  return hashes;
}

/** The tree over a file as it is now. */
export async function hashSource(source: Source, options?: HashingOptions): Promise<HashTree> {
  const leaves = leafCount(source.bytes);
  return await HashTree.build(source.bytes, await hashLeaves(source, leaves, leaves, options));
}

/** A file that is open and hashed. */
export interface HashedFile {
  /** The file. */
  readonly source: Source;
  /** Its stamp before it was hashed. */
  readonly stamp: string;
  /** Its tree. */
  readonly tree: HashTree;
}

/**
 * Opens a file and hashes it; `null` when its length does not fit.
 *
 * @throws {TransferError} `cannot-read`, or what `fits` throws
 */
export async function openHashed(
  disk: Disk,
  path: string,
  fits: (bytes: number) => boolean,
  options: HashingOptions,
): Promise<HashedFile | null> {
  const source = await disk.open(path);
  try {
    if (fits(source.bytes)) {
      const stamp = await source.stamp();
      return { source, stamp, tree: await hashSource(source, options) };
    }
  } catch (error) {
    source.close();
    throw error;
  }
  source.close();
  return null;
}
