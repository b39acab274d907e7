import { assertEquals } from "@std/assert";
import { isText, leadingTexts, Outbox, textsOf } from "../../lib/delivery/outbox.ts";
import type { Item } from "../../lib/delivery/record.ts";

const items: readonly Item[] = [
  { kind: "text", body: "one" },
  { kind: "file", body: "an offer" },
  { kind: "text", body: "two" },
];

function boxOf(addressee: string, sequence: number | null): Outbox {
  const outbox = new Outbox();
  outbox.add(addressee, items, sequence);
  return outbox;
}

Deno.test("Outbox.add() numbers lines, in this run and in their stream", () => {
  const outbox = boxOf("ann", 5);
  outbox.add("room", items.slice(0, 1), null);
  assertEquals(outbox.lines("ann"), [
    {
      id: 0,
      kind: "text",
      addressee: "ann",
      text: "one",
      state: "waiting",
      sequence: 5,
      time: null,
    },
    {
      id: 1,
      kind: "file",
      addressee: "ann",
      text: "an offer",
      state: "waiting",
      sequence: 6,
      time: null,
    },
    {
      id: 2,
      kind: "text",
      addressee: "ann",
      text: "two",
      state: "waiting",
      sequence: 7,
      time: null,
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
  outbox.add("ann", items.slice(0, 1), 8);
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
  outbox.add("hall", items, null);
  outbox.claim("hall", "ben", null);
  assertEquals(outbox.lines("ben").map(({ sequence }) => sequence), [null, null, null]);
});

Deno.test("Outbox: a line that is sent is a new object with the same id; the others stay the same", () => {
  const outbox = boxOf("ann", 0);
  const [first, second, third] = outbox.lines("ann");
  const sent = outbox.sent("ann", 1, 17, 99);
  assertEquals(sent, { ...second!, state: "sent", sequence: 17, time: 99 });
  assertEquals(outbox.lines("ann"), [first!, sent, third!]);
  outbox.hold("ann");
  outbox.hold("ben");
  assertEquals(outbox.lines("ann")[1], { ...sent, state: "waiting" });
  assertEquals(outbox.lines("ann")[0] === first, true);
});

Deno.test("Outbox.acknowledge() removes the oldest lines, and says how many", () => {
  const outbox = boxOf("ann", 0);
  assertEquals([outbox.acknowledge("ben", 1), outbox.acknowledge("ann", -1)], [0, 0]);
  assertEquals([outbox.acknowledge("ann", 1), textsOf(outbox.lines("ann"))], [1, ["two"]]);
  assertEquals([outbox.acknowledge("ann", 9), outbox.lines("ann")], [2, []]);
});

Deno.test("leadingTexts() ends before the first file", () => {
  const lines = boxOf("ann", 0).lines("ann");
  assertEquals(lines.map(isText), [true, false, true]);
  assertEquals([leadingTexts(lines), leadingTexts(lines.slice(1))], [["one"], []]);
  assertEquals(leadingTexts(lines.slice(2)), ["two"]);
  assertEquals(textsOf(lines), ["one", "two"]);
});
