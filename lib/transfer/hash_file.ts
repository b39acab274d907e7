/**
 * Hashes the leaves of a file that is on a disk.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { hashLeaf, HashTree, leafCount } from "./hash_tree.ts";
import type { Disk, Source } from "./storage.ts";

/** Leaves that are hashed at the same time: WebCrypto has threads of its own, and the disk is read meanwhile. */
const PARALLEL = 4;

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
  const pending: Promise<void>[] = [];
  for (let index = 0; index < count && !cancelled?.(); index++) {
    const data = await file.read(index);
    pending.push(hashLeaf(data).then((hash) => hashes.set(hash, index * SHA256_BYTES)));
    if (pending.length >= PARALLEL) await pending.shift();
    progress?.(index + 1);
  }
  await Promise.all(pending);
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
