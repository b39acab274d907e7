import { assertEquals, assertRejects } from "@std/assert";
import type { ParleyError } from "../../lib/errors.ts";
import type { Contact } from "../../lib/profile/contacts.ts";
import { ProfileError } from "../../lib/profile/errors.ts";
import { ProfileKeeper } from "../../lib/profile/keeper.ts";
import type { Profile } from "../../lib/profile/profile.ts";
import { EPOCH } from "../helpers/session_pair.ts";
import { contactOf, factsOf, profileOf } from "./people.ts";

const NOW = EPOCH + 5000;

/** A keeper, and what it saved and said. */
function keeperOf(contacts: Contact[], expected: string | null = null) {
  const saved: Profile[] = [];
  const warned: ParleyError[] = [];
  const disk = { isFull: false };
  const keeper = new ProfileKeeper({
    profile: profileOf(...contacts),
    expected,
    save: (profile) => {
      if (disk.isFull) return Promise.reject(new ProfileError("disk-full", "full"));
      saved.push(profile);
      return Promise.resolve();
    },
    now: () => NOW,
    warn: (error) => warned.push(error),
  });
  return { keeper, saved, warned, disk };
}

Deno.test("ProfileKeeper remembers somebody new, and knows them at the next meeting", async () => {
  const { keeper, saved } = keeperOf([]);
  const bob = await factsOf("bob");
  const first = await keeper.judge(bob);
  const trust = { contact: "bob", firstSeen: NOW };
  assertEquals(first, { type: "admit", trust: { state: "unverified", ...trust } });
  assertEquals(saved.map(({ contacts }) => contacts.length), [1]);
  assertEquals(await keeper.judge(bob), { type: "admit", trust: { state: "known", ...trust } });
});

for (
  const [name, twin] of [
    ["\u0410lice", "Alice"],
    ["AIice", "Alice"],
    ["\u0412ob", "bob"],
    ["b\u043eb\u2800", "bob"],
    ["bobby", undefined],
  ] as const
) {
  Deno.test(`ProfileKeeper says whom the new name ${JSON.stringify(name)} could be taken for: ${twin}`, async () => {
    const { keeper } = keeperOf([contactOf("Alice", { verified: true }), contactOf("bob")]);
    const judgement = await keeper.judge(await factsOf("somebody else", name));
    assertEquals(judgement.type === "admit" && judgement.trust.resembles, twin);
  });
}

Deno.test("ProfileKeeper calls somebody known by the name that is known, whatever they say", async () => {
  const { keeper } = keeperOf([contactOf("bob"), contactOf("carol")]);
  const judgement = await keeper.judge(await factsOf("bob", "carol"));
  const trust = { state: "known" as const, contact: "bob", firstSeen: EPOCH };
  assertEquals(judgement, { type: "admit", trust });
});

Deno.test("ProfileKeeper.verify() stores the mark for the next meeting", async () => {
  const { keeper, saved } = keeperOf([]);
  const bob = await factsOf("bob");
  await keeper.judge(bob);
  assertEquals(await keeper.verify(bob), true);
  assertEquals(saved.at(-1)!.contacts[0]!.verified, true);
  const trust = { state: "verified" as const, contact: "bob", firstSeen: NOW };
  assertEquals(await keeper.judge(bob), { type: "admit", trust });
  assertEquals(await keeper.verify(await factsOf("carol")), false);
});

Deno.test("ProfileKeeper asks about a changed key, with both fingerprints, and saves nothing before", async () => {
  const { keeper, saved } = keeperOf([contactOf("bob", { verified: true })]);
  const facts = await factsOf("mallory", "bob");
  const judgement = await keeper.judge(facts);
  assertEquals(judgement, {
    type: "ask",
    change: {
      contact: "bob",
      knownFingerprint: (await factsOf("bob")).peerFingerprint,
      peerFingerprint: facts.peerFingerprint,
      wasVerified: true,
      firstSeen: EPOCH,
      lastSeen: EPOCH,
      invited: false,
    },
  });
  assertEquals(saved, []);
});

Deno.test("ProfileKeeper.accept() takes the new key, unverified, and the old one is changed from then on", async () => {
  const { keeper, saved } = keeperOf([contactOf("bob", { verified: true })]);
  const facts = await factsOf("new bob", "bob");
  await keeper.judge(facts);
  const trust = await keeper.accept(facts);
  assertEquals(trust, { state: "unverified", contact: "bob", firstSeen: NOW });
  assertEquals(saved.at(-1)!.contacts[0]!.key, facts.peerIdentity.bytes);
  assertEquals((await keeper.judge(facts)).type, "admit");
  assertEquals((await keeper.judge(await factsOf("bob"))).type, "ask");
});

Deno.test("ProfileKeeper.accept() takes no key that nobody asked about", async () => {
  const { keeper } = keeperOf([contactOf("bob")]);
  const bob = await factsOf("bob");
  await assertRejects(() => keeper.accept(bob), TypeError);
});

Deno.test("ProfileKeeper refuses a known key where somebody else is expected", async () => {
  const { keeper, saved } = keeperOf([contactOf("bob"), contactOf("carol")], "Bob");
  const judgement = await keeper.judge(await factsOf("carol", "bob"));
  assertEquals(judgement.type, "refuse");
  if (judgement.type !== "refuse") return;
  assertEquals([judgement.error.code, judgement.error.exitCode], ["wrong-peer", 3]);
  assertEquals(saved, []);
});

Deno.test("ProfileKeeper says that the disk is full, and lets the conversation go on", async () => {
  const { keeper, warned, disk } = keeperOf([]);
  disk.isFull = true;
  const bob = await factsOf("bob");
  assertEquals((await keeper.judge(bob)).type, "admit");
  assertEquals(await keeper.verify(bob), false);
  assertEquals(warned.map(({ code }) => code), ["disk-full", "disk-full"]);
  disk.isFull = false;
  assertEquals(await keeper.verify(bob), true);
});
