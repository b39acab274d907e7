import { assertEquals } from "@std/assert";
import { isText, Outbox, textsOf } from "../../lib/delivery/outbox.ts";
import type { Item } from "../../lib/delivery/record.ts";

const items: readonly Item[] = [
  { kind: "text", body: "one", time: 7 },
  { kind: "file", body: "an offer" },
  { kind: "text", body: "two" },
];

function boxOf(addressee: string, sequence: number | null): Outbox {
  const outbox = new Outbox();
  add(outbox, addressee, items, sequence);
  return outbox;
}

function add(outbox: Outbox, to: string, items: readonly Item[], sequence: number | null): void {
  for (const [i, item] of items.entries()) {
    outbox.add(to, item, sequence === null ? null : sequence + i, i);
  }
}

Deno.test("Outbox.add() numbers lines, in this run and in their stream", () => {
  const outbox = boxOf("ann", 5);
  add(outbox, "room", items.slice(0, 1), null);
  assertEquals(outbox.lines("ann"), [
    {
      id: 0,
      kind: "text",
      addressee: "ann",
      text: "one",
      state: "waiting",
      sequence: 5,
      time: 7,
      seen: 0,
      bytes: 3,
    },
    {
      id: 1,
      kind: "file",
      addressee: "ann",
      text: "an offer",
      state: "waiting",
      sequence: 6,
      time: null,
      seen: 1,
      bytes: 8,
    },
    {
      id: 2,
      kind: "text",
      addressee: "ann",
      text: "two",
      state: "waiting",
      sequence: 7,
      time: null,
      seen: 2,
      bytes: 3,
    },
  ]);
  assertEquals(outbox.lines("room").map(({ id, sequence }) => [id, sequence]), [[3, null]]);
  assertEquals([outbox.nextId, outbox.addressees(), outbox.lines("ben")], [4, ["ann", "room"], []]);
});

Deno.test("Outbox.saved() lets go what the journal has, and never less than before", () => {
  const outbox = boxOf("ann", 0);
  const saved = () => outbox.lines("ann").map((line) => outbox.isSaved(line));
  assertEquals(saved(), [false, false, false]);
  outbox.saved(2);
  outbox.saved(1);
  assertEquals(saved(), [true, true, false]);
});

Deno.test("Outbox.claim() puts a conversation's lines behind a peer's, with numbers of its stream", () => {
  const outbox = boxOf("room", null);
  add(outbox, "ann", items.slice(0, 1), 8);
  outbox.claim("room", "ann", 9);
  assertEquals(
    outbox.lines("ann").map(({ id, addressee, sequence }) => [id, addressee, sequence]),
    [
      [3, "ann", 8],
      [0, "ann", 9],
      [1, "ann", 10],
      [2, "ann", 11],
    ],
  );
  assertEquals([outbox.lines("room"), outbox.addressees()], [[], ["ann"]]);
  add(outbox, "hall", items, null);
  outbox.claim("hall", "ben", null);
  assertEquals(outbox.lines("ben").map(({ sequence }) => sequence), [null, null, null]);
});

Deno.test("Outbox: a line that is sent is a new object with the same id; the others stay the same", () => {
  const outbox = boxOf("ann", 0);
  const [first, second, third] = outbox.lines("ann");
  const sent = outbox.sent("ann", 1, 17);
  assertEquals(sent, { ...second!, state: "sent", sequence: 17 });
  assertEquals(outbox.lines("ann"), [first!, sent, third!]);
  outbox.hold("ann");
  outbox.hold("ben");
  // Nothing of the session that is over was answered.
  assertEquals(outbox.lines("ann")[1], { ...sent, state: "waiting", seen: 0 });
  assertEquals(outbox.lines("ann")[2], { ...third!, seen: 0 });
  assertEquals(outbox.lines("ann")[0] === first, true);
});

Deno.test("Outbox.acknowledge() removes the oldest lines, and says how many", () => {
  const outbox = boxOf("ann", 0);
  assertEquals([outbox.acknowledge("ben", 1), outbox.acknowledge("ann", -1)], [0, 0]);
  assertEquals([outbox.acknowledge("ann", 1), textsOf(outbox.lines("ann"))], [1, ["two"]]);
  assertEquals([outbox.acknowledge("ann", 9), outbox.lines("ann")], [2, []]);
});

Deno.test("Outbox.withdraw() takes a line out, and those behind it move up by one number", () => {
  const outbox = boxOf("ann", 4);
  outbox.withdraw("ann", 1);
  assertEquals(outbox.lines("ann").map(({ text, sequence }) => [text, sequence]), [
    ["one", 4],
    ["two", 5],
  ]);
  const unnumbered = boxOf("room", null);
  unnumbered.withdraw("room", 0);
  assertEquals(unnumbered.lines("room").map(({ sequence }) => sequence), [null, null]);
});

Deno.test("Outbox.bytes are those of all lines that are there, as UTF-8", () => {
  const outbox = boxOf("ann", 0);
  add(outbox, "room", [{ kind: "text", body: "größe" }], null);
  assertEquals(outbox.bytes, 21);
  outbox.claim("room", "ben", 0);
  outbox.withdraw("ann", 0);
  outbox.acknowledge("ann", 1);
  assertEquals([outbox.bytes, outbox.lines("ann").map(isText)], [10, [true]]);
  assertEquals(textsOf(outbox.lines("ben")), ["größe"]);
});
