import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import {
  hashLeaf,
  HashTree,
  leafCount,
  leafLength,
  type VerifiedLeaf,
  verifiedPrefix,
  verifyLeaf,
} from "../../lib/transfer/hash_tree.ts";
import { flipBit } from "../helpers/mutants.ts";

/** docs/PROTOCOL.md's tagged hash, a second time and over node:crypto. */
function tagged(label: string, ...fields: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of [utf8(label), ...fields]) {
    hash.update(i2osp(BigInt(part.length), 4)).update(part);
  }
  return Uint8Array.from(hash.digest());
}

/** RFC 6962, 2.1, as it is written there. */
function topOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  const k = splitOf(leaves.length);
  return tagged("parley-1 file node", topOf(leaves.slice(0, k)), topOf(leaves.slice(k)));
}

/** RFC 6962, 2.1.1, as it is written there. */
function pathOf(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), topOf(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), topOf(leaves.slice(0, k))];
}

function splitOf(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** The hashes of so many leaves. None of them has to be hashed from data here. */
function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => tagged("leaf", Uint8Array.of(i)));
}

/** A length with so many leaves: the last one has one byte. */
function bytesOf(count: number): number {
  return count === 0 ? 0 : (count - 1) * LEAF_BYTES + 1;
}

/** Every shape of a small tree, and what is around the powers of two above it. */
const COUNTS = [...Array.from({ length: 18 }, (_, i) => i), 31, 32, 33, 47, 64, 65, 70];

heavyTest("HashTree.build() is the tree of RFC 6962 under our labels", () => {
  for (const count of COUNTS) {
    const leaves = leavesOf(count);
    const tree = HashTree.build(bytesOf(count), concatBytes(...leaves));
    const top = count === 0 ? tagged("parley-1 file leaf", new Uint8Array()) : topOf(leaves);
    assertEquals(tree.root, tagged("parley-1 file", i2osp(BigInt(bytesOf(count)), 8), top));
    for (let i = 0; i < count; i++) {
      assertEquals(tree.leaf(i), leaves[i]!);
      assertEquals(tree.proof(i), pathOf(i, leaves), `leaf ${i} of ${count}`);
    }
  }
});

Deno.test("hashLeaf() is the hash that docs/PROTOCOL.md gives", () => {
  assertEquals(hashLeaf(utf8("data")), tagged("parley-1 file leaf", utf8("data")));
});

Deno.test("leafCount() and leafLength() share a file out", () => {
  assertEquals([0, 1, LEAF_BYTES, LEAF_BYTES + 1].map(leafCount), [0, 1, 1, 2]);
  assertEquals(leafLength(LEAF_BYTES + 1, 0), LEAF_BYTES);
  assertEquals(leafLength(LEAF_BYTES + 1, 1), 1);
  assertEquals(leafLength(2 * LEAF_BYTES, 1), LEAF_BYTES);
});

Deno.test("HashTree.build() takes as many leaves as the file has", () => {
  for (const count of [0, 1, 3]) {
    const leaves = concatBytes(...leavesOf(count));
    assertThrows(() => HashTree.build(bytesOf(2), leaves), RangeError);
  }
});

heavyTest("verifyLeaf() takes each leaf in its place, and nothing else", () => {
  let refused = 0;
  for (const count of COUNTS) {
    const bytes = bytesOf(count);
    const leaves = leavesOf(count);
    const { root } = HashTree.build(bytes, concatBytes(...leaves));
    let before: VerifiedLeaf | null = null;
    const isTaken = (
      index: number,
      proof: Uint8Array[],
      leaf: Uint8Array,
      head = { bytes, root },
    ) => verifyLeaf(head, index, proof, leaf, head.root === root ? before : null) !== null;
    for (let i = 0; i < count; i++) {
      const [leaf, proof] = [leaves[i]!, pathOf(i, leaves)];
      // The leaf before, some other one, or none.
      const other: number = i % 3 === 0 ? i - 1 : i * 7 % count;
      const known = i % 5 === 1 || other < 0 ? null : pathOf(other, leaves);
      before = known && verifyLeaf({ bytes, root }, other, known, leaves[other]!);
      assert(isTaken(i, proof, leaf), `leaf ${i} of ${count}`);
      // Of the larger trees some leaves, and the last ones, whose way up is another.
      if (count > 9 && i % 7 !== 0 && i < count - 2) continue;
      const others: [what: string, taken: boolean][] = [
        ["another leaf", isTaken(i, proof, flipBit(leaf, 31))],
        ["another root", isTaken(i, proof, leaf, { bytes, root: flipBit(root, 0) })],
        ["a shorter proof", proof.length > 0 && isTaken(i, proof.slice(0, -1), leaf)],
        ["a longer proof", isTaken(i, [...proof, leaf], leaf)],
        ["no place", isTaken(count, proof, leaf)],
        ["a place before the first", isTaken(-1, proof, leaf)],
        ["another length", isTaken(i, proof, leaf, { bytes: bytes + 1, root: root.slice() })],
      ];
      for (let j = 0; j < proof.length; j++) {
        const other = proof.with(j, flipBit(proof[j]!, j));
        others.push([`another hash at ${j}`, isTaken(i, other, leaf)]);
      }
      for (const j of [i - 1, i + 1, i ^ 2, 0]) {
        if (j !== i) others.push([`place ${j}`, isTaken(j, proof, leaf)]);
      }
      for (const [what, taken] of others) assert(!taken, `${what}, leaf ${i} of ${count}`);
      refused += others.length;
    }
  }
  assert(refused > 1000, `${refused} refused`);
});

Deno.test("a node is no leaf: a tree can't be cut short", () => {
  const leaves = leavesOf(4);
  const { root } = HashTree.build(bytesOf(4), concatBytes(...leaves));
  const node = tagged("parley-1 file node", leaves[0]!, leaves[1]!);
  assert(!verifyLeaf({ bytes: bytesOf(2), root }, 0, [pathOf(0, leaves)[1]!], node));
});

heavyTest("verifiedPrefix() finds damage before a leaf, from that leaf's proof", () => {
  for (const count of [1, 2, 3, 5, 8, 13, 33]) {
    const leaves = leavesOf(count);
    for (let i = 0; i < count; i++) {
      const proof = pathOf(i, leaves);
      const prefix = (hashes: readonly Uint8Array[]) =>
        verifiedPrefix(concatBytes(...hashes), count, i, proof);
      assertEquals(prefix(leaves.slice(0, i)), i);
      for (let damaged = 0; damaged < i; damaged++) {
        const found = prefix(
          leaves.slice(0, i).with(damaged, flipBit(leaves[damaged]!, 3)),
        );
        assert(found <= damaged, `${found} for ${damaged} before ${i} of ${count}`);
        // As much as a power of two of leaves may be good and go with the bad one.
        assert(found === 0 || found > damaged - i / 2, `${found} for ${damaged} before ${i}`);
      }
      const first = prefix(leaves.slice(0, i).map((leaf) => flipBit(leaf, 5)));
      assertEquals(first, 0, `all before ${i} of ${count}`);
    }
  }
});
