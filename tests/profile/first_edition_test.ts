/**
 * A profile and a journal as the first edition wrote them (commit 7d7a074): they are opened, and nothing in them is
 * lost. tests/fixtures/first_edition.json has the files in base64.
 */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { Delivery } from "../../lib/delivery/delivery.ts";
import { peerId } from "../../lib/delivery/record.ts";
import { ProfileStore } from "../../lib/profile/profile_store.ts";
import fixture from "../fixtures/first_edition.json" with { type: "json" };
import { identityOf } from "../helpers/session_pair.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { MemoryFiles } from "./memory_files.ts";
import { PASSPHRASE, storeOptions } from "./people.ts";

/** The room in which its last line was typed before anybody came. */
const ROOM = "aa".repeat(32);

Deno.test("a profile and a journal of the first edition open, with every line and file", async () => {
  const files = Object.entries(fixture).map(([name, base64]) =>
    [`/p/${name}`, Uint8Array.fromBase64(base64)] as const
  );
  using store = await ProfileStore.lock(storeOptions(new MemoryFiles(new Map(files))), "alice");
  const profile = await store.open(PASSPHRASE);
  assertEquals(profile.settings.name, "Alice");
  const { bytes: key } = identityOf("bob", GROUP).publicKey;
  assertEquals(profile.contacts.map(({ name, verified }) => [name, verified]), [["bob", true]]);
  assertEquals(profile.contacts[0]!.key, key);
  const { journal, records } = await store.openJournal(profile);
  const delivery = new Delivery({
    conversation: ROOM,
    random: seededRandom("first edition"),
    store: journal,
    records,
    warn: () => {},
  });
  const bob = utf8("bob's key");
  assertEquals(delivery.unshown().map(({ from, number, items }) => [from, number, items]), [
    [await peerId(bob), 1, [{ kind: "text", body: "not shown", time: 2, signed: false }]],
  ]);
  const { greeting } = await delivery.meet(bob);
  assertEquals([greeting.first, greeting.received], [1, 2]);
  assertEquals(delivery.lines.map(({ text, sequence }) => [text, sequence]), [
    ["not delivered", 1],
    ["nor this ✓", 2],
    ["for whoever comes", 3],
  ]);
  assertEquals(delivery.transfersWith(delivery.peer!).map(({ name }) => name), ["plan.pdf"]);
  await delivery.idle();
  journal.close();
});
