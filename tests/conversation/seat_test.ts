import { assertEquals, assertRejects } from "@std/assert";
import { relayRoom } from "../../lib/conversation/seat.ts";
import { allotRoom, relayLink } from "../../lib/open_conversation.ts";
import { isRoomName, KEY_EXCHANGE } from "../../lib/relay/wire_events.ts";
import { RelayError, UnreachableError } from "../../lib/errors.ts";
import type { RelayInput } from "../../lib/conversation/link.ts";
import { granted } from "../helpers/permissions.ts";
import { relayWorld } from "../helpers/relay_world.ts";
import { startTcpProxy } from "../helpers/tcp_proxy.ts";

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

Deno.test({
  name: "allotRoom() is in the room that it gives, and comes back to it",
  ignore: !granted("net"),
  async fn() {
    await using world = await relayWorld();
    await using network = startTcpProxy(world.url);
    const { room, connect } = await allotRoom(network.url, "A".repeat(43));
    const inputs: RelayInput[] = [];
    const back = Promise.withResolvers<void>();
    let met = Promise.withResolvers<void>();
    const link = connect((input) => {
      inputs.push(input);
      if (input.type !== "key-exchange") return;
      met.resolve();
      met = back;
    });
    assertEquals(inputs, []);
    const other = await world.connect({ room, seat: "B".repeat(43) });
    await met.promise;
    network.cut();
    await back.promise;
    const once = ["connected", "limits", "key-exchange"];
    assertEquals(inputs.map(({ type }) => type), [...once, "disconnected", ...once]);
    assertEquals(await other.next(KEY_EXCHANGE), room);
    await link.close();
  },
});

Deno.test({
  name: "allotRoom() says why there is no room",
  ignore: !granted("net"),
  async fn() {
    await assertRejects(() => allotRoom("http://127.0.0.1:1", "A".repeat(43)), UnreachableError);
    await using world = await relayWorld();
    await assertRejects(() => allotRoom(world.url, "A"), RelayError);
  },
});
