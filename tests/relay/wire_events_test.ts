import { assert, assertEquals } from "@std/assert";
import {
  DEFAULT_AWAY_SECONDS,
  DEFAULT_MAX_PAYLOAD_BYTES,
  DEFAULT_PORT,
  DEFAULT_ROOM,
  isRoomName,
  isSeat,
  RELAYED,
} from "../../lib/relay/wire_events.ts";
import { makeSeat } from "../../lib/conversation/seat.ts";

Deno.test("RELAYED keeps the original protocol's spelling", () => {
  assertEquals(RELAYED, {
    ELGAMAL_PK: "ELGAMAL_PK_BC",
    DEFF_HELLMAN_PK: "DEFF_HELLMAN_PK_BC",
    SECURE: "SECURE_BC",
    message: "received_message",
  });
});

Deno.test("isRoomName() takes letters of any script, digits, dots, hyphens and underscores", () => {
  for (const name of ["lobby", "r1", "7-quiet.harbor_x", "комната", "部屋", "a".repeat(64)]) {
    assert(isRoomName(name), name);
  }
  for (
    const name of [
      "",
      "-a",
      ".a",
      "a b",
      "a\n",
      "a\u3164",
      "a\u202e",
      "a/b",
      "a".repeat(65),
      7,
      null,
      {},
    ]
  ) {
    assert(!isRoomName(name), String(name));
  }
});

Deno.test("isSeat() takes 43 characters of base64url and nothing else", () => {
  assert(isSeat("a".repeat(43)) && isSeat(`${"A0_-".repeat(10)}xyz`));
  for (
    const seat of [
      "",
      "a".repeat(42),
      "a".repeat(44),
      `${"a".repeat(42)}=`,
      `${"a".repeat(42)}+`,
      `${"a".repeat(43)}\n`,
      null,
      7,
      ["a".repeat(43)],
    ]
  ) assert(!isSeat(seat), String(seat));
});

Deno.test("makeSeat() makes a seat's secret of 32 random bytes", () => {
  const lengths: number[] = [];
  const seat = makeSeat((length) => {
    lengths.push(length);
    return new Uint8Array(length).fill(255);
  });
  assert(isSeat(seat));
  assertEquals([seat, lengths], [`${"_".repeat(42)}8`, [32]]);
});

Deno.test("a relay and a client that are told nothing meet at port 5000 in the lobby", () => {
  assertEquals(
    [DEFAULT_PORT, DEFAULT_ROOM, DEFAULT_MAX_PAYLOAD_BYTES, DEFAULT_AWAY_SECONDS],
    [5000, "lobby", 1_048_576, 120],
  );
});
