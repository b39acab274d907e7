/**
 * The ratchet held to the test values of docs/PROTOCOL.md, section 11: two root steps and one envelope.
 */
import { assertEquals } from "@std/assert";
import { type Bytes, concatBytes, toHex } from "../../lib/crypto/bytes.ts";
import { sha256 } from "../../lib/crypto/hash.ts";
import { boxKey } from "../../lib/crypto/secret_box.ts";
import { rootStep } from "../../lib/protocol/chains.ts";
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
  assertEquals(toHex(step1.header.cipher.subarray(0, 16)), "d13f1387d3436e601eaa956cef17fd19");
  const secret = concatBytes(fill(3, 384), fill(4, 32));
  const step2 = await rootStep(step1.root, secret, announcementOf(5, 6, 7));
  assertEquals(
    toHex(step2.root),
    "13818f59fe31cf530524e3f0ab956afe66025a8b48bed51ec83b78c6e6dfc0e0",
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
