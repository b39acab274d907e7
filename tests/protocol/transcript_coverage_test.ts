/** What can be exported of an unfinished conversation: nothing that a signature of its sender does not cover yet. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import {
  coveredEntries,
  type TranscriptEntry,
  verifyTranscript,
  writeTranscript,
} from "../../lib/protocol/transcript.ts";
import { identityOf, type Name, NAMES, SessionPair, SMALL_GROUP } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { secureFacts } from "./recording.ts";

/** A statement as far as coverage is about it, written as `sender sequence<seen`, with `*` where it is signed. */
function entryOf(text: string): TranscriptEntry {
  const [, sender, sequence, seen, star] = text.match(/^(low|high) (\d)<(\d)(\*?)$/)!;
  return {
    sender: sender as Role,
    statement: {
      sequence: Number(sequence),
      seen: Number(seen),
      time: 0,
      kind: "text",
      body: utf8(text),
      previous: new Uint8Array(32),
      signature: star === "" ? null : new Uint8Array(768),
    },
  };
}

/** What is left of such statements. */
function covered(...texts: string[]): string[] {
  return coveredEntries(texts.map(entryOf)).map(({ statement: { body } }) =>
    new TextDecoder().decode(body)
  );
}

Deno.test("coveredEntries() keeps all that a signature covers, in order", () => {
  assertEquals(covered(), []);
  const all = ["low 0<0", "high 0<1*", "low 1<0", "low 2<1*", "high 1<3", "high 2<3*"];
  assertEquals(covered(...all), all);
});

Deno.test("coveredEntries() leaves out the unsigned end of each side", () => {
  assertEquals(covered("low 0<0"), []);
  assertEquals(
    covered("low 0<0*", "high 0<1*", "low 1<1", "high 1<1", "low 2<1"),
    ["low 0<0*", "high 0<1*"],
  );
});

Deno.test("coveredEntries() leaves out a signed statement that answers an unsigned one, and all behind it", () => {
  assertEquals(covered("low 0<0", "high 0<1*"), []);
  assertEquals(
    covered("low 0<0*", "high 0<1*", "low 1<1", "high 1<2*", "high 2<2*"),
    ["low 0<0*", "high 0<1*"],
  );
  // Its signature came: now both can be proved.
  const all = ["low 0<0", "high 0<1*", "low 1<1*"];
  assertEquals(covered(...all), all);
});

Deno.test("coveredEntries() leaves out what lost its signature, or its question, by that", () => {
  // High's second would have covered its first, had it not answered low's.
  assertEquals(covered("low 0<0", "high 0<0", "high 1<1*"), []);
  // High's second answers low's unsigned second, and goes; so high's first loses its signature, and low's first,
  // which is signed, its question.
  assertEquals(covered("high 0<0", "low 0<1*", "low 1<1", "high 1<2*"), []);
});

/** What `name` was shown and said, as its client would record it. */
function entriesOf(world: SessionPair, name: Name): TranscriptEntry[] {
  const { role } = secureFacts(world.effects[name]);
  return world.effects[name].flatMap((effect): TranscriptEntry[] => {
    if (effect.type === "said") return [{ sender: role, statement: effect.statement }];
    if (effect.type !== "message" && effect.type !== "peer-finished") return [];
    return [{ sender: otherRole(role), statement: effect.statement }];
  });
}

/** How many statements the transcript has that `name` writes now, and the verifier takes. */
async function exported(world: SessionPair, name: Name): Promise<number> {
  const { transcript: handshake, role: exporter } = secureFacts(world.effects[name]);
  const text = await writeTranscript(
    { handshake, exporter, names: { low: "", high: "" }, entries: entriesOf(world, name) },
    identityOf(name, SMALL_GROUP),
    seededRandom("exporter"),
  );
  const { counts } = await verifyTranscript(utf8(text), SMALL_GROUP);
  return counts.low + counts.high;
}

Deno.test("writeTranscript() writes what verifyTranscript() takes at every moment of a conversation", async () => {
  const world = SessionPair.of({}, "coverage", SMALL_GROUP);
  await world.meet();
  const counts: number[][] = [];
  const look = async () =>
    counts.push(await Promise.all(NAMES.map((name) => exported(world, name))));
  await look();
  await world.say("alice", "This comes with the next.", "And this has the signature.");
  await look();
  await world.deliver("bob");
  await look();
  await world.say("bob", "An answer.");
  await look();
  await world.deliver("alice");
  await world.say("alice", "An answer to the answer.");
  await look();
  await world.settle();
  for (const name of NAMES) await world.finish(name);
  await world.settle();
  await look();
  // Of Alice and of Bob.
  assertEquals(counts, [[0, 0], [2, 0], [2, 2], [2, 3], [4, 3], [6, 6]]);
});
