import { assertEquals } from "@std/assert";
import { hkdfSync } from "node:crypto";
import { concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import {
  deriveKeys,
  type HandshakeTranscript,
  otherRole,
  type Secrets,
  sessionIdOf,
  type SessionKeys,
} from "../../lib/protocol/key_schedule.ts";
import { flipBit } from "../helpers/mutants.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

const TRANSCRIPT: HandshakeTranscript = {
  helloLow: utf8("hello of low"),
  helloHigh: utf8("hello of high"),
  shareLow: utf8("share of low"),
  shareHigh: utf8("share of high"),
};

const SECRETS: Secrets = {
  diffieHellman: new Uint8Array(384).fill(1),
  kemLow: new Uint8Array(32).fill(2),
  kemHigh: new Uint8Array(32).fill(3),
};

/** Every key in a session's, by name. */
function allKeys(keys: SessionKeys): Record<string, string> {
  const { confirmation, root, chainHigh, headers } = keys;
  return Object.fromEntries(
    Object.entries({
      lowCipher: confirmation.low.cipher,
      lowMac: confirmation.low.mac,
      highCipher: confirmation.high.cipher,
      highMac: confirmation.high.mac,
      root,
      chainHigh,
      ...Object.fromEntries(
        headers.flatMap(({ cipher, mac }, i) => [[`cipher${i}`, cipher], [`mac${i}`, mac]]),
      ),
    }).map(([name, key]) => [name, key.toHex()]),
  );
}

Deno.test("otherRole() is the other role", () => {
  assertEquals([otherRole("low"), otherRole("high")], ["high", "low"]);
});

Deno.test("deriveKeys() gives keys that are all different", async () => {
  const keys = allKeys(await deriveKeys(TRANSCRIPT, SECRETS));
  assertEquals(new Set(Object.values(keys)).size, 12);
  for (const key of Object.values(keys)) assertEquals(key.length, 64);
});

Deno.test("deriveKeys() makes every key from every secret and every message", async () => {
  const variants = [
    ...Object.entries(SECRETS).flatMap(([name, bytes]) =>
      [0, bytes.length - 1].map((at) =>
        [TRANSCRIPT, { ...SECRETS, [name]: flipBit(bytes, at) }] as const
      )
    ),
    ...Object.entries(TRANSCRIPT).flatMap(([name, bytes]) =>
      [0, bytes.length - 1].map((at) =>
        [{ ...TRANSCRIPT, [name]: flipBit(bytes, at) }, SECRETS] as const
      )
    ),
    [TRANSCRIPT, { ...SECRETS, kemLow: SECRETS.kemHigh, kemHigh: SECRETS.kemLow }] as const,
    [
      { ...TRANSCRIPT, helloLow: TRANSCRIPT.helloHigh, helloHigh: TRANSCRIPT.helloLow },
      SECRETS,
    ] as const,
    [
      { ...TRANSCRIPT, shareLow: TRANSCRIPT.shareHigh, shareHigh: TRANSCRIPT.shareLow },
      SECRETS,
    ] as const,
  ];
  const seen = Object.values(allKeys(await deriveKeys(TRANSCRIPT, SECRETS)));
  for (const [transcript, secrets] of variants) {
    seen.push(...Object.values(allKeys(await deriveKeys(transcript, secrets))));
  }
  assertEquals(new Set(seen).size, 12 * (variants.length + 1));
});

Deno.test("sessionIdOf() keeps the fields apart, wherever one ends and the next begins", async () => {
  const id = await sessionIdOf(TRANSCRIPT);
  const { helloLow, helloHigh } = TRANSCRIPT;
  const moved = await sessionIdOf({
    ...TRANSCRIPT,
    helloLow: concatBytes(helloLow, helloHigh.slice(0, 1)),
    helloHigh: helloHigh.slice(1),
  });
  assertEquals(id.length, 32);
  assertEquals(new Set([id.toHex(), moved.toHex()]).size, 2);
  assertEquals((await deriveKeys(TRANSCRIPT, SECRETS)).sessionId, id);
});

Deno.test("deriveKeys() is HKDF over all secrets, salted with the session's id", async () => {
  const { helloLow, helloHigh, shareLow, shareHigh } = TRANSCRIPT;
  const label = utf8("parley-1 transcript");
  const sessionId = taggedByHand(label, helloLow, helloHigh, shareLow, shareHigh);
  const secret = concatBytes(SECRETS.diffieHellman, SECRETS.kemLow, SECRETS.kemHigh);
  const derive = (label: string, length: number) =>
    new Uint8Array(hkdfSync("sha256", secret, sessionId, `parley-1 ${label}`, length)).toHex();
  const keys = await deriveKeys(TRANSCRIPT, SECRETS);
  assertEquals(keys.sessionId, sessionId);
  const { lowCipher, lowMac, highCipher, highMac, root, chainHigh } = allKeys(keys);
  assertEquals(lowCipher! + lowMac, derive("confirmation low", 64));
  assertEquals(highCipher! + highMac, derive("confirmation high", 64));
  assertEquals(root, derive("root", 32));
  assertEquals(chainHigh, derive("chain high", 32));
  const labels = ["header high", "header low", "next header high"];
  assertEquals(
    keys.headers.map(({ cipher, mac }) => cipher.toHex() + mac.toHex()),
    labels.map((label) => derive(label, 64)),
  );
});
