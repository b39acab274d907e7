/**
 * A known name with another key: nothing is sent to it before the user has decided. And what a profile changes in a
 * chat beside that.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Chat } from "../../lib/chat/chat.ts";
import { completeCommand } from "../../lib/chat/slash_commands.ts";
import { Admission } from "../../lib/conversation/admission.ts";
import { PipeClient } from "../../lib/pipe/pipe_client.ts";
import { PipeView } from "../../lib/pipe/pipe_view.ts";
import type { Contact } from "../../lib/profile/contacts.ts";
import { ProfileKeeper } from "../../lib/profile/keeper.ts";
import type { Profile } from "../../lib/profile/profile.ts";
import { FakePrompt } from "../chat/fake_prompt.ts";
import { FakeRelay } from "../conversation/fake_relay.ts";
import { input, never } from "../pipe/inputs.ts";
import { EPOCH } from "../helpers/session_pair.ts";
import { contactOf, factsOf, profileOf } from "./people.ts";

/** What a client of these tests knows and wants. */
interface Wishes {
  readonly contacts?: Contact[];
  readonly expected?: string;
  readonly requireVerified?: boolean;
  readonly deniable?: boolean;
}

/** Bob as he was: the one at the relay comes with the key of "bob", and this is another one. */
const OLD_BOB = contactOf("bob", { key: contactOf("bob before").key, verified: true });

/** Alice, not connected yet, her admission, and what it saved. */
function aliceAt(
  relay: FakeRelay,
  { contacts = [], expected, requireVerified = false, deniable = false }: Wishes,
  canAsk: boolean,
) {
  const saved: Profile[] = [];
  const keeper = new ProfileKeeper({
    profile: profileOf(...contacts),
    expected: expected ?? null,
    save: (profile) => Promise.resolve(void saved.push(profile)),
    now: () => EPOCH,
    warn: () => {},
  });
  const seat = relay.prepare("alice", {
    admit: (facts) => admission.admit(facts),
    answersGoodbye: canAsk,
    handshake: { deniable },
  });
  const { events } = seat;
  const admission = new Admission({ keeper, requireVerified, deniable, canAsk, events });
  return { ...seat, admission, saved };
}

/** Alice in a terminal, with a profile. */
function chatAt(relay: FakeRelay, wishes: Wishes = {}) {
  const seat = aliceAt(relay, wishes, true);
  const prompt = new FakePrompt();
  const chat = new Chat({
    ...seat,
    prompt,
    style: (text) => text,
    clock: () => "17:05",
    save: () => Promise.reject(),
    clear: () => {},
    alert: () => {},
    draws: true,
    mayRead: () => false,
    toggleExplanations: () => true,
    sleep: () => new Promise(() => {}),
  });
  seat.connect();
  return { ...seat, prompt, code: chat.run() };
}

/** Alice on a pipe, with a profile. */
function pipeAt(relay: FakeRelay, wishes: Wishes, ...lines: string[]) {
  const seat = aliceAt(relay, wishes, false);
  const [out, notices]: [string[], string[]] = [[], []];
  const view = new PipeView((line) => out.push(line), (line) => notices.push(line), (text) => text);
  seat.conversation.subscribe((event) => view.show(event));
  const client = new PipeClient({ ...seat, save: null });
  seat.connect();
  const code = client.run(input(lines), never);
  return { ...seat, out, notices, code };
}

Deno.test("a pipe stops where a known name has another key: exit 3, both keys named, not a line sent", async () => {
  const relay = new FakeRelay();
  const a = pipeAt(relay, { contacts: [OLD_BOB] }, "secret 1", "secret 2");
  const b = relay.join("bob");
  assertEquals(await a.code, 3);
  assertEquals(a.sent.filter((event) => event === "message"), []);
  assertEquals(b.view.texts, []);
  const [error] = a.view.all("error");
  assertEquals(error?.error.code, "key-changed");
  assertEquals([a.view.all("secure"), a.saved], [[], []]);
  for (const who of ["bob", "bob before"]) {
    assertStringIncludes(a.notices.join("\n"), (await factsOf(who)).peerFingerprint);
  }
});

Deno.test("a pipe ends with 3 where the peer is another contact than the expected one", async () => {
  const relay = new FakeRelay();
  const a = pipeAt(relay, { contacts: [contactOf("bob")], expected: "carol" }, "for carol");
  const b = relay.join("bob");
  assertEquals(await a.code, 3);
  assertEquals(a.view.all("error").map(({ error }) => error.code), ["wrong-peer"]);
  assertEquals([a.sent.includes("message"), b.view.texts], [false, []]);
});

Deno.test("a pipe that requires it talks to a peer that is verified in the profile, and to no other", async () => {
  for (const verified of [true, false]) {
    const relay = new FakeRelay();
    const contacts = [contactOf("bob", { verified })];
    const a = pipeAt(relay, { contacts, requireVerified: true }, "hello");
    const b = relay.join("bob");
    b.conversation.finish();
    assertEquals(await a.code, verified ? 0 : 3);
    assertEquals(b.view.texts, verified ? ["hello"] : []);
  }
});

Deno.test("a chat stops where a known name has another key, shows both, and sends nothing, typed before or after", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { contacts: [OLD_BOB] });
  a.prompt.type("typed before");
  const b = relay.join("bob");
  await a.view.until("key-changed");
  assertEquals(a.prompt.prompt, "to (changed) bob> ");
  assertStringIncludes(a.prompt.text, "STOP: bob has another key than before. ! Nothing was sent.");
  for (const who of ["bob", "bob before"]) {
    assertStringIncludes(a.prompt.text, (await factsOf(who)).peerFingerprint);
  }
  // What the other side says meanwhile is neither shown nor acknowledged.
  b.conversation.say("let me in");
  await b.view.until("queued");
  a.prompt.type("typed after", "/verify yes", "/accept-new", "/exit");
  assertEquals(await a.code, 3);
  assertEquals(a.prompt.line, "");
  assertStringIncludes(a.prompt.text, "there is no command /accept-new:");
  assertEquals(a.sent.filter((event) => event === "message"), []);
  assertEquals([a.view.texts, a.view.all("secure"), b.view.texts], [[], [], []]);
  assertEquals(a.saved, []);
});

Deno.test("a chat goes on after /accept-new-key with all that waited, in order, and remembers the key unverified", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { contacts: [OLD_BOB] });
  a.prompt.type("one", "two");
  const b = relay.join("bob");
  b.conversation.say("from bob");
  await a.view.until("key-changed");
  a.prompt.type("/accept-new-key");
  await a.view.until("message");
  await b.view.until("message", 2);
  assertEquals([a.view.texts, b.view.texts], [["from bob"], ["one", "two"]]);
  assertEquals(a.prompt.prompt, "to (unverified) bob> ");
  assertEquals(a.saved.map(({ contacts }) => contacts), [[
    contactOf("bob", { firstSeen: EPOCH, lastSeen: EPOCH }),
  ]]);
  // Once is enough, and there is nothing more to accept.
  a.prompt.type("/accept-new-key", "three");
  await b.view.until("message", 3);
  assertStringIncludes(a.prompt.text, "nobody's key has changed");
});

Deno.test("a deniable pipe says nothing to somebody who wants signatures, and exits 3", async () => {
  const relay = new FakeRelay();
  const a = pipeAt(relay, { deniable: true }, "off the record");
  const b = relay.join("bob");
  assertEquals(await a.code, 3);
  assertEquals(a.view.all("error").map(({ error }) => error.code), ["not-deniable"]);
  assertEquals([a.sent.includes("message"), b.view.texts, a.saved], [false, [], []]);
});

Deno.test("a deniable chat asks before it says something signed, and only then", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { deniable: true });
  a.prompt.type("off the record");
  const b = relay.join("bob");
  await a.view.until("not-deniable");
  assertEquals(a.prompt.prompt, "to somebody who wants signatures> ");
  a.prompt.type("more", "/accept-new-key", "/accept-signed");
  await b.view.until("message");
  assertEquals([a.prompt.line, b.view.texts], ["", ["off the record"]]);
  assertStringIncludes(a.prompt.text, "first /accept-signed or /exit");
  assertEquals(a.prompt.prompt, "to (unverified) bob> ");
});

Deno.test("two who are both deniable are asked nothing", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { deniable: true });
  const b = relay.join("bob", { handshake: { deniable: true } });
  a.prompt.type("off the record");
  await b.view.until("message");
  assertEquals(a.view.all("not-deniable"), []);
});

Deno.test("a chat that leaves at the question of signatures has sent nothing, and exits 3", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { deniable: true });
  const b = relay.join("bob");
  await a.view.until("not-deniable");
  a.prompt.type("/exit");
  assertEquals([await a.code, a.sent.includes("message"), b.view.texts], [3, false, []]);
});

Deno.test("Tab does not type /accept-new-key", () => {
  assertEquals(completeCommand("/acc", 4), ["/accept"]);
  assertEquals(completeCommand("/accept-", 8), []);
  assert(!completeCommand("/", 1).includes("/accept-new-key"));
});

Deno.test("a chat shows in the prompt whether somebody is new, known or verified", async () => {
  for (
    const [contacts, state] of [
      [[], "unverified"],
      [[contactOf("bob")], "known"],
      [[contactOf("bob", { verified: true })], "verified"],
    ] as [Contact[], string][]
  ) {
    const relay = new FakeRelay();
    const a = chatAt(relay, { contacts });
    relay.join("bob");
    await a.view.until("secure");
    assertEquals(a.prompt.prompt, `to (${state}) bob> `);
  }
});

Deno.test("a chat calls somebody known by the name that the profile has, whatever they say", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay, { contacts: [contactOf("bob", { name: "Bobby" })] });
  const b = relay.join("bob", { handshake: { name: "carol" } });
  await a.view.until("secure");
  b.conversation.say("hi");
  await a.view.until("message");
  assertEquals(a.prompt.prompt, "to (known) Bobby> ");
  assertEquals(a.prompt.printed.at(-1), "17:05 Bobby> hi");
});

Deno.test("/verify yes is remembered with a profile", async () => {
  const relay = new FakeRelay();
  const a = chatAt(relay);
  const b = relay.join("bob");
  await a.view.until("secure");
  a.prompt.type("/verify yes", "compared");
  await b.view.until("message");
  assertStringIncludes(a.prompt.text, "bob is marked as verified, and will be next time");
  assertEquals(a.saved.at(-1)!.contacts, [contactOf("bob", { verified: true })]);
});
