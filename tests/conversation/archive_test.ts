import { assertEquals } from "@std/assert";
import type { Statement } from "../../lib/protocol/statement.ts";
import { Archive } from "../../lib/conversation/archive.ts";
import type { SecureFacts } from "../../lib/protocol/session.ts";
import { identityOf } from "../helpers/session_pair.ts";
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
    signature: null,
  };
}

Deno.test("Archive counts bodies and 1,024 bytes each, from zero for another peer", async () => {
  const known = await facts();
  const archive = new Archive(2 * (1024 + 100));
  const omitted = async () => {
    const exported = await archive.export(identityOf("alice"), seededRandom("export"));
    return exported.map(({ omitted }) => omitted);
  };
  archive.begin("alice", known, false);
  archive.record("own", statementOf(known));
  archive.begin("alice", known, false);
  for (let i = 0; i < 3; i++) archive.record("own", statementOf(known));
  assertEquals(await omitted(), [2]);
  // The same peer again: nothing more fits, and what was said stays.
  archive.begin("alice", known, true);
  archive.record("own", statementOf(known));
  assertEquals(await omitted(), [2]);
});

Deno.test("Archive keeps no more than it is allowed, and exports what it has", async () => {
  const known = await facts();
  const archive = new Archive(2000);
  archive.begin("alice", known, false);
  for (let i = 0; i < 5; i++) archive.record("own", statementOf(known));
  const exported = await archive.export(identityOf("alice"), seededRandom("export"));
  // One fits; it is not signed, and so it is left out of the transcript.
  assertEquals(exported.map(({ omitted }) => omitted), [1]);
});

Deno.test("Archive exports what it had at the call, whatever is said meanwhile", async () => {
  const known = await facts();
  const archive = new Archive();
  archive.begin("alice", known, false);
  archive.record("own", statementOf(known));
  const exporting = archive.export(identityOf("alice"), seededRandom("export"));
  archive.record("own", statementOf(known));
  assertEquals((await exporting).map(({ omitted }) => omitted), [1]);
});
