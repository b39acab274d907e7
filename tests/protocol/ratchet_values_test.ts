/**
 * The ratchet held to the test values of docs/PROTOCOL.md, section 11: two root steps, a chain step and an envelope.
 */
import { assertEquals } from "@std/assert";
import { type Bytes, concatBytes, fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { sha256 } from "../../lib/crypto/hash.ts";
import { boxKey } from "../../lib/crypto/secret_box.ts";
import { messageBoxKey, rootStep, stepChain } from "../../lib/protocol/chains.ts";
import { pad } from "../../lib/protocol/padding.ts";
import { type Ratchet, ratchetEncrypt } from "../../lib/protocol/ratchet.ts";
import { encodeAnnouncement, parseEnvelope } from "../../lib/protocol/wire.ts";

const fill = (byte: number, length: number) => new Uint8Array(length).fill(byte);

const announcementOf = (d: number, e: number, c: number): Bytes =>
  encodeAnnouncement({ share: fill(d, 384), kemKey: fill(e, 1184), kemCiphertext: fill(c, 1088) });

/** Step 1: chain 1 answers nobody. */
const FIRST = announcementOf(1, 2, 0);
const step1 = await rootStep(fill(0x0f, 32), fill(0, 416), FIRST);

Deno.test("rootStep() gives the published values of steps 1 and 2", async () => {
  assertEquals([toHex(step1.root), toHex(step1.chain)], [
    "ca1e61a517a3f8a37d5a809ad736976b472f8b1141b536ef4257bff80a76d420",
    "327c976b8fc444e01e7f8876f5428cad1f4a92e18566e1ebd533999996be4d47",
  ]);
  assertEquals(
    toHex(concatBytes(step1.header.cipher, step1.header.mac)),
    "d13f1387d3436e601eaa956cef17fd19ee69afb1ecd84ec06f945b5d7ae53256" +
      "b18976afa9eee9144e77a0d8499c82127f23192fae8704ffed9ba2e06d380cee",
  );
  const secret = concatBytes(fill(3, 384), fill(4, 32));
  const step2 = await rootStep(step1.root, secret, announcementOf(5, 6, 7));
  assertEquals([toHex(step2.root), toHex(step2.chain)], [
    "13818f59fe31cf530524e3f0ab956afe66025a8b48bed51ec83b78c6e6dfc0e0",
    "96b63a83705e7a861e19ae27c31537cd4317b03f96efc96e2e339e1b396897b8",
  ]);
  assertEquals(
    toHex(concatBytes(step2.header.cipher, step2.header.mac)),
    "edaaeef90d92b342b512a612ce9f43f4ab9fbd9bfbfc3da52b1e4034acdc809b" +
      "0cb72134349f5172192ba6677c4b15d1c0ceff215eeaf8aaa7c8492ae103bb49",
  );
});

Deno.test("stepChain() and messageBoxKey() give the published keys", () => {
  const chain = "c804aad50282f065a32399dea5375fdbf177917f07764afe71ec6806f9d22659";
  const { key, chain: after } = stepChain({ key: fromHex(chain), next: 0 });
  assertEquals([toHex(key), toHex(after.key), after.next], [
    "6cbb935cdb5a8f325575c1ff0620f81b7d7327aaa8f58ea738d95debc39a8b8b",
    "9a02ff823e7ecd507582729e266bcf5039564596b776c1adbd1b9972ff02c32b",
    1,
  ]);
  const { cipher, mac } = messageBoxKey(key);
  assertEquals(
    toHex(concatBytes(cipher, mac)),
    "ab0ab99eefeb72c6ae7fa9632de14d980628b562c363bb28725612a0881f2987" +
      "34593babf09db8fe57dac6b4d24d986c370df50ec09e964b25281de64945ce0a",
  );
});

Deno.test("ratchetEncrypt() seals the published envelope", async () => {
  const key = boxKey(fill(0x0a, 64));
  const sending = { key: step1.chain, next: 0, headerKey: key, announcement: FIRST };
  const ratchet = {
    sessionId: fill(0x0b, 32),
    turn: null,
    sending: { ...sending, previousLength: 0 },
  } as Partial<Ratchet> as Ratchet;
  // An empty bundle: number 0, received 0.
  const payload = pad(fill(0, 16));
  const ivs = [fill(8, 16), fill(9, 16)];
  const environment = { random: () => ivs.shift()!, kem: null as never };
  const { bytes } = await ratchetEncrypt(ratchet, payload, environment);
  assertEquals(bytes.length, 4049);
  assertEquals(
    toHex(parseEnvelope(bytes).tag),
    "509cf5b20694ed24ded5b033a79a67df6333041cf533e03ab278c34fcdbc2946",
  );
  assertEquals(
    toHex(await sha256(bytes)),
    "7436445742f0b9f9a58fc8cc0619bd6d65db4eba13015fcff3f14dfd7bca02c5",
  );
});
