import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fromHex, utf8 } from "../../lib/crypto/bytes.ts";
import { FFDHE_3072 } from "../../lib/crypto/groups.ts";
import { sha256 } from "../../lib/crypto/hash.ts";
import { rfc6979Nonce } from "../../lib/crypto/rfc6979.ts";
import second from "../vectors/rfc6979.json" with { type: "json" };

const NOTHING = new Uint8Array();

// RFC 6979, appendix A.2: the lines "With SHA-256", of DSA.
const RFC = [
  {
    name: "A.2.1 (DSA, 1024 bits)",
    q: 0x996F967F6C8E388D9E28D01E205FBA957A5698B1n,
    x: 0x411602CB19A6CCC34494D79D98EF1E7ED5AF25F7n,
    sample: 0x519BA0546D0C39202A7D34D7DFA5E760B318BCFBn,
    test: 0x5A67592E8128E03A417B0484410FB72C0B630E1An,
  },
  {
    name: "A.2.2 (DSA, 2048 bits)",
    q: 0xF2C3119374CE76C9356990B465374A17F23F9ED35089BD969F61C6DDE9998C1Fn,
    x: 0x69C7548C21D0DFEA6B9A51C9EAD4E27C33D3B3F180316E5BCAB92C933F0E4DBCn,
    sample: 0x8926A27C40484216F052F4427CFD5647338B7B3939BC6573AF4333569D597C52n,
    test: 0x1D6CE6DDA1C5D37307839CD03AB0A5CBB18E60D800937D67DFB4479AAC8DEAD7n,
  },
];

for (const { name, q, x, ...nonces } of RFC) {
  Deno.test(`rfc6979Nonce() gives the k of RFC 6979, ${name}`, async () => {
    for (const [message, k] of Object.entries(nonces)) {
      assertEquals(rfc6979Nonce(q, x, await sha256(utf8(message)), NOTHING), k, message);
    }
  });
}

Deno.test("rfc6979Nonce() agrees with a second implementation, with additional data too", () => {
  let [ran, refusing, zeros] = [0, 0, 0];
  for (const { q, x, digest, additional, k, refused } of second.cases) {
    const nonce = rfc6979Nonce(BigInt(q), BigInt(x), fromHex(digest), fromHex(additional));
    assertEquals(nonce, BigInt(k), `q = ${q}`);
    ran++;
    if (refused.length > 0) refusing++;
    if (refused.includes("0x0")) zeros++;
  }
  // In some, a candidate was q or more; in two, one was 0.
  assertEquals([ran, refusing, zeros], [70, 21, 2]);
});

Deno.test("rfc6979Nonce() depends on key, digest and additional data, and on nothing else", async () => {
  const { q } = FFDHE_3072;
  const [one, two] = [await sha256(utf8("one")), await sha256(utf8("two"))];
  const base = rfc6979Nonce(q, 5n, one, NOTHING);
  assertEquals(rfc6979Nonce(q, 5n, one, NOTHING), base);
  assertNotEquals(rfc6979Nonce(q, 6n, one, NOTHING), base);
  assertNotEquals(rfc6979Nonce(q, 5n, two, NOTHING), base);
  assertNotEquals(rfc6979Nonce(q, 5n, one, Uint8Array.of(0)), base);
});

Deno.test("rfc6979Nonce() fills the whole width of q", async () => {
  const { q } = FFDHE_3072;
  let most = 0n;
  for (let i = 0; i < 32; i++) {
    const k = rfc6979Nonce(q, 1n, await sha256(Uint8Array.of(i)), NOTHING);
    assert(k >= 1n && k < q);
    if (k > most) most = k;
  }
  assert(most > q / 2n);
});
