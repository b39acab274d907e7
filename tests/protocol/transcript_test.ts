import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import type { HandshakeTranscript } from "../../lib/protocol/key_schedule.ts";
import {
  TranscriptError,
  verifyTranscript,
  writeTranscript,
} from "../../lib/protocol/transcript.ts";
import { FakeRelay } from "../conversation/fake_relay.ts";
import { identityOf, SMALL_GROUP } from "../helpers/session_pair.ts";
import { flipBit } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { recordedHandshake, secureFacts } from "./recording.ts";

/** A short conversation, exported by one of the two, with their goodbyes. */
async function exported(): Promise<string> {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  a.conversation.say("one", "two", "三");
  await b.view.until("message", 3);
  b.conversation.say("four");
  await a.view.until("message");
  for (const { conversation } of [a, b]) conversation.finish();
  for (const { conversation } of [a, b]) await conversation.until(() => conversation.settled);
  return (await a.conversation.exportTranscripts())[0]!.text;
}

const transcript = await exported();
const lines = transcript.trimEnd().split("\n");

/** The line that verifyTranscript() names. */
async function faultOf(bytes: Uint8Array): Promise<number> {
  const error = await assertRejects(() => verifyTranscript(bytes, SMALL_GROUP));
  assertInstanceOf(error, TranscriptError);
  assertEquals([error.code, error.exitCode], ["bad-transcript", 3]);
  return error.line;
}

const faultOfLines = (changed: string[]) =>
  faultOf(utf8(changed.map((line) => `${line}\n`).join("")));

Deno.test("verifyTranscript() accepts what writeTranscript() wrote", async () => {
  const { counts } = await verifyTranscript(utf8(transcript), SMALL_GROUP);
  assertEquals([counts.low, counts.high].sort(), [2, 4]);
  assertEquals(lines.length, 1 + 6 + 1);
});

Deno.test("verifyTranscript() takes no other group than the suite's, unless a test names it", async () => {
  const error = await assertRejects(() => verifyTranscript(utf8(transcript)), TranscriptError);
  assertEquals(error.line, 1);
});

Deno.test("verifyTranscript() refuses a session in which both sides asked for no signatures", async () => {
  for (
    const [deniable, line] of [[[true, true], 1], [[true, false], null], [
      [false, true],
      null,
    ]] as const
  ) {
    const relay = new FakeRelay();
    const [a, b] = (["alice", "bob"] as const).map((name, i) =>
      relay.join(name, { handshake: { deniable: deniable[i]! } })
    );
    await Promise.all([a!.view.until("secure"), b!.view.until("secure")]);
    const { transcript: handshake, role } = a!.view.all("secure")[0]!.facts;
    const names = { low: "alice", high: "bob" };
    const identity = identityOf("alice", SMALL_GROUP);
    const content = { handshake, exporter: role, names, entries: [] };
    const text = await writeTranscript(content, identity, seededRandom("export"));
    if (line !== null) assertEquals(await faultOf(utf8(text)), line);
    else await verifyTranscript(utf8(text), SMALL_GROUP);
  }
});

Deno.test("verifyTranscript() names the last line where that has no end", async () => {
  assertEquals(await faultOf(utf8(transcript.trimEnd())), lines.length);
});

Deno.test("verifyTranscript() names the line in which any one byte was changed", async () => {
  const bytes = utf8(transcript);
  const random = seededRandom("flips");
  const ends = lines.map((_, i) => utf8(lines.slice(0, i + 1).join("\n")).length + 1);
  for (const [i, end] of ends.entries()) {
    const start = i === 0 ? 0 : ends[i - 1]!;
    for (let n = 0; n < 2; n++) {
      const at = start + Number(BigInt("0x" + random(4).toHex()) % BigInt(end - start));
      const changed = bytes.slice();
      changed[at]! ^= 1 << (random(1)[0]! & 7);
      const fault = await faultOf(changed);
      // A line's end that is gone, or new, is seen in the line itself or in the one that moved.
      const isEnd = at === end - 1 || changed[at] === 0x0a;
      assert(fault === i + 1 || isEnd && fault <= i + 2, `byte ${at} of line ${i + 1}: ${fault}`);
    }
  }
});

Deno.test("verifyTranscript() names the line in which any one byte was added or removed", async () => {
  const bytes = utf8(transcript);
  const random = seededRandom("edits");
  for (let n = 0; n < 6; n++) {
    const at = Number(BigInt("0x" + random(4).toHex()) % BigInt(bytes.length - 1));
    if (bytes[at] === 0x0a) continue;
    const line = new TextDecoder().decode(bytes.subarray(0, at)).split("\n").length;
    const removed = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
    assertEquals(await faultOf(removed), line);
    const added = Uint8Array.from([...bytes.subarray(0, at), 0x20, ...bytes.subarray(at)]);
    const fault = await faultOf(added);
    assert(fault === line || at > 0 && bytes[at - 1] === 0x0a && fault === line, `byte ${at}`);
  }
});

Deno.test("verifyTranscript() names the first line out of order", async () => {
  for (let i = 1; i < lines.length - 1; i++) {
    for (let j = i + 1; j < Math.min(i + 3, lines.length - 1); j++) {
      const swapped = [...lines];
      [swapped[i], swapped[j]] = [swapped[j]!, swapped[i]!];
      assertEquals(await faultOfLines(swapped), i + 1);
    }
  }
});

Deno.test("verifyTranscript() names the first line after one that is missing or repeated", async () => {
  for (let i = 1; i < lines.length - 1; i++) {
    assertEquals(await faultOfLines(lines.toSpliced(i, 1)), i + 1);
    assertEquals(await faultOfLines(lines.toSpliced(i, 0, lines[i]!)), i + 2);
  }
  assertEquals(await faultOfLines(lines.slice(1)), 1);
  assertEquals(await faultOfLines(lines.slice(0, -1)), lines.length - 1);
});

/** Statements with line numbers that fit again, as a forger would leave them. */
function renumbered(changed: string[]): string[] {
  return changed.map((line, i) => {
    const fields = JSON.parse(line);
    if (fields.line === undefined) {
      if (fields.statements === undefined) return line;
      return JSON.stringify({ ...fields, statements: changed.length - 2 });
    }
    return JSON.stringify({ ...fields, line: i + 1 });
  });
}

Deno.test("verifyTranscript() sees an omission that was renumbered, in the chain or in the seal", async () => {
  for (let i = 1; i < lines.length - 1; i++) {
    const fault = await faultOfLines(renumbered(lines.toSpliced(i, 1)));
    assert(fault >= i + 1 && fault <= lines.length - 1, `${i}: ${fault}`);
  }
});

Deno.test("verifyTranscript() refuses a statement whose signature was taken away", async () => {
  const at = lines.findLastIndex((line) => line.includes('"kind":"end"'));
  const fields = JSON.parse(lines[at]!);
  const stripped = lines.toSpliced(at, 1, JSON.stringify({ ...fields, signature: null }));
  assertEquals(await faultOfLines(stripped), at + 1);
});

Deno.test("verifyTranscript() refuses a statement attributed to the other side", async () => {
  for (let i = 1; i < lines.length - 1; i++) {
    const fields = JSON.parse(lines[i]!);
    const sender = fields.sender === "low" ? "high" : "low";
    const changed = lines.toSpliced(i, 1, JSON.stringify({ ...fields, sender }));
    assertEquals(await faultOfLines(changed), i + 1);
  }
});

Deno.test("verifyTranscript() refuses a handshake that one of the two did not sign", async () => {
  // The exporter seals whatever he likes: that somebody took part shows in that one's own signature only.
  const { alice } = await recordedHandshake("transcript", {}, SMALL_GROUP);
  const { transcript: handshake, role: exporter } = secureFacts(alice.secure.effects);
  const names = { low: "", high: "" };
  const write = (changed: HandshakeTranscript) =>
    writeTranscript(
      { handshake: changed, exporter, names, entries: [] },
      identityOf("alice", SMALL_GROUP),
      seededRandom("exporter"),
    );
  await verifyTranscript(utf8(await write(handshake)), SMALL_GROUP);
  for (const share of ["shareLow", "shareHigh"] as const) {
    for (const at of [9, 393, 777, handshake[share].length - 1]) {
      const forged = { ...handshake, [share]: flipBit(handshake[share], at) };
      assertEquals(await faultOf(utf8(await write(forged))), 1);
    }
  }
});

Deno.test("verifyTranscript() refuses a seal that counts other than there are", async () => {
  const last = lines.length - 1;
  const fields = JSON.parse(lines[last]!);
  for (
    const statements of [
      fields.statements - 1,
      fields.statements + 1,
      String(fields.statements),
    ]
  ) {
    const changed = lines.toSpliced(last, 1, JSON.stringify({ ...fields, statements }));
    assertEquals(await faultOfLines(changed), last + 1);
  }
});

Deno.test("verifyTranscript() refuses what is no transcript at all", async () => {
  const random = seededRandom("garbage");
  for (let n = 0; n < 200; n++) await faultOf(random(random(1)[0]!));
  for (
    const text of ["", "\n", "{}\n", "{}\n{}\n", "null\nnull\n", "[]\n1\n", '{"parley":1}\n{}\n']
  ) {
    await faultOf(utf8(text));
  }
});
