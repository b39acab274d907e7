import { assertEquals, assertNotEquals } from "@std/assert";
import { DiffieHellmanKeyPair } from "../../../lib/crypto/diffie_hellman.ts";
import { GROUP } from "../../../lib/protocol/wire.ts";
import { canonical } from "./canonical.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const value = () => ({ name: "alice", bytes: Uint8Array.of(1, 2), list: [1n, null, undefined] });

Deno.test("canonical() is equal for equal values, in whatever order their members are", () => {
  const { name, bytes, list } = value();
  assertEquals(canonical(value()), canonical({ list, bytes, name }));
});

Deno.test("canonical() differs for different values", () => {
  const others = [
    { ...value(), name: "bob" },
    { ...value(), bytes: Uint8Array.of(1, 3) },
    { ...value(), bytes: [1, 2] },
    { ...value(), bytes: "x0102" },
    { ...value(), list: [1, null, undefined] },
    { ...value(), list: [1n, undefined, null] },
    { ...value(), list: [1n, null] },
    { ...value(), more: 0 },
  ];
  const texts = new Set([value(), ...others].map(canonical));
  assertEquals(texts.size, others.length + 1);
});

Deno.test("canonical() tells key pairs apart by their public halves", () => {
  const pair = (seed: string) => ({
    own: DiffieHellmanKeyPair.generate(GROUP, seededRandom(seed)),
  });
  assertEquals(canonical(pair("one")), canonical(pair("one")));
  assertNotEquals(canonical(pair("one")), canonical(pair("other")));
});
