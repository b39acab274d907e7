import { assertEquals } from "@std/assert";
import { relayRoom } from "../../lib/conversation/seat.ts";
import { relayLink } from "../../lib/open_conversation.ts";
import { isRoomName, KEY_EXCHANGE } from "../../lib/relay/wire_events.ts";
import { granted } from "../helpers/permissions.ts";
import { relayWorld } from "../helpers/relay_world.ts";

/** SHA-256 of u32(13), "parley-1 room", u32(5), "Alice", by another program. */
const HASH = "5a9b180a0c9046edc670baa82fc1d40cb69749c0a541d31e1729eaa2bb2c88a4";

Deno.test("relayRoom() hashes a name that somebody chose, and no other", async () => {
  assertEquals(await relayRoom("Alice"), HASH);
  assertEquals(isRoomName(HASH), true);
  for (const plain of ["lobby", "invite-7"]) assertEquals(await relayRoom(plain), plain);
});

Deno.test({
  name:
    "relayLink() names the room by its hash; without a seat, as the original protocol does, as it is",
  ignore: !granted("net"),
  async fn() {
    await using world = await relayWorld();
    for (const [seat, room] of [["A".repeat(43), HASH], [null, "Alice"]] as const) {
      const other = await world.connect({ room });
      const link = (await relayLink({ server: world.url, room: "Alice" }, seat))(() => {});
      assertEquals(await other.next(KEY_EXCHANGE), room);
      await link.close();
      await other.next("PEER_LEFT");
      other.socket.disconnect();
    }
    assertEquals(world.log.filter((line) => line.includes("Alice") || line.includes(HASH)), []);
  },
});
