import { assert, assertEquals } from "@std/assert";
import { DeliveryState } from "../../lib/delivery/state.ts";
import type { OutboxLine } from "../../lib/delivery/outbox.ts";
import type { DeliveryRecord } from "../../lib/delivery/record.ts";
import type { TransferRecord } from "../../lib/transfer/transfer_events.ts";
import { Dice } from "../helpers/mutants.ts";
import { drawRecord, stateOf } from "./histories.ts";

const ADDRESSEES = ["home", "work", "ann", "ben", "cleo"];
const NAME = "aa".repeat(16);

function kept(to: string, body: string): DeliveryRecord {
  return { type: "kept", to, kind: "text", body };
}

function transfer(id: string): TransferRecord {
  return { id } as TransferRecord;
}

function texts(lines: readonly OutboxLine[]): string[] {
  return lines.map(({ text }) => text);
}

Deno.test("DeliveryState: what is kept for nobody in particular is at its place, until somebody claims it", () => {
  const state = new DeliveryState([kept("home", "one"), kept("work", "two")]);
  assertEquals(texts(state.outbox.lines("home")), ["one"]);
  state.apply({ type: "stream", to: "ann", stream: NAME, first: 0 });
  state.apply(kept("ann", "zero"));
  state.apply({ type: "claimed", place: "home", to: "ann" });
  assertEquals(texts(state.outbox.lines("ann")), ["zero", "one"]);
  assertEquals([state.outbox.lines("home"), texts(state.outbox.lines("work"))], [[], ["two"]]);
});

Deno.test("DeliveryState: a claim brings the conversation's files to the peer, behind those that are there", () => {
  const state = new DeliveryState([
    { type: "transfers", with: "home", list: [transfer("2")] },
    { type: "stream", to: "ann", stream: NAME, first: 0 },
    { type: "transfers", with: "ann", list: [transfer("1")] },
    { type: "claimed", place: "home", to: "ann" },
  ]);
  assertEquals([state.transfers("ann"), state.transfers("home")], [
    [transfer("1"), transfer("2")],
    [],
  ]);
});

Deno.test("DeliveryState: what was delivered goes, once, and never more than there is", () => {
  const state = new DeliveryState([
    { type: "stream", to: "ann", stream: NAME, first: 5 },
    kept("ann", "five"),
    kept("ann", "six"),
    { type: "delivered", to: "ann", count: 6 },
    { type: "delivered", to: "ann", count: 6 },
    { type: "delivered", to: "ann", count: 2 },
  ]);
  assertEquals([state.peer("ann").first, texts(state.outbox.lines("ann"))], [6, ["six"]]);
  state.apply({ type: "delivered", to: "ann", count: 100 });
  assertEquals([state.peer("ann").first, state.outbox.lines("ann")], [7, []]);
});

Deno.test("DeliveryState: how far lines were sealed is what the last record says", () => {
  const stream: DeliveryRecord = { type: "stream", to: "ann", stream: NAME, first: 4, sealed: 4 };
  const state = new DeliveryState([stream, kept("ann", "four"), kept("ann", "five")]);
  assertEquals(state.peer("ann").sealed, 4);
  state.apply({ type: "sealed", to: "ann", count: 6 });
  assertEquals(state.peer("ann").sealed, 6);
  state.apply({ type: "sealed", to: "ann", count: 5 });
  assertEquals(new DeliveryState(state.snapshot()).peer("ann").sealed, 5);
});

Deno.test("DeliveryState: all lines in a journal of the first edition may have been sealed", () => {
  const stream: DeliveryRecord = { type: "stream", to: "ann", stream: NAME, first: 4 };
  const records: DeliveryRecord[] = [stream, kept("ann", "four"), kept("ann", "five")];
  const state = new DeliveryState(records);
  assertEquals([state.peer("ann").sealed, state.outbox.lines("ann")[0]!.time], [6, null]);
  state.apply(kept("ann", "six"));
  assertEquals(state.peer("ann").sealed, 6);
});

Deno.test("DeliveryState: a line that was withdrawn is gone, and those behind it have its numbers", () => {
  const state = new DeliveryState([
    { type: "stream", to: "ann", stream: NAME, first: 4, sealed: 4 },
    ...["four", "five", "six"].map((body) => kept("ann", body)),
    { type: "withdrawn", to: "ann", number: 5 },
    kept("ann", "seven"),
  ]);
  assertEquals(state.outbox.lines("ann").map(({ text, sequence }) => [text, sequence]), [
    ["four", 4],
    ["six", 5],
    ["seven", 6],
  ]);
});

Deno.test("DeliveryState: what came is counted, and unshown until it was shown", () => {
  const state = new DeliveryState([
    { type: "following", from: "ann", stream: NAME, received: 3 },
    { type: "heard", from: "ann", kind: "text", body: "three", time: 1, signed: true },
    { type: "heard", from: "ann", kind: "text", body: "four", time: 2, signed: false },
  ]);
  assertEquals(state.peer("ann").received, 5);
  state.apply({ type: "shown", from: "ann", count: 4 });
  state.apply({ type: "shown", from: "ann", count: 1 });
  assertEquals(state.peer("ann").unshown, [
    { kind: "text", body: "four", time: 2, signed: false },
  ]);
  state.apply({ type: "shown", from: "ann", count: 5 });
  assertEquals(state.peer("ann").unshown, []);
});

Deno.test("DeliveryState: transfers are those of the last record", () => {
  const state = new DeliveryState([
    { type: "stream", to: "ann", stream: NAME, first: 0 },
    { type: "transfers", with: "ann", list: [transfer("1")] },
    { type: "transfers", with: "ann", list: [transfer("2"), transfer("3")] },
  ]);
  assertEquals(state.transfers("ann"), [transfer("2"), transfer("3")]);
  const none: DeliveryRecord = { type: "transfers", with: "home", list: [] };
  assertEquals(new DeliveryState([none]).snapshot(), []);
});

Deno.test("DeliveryState: snapshot() makes the same state, which goes on the same way", () => {
  for (let seed = 0; seed < 400; seed++) {
    const dice = new Dice(seed);
    const state = new DeliveryState();
    const length = dice.below(40);
    for (let n = 0; n < length; n++) state.apply(drawRecord(dice, state, n));
    const again = new DeliveryState(state.snapshot());
    assertEquals(stateOf(again, ADDRESSEES), stateOf(state, ADDRESSEES), `seed ${seed}`);
    assertEquals(again.snapshot(), state.snapshot());
    for (let n = length; n < length + 10; n++) {
      const record = drawRecord(dice, state, n);
      for (const room of [state, again]) room.apply(record);
    }
    assertEquals(stateOf(again, ADDRESSEES), stateOf(state, ADDRESSEES), `seed ${seed}, later`);
  }
});

Deno.test("DeliveryState: of more than a thousand people the first goes for whom nothing is kept", () => {
  const state = new DeliveryState();
  for (let i = 0; i < 1000; i++) {
    state.apply({ type: "stream", to: `${i}`, stream: NAME, first: 0 });
  }
  state.apply(kept("0", "for the first"));
  state.apply({ type: "stream", to: "new", stream: NAME, first: 0 });
  const tags = state.peers();
  assertEquals([tags.length, tags.includes("0"), tags.includes("1")], [1000, true, false]);
  assert(tags.includes("new"));
});
