import { assertEquals } from "@std/assert";
import type { Statement } from "../../lib/protocol/statement.ts";
import { Archive } from "../../lib/conversation/archive.ts";
import type { SecureFacts } from "../../lib/protocol/session.ts";
import { identityOf, SMALL_GROUP } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { FakeRelay } from "./fake_relay.ts";

/** What two who met in memory know of each other, and something that one of them said. */
async function facts(): Promise<SecureFacts> {
  const relay = new FakeRelay();
  const [a] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  return a.view.all("secure")[0]!.facts;
}

function statementOf({ sessionId }: SecureFacts): Statement {
  return {
    sequence: 0,
    seen: 0,
    time: 0,
    kind: "text",
    body: new Uint8Array(100),
    previous: sessionId,
    signature: new Uint8Array(768),
  };
}

/** Bytes of a bundle with that statement and its signature. */
const BYTES = 16 + 21 + 100 + 773;

Deno.test("Archive counts what bundles take, from zero for another peer, and leaves out the end", async () => {
  const known = await facts();
  const archive = new Archive(2 * BYTES);
  const omitted = async () => {
    const exported = await archive.export(identityOf("alice", SMALL_GROUP), seededRandom("export"));
    return exported.map(({ text, omitted }) => [text.split("\n").length - 3, omitted]);
  };
  archive.begin("alice", known, false);
  archive.record("own", [statementOf(known)]);
  archive.begin("alice", known, false);
  for (let i = 0; i < 3; i++) archive.record("own", [statementOf(known)]);
  assertEquals(await omitted(), [[2, 1]]);
  // The same peer again: nothing more fits, and what was said stays.
  archive.begin("alice", known, true);
  archive.record("own", [statementOf(known)]);
  assertEquals(await omitted(), [[2, 1], [0, 1]]);
});

Deno.test("Archive keeps whole bundles: a bundle that does not fit is left out as a whole", async () => {
  const known = await facts();
  const archive = new Archive(2 * BYTES);
  archive.begin("alice", known, false);
  const statement = statementOf(known);
  const unsigned = { ...statement, signature: null };
  // Two bundles that were accepted together, and a third that is too large.
  archive.record("peer", [statement, unsigned, statement]);
  archive.record("own", Array(10).fill(unsigned).with(9, statement));
  const [exported] = await archive.export(identityOf("alice", SMALL_GROUP), seededRandom("export"));
  const lines = exported!.text.trimEnd().split("\n").slice(1, -1).map((line) => JSON.parse(line));
  assertEquals(lines.map(({ sequence, signature }) => [sequence, signature !== null]), [[0, true]]);
  assertEquals(exported!.omitted, 12);
});

Deno.test("Archive exports what it had at the call, whatever is said meanwhile", async () => {
  const known = await facts();
  const archive = new Archive();
  archive.begin("alice", known, false);
  archive.record("own", [statementOf(known)]);
  const exporting = archive.export(identityOf("alice", SMALL_GROUP), seededRandom("export"));
  archive.record("own", [statementOf(known)]);
  // A head, what was said, and its end.
  assertEquals((await exporting).map(({ text }) => text.trimEnd().split("\n").length), [3]);
});
