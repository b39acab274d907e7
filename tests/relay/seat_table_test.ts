import { assert, assertEquals } from "@std/assert";
import { type Connection, SeatTable, type SeatTableOptions } from "../../lib/relay/seat_table.ts";
import { FakeClock } from "../helpers/relay_world.ts";

/** A connection in memory that records what it is sent. */
class Listener implements Connection {
  readonly heard: string[] = [];

  hasSpoken = false;

  constructor(readonly room: string, readonly secret: string | null) {}

  seated(): void {
    this.heard.push("seated");
  }

  begin(): void {
    this.heard.push("begin");
  }

  notify(event: string): void {
    this.heard.push(event);
  }

  cut(): void {
    this.heard.push("cut");
  }
}

function world(options: Partial<SeatTableOptions> = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const seats = new SeatTable({
    awaySeconds: 120,
    after: clock.after,
    log: (_level, message) => lines.push(message),
    ...options,
  });
  const seat = (secret: string | null, room = "r") => {
    const connection = new Listener(room, secret);
    return { connection, isSeated: seats.assign(connection) };
  };
  return { seats, clock, lines, seat };
}

Deno.test("SeatTable: a lost client is away, comes back, and both begin anew", () => {
  const { seats, clock, seat, lines } = world();
  const [{ connection: a }, { connection: b }] = [seat("A"), seat("B")];
  seats.part(a, false);
  assertEquals([seats.peerOf(b), seats.isHolding("r"), clock.running], [null, true, [120_000]]);
  assertEquals([seat("C").isSeated, seat(null).isSeated], [false, false]);
  const { connection: back } = seat("A");
  assertEquals([seats.peerOf(b), seats.isHolding("r"), clock.running], [back, false, []]);
  assertEquals(b.heard, ["seated", "begin", "PEER_AWAY", "begin"]);
  assertEquals([a.heard, back.heard], [["seated", "begin"], ["seated", "begin"]]);
  assertEquals(lines, [
    "joined",
    "joined",
    "key exchange",
    "away",
    "room full",
    "room full",
    "returned",
    "key exchange",
  ]);
});

Deno.test("SeatTable logs who comes for the first time or again, and how many are in the room", () => {
  const lines: string[] = [];
  const { seat } = world({
    log: (_level, message, { members }) => void (members && lines.push(`${message} ${members}`)),
  });
  for (const secret of ["A", "B", "A"]) seat(secret);
  assertEquals(lines, ["joined 1", "joined 2", "returned 2"]);
});

Deno.test("SeatTable holds a seat for as little as a second", () => {
  const { seats, clock, seat } = world({ awaySeconds: 1 });
  seats.part(seat("A").connection, false);
  assertEquals(clock.running, [1000]);
});

Deno.test("SeatTable: a client that does not come back in time has left, and the seat is anybody's", () => {
  const { seats, clock, seat } = world();
  const [{ connection: a }, { connection: b }] = [seat("A"), seat("B")];
  seats.part(a, false);
  clock.fire();
  assertEquals(b.heard, ["seated", "begin", "PEER_AWAY", "PEER_LEFT"]);
  assertEquals(seats.isHolding("r"), false);
  assert(seat("C").isSeated);
  assertEquals(b.heard.at(-1), "begin");
});

Deno.test("SeatTable: a goodbye, a client without a secret, and --away 0 free the seat at once", () => {
  for (
    const [secret, goodbye, awaySeconds] of [["A", true, 120], [null, false, 120], ["A", false, 0]]
  ) {
    const { seats, clock, seat } = world({ awaySeconds: awaySeconds as number });
    const [{ connection: a }, { connection: b }] = [seat(secret as string | null), seat("B")];
    seats.part(a, goodbye as boolean);
    assertEquals([b.heard, clock.running], [["seated", "begin", "PEER_LEFT"], []]);
    assert(seat("C").isSeated);
  }
});

Deno.test("SeatTable: a client that comes back only to leave is gone at once", () => {
  const { seats, clock, seat } = world();
  const [{ connection: a }, { connection: b }] = [seat("A"), seat("B")];
  seats.part(a, false);
  seats.part(seat("A").connection, true);
  assertEquals(b.heard, ["seated", "begin", "PEER_AWAY", "begin", "PEER_LEFT"]);
  assertEquals(clock.running, []);
});

Deno.test("SeatTable: a second connection takes over, and the end of the first changes nothing", () => {
  const { seats, clock, seat } = world();
  const [{ connection: a }, { connection: b }] = [seat("A"), seat("B")];
  const { connection: again } = seat("A");
  assertEquals(a.heard, ["seated", "begin", "cut"]);
  assertEquals(b.heard, ["seated", "begin", "PEER_AWAY", "begin"]);
  seats.part(a, true);
  seats.part(a, false);
  assertEquals([seats.peerOf(a), seats.peerOf(b), seats.peerOf(again)], [null, again, b]);
  assertEquals([b.heard.length, clock.running], [4, []]);
});

Deno.test("SeatTable: two clients that are away come back one by one", () => {
  const { seats, clock, seat } = world();
  const [{ connection: a }, { connection: b }] = [seat("A"), seat("B")];
  seats.part(a, false);
  seats.part(b, false);
  assertEquals(clock.running.length, 2);
  const [{ connection: b2 }, { connection: a2 }] = [seat("B"), seat("A")];
  assertEquals([b2.heard, a2.heard, clock.running], [["seated", "begin"], ["seated", "begin"], []]);
});

Deno.test("SeatTable: when too many are away, those away the longest have left", () => {
  const { seats, clock, seat } = world({ maxHeldSeats: 3 });
  const { connection: peer } = seat("P", "0");
  for (let i = 0; i < 5; i++) seats.part(seat(`S${i}`, String(i)).connection, false);
  assertEquals(clock.running.length, 3);
  assertEquals(peer.heard, ["seated", "begin", "PEER_AWAY", "PEER_LEFT"]);
  assertEquals([0, 1, 2, 3, 4].map((i) => seats.isHolding(String(i))), [
    false,
    false,
    true,
    true,
    true,
  ]);
});

Deno.test("SeatTable.close() stops every timer", () => {
  const { seats, clock, seat } = world();
  seats.part(seat("A").connection, false);
  seats.close();
  assertEquals(clock.running, []);
});

Deno.test("SeatTable.part() does nothing for a connection that has parted", () => {
  const { seats, clock, seat, lines } = world();
  const { connection } = seat("A");
  seats.part(connection, false);
  seats.part(connection, true);
  assertEquals([seats.isHolding("r"), clock.running], [true, [120_000]]);
  assertEquals(lines, ["joined", "away"]);
});

Deno.test("SeatTable: in a room with a number, a seat is held for its first client, and after a talk for both", () => {
  const { seats, seat } = world();
  const room = seats.allot(() => 6);
  assertEquals(room, "invite-7");
  const { connection: a } = seat("A", room);
  const { connection: mallory } = seat("M", room);
  // Only one of them: whoever tries numbers may send what they like.
  mallory.hasSpoken = true;
  seats.part(mallory, false);
  assertEquals(a.heard.at(-1), "PEER_LEFT");
  const { connection: b } = seat("B", room);
  a.hasSpoken = b.hasSpoken = true;
  seats.part(b, false);
  assertEquals([a.heard.at(-1), seat("M", room).isSeated], ["PEER_AWAY", false]);
  const { connection: back } = seat("B", room);
  seats.part(a, false);
  assertEquals([back.heard.at(-1), seat("M", room).isSeated], ["PEER_AWAY", false]);
});

Deno.test("SeatTable: a talk that a second connection ends counts, too", () => {
  const { seats, seat } = world();
  const [{ connection: a }, { connection: b }] = [seat("A", "invite-7"), seat("B", "invite-7")];
  a.hasSpoken = b.hasSpoken = true;
  const { connection: again } = seat("B", "invite-7");
  seats.part(again, false);
  assertEquals(a.heard.at(-1), "PEER_AWAY");
});
