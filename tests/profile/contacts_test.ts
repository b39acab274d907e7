import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  acceptKey,
  type Contact,
  type ContactVerdict,
  foldName,
  isContactName,
  judgePeer,
  markVerified,
  MAX_CONTACTS,
  rememberMeeting,
} from "../../lib/profile/contacts.ts";
import { EPOCH } from "../helpers/session_pair.ts";
import { contactOf, peerOf } from "./people.ts";

const LATER = EPOCH + 60_000;

for (
  const [one, other] of [
    ["Bob", "bob"],
    ["Bob", " Bob "],
    ["Bob", "B\u200bob"],
    ["Bob", "Bob\u202e"],
    ["Bob", "Ｂｏｂ"],
    ["fax", "℻"],
    ["José", "Jose\u0301"],
    ["Bob", "Bob\u2800"],
    ["Bob Lee", "Bob\u00a0\t Lee"],
  ] as const
) {
  Deno.test(`foldName() takes ${JSON.stringify(other)} for ${one}`, () => {
    assertEquals(foldName(other), foldName(one));
  });
}

Deno.test("foldName() takes letters of another script for others: they make a new contact, not a known one", () => {
  assert(foldName("Вob") !== foldName("Bob"));
});

Deno.test("isContactName() refuses what can't be told from nothing, and what is too long", () => {
  for (const name of ["", " ", "\u200b\u202e", "\u2800 \u3164", "\ud800", "x".repeat(128)]) {
    assert(!isContactName(name), JSON.stringify(name));
  }
  assert(isContactName("x".repeat(127)));
});

Deno.test("judgePeer() finds a key that it does not know new, under the name it gives itself", async () => {
  const verdict = judgePeer([contactOf("carol")], await peerOf("bob"), null);
  assertEquals(verdict, { state: "new", name: "bob" });
});

Deno.test("judgePeer() names a peer that gives no name, or none to be seen, by its key", async () => {
  for (const announced of ["", "\u200b"]) {
    const peer = await peerOf("bob", announced);
    const name = `peer ${peer.fingerprint.slice(0, 11)}`;
    assertEquals(judgePeer([], peer, null), { state: "new", name });
  }
});

Deno.test("judgePeer() knows a key whatever it calls itself, also by another contact's name", async () => {
  const [bob, carol] = [contactOf("bob"), contactOf("carol")];
  for (const announced of ["bob", "robert", "carol", ""]) {
    const verdict = judgePeer([bob, carol], await peerOf("bob", announced), null);
    assertEquals(verdict, { state: "known", contact: bob });
  }
});

Deno.test("judgePeer() stops a known name that comes with another key", async () => {
  const bob = contactOf("bob", { verified: true });
  for (const announced of ["bob", "BOB", "b\u200bob"]) {
    const verdict = judgePeer([bob], await peerOf("mallory", announced), null);
    assertEquals(verdict, { state: "changed", contact: bob });
  }
});

Deno.test("judgePeer() goes by the name that is expected, not by the one that is announced", async () => {
  const bob = contactOf("bob");
  const mallory = await peerOf("mallory", "somebody new");
  assertEquals(judgePeer([bob], mallory, "Bob"), { state: "changed", contact: bob });
  // Another Bob gets a name of his own.
  const second = await peerOf("mallory", "bob");
  assertEquals(judgePeer([bob], second, "Bob from work"), { state: "new", name: "Bob from work" });
});

Deno.test("judgePeer() refuses a known key where another name is expected, known or new", async () => {
  const [bob, carol] = [contactOf("bob"), contactOf("carol")];
  for (const expected of ["bob", "dave"]) {
    const verdict = judgePeer([bob, carol], await peerOf("carol", "bob"), expected);
    assertEquals(verdict, { state: "other", contact: carol, expected });
  }
});

Deno.test("rememberMeeting() files somebody new, verified when an invite code proved them", async () => {
  for (const invited of [false, true]) {
    const peer = await peerOf("bob", "bob", invited);
    const contacts = rememberMeeting([], judgePeer([], peer, null), peer, LATER);
    const times = { firstSeen: LATER, lastSeen: LATER };
    assertEquals(contacts, [contactOf("bob", { verified: invited, ...times })]);
  }
});

Deno.test("rememberMeeting() keeps name, mark and first time of somebody known, and the latest time", async () => {
  const bob = contactOf("bob", { verified: true });
  const peer = await peerOf("bob", "robert");
  const met = rememberMeeting([bob], judgePeer([bob], peer, null), peer, LATER);
  assertEquals(met, [{ ...bob, lastSeen: LATER }]);
  const earlier = rememberMeeting([bob], judgePeer([bob], peer, null), peer, EPOCH - 1);
  assertEquals(earlier, [bob]);
});

Deno.test("rememberMeeting() marks somebody known when an invite code proves them", async () => {
  const bob = contactOf("bob");
  const peer = await peerOf("bob", "bob", true);
  const met = rememberMeeting([bob], judgePeer([bob], peer, null), peer, LATER);
  assertEquals(met, [{ ...bob, verified: true, lastSeen: LATER }]);
});

Deno.test("rememberMeeting() drops nobody when the list is full", async () => {
  const full: Contact[] = Array.from(
    { length: MAX_CONTACTS },
    (_, i) => contactOf("bob", { name: `n${i}`, key: new Uint8Array(384).fill(1) }),
  );
  const peer = await peerOf("carol");
  assertEquals(rememberMeeting(full, judgePeer(full, peer, null), peer, LATER), null);
  assertEquals(
    rememberMeeting(full.slice(1), judgePeer([], peer, null), peer, LATER)?.length,
    1000,
  );
});

Deno.test("rememberMeeting() refuses a verdict that lets nobody in", async () => {
  const peer = await peerOf("mallory", "bob");
  const contact = contactOf("bob");
  const verdicts: ContactVerdict[] = [
    { state: "changed", contact },
    { state: "other", contact, expected: "x" },
  ];
  for (const verdict of verdicts) {
    assertThrows(() => rememberMeeting([contact], verdict, peer, LATER), RangeError);
  }
});

Deno.test("acceptKey() gives a contact its new key, and takes the mark off unless a code proved it", async () => {
  for (const invited of [false, true]) {
    const bob = contactOf("bob", { verified: true });
    const peer = await peerOf("new bob", "bob", invited);
    const [changed] = acceptKey([bob], bob, peer, LATER);
    const times = { firstSeen: LATER, lastSeen: LATER };
    assertEquals(changed, { name: "bob", key: peer.key, verified: invited, ...times });
  }
});

Deno.test("acceptKey() gives nobody a key that a contact has", async () => {
  const [bob, carol] = [contactOf("bob"), contactOf("carol")];
  const peer = await peerOf("carol", "bob");
  assertThrows(() => acceptKey([bob, carol], bob, peer, LATER), RangeError);
});

Deno.test("markVerified() marks the contact of a key, and nobody else", async () => {
  const [bob, carol] = [contactOf("bob"), contactOf("carol")];
  const { key } = await peerOf("carol");
  assertEquals(markVerified([bob, carol], key), [bob, { ...carol, verified: true }]);
  assertEquals(markVerified([bob], key), null);
});
