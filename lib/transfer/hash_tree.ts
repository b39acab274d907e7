/**
 * The hash tree over a file: one hash, the root, names all of its content, and each leaf proves by a few hashes
 * that it belongs to it. So a receiver checks 128 KiB before they reach the disk, not 2 GiB after.
 *
 * Its shape is that of RFC 6962, 2.1: to the left of each node stand the largest power of two of leaves that is smaller
 * than all below it. That is the same tree as pairing neighbours level by level and lifting up a last one that has none.
 *
 * @module
 */
import { type Bytes, copyBytes, equalBytes } from "../crypto/bytes.ts";
import { SHA256_BYTES, taggedHashSync } from "../crypto/hash.ts";
import { u64 } from "../protocol/codec.ts";
import { LEAF_BYTES } from "../protocol/constants.ts";

/** Of which file a leaf is to be. */
export interface TreeHead {
  /** Length of the file. */
  readonly bytes: number;
  /** Root of its tree. */
  readonly root: Uint8Array;
}

/** How many leaves a file of this length has. */
export function leafCount(bytes: number): number {
  return Math.ceil(bytes / LEAF_BYTES);
}

/** How long leaf `index` of a file is: the last one takes what is left. */
export function leafLength(bytes: number, index: number): number {
  return Math.min(LEAF_BYTES, bytes - index * LEAF_BYTES);
}

/** The hash of one leaf's data. 32 bytes. */
export function hashLeaf(data: Uint8Array): Bytes {
  return taggedHashSync("parley-1 file leaf", data);
}

function hashNode(left: Uint8Array, right: Uint8Array): Bytes {
  return taggedHashSync("parley-1 file node", left, right);
}

/** The root covers the length, too, so that no tree of one length is one of another. */
function hashRoot(bytes: number, top: Uint8Array): Bytes {
  return taggedHashSync("parley-1 file", u64(bytes), top);
}

/** The tree of one file, all hashes in one buffer: 64 bytes for each leaf. */
export class HashTree {
  /** The root. */
  readonly root: Bytes;
  readonly #nodes: Uint8Array;
  /** Where each level begins, in hashes, lowest first; behind the last one the end. */
  readonly #levels: readonly number[];

  private constructor(root: Bytes, nodes: Uint8Array, levels: readonly number[]) {
    this.root = root;
    this.#nodes = nodes;
    this.#levels = levels;
  }

  /**
   * Builds the tree of a file.
   *
   * @param leaves the hashes of its leaves, joined
   * @throws {RangeError} when there are more or fewer leaves than such a file has
   */
  static build(bytes: number, leaves: Uint8Array): HashTree {
    if (leaves.length !== leafCount(bytes) * SHA256_BYTES) {
      throw new RangeError(
        `Cannot build the tree of ${bytes} bytes over ${leaves.length} of hashes`,
      );
    }
    const levels = levelsOf(leafCount(bytes));
    const nodes = new Uint8Array(levels.at(-1)! * SHA256_BYTES);
    nodes.set(leaves);
    for (let level = 1; level < levels.length - 1; level++) {
      buildLevel(nodes, levels[level - 1]!, levels[level]!, levels[level + 1]!);
    }
    const top = leaves.length === 0 ? hashLeaf(new Uint8Array()) : nodes.subarray(-SHA256_BYTES);
    return new HashTree(hashRoot(bytes, top), nodes, levels);
  }

  /** The hash of leaf `index`. */
  leaf(index: number): Bytes {
    return copyBytes(hashAt(this.#nodes, index));
  }

  /** The hashes beside the way from leaf `index` up to the top, lowest first. */
  proof(index: number): Bytes[] {
    const proof: Bytes[] = [];
    for (let level = 0, at = index; level < this.#levels.length - 2; level++, at >>= 1) {
      const [start, end] = [this.#levels[level]!, this.#levels[level + 1]!];
      const sibling = start + (at ^ 1);
      if (sibling < end) proof.push(copyBytes(hashAt(this.#nodes, sibling)));
    }
    return proof;
  }
}

/** Where the levels of a tree with so many leaves begin, in hashes, and where the last one ends. */
function levelsOf(leaves: number): number[] {
  const levels = [0];
  for (let width = leaves, start = 0; width > 0; width = width === 1 ? 0 : width + 1 >> 1) {
    levels.push(start += width);
  }
  return levels;
}

/** Computes the level that begins at `start` from the one below it. */
function buildLevel(nodes: Uint8Array, below: number, start: number, end: number) {
  for (let i = 0; i < end - start; i++) {
    const left = below + 2 * i;
    const node = left + 1 < start
      ? hashNode(hashAt(nodes, left), hashAt(nodes, left + 1))
      : hashAt(nodes, left);
    nodes.set(node, (start + i) * SHA256_BYTES);
  }
}

function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
}

/** A leaf that was verified, with what its proof has shown of the tree: all by level, lowest first. */
export interface VerifiedLeaf {
  /** Which leaf. */
  readonly index: number;
  /** The hashes on the path from the leaf to the top, both included. */
  readonly path: readonly Uint8Array[];
  /** The hashes beside the path; `null` where there is none. */
  readonly beside: readonly (Uint8Array | null)[];
}

/**
 * Verifies that a leaf is the one that a file has at this place, by the hash of its data, which must have the length
 * that {@link leafLength} gives. The proof must have exactly the hashes that the place demands.
 *
 * @param before a leaf of the same file that was verified: what both proofs show is compared, and not hashed again
 * @returns `null` when it is not
 */
export function verifyLeaf(
  { bytes, root }: TreeHead,
  index: number,
  proof: readonly Uint8Array[],
  leaf: Uint8Array,
  before: VerifiedLeaf | null = null,
): VerifiedLeaf | null {
  const leaves = leafCount(bytes);
  if (index < 0 || index >= leaves || proof.length !== proofLength(leaves, index)) return null;
  const [path, beside]: [Uint8Array[], (Uint8Array | null)[]] = [[leaf], []];
  let used = 0;
  let node = leaf;
  for (let level = 0, width = leaves; width > 1; level++, width = width + 1 >> 1) {
    const at = index >> level;
    const sibling = (at ^ 1) < width ? proof[used++]! : null;
    const known = before !== null && before.index >> level + 1 === at >> 1;
    if (known) {
      const pair = [before.path[level]!, before.beside[level]!];
      const isOther = before.index >> level !== at;
      const [own, other] = isOther ? pair.reverse() : pair;
      if (!isSame(node, own!) || !isSame(sibling, other!)) return null;
      node = before.path[level + 1]!;
    } else if (sibling !== null) {
      node = at % 2 === 0 ? hashNode(node, sibling) : hashNode(sibling, node);
    }
    path.push(node);
    beside.push(sibling);
  }
  const isTop = before === null
    ? equalBytes(hashRoot(bytes, node), root)
    : equalBytes(node, before.path.at(-1)!);
  return isTop ? { index, path, beside } : null;
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}

/** How many hashes the proof of leaf `index` has, in a file of so many. */
export function proofLength(leaves: number, index: number): number {
  let length = 0;
  for (let at = index, width = leaves; width > 1; at >>= 1, width = width + 1 >> 1) {
    if ((at ^ 1) < width) length++;
  }
  return length;
}

/**
 * How many of the leaves before `index` are the file's, as the proof of leaf `index` shows: the hashes in it that
 * stand to the left are those of whole trees over all that is before. So one proof judges a partial file.
 *
 * @param leaves hashes of at least the leaves before `index`, joined
 * @param leafTotal how many leaves the file has
 * @param proof a proof that {@link verifyLeaf} has taken for `index`
 * @returns `index`, or where the first of these trees begins that differs
 */
export function verifiedPrefix(
  leaves: Uint8Array,
  leafTotal: number,
  index: number,
  proof: readonly Uint8Array[],
): number {
  const left: { from: number; to: number; hash: Uint8Array }[] = [];
  let used = 0;
  for (let at = index, width = leafTotal, unit = 1; width > 1; unit *= 2) {
    if ((at ^ 1) < width) {
      const hash = proof[used++]!;
      if (at % 2 === 1) left.push({ from: (at - 1) * unit, to: at * unit, hash });
    }
    at >>= 1;
    width = width + 1 >> 1;
  }
  for (const { from, to, hash } of left.reverse()) {
    if (!equalBytes(hashRange(leaves, from, to), hash)) return from;
  }
  return index;
}

/** The hash of the tree over the leaves from `from` up to but not including `to`: a power of two of them. */
function hashRange(leaves: Uint8Array, from: number, to: number): Uint8Array {
  if (to - from === 1) return hashAt(leaves, from);
  const middle = (from + to) / 2;
  return hashNode(hashRange(leaves, from, middle), hashRange(leaves, middle, to));
}
