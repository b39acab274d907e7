import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Entrance, Rooms } from "../../lib/relay/rooms.ts";

/** Takes a seat that is to be had. */
function enter(rooms: Rooms<string>, room: string, secret: string | null, client: string) {
  const entrance: Entrance<string> | null = rooms.enter(room, secret, client);
  assert(entrance !== null, `${client} gets a seat`);
  return entrance;
}

Deno.test("Rooms.enter() seats two, returns the peer, and refuses the third", () => {
  const rooms = new Rooms<string>();
  const a = enter(rooms, "r", "A", "a");
  assertEquals([a.replaced, a.peer], [null, null]);
  const b = enter(rooms, "r", null, "b");
  assertEquals([b.replaced, b.peer], [null, "a"]);
  assertEquals([rooms.enter("r", "C", "c"), rooms.enter("r", null, "d")], [null, null]);
  assertEquals(rooms.seats("r").map(({ client }) => client), ["a", "b"]);
  assertEquals([rooms.peerOf(a.seat), rooms.peerOf(b.seat)], ["b", "a"]);
});

Deno.test("Rooms.part() frees a seat at once: without a secret, or when it is not to be held", () => {
  const rooms = new Rooms<string>();
  const classic = enter(rooms, "r", null, "a");
  const own = enter(rooms, "r", "B", "b");
  assertEquals(rooms.part(classic.seat, true), "b");
  enter(rooms, "r", "C", "c");
  assertEquals(rooms.part(own.seat, false), "c");
  assertEquals(rooms.held.size, 0);
  assertStrictEquals(enter(rooms, "r", "B", "b again").peer, "c");
});

Deno.test("Rooms.part() holds a seat that nobody gets but its owner", () => {
  const rooms = new Rooms<string>();
  const { seat } = enter(rooms, "r", "A", "a");
  const b = enter(rooms, "r", "B", "b");
  assertEquals(rooms.part(seat, true), "b");
  assertEquals([rooms.peerOf(b.seat), seat.client, [...rooms.held]], [null, null, [seat]]);
  for (const secret of [null, "C", "a", "", "AA", "B "]) {
    assertStrictEquals(rooms.enter("r", secret, "stranger"), null, String(secret));
  }
  const back = enter(rooms, "r", "A", "a again");
  assertEquals([back.seat === seat, back.replaced, back.peer], [true, null, "b"]);
  assertEquals([rooms.held.size, rooms.peerOf(b.seat)], [0, "a again"]);
});

Deno.test("Rooms.enter() replaces an owner's connection that nobody had noticed to be lost", () => {
  const rooms = new Rooms<string>();
  const { seat } = enter(rooms, "r", "A", "a");
  const b = enter(rooms, "r", "B", "b");
  const again = enter(rooms, "r", "A", "a again");
  assertEquals([again.seat === seat, again.replaced, again.peer], [true, "a", "b"]);
  assertEquals(rooms.peerOf(b.seat), "a again");
});

Deno.test("Rooms.enter() never takes two clients without a secret for one", () => {
  const rooms = new Rooms<string>();
  enter(rooms, "r", null, "a");
  assertEquals(enter(rooms, "r", null, "b").replaced, null);
});

Deno.test("Rooms.expire() frees a seat that is held, and no other", () => {
  const rooms = new Rooms<string>();
  const { seat } = enter(rooms, "r", "A", "a");
  const b = enter(rooms, "r", "B", "b");
  assertEquals(rooms.expire(b.seat), null);
  rooms.part(seat, true);
  enter(rooms, "r", "A", "a again");
  assertEquals([rooms.expire(seat), rooms.seats("r").length], [null, 2]);
  rooms.part(seat, true);
  assertEquals(rooms.expire(seat), "b");
  assertEquals(rooms.expire(seat), null);
  assertStrictEquals(enter(rooms, "r", "C", "c").peer, "b");
});

Deno.test("Rooms forgets a room with its last seat, held ones too, and keeps rooms apart", () => {
  const rooms = new Rooms<string>();
  const a = enter(rooms, "r", "A", "a");
  const elsewhere = enter(rooms, "s", "A", "a, in another room");
  assertEquals([elsewhere.replaced, elsewhere.peer, rooms.size], [null, null, 2]);
  rooms.part(elsewhere.seat, false);
  const b = enter(rooms, "r", "B", "b");
  for (const { seat } of [a, b]) rooms.part(seat, true);
  assertEquals([[...rooms.held], rooms.size], [[a.seat, b.seat], 1]);
  assertEquals([rooms.expire(a.seat), rooms.expire(b.seat)], [null, null]);
  assertEquals([rooms.held.size, rooms.size], [0, 0]);
});

Deno.test("Rooms.allot() gives a number that is free, of as few digits as there are", () => {
  const rooms = new Rooms<string>();
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const room = rooms.allot((bound) => i % bound);
    seen.add(room);
    rooms.enter(room, "A", "alice");
  }
  assertEquals(seen.size, 100);
  const numbers = [...seen].map((room) => Number(room.replace("invite-", "")));
  assertEquals(numbers.slice(0, 9).sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(Math.max(...numbers.slice(9, 99)), 99);
  assertEquals(numbers[99]! > 99 && numbers[99]! < 1000, true);
});

Deno.test("Rooms: in a room with a number, the second seat is held only when the two have talked", () => {
  const rooms = new Rooms<string>();
  const room = rooms.allot(() => 0);
  const first = rooms.enter(room, "A", "alice")!.seat;
  rooms.part(rooms.enter(room, "M", "mallory")!.seat, true);
  assertEquals(rooms.held.size, 0);
  const second = rooms.enter(room, "B", "bob")!.seat;
  rooms.settle(room);
  rooms.part(second, true);
  rooms.part(first, true);
  assertEquals([...rooms.held], [second, first]);
});
