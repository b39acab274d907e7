/** What can be exported of an unfinished conversation: all of it, because every bundle is signed. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { otherRole } from "../../lib/protocol/key_schedule.ts";
import {
  type TranscriptEntry,
  verifyTranscript,
  writeTranscript,
} from "../../lib/protocol/transcript.ts";
import { identityOf, type Name, NAMES, SessionPair, SMALL_GROUP } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { secureFacts } from "./recording.ts";

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
