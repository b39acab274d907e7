import { assert, assertEquals } from "@std/assert";
import { Mailroom } from "../../lib/delivery/state.ts";
import type { MailRecord } from "../../lib/delivery/record.ts";
import type { TransferRecord } from "../../lib/transfer/events.ts";
import { Dice } from "../helpers/mutants.ts";
import { drawRecord, stateOf } from "./histories.ts";

const PLACES = ["home", "work"];
const NAME = "aa".repeat(16);

function kept(to: string, body: string): MailRecord {
  return { type: "kept", to, kind: "text", body };
}

function transfer(id: string): TransferRecord {
  return { id } as TransferRecord;
}

function bodies(items: readonly { body: string }[]): string[] {
  return items.map(({ body }) => body);
}

Deno.test("Mailroom: what is kept for nobody in particular is at its place, until somebody claims it", () => {
  const mailroom = new Mailroom([kept("home", "one"), kept("work", "two")]);
  assertEquals(bodies(mailroom.place("home").items), ["one"]);
  mailroom.apply({ type: "stream", to: "ann", stream: NAME, first: 0 });
  mailroom.apply(kept("ann", "zero"));
  mailroom.apply({ type: "claimed", place: "home", to: "ann" });
  assertEquals(bodies(mailroom.person("ann").items), ["zero", "one"]);
  assertEquals([mailroom.place("home").items, bodies(mailroom.place("work").items)], [[], ["two"]]);
});

Deno.test("Mailroom: a claim brings the place's files to the person, behind those that are there", () => {
  const mailroom = new Mailroom([
    { type: "transfers", with: "home", list: [transfer("2")] },
    { type: "stream", to: "ann", stream: NAME, first: 0 },
    { type: "transfers", with: "ann", list: [transfer("1")] },
    { type: "claimed", place: "home", to: "ann" },
  ]);
  assertEquals(mailroom.person("ann").transfers, [transfer("1"), transfer("2")]);
  assertEquals(mailroom.place("home").transfers, []);
});

Deno.test("Mailroom: what was delivered goes, once, and never more than there is", () => {
  const mailroom = new Mailroom([
    { type: "stream", to: "ann", stream: NAME, first: 5 },
    kept("ann", "five"),
    kept("ann", "six"),
    { type: "delivered", to: "ann", count: 6 },
    { type: "delivered", to: "ann", count: 6 },
    { type: "delivered", to: "ann", count: 2 },
  ]);
  assertEquals([mailroom.person("ann").first, bodies(mailroom.person("ann").items)], [6, ["six"]]);
  mailroom.apply({ type: "delivered", to: "ann", count: 100 });
  assertEquals([mailroom.person("ann").first, mailroom.person("ann").items], [7, []]);
});

Deno.test("Mailroom: what is kept between taking up a stream and agreeing on it can't have been said", () => {
  const mailroom = new Mailroom([{ type: "stream", to: "ann", stream: NAME, first: 0 }]);
  mailroom.apply(kept("ann", "before anything was agreed"));
  assertEquals(mailroom.person("ann").unsaid, 1);
  mailroom.apply({ type: "delivered", to: "ann", count: 0 });
  mailroom.apply(kept("ann", "may be said at once"));
  assertEquals(mailroom.person("ann").unsaid, 0);
  mailroom.apply({ type: "stream", to: "ann", stream: NAME, first: 0 });
  assertEquals(mailroom.person("ann").unsaid, 0);
  mailroom.apply(kept("ann", "in the next run"));
  mailroom.apply(kept("home", "too"));
  mailroom.apply({ type: "claimed", place: "home", to: "ann" });
  assertEquals(mailroom.person("ann").unsaid, 2);
});

Deno.test("Mailroom: what came is counted, and unshown until it was shown", () => {
  const mailroom = new Mailroom([
    { type: "following", from: "ann", stream: NAME, received: 3 },
    { type: "heard", from: "ann", kind: "text", body: "three", time: 1, signed: true },
    { type: "heard", from: "ann", kind: "text", body: "four", time: 2, signed: false },
  ]);
  assertEquals(mailroom.person("ann").received, 5);
  mailroom.apply({ type: "shown", from: "ann", count: 4 });
  mailroom.apply({ type: "shown", from: "ann", count: 1 });
  assertEquals(mailroom.person("ann").unshown, [
    { kind: "text", body: "four", time: 2, signed: false },
  ]);
  mailroom.apply({ type: "shown", from: "ann", count: 5 });
  assertEquals(mailroom.person("ann").unshown, []);
});

Deno.test("Mailroom: transfers are those of the last record", () => {
  const mailroom = new Mailroom([
    { type: "stream", to: "ann", stream: NAME, first: 0 },
    { type: "transfers", with: "ann", list: [transfer("1")] },
    { type: "transfers", with: "ann", list: [transfer("2"), transfer("3")] },
  ]);
  assertEquals(mailroom.person("ann").transfers, [transfer("2"), transfer("3")]);
});

Deno.test("Mailroom: snapshot() makes the same state, which goes on the same way", () => {
  for (let seed = 0; seed < 400; seed++) {
    const dice = new Dice(seed);
    const mailroom = new Mailroom();
    const length = dice.below(40);
    for (let n = 0; n < length; n++) mailroom.apply(drawRecord(dice, mailroom, n));
    const again = new Mailroom(mailroom.snapshot());
    assertEquals(stateOf(again, PLACES), stateOf(mailroom, PLACES), `seed ${seed}`);
    assertEquals(again.snapshot(), mailroom.snapshot());
    for (let n = length; n < length + 10; n++) {
      const record = drawRecord(dice, mailroom, n);
      for (const room of [mailroom, again]) room.apply(record);
    }
    assertEquals(stateOf(again, PLACES), stateOf(mailroom, PLACES), `seed ${seed}, later`);
  }
});

Deno.test("Mailroom: of more than a thousand people the first goes for whom nothing is kept", () => {
  const mailroom = new Mailroom();
  for (let i = 0; i < 1000; i++) {
    mailroom.apply({ type: "stream", to: `${i}`, stream: NAME, first: 0 });
  }
  mailroom.apply(kept("0", "for the first"));
  mailroom.apply({ type: "stream", to: "new", stream: NAME, first: 0 });
  const tags = mailroom.tags();
  assertEquals([tags.length, tags.includes("0"), tags.includes("1")], [1000, true, false]);
  assert(tags.includes("new"));
});
