/**
 * tests/vectors/transfer.json: a second implementation, in Python, of trees, proofs, offers and signals.
 */
import { assert, assertEquals } from "@std/assert";
import { type Bytes, fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { sha256Sync } from "../../lib/crypto/hash.ts";
import { frameKeys, frameLength, openFrame, sealFrame } from "../../lib/protocol/frame.ts";
import { encodeOffer, parseOffer } from "../../lib/protocol/offer.ts";
import { encodeSignal, parseSignal, type Signal } from "../../lib/protocol/signal.ts";
import { hashLeaf, verifyLeaf } from "../../lib/transfer/hash_tree.ts";
import vectors from "../vectors/transfer.json" with { type: "json" };
import { contentOf, leafOf, treeOf } from "./content.ts";

Deno.test("HashTree and verifyLeaf() agree with 11 trees of a second implementation, and every proof", async () => {
  let proofs = 0;
  for (const { bytes, root, proofs: paths } of vectors.trees) {
    const content = contentOf(bytes);
    const tree = await treeOf(content);
    assertEquals(toHex(tree.root), root, `${bytes} bytes`);
    for (const [index, path] of paths.entries()) {
      assertEquals(tree.proof(index).map(toHex), path);
      const hash = hashLeaf(leafOf(content, index));
      const head = { root: fromHex(root), bytes };
      assert(verifyLeaf(head, index, path.map(fromHex), hash));
      proofs++;
    }
  }
  assertEquals([vectors.trees.length, proofs], [11, 40]);
});

Deno.test("encodeOffer() and parseOffer() agree with 2 offers of a second implementation", () => {
  for (const { id, name, bytes, root, text } of vectors.offers) {
    const offer = { id: fromHex(id), name, bytes, root: fromHex(root) };
    assertEquals(encodeOffer(offer), text);
    assertEquals(parseOffer(text), offer);
  }
  assertEquals(vectors.offers.length, 2);
});

/** A signal of the file, with its byte strings as bytes. */
function signalOf(fields: Readonly<Record<string, unknown>>): Signal {
  const isBytes = (name: string) => ["id", "stream", "known", "key"].includes(name);
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    isBytes(name) ? fromHex(String(value)) : value,
  ]);
  return Object.fromEntries(entries) as Signal;
}

Deno.test("encodeSignal() and parseSignal() agree with 9 signals of a second implementation", () => {
  for (const { signal: fields, number, content } of vectors.signals) {
    const signal = signalOf(fields);
    assertEquals(encodeSignal(signal), { type: number, content: fromHex(content) });
    assertEquals(parseSignal(number, fromHex(content)), signal);
  }
  assertEquals(vectors.signals.length, 9);
});

Deno.test("frameKeys(), sealFrame() and openFrame() agree with 4 frames of a second implementation", async () => {
  const { frames, ...hex } = vectors.windows;
  const [id, key, sessionId, iv] = [hex.id, hex.key, hex.sessionId, hex.iv].map(fromHex) as Bytes[];
  for (const { bytes, root, from, until, place, label, length, hash } of frames) {
    const content = contentOf(bytes);
    const proof = (await treeOf(content)).proof(from + place);
    const leaf = { proof, data: leafOf(content, from + place) };
    const offer = { id: id!, bytes, root: fromHex(root) };
    const keys = frameKeys(sessionId!, offer, { key: key!, from, until });
    assertEquals(toHex(keys.label), label);
    const frame = await sealFrame(keys, place, leaf, () => iv!);
    assertEquals([frame.length, toHex(sha256Sync(frame))], [length, hash]);
    assertEquals(length, frameLength(leaf.data.length, proof.length));
    assertEquals(await openFrame(keys, { bytes: frame }, proof.length), leaf);
  }
  assertEquals(frames.length, 4);
});
