import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { toHex } from "../../lib/crypto/bytes.ts";
import { frameKeys, sealFrame } from "../../lib/protocol/frame.ts";
import type { FileGet } from "../../lib/protocol/signal.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { TransferError } from "../../lib/transfer/errors.ts";
import { MAX_INCOMING, type Transfers } from "../../lib/transfer/transfers.ts";
import { flipBit } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contentOf, leafOf, treeOf } from "./content.ts";
import { Pair, PEER, type Side } from "./two_sides.ts";

const CONTENT = contentOf(9 * LEAF_BYTES + 100);

/** Two with a session, and a file that Alice has offered. */
async function offered(content = CONTENT) {
  const pair = new Pair();
  const { alice, bob } = pair;
  alice.store.files.set("home/photo.jpg", content.slice());
  pair.connect();
  const offer = await pair.offer("home/photo.jpg");
  return { pair, alice, bob, offer };
}

/** The same, and Bob has accepted and got so many leaves. */
async function active(leaves: number) {
  const all = await offered();
  const { pair, bob } = all;
  bob.transfers.act("accept", 1);
  await carryUntil(pair, () => bob.transfers.list()[0]!.done >= leaves * LEAF_BYTES);
  return all;
}

/** Carries leaf by leaf, until something is so. */
async function carryUntil(pair: Pair, isSo: () => boolean): Promise<void> {
  for (let rounds = 0; !isSo(); rounds++) {
    assert(rounds < 100, "it never is");
    await pair.rest();
    pair.carry(pair.bob);
    await pair.rest();
    pair.carry(pair.alice, 1);
    await pair.rest();
  }
}

/** Asks for one leaf. */
function getOf(id: Uint8Array<ArrayBuffer>, from: number): FileGet {
  return { type: "file-get", id, kept: from, from, until: from + 1, key: new Uint8Array(32) };
}

/** The windows that a side has asked for, as far as that is still on its way. */
function getsOf({ sent }: Side): FileGet[] {
  return sent.filter((sent) => "type" in sent && sent.type === "file-get") as FileGet[];
}

/** What a side's user was told at the end. */
function stopOf({ events }: Side): { code: string; message: string } {
  const last = events.at(-1);
  assert(last?.type === "file-stopped", last?.type);
  return { code: last.code, message: last.message };
}

/** What the sender's user is told when the sender noticed. */
const CHANGED = {
  code: "file-changed",
  message: "photo.jpg has changed since you offered it: send it again as it is now",
};

Deno.test("Transfers sends a file whole", async () => {
  const { pair, alice, bob, offer } = await offered();
  const id = toHex(offer.id);
  const { name, bytes } = offer;
  assertEquals([name, bytes], ["photo.jpg", CONTENT.length]);
  assertEquals(bob.events, [{ type: "file-offered", id, number: 1, name, bytes }]);
  bob.transfers.act("accept", 1);
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
  assertEquals(alice.events.at(-1), { type: "file-sent", id, name, bytes });
  const last = bob.events.at(-1);
  assertEquals(last, { type: "file-received", id, path: "received/photo.jpg", bytes });
  for (const { events, store } of [alice, bob]) {
    assertEquals(store.open.size, 0);
    const progress = events.filter(({ type }) => type === "file-progress");
    assert(progress.length >= 2, `${progress.length}`);
  }
  for (const { transfers } of [alice, bob]) {
    const [state] = transfers.list();
    assertEquals([state!.phase, state!.done, state!.number], ["done", bytes, 1]);
    assertEquals(transfers.busy, false);
  }
});

Deno.test("Transfers sends files of every size around a leaf", async () => {
  for (const bytes of [0, 1, LEAF_BYTES - 1, LEAF_BYTES, LEAF_BYTES + 1, 2 * LEAF_BYTES]) {
    const { pair, bob } = await offered(contentOf(bytes));
    bob.transfers.act("accept", 1);
    await pair.settle();
    assertEquals(bob.store.files.get("received/photo.jpg"), contentOf(bytes), `${bytes}`);
  }
});

Deno.test("Transfers offers a name of 255 bytes as it is, and cuts a longer one", async () => {
  for (const [length, isCut] of [[255, false], [256, true]] as const) {
    const pair = new Pair();
    const name = `${"x".repeat(length - 4)}.jpg`;
    pair.alice.store.files.set(`home/${name}`, contentOf(1));
    pair.connect();
    const offer = await pair.offer(`home/${name}`);
    assertEquals([offer.name === name, offer.name.endsWith(".jpg")], [!isCut, true]);
    assertEquals(offer.name.length <= 255, true);
  }
});

Deno.test("Transfers does nothing for a file that nobody has accepted", async () => {
  const { pair, alice, bob } = await offered();
  pair.cut();
  pair.connect();
  await pair.settle();
  assertEquals(bob.store.partials.size, 0);
  assertEquals(alice.transfers.list()[0]!.phase, "offered");
  // The sender stays for an answer, and the receiver for no file that was not accepted.
  assertEquals([alice.transfers.busy, bob.transfers.busy], [true, false]);
});

Deno.test("Transfers reports to the sender that a file is not wanted", async () => {
  const { pair, alice, bob } = await offered();
  bob.transfers.act("refuse", 1);
  await pair.settle();
  assertEquals(alice.happened(), ["file-stopped"]);
  assertEquals(alice.transfers.list()[0]!.phase, "stopped");
  assertEquals(bob.transfers.list()[0]!.phase, "refused");
  const error = assertThrows(() => bob.transfers.act("accept", 1), TransferError);
  assertEquals(error.code, "no-such-file");
});

Deno.test("Transfers resumes where it was cut, however often, in new sessions", async () => {
  const { pair, alice, bob } = await active(2);
  for (let cuts = 0; cuts < 3; cuts++) {
    pair.cut();
    pair.connect();
    await pair.rest();
    const [get] = getsOf(bob);
    assertEquals(get!.from, bob.transfers.list()[0]!.done / LEAF_BYTES);
    pair.carry(bob);
    await pair.rest();
    pair.carry(alice, 2);
    await pair.rest();
  }
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
  assertEquals(bob.happened(), ["file-offered", "file-received"]);
});

Deno.test("Transfers resumes after either side was killed", async () => {
  const { pair, alice, bob } = await active(5);
  pair.cut();
  bob.crash(0, (leaf) => leaf);
  pair.connect();
  await pair.rest();
  assert(bob.transfers.list()[0]!.done >= 2 * LEAF_BYTES);
  pair.cut();
  alice.crash();
  pair.connect();
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
  assertEquals(alice.events.at(-1)!.type, "file-sent");
});

Deno.test("Transfers resumes the same content that is offered anew, when both have forgotten", async () => {
  const { pair, alice, bob } = await active(5);
  pair.cut();
  alice.remembered = [[]];
  bob.remembered = [[]];
  alice.crash();
  bob.crash(0, (leaf) => leaf);
  const [left] = bob.store.partials.values();
  const from = left!.leaves.length;
  assert(from >= 2);
  alice.store.files.set("home/picture.jpg", CONTENT);
  pair.connect();
  await pair.offer("home/picture.jpg");
  bob.transfers.act("accept", 1);
  await pair.rest();
  assertEquals(getsOf(bob)[0]!.from, from);
  await pair.settle();
  assertEquals(bob.store.files.get("received/picture.jpg"), CONTENT);
});

Deno.test("Transfers answers a peer that asks after a file that is forgotten", async () => {
  const { pair, alice, bob } = await active(2);
  pair.cut();
  alice.remembered = [[]];
  alice.crash();
  pair.connect();
  await pair.settle();
  assertEquals(bob.happened().at(-1), "file-stopped");
  // What came is kept.
  assertEquals(bob.store.partials.size, 1);
  const late = await active(2);
  late.pair.cut();
  late.bob.remembered = [[]];
  late.bob.crash();
  late.pair.connect();
  await late.pair.settle();
  assertEquals(late.alice.happened().at(-1), "file-stopped");
});

Deno.test("Transfers reports to the sender in the next session that a file has arrived", async () => {
  const { pair, alice, bob } = await unheard();
  bob.crash();
  pair.connect();
  await pair.settle();
  assertEquals(alice.happened(), ["file-sent"]);
  assertEquals(bob.store.received(), ["received/photo.jpg"]);
});

Deno.test("Transfers finds a file again that was finished right before the client was killed", async () => {
  const { pair, alice, bob } = await active(2);
  const before = bob.remembered.at(-1)!;
  assertEquals(before[0]!.phase, "active");
  await pair.settle();
  assertEquals(bob.store.received(), ["received/photo.jpg"]);
  pair.cut();
  bob.remembered = [before];
  bob.crash();
  bob.events.length = 0;
  pair.connect();
  await pair.settle();
  assertEquals(bob.store.received(), ["received/photo.jpg"]);
  assertEquals(bob.happened(), ["file-received"]);
  assertEquals(bob.store.partials.size, 0);
  assertEquals(alice.transfers.list()[0]!.phase, "done");
});

Deno.test("Transfers takes no other file of the same name and length for the one that it was receiving", async () => {
  const { pair, bob } = await active(2);
  pair.cut();
  bob.crash();
  const other = contentOf(CONTENT.length, 1);
  bob.store.files.set("received/photo.jpg", other);
  pair.connect();
  await pair.settle();
  // Before the contents, of which a difference takes minutes to print.
  assertEquals(bob.store.received(), ["received/photo (2).jpg", "received/photo.jpg"]);
  assertEquals(bob.store.files.get("received/photo.jpg"), other);
  assertEquals(bob.store.files.get("received/photo (2).jpg"), CONTENT);
  assertEquals(bob.store.open.size, 0);
});

for (
  const [call, end] of [
    ["close()", (transfers: Transfers) => transfers.close()],
    ['act("cancel")', (transfers: Transfers) => {
      transfers.act("cancel", 1);
      return transfers.idle();
    }],
  ] as const
) {
  Deno.test(`Transfers.${call} waits for no file to be hashed, on either side`, async () => {
    const { pair, alice, bob, offer: { id } } = await active(4);
    pair.cut();
    for (const side of [alice, bob]) side.crash();
    pair.connect();
    // Bob asks again, and both have to hash what they have.
    alice.transfers.signal(PEER, getOf(id, 4));
    for (const { store, transfers } of [alice, bob]) {
      store.reads = 0;
      await end(transfers);
      assertEquals([store.reads, store.open.size], [0, 0]);
    }
    const stops = [alice, bob].map(({ events }) => {
      const last = events.at(-1)!;
      return last.type === "file-stopped" ? last.code : null;
    });
    assertEquals(stops, call === "close()" ? [null, null] : ["file-cancelled", "file-refused"]);
  });
}

Deno.test("Transfers.close() closes files, and keeps partial ones", async () => {
  const { alice, bob } = await active(2);
  assertEquals([alice.store.open.size, bob.store.open.size], [1, 1]);
  for (const { transfers, store } of [alice, bob]) {
    await transfers.close();
    assertEquals(store.open.size, 0);
  }
  assertEquals(bob.store.partials.size, 1);
});

Deno.test("Transfers.list() has a rate while a file moves, and none between two sessions", async () => {
  const { pair, bob } = await active(2);
  bob.now += 1000;
  await carryUntil(pair, () => bob.transfers.list()[0]!.done >= 4 * LEAF_BYTES);
  assertEquals(bob.transfers.list()[0]!.rate, 4 * LEAF_BYTES);
  pair.cut();
  await pair.rest();
  assertEquals(bob.transfers.list()[0]!.rate, 0);
});

Deno.test("Transfers remembers a pause, and that the end of a file was reported", async () => {
  const { pair, alice, bob } = await active(2);
  bob.transfers.act("pause", 1);
  await pair.settle();
  pair.cut();
  bob.crash();
  assertEquals(bob.transfers.list()[0]!.phase, "held");
  bob.transfers.act("cancel", 1);
  await pair.rest();
  assertEquals(bob.remembered.at(-1)![0]!.untold, "refused");
  pair.connect();
  await pair.settle();
  assertEquals(bob.remembered.at(-1)![0]!.untold, null);
  assertEquals(alice.transfers.list()[0]!.phase, "stopped");
});

Deno.test("Transfers pauses and resumes from either side, and says who paused", async () => {
  for (const who of ["alice", "bob"] as const) {
    const { pair, alice, bob } = await active(2);
    const sides = { alice, bob };
    const other = sides[who === "alice" ? "bob" : "alice"];
    sides[who].transfers.act("pause", 1);
    await pair.settle();
    const had = bob.transfers.list()[0]!.done;
    assertEquals([alice.transfers.list()[0]!.phase, bob.transfers.list()[0]!.phase], [
      "held",
      "held",
    ]);
    const held = (by: string) => (event: { type: string; by?: string }) =>
      event.type === "file-held" && event.by === by;
    assert(sides[who].events.some(held("you")) && other.events.some(held("peer")));
    pair.cut();
    pair.connect();
    await pair.settle();
    assertEquals(bob.transfers.list()[0]!.done, had);
    assertEquals([alice.transfers.list()[0]!.phase, bob.transfers.list()[0]!.phase], [
      "held",
      "held",
    ]);
    sides[who].transfers.act("resume", 1);
    await pair.settle();
    assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT, who);
  }
});

Deno.test("Transfers removes what came of a file that is given up, also one that was paused before a restart", async () => {
  for (const restart of [false, true]) {
    const { pair, alice, bob } = await active(4);
    bob.transfers.act("pause", 1);
    await pair.settle();
    if (restart) {
      pair.cut();
      bob.crash();
    }
    bob.transfers.act("cancel", 1);
    pair.connect();
    await pair.settle();
    assertEquals(bob.store.partials.size, 0);
    assertEquals(alice.happened().at(-1), "file-stopped");
    assertEquals(bob.happened().at(-1), "file-stopped");
  }
});

Deno.test("Transfers removes what came of an offer that is taken back", async () => {
  const { pair, alice, bob } = await active(4);
  assertEquals([alice.store.open.size, bob.store.open.size], [1, 1]);
  alice.transfers.act("cancel", 1);
  await pair.settle();
  assertEquals(bob.store.partials.size, 0);
  assertEquals([alice.store.open.size, bob.store.open.size], [0, 0]);
  const stopped = bob.events.at(-1);
  assertEquals(stopped?.type === "file-stopped" && stopped.code, "file-cancelled");
});

Deno.test("Transfers keeps what came when the disk is full, says so, and resumes when there is room", async () => {
  const { pair, alice, bob } = await offered();
  bob.store.room = 3;
  bob.transfers.act("accept", 1);
  await pair.settle();
  const held = bob.events.at(-1);
  assert(held?.type === "file-held" && held.by === "disk" && held.code === "disk-full");
  assertEquals(alice.events.at(-1), { type: "file-held", id: held.id, by: "peer" });
  assertEquals([bob.store.partials.size, bob.store.open.size], [1, 0]);
  bob.transfers.act("resume", 1);
  await pair.settle();
  assertEquals(bob.happened().filter((type) => type === "file-held").length, 2);
  bob.store.room = Infinity;
  bob.transfers.act("resume", 1);
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
});

Deno.test("Transfers calls no file received that could not be brought to the disk", async () => {
  const { pair, alice, bob } = await active(2);
  bob.store.broken = true;
  await pair.settle();
  assertEquals(bob.transfers.list()[0]!.phase, "held");
  assertEquals(alice.events.at(-1)!.type, "file-held");
  bob.store.broken = false;
  bob.transfers.act("resume", 1);
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
});

Deno.test("Transfers notices a file that has changed since it was offered", async () => {
  const changes = {
    // Early: the time has changed, so it is hashed again, long before the leaf's turn.
    "at its end": flipBit(CONTENT, CONTENT.length - 1),
    shorter: CONTENT.slice(0, -1),
    empty: new Uint8Array(),
  };
  for (const [what, content] of Object.entries(changes)) {
    const { pair, alice, bob } = await active(2);
    alice.store.files.set("home/photo.jpg", content);
    const before = alice.count;
    const { reads } = alice.store;
    await pair.settle();
    // One of another length is not worth hashing.
    if (content.length !== CONTENT.length) assert(alice.store.reads - reads <= 1);
    assertEquals(stopOf(alice), CHANGED, what);
    assertEquals(stopOf(bob).code, "file-changed", what);
    // Before it is the changed leaf's turn: what was read already goes out, and the news.
    assert(alice.count - before <= 2, `${alice.count - before} signals, ${what}`);
    assertEquals(bob.store.received(), []);
  }
});

Deno.test("Transfers goes on with a file that was only touched", async () => {
  const { pair, alice, bob } = await active(2);
  alice.store.files.set("home/photo.jpg", CONTENT.slice());
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
});

Deno.test("Transfers notices a change that leaves length and time as they were, by the leaf's hash", async () => {
  const { pair, alice, bob } = await offered();
  alice.store.files.get("home/photo.jpg")!.fill(9, 7 * LEAF_BYTES, 7 * LEAF_BYTES + 1);
  bob.transfers.act("accept", 1);
  await pair.settle();
  assertEquals(stopOf(alice), CHANGED);
  assertEquals(stopOf(bob).code, "file-changed");
  assertEquals(bob.store.received(), []);
});

Deno.test("Transfers says that a file is gone, and keeps what came of it", async () => {
  const { pair, alice, bob } = await active(2);
  alice.store.files.delete("home/photo.jpg");
  await pair.settle();
  const last = alice.events.at(-1);
  assertEquals(last?.type === "file-stopped" && last.code, "cannot-read");
  assertEquals(bob.events.at(-1)!.type, "file-stopped");
  assertEquals(bob.store.partials.size, 1);
});

Deno.test("Transfers mends a partial file that was damaged, wherever", async () => {
  for (const damaged of [0, 1, 3]) {
    const { pair, bob } = await active(5);
    pair.cut();
    bob.crash(0, (leaf) => leaf);
    const [partial] = bob.store.partials.values();
    partial!.leaves[damaged] = flipBit(partial!.leaves[damaged]!, 9);
    pair.connect();
    await pair.settle();
    assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT, `${damaged}`);
  }
});

Deno.test("Transfers mends a partial file of which all is there and a part is damaged", async () => {
  const { pair, bob } = await active(8);
  bob.transfers.act("pause", 1);
  await pair.settle();
  pair.cut();
  bob.crash(0, (leaf) => leaf);
  const [partial] = bob.store.partials.values();
  while (partial!.leaves.length < 10) partial!.leaves.push(new Uint8Array(LEAF_BYTES));
  partial!.leaves[9] = new Uint8Array(100);
  bob.transfers.act("resume", 1);
  pair.connect();
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
});

Deno.test("Transfers never overwrites: the second file of a name gets a number", async () => {
  const { pair, alice, bob } = await offered();
  bob.transfers.act("accept", 1);
  await pair.settle();
  alice.store.files.set("home/photo.jpg", contentOf(10));
  await pair.offer("home/photo.jpg");
  bob.transfers.act("accept", 2);
  await pair.settle();
  assertEquals(bob.store.received(), ["received/photo (2).jpg", "received/photo.jpg"]);
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
});

Deno.test("Transfers receives the same content twice at a time one after the other", async () => {
  const { pair, alice, bob } = await offered();
  await pair.offer("home/photo.jpg");
  bob.transfers.act("accept", 1);
  bob.transfers.act("accept", 2);
  await pair.settle();
  const held = bob.events.find(({ type }) => type === "file-held");
  assertEquals(held?.type === "file-held" && held.by === "disk" && held.code, "file-in-use");
  const waiting = bob.transfers.list().find(({ phase }) => phase === "held")!;
  bob.transfers.act("resume", waiting.id);
  await pair.settle();
  assertEquals(bob.store.received(), ["received/photo (2).jpg", "received/photo.jpg"]);
  assertEquals(alice.happened(), ["file-held", "file-sent", "file-sent"]);
});

Deno.test("Transfers refuses what is offered beyond sixteen, and says so once", async () => {
  const pair = new Pair();
  const { alice, bob } = pair;
  alice.store.files.set("home/a", contentOf(1));
  pair.connect();
  for (let i = 0; i < MAX_INCOMING + 3; i++) await pair.offer("home/a");
  assertEquals(bob.transfers.list().length, MAX_INCOMING);
  assertEquals(bob.happened().filter((type) => type === "file-stopped").length, 1);
  assertEquals(alice.happened(), Array(3).fill("file-stopped"));
  bob.transfers.act("refuse", 1);
  await pair.settle();
  await pair.offer("home/a");
  assertEquals(
    bob.transfers.list().filter(({ phase }) => phase === "offered").length,
    MAX_INCOMING,
  );
});

Deno.test("Transfers ignores an offer whose id is known, and signals that have no place", async () => {
  const { pair, alice, bob, offer } = await offered();
  bob.transfers.offered(PEER, offer);
  alice.transfers.offered(PEER, offer);
  assertEquals([bob.transfers.list().length, alice.transfers.list().length], [1, 1]);
  const { id } = offer;
  bob.transfers.signal(PEER, getOf(id, 0));
  alice.transfers.signal(PEER, { type: "file-query", id });
  const unknown = new Uint8Array(16).fill(9);
  bob.transfers.signal(PEER, { type: "file-hold", id: unknown });
  bob.transfers.signal(PEER, { type: "file-stop", id: unknown, reason: "failed" });
  await pair.settle();
  assertEquals(alice.happened(), []);
  assertEquals(bob.happened(), ["file-offered"]);
});

/** A file that has arrived, and Alice has not heard of it. */
async function unheard() {
  const all = await active(2);
  const { pair, bob } = all;
  await carryUntil(pair, () => bob.transfers.list()[0]!.phase === "done");
  pair.cut();
  return all;
}

Deno.test("Transfers answers nothing between two sessions", async () => {
  const { pair, bob, offer } = await unheard();
  bob.transfers.signal(PEER, { type: "file-query", id: offer.id });
  bob.transfers.opened(PEER, new Uint8Array(32));
  await pair.rest();
  assertEquals(bob.sent, []);
});

Deno.test("Transfers gives up a file of which the sender seals something else, and keeps nothing of it", async () => {
  const tree = await treeOf(CONTENT);
  const genuine = { proof: tree.proof(0), data: leafOf(CONTENT, 0) };
  const others = [
    { ...genuine, data: leafOf(contentOf(CONTENT.length, 1), 0) },
    { ...genuine, data: genuine.data.slice(1) },
    { ...genuine, proof: tree.proof(1) },
  ];
  for (const leaf of [genuine, ...others]) {
    const { pair, bob, offer } = await offered();
    bob.transfers.act("accept", 1);
    await pair.rest();
    const keys = frameKeys(pair.sessionId, offer, getsOf(bob)[0]!);
    await bob.take(await sealFrame(keys, 0, leaf, seededRandom("peer")));
    await pair.rest();
    if (leaf === genuine) assertEquals(bob.transfers.list()[0]!.done, LEAF_BYTES);
    else assertEquals([stopOf(bob).code, bob.store.partials.size], ["file-changed", 0]);
    assertEquals(bob.refused, []);
  }
});

Deno.test("Transfers sends nothing of what was asked for before a pause, a cut or the end", async () => {
  for (const between of ["pause", "cancel", "cut"] as const) {
    const { pair, alice, bob } = await offered();
    bob.transfers.act("accept", 1);
    await pair.rest();
    alice.transfers.signal(PEER, getsOf(bob)[0]!);
    if (between === "cut") alice.transfers.closed();
    else alice.transfers.act(between, 1);
    await alice.transfers.idle();
    const frames = alice.sent.filter((sent) => sent instanceof Uint8Array);
    assertEquals(frames.length, 0, between);
  }
});

Deno.test("Transfers heals a gap: a leaf that is lost is asked for again, with all behind it", async () => {
  const { pair, alice, bob } = await offered();
  bob.transfers.act("accept", 1);
  await pair.rest();
  pair.carry(bob);
  await pair.rest();
  // The second leaf of four.
  alice.sent.splice(1, 1);
  await pair.settle();
  assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
  assertEquals([alice.refused, bob.refused], [[], []]);
});

Deno.test("Transfers asks again when what it asked for, or the answer, is lost", async () => {
  for (const lost of ["alice", "bob"] as const) {
    const { pair, alice, bob } = await offered();
    bob.transfers.act("accept", 1);
    await pair.rest();
    pair.carry(bob, lost === "bob" ? 0 : Infinity);
    await pair.rest();
    pair[lost].sent.length = 0;
    await pair.settle();
    assertEquals(bob.store.received(), []);
    for (const ring of bob.timers.splice(0)) ring();
    await pair.settle();
    assertEquals(bob.store.files.get("received/photo.jpg"), CONTENT);
    assertEquals([alice.refused, bob.refused], [[], []]);
  }
});

Deno.test("Transfers cleans the name that it shows, and the one that it makes a file of", async () => {
  const pair = new Pair();
  const { alice, bob } = pair;
  alice.store.files.set("home/\u202egpj.exe\u0007", contentOf(3));
  pair.connect();
  await pair.offer("home/\u202egpj.exe\u0007");
  const [event] = bob.events;
  assertEquals(event?.type === "file-offered" && event.name, "gpj.exe");
  bob.transfers.act("accept", 1);
  await pair.settle();
  assertEquals(bob.store.received(), ["received/gpj.exe"]);
});

Deno.test("Transfers names an unknown transfer, and one that is over, in its errors", async () => {
  const { pair, alice, bob } = await offered();
  const wrong = [
    () => bob.transfers.act("accept", 2),
    () => bob.transfers.act("pause", "00"),
    () => alice.transfers.act("accept", 1),
    () => alice.transfers.act("refuse", 1),
    () => bob.transfers.act("cancel", 0),
  ];
  for (const call of wrong) assertEquals(assertThrows(call, TransferError).code, "no-such-file");
  await pair.offer("home/photo.jpg");
  bob.transfers.act("accept", 2);
  await pair.rest();
  for (const action of ["accept", "refuse"] as const) {
    assertThrows(() => bob.transfers.act(action, 2), TransferError, "wait for an answer");
  }
  bob.transfers.act("refuse", 1);
  await pair.settle();
  for (
    const call of [() => bob.transfers.act("resume", 1), () => alice.transfers.act("cancel", 1)]
  ) {
    assertEquals(assertThrows(call, TransferError).code, "no-such-file");
  }
});

Deno.test("Transfers.prepare() says what is wrong with a file, and reports how far its hashing is", async () => {
  const pair = new Pair();
  const { store, transfers } = pair.alice;
  const missing = await assertRejects(() => transfers.prepare("home/none"), TransferError);
  assertEquals(missing.code, "cannot-read");
  store.files.set("home/a", CONTENT);
  const done: number[] = [];
  await transfers.prepare("home/a", (bytes) => done.push(bytes));
  assertEquals(done.length, 10);
  assertEquals(done.at(-1), CONTENT.length);
  const growing = transfers.prepare("home/a", () => store.files.set("home/a", contentOf(1)));
  assertEquals((await assertRejects(() => growing, TransferError)).code, "file-changed");
});

Deno.test("Transfers remembers what goes through JSON and back", async () => {
  const { pair, alice, bob } = await active(3);
  bob.transfers.act("pause", 1);
  await pair.settle();
  for (const side of [alice, bob]) {
    const records = JSON.parse(JSON.stringify(side.remembered.at(-1)));
    pair.cut();
    side.remembered = [records];
    side.crash();
    side.store.files.set("another", contentOf(1));
    await side.transfers.prepare("another");
    assertEquals(side.remembered.at(-1)!.slice(0, -1), records);
  }
});
