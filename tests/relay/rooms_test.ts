import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Rooms } from "../../lib/relay/rooms.ts";

Deno.test("Rooms.join() seats two and turns the third away", () => {
  const rooms = new Rooms<string>();
  assert(rooms.join("r", "a"));
  assert(!rooms.isComplete("r"));
  assert(rooms.join("r", "b"));
  assert(rooms.isComplete("r"));
  assert(!rooms.join("r", "c"));
  assertEquals(rooms.members("r"), ["a", "b"]);
});

Deno.test("Rooms.leave() tells who is left, frees the seat, and forgets an empty room", () => {
  const rooms = new Rooms<string>();
  rooms.join("r", "a");
  rooms.join("r", "b");
  assertEquals(rooms.leave("r", "a"), ["b"]);
  assert(rooms.join("r", "c"));
  assertEquals(rooms.leave("r", "b"), ["c"]);
  assertEquals(rooms.leave("r", "c"), []);
  assertStrictEquals(rooms.size, 0);
});

Deno.test("Rooms.leave() changes nothing for somebody who has no seat", () => {
  const rooms = new Rooms<string>();
  rooms.join("r", "a");
  assertEquals(rooms.leave("r", "z"), ["a"]);
  assertEquals(rooms.leave("elsewhere", "z"), []);
  assertEquals(rooms.members("r"), ["a"]);
});

Deno.test("Rooms.peerOf() is the other one in the same room only", () => {
  const rooms = new Rooms<string>();
  rooms.join("r", "a");
  assertStrictEquals(rooms.peerOf("r", "a"), undefined);
  rooms.join("s", "b");
  assertStrictEquals(rooms.peerOf("r", "a"), undefined);
  rooms.join("r", "c");
  assertStrictEquals(rooms.peerOf("r", "a"), "c");
  assertStrictEquals(rooms.peerOf("r", "c"), "a");
});
