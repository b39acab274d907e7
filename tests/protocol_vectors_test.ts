/**
 * Holds lib/ to tests/vectors/protocol.json: both conversations, with every value in between, from their seeds.
 *
 * The file's values are computed a second time, from docs/PROTOCOL.md alone, by recompute_handshake.py.
 *
 * @module
 */
import { heavyTest } from "./helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../lib/crypto/bytes.ts";
import { verifyTranscript } from "../lib/protocol/transcript.ts";
import { makeVectors } from "../tools/vectors.ts";
import vectors from "./vectors/protocol.json" with { type: "json" };

heavyTest("verifyTranscript() takes the transcript of protocol.json", async () => {
  const { exporter, counts } = await verifyTranscript(utf8(vectors.conversations[0]!.transcript!));
  assertEquals([exporter, counts], ["high", { low: 5, high: 3 }]);
});

heavyTest("the conversations of protocol.json happen again, byte for byte", async () => {
  const made = await makeVectors();
  assertEquals(made.conversations.map(({ messages }) => messages.length), [11, 6]);
  // One text, compared as such: a difference in 270,000 characters is no help to anyone.
  const [text, recorded] = [made, vectors].map((value) => JSON.stringify(value));
  assert(text === recorded, "`deno task vectors` would write another protocol.json");
});
