import { assert, assertEquals } from "@std/assert";
import { type Guest, Usher, type UsherOptions } from "../../lib/relay/seat_table.ts";
import { FakeClock } from "../helpers/relay_world.ts";

/** A client in memory, and what it hears. */
class Listener implements Guest {
  readonly heard: string[] = [];

  constructor(readonly room: string, readonly secret: string | null) {}

  begin(): void {
    this.heard.push("begin");
  }

  tell(event: string): void {
    this.heard.push(event);
  }

  cut(): void {
    this.heard.push("cut");
  }
}

function world(options: Partial<UsherOptions> = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const usher = new Usher({
    awaySeconds: 120,
    after: clock.after,
    log: (_level, message) => lines.push(message),
    ...options,
  });
  const seat = (secret: string | null, room = "r") => {
    const guest = new Listener(room, secret);
    return { guest, isSeated: usher.seat(guest) };
  };
  return { usher, clock, lines, seat };
}

Deno.test("Usher: who lost the connection is away, comes back, and both begin anew", () => {
  const { usher, clock, seat, lines } = world();
  const [{ guest: a }, { guest: b }] = [seat("A"), seat("B")];
  usher.part(a, false);
  assertEquals([usher.peerOf(b), usher.isHolding("r"), clock.running], [null, true, [120_000]]);
  assertEquals([seat("C").isSeated, seat(null).isSeated], [false, false]);
  const { guest: back } = seat("A");
  assertEquals([usher.peerOf(b), usher.isHolding("r"), clock.running], [back, false, []]);
  assertEquals(b.heard, ["begin", "PEER_AWAY", "begin"]);
  assertEquals([a.heard, back.heard], [["begin"], ["begin"]]);
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

Deno.test("Usher logs how many are in the room", () => {
  const counts: unknown[] = [];
  const { seat } = world({
    log: (_level, message, { members }) => void (message === "joined" && counts.push(members)),
  });
  seat("A");
  seat("B");
  assertEquals(counts, [1, 2]);
});

Deno.test("Usher: who does not come back in time has left, and the seat is anybody's", () => {
  const { usher, clock, seat } = world();
  const [{ guest: a }, { guest: b }] = [seat("A"), seat("B")];
  usher.part(a, false);
  clock.fire();
  assertEquals(b.heard, ["begin", "PEER_AWAY", "PEER_LEFT"]);
  assertEquals(usher.isHolding("r"), false);
  assert(seat("C").isSeated);
  assertEquals(b.heard.at(-1), "begin");
});

Deno.test("Usher: a goodbye, a client without a secret, and --away 0 free the seat at once", () => {
  for (
    const [secret, goodbye, awaySeconds] of [["A", true, 120], [null, false, 120], ["A", false, 0]]
  ) {
    const { usher, clock, seat } = world({ awaySeconds: awaySeconds as number });
    const [{ guest: a }, { guest: b }] = [seat(secret as string | null), seat("B")];
    usher.part(a, goodbye as boolean);
    assertEquals([b.heard, clock.running], [["begin", "PEER_LEFT"], []]);
    assert(seat("C").isSeated);
  }
});

Deno.test("Usher: who comes back only to leave is gone at once", () => {
  const { usher, clock, seat } = world();
  const [{ guest: a }, { guest: b }] = [seat("A"), seat("B")];
  usher.part(a, false);
  usher.part(seat("A").guest, true);
  assertEquals(b.heard, ["begin", "PEER_AWAY", "begin", "PEER_LEFT"]);
  assertEquals(clock.running, []);
});

Deno.test("Usher: a second connection takes over, and the end of the first changes nothing", () => {
  const { usher, clock, seat } = world();
  const [{ guest: a }, { guest: b }] = [seat("A"), seat("B")];
  const { guest: again } = seat("A");
  assertEquals(a.heard, ["begin", "cut"]);
  assertEquals(b.heard, ["begin", "PEER_AWAY", "begin"]);
  usher.part(a, true);
  usher.part(a, false);
  assertEquals([usher.peerOf(a), usher.peerOf(b), usher.peerOf(again)], [null, again, b]);
  assertEquals([b.heard.length, clock.running], [3, []]);
});

Deno.test("Usher: two who are away come back one by one", () => {
  const { usher, clock, seat } = world();
  const [{ guest: a }, { guest: b }] = [seat("A"), seat("B")];
  usher.part(a, false);
  usher.part(b, false);
  assertEquals(clock.running.length, 2);
  const [{ guest: b2 }, { guest: a2 }] = [seat("B"), seat("A")];
  assertEquals([b2.heard, a2.heard, clock.running], [["begin"], ["begin"], []]);
});

Deno.test("Usher: when too many are away, those who are away the longest have left", () => {
  const { usher, clock, seat } = world({ maxHeldSeats: 3 });
  const { guest: peer } = seat("P", "0");
  for (let i = 0; i < 5; i++) usher.part(seat(`S${i}`, String(i)).guest, false);
  assertEquals(clock.running.length, 3);
  assertEquals(peer.heard, ["begin", "PEER_AWAY", "PEER_LEFT"]);
  assertEquals([0, 1, 2, 3, 4].map((i) => usher.isHolding(String(i))), [
    false,
    false,
    true,
    true,
    true,
  ]);
});

Deno.test("Usher.close() stops every clock", () => {
  const { usher, clock, seat } = world();
  usher.part(seat("A").guest, false);
  usher.close();
  assertEquals(clock.running, []);
});
