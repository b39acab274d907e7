import { assert, assertEquals } from "@std/assert";
import { isRoomName, RELAYED } from "../../lib/relay/events.ts";

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
    const name of ["", "-a", ".a", "a b", "a\n", "a\u202e", "a/b", "a".repeat(65), 7, null, {}]
  ) {
    assert(!isRoomName(name), String(name));
  }
});
