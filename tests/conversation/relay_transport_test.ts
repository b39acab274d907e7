import { assertEquals } from "@std/assert";
import type { RelayInput } from "../../lib/conversation/link.ts";
import { isOpening } from "../../lib/conversation/relay_opening.ts";
import { canRun } from "../helpers/permissions.ts";

const OPENING = { sid: "x", upgrades: [], pingInterval: 10_000, pingTimeout: 20_000 };

Deno.test("isOpening() takes what opens a connection, and nothing else", () => {
  assertEquals(isOpening(JSON.stringify({ ...OPENING, maxPayload: 1 })), true);
  const bad: unknown[] = [
    undefined,
    "",
    "null",
    "[]",
    '{"sid":"x"',
    JSON.stringify({ ...OPENING, sid: 1 }),
    JSON.stringify({ ...OPENING, upgrades: undefined }),
    JSON.stringify({ ...OPENING, pingInterval: "10000" }),
    JSON.stringify({ ...OPENING, pingInterval: 0 }),
    JSON.stringify({ ...OPENING, pingTimeout: 1e9 }),
  ];
  for (const text of bad) assertEquals(isOpening(text), false, String(text));
});

for (const opening of ['0{"sid"', "0null", `0${JSON.stringify({ ...OPENING, upgrades: 1 })}`]) {
  Deno.test({
    name: `connectRelay() finds no relay where a server opens with ${opening}`,
    ignore: !canRun,
    async fn() {
      // Socket.IO looks at the whole environment when it is loaded.
      const { connectRelay } = await import("../../lib/conversation/socket_link.ts");
      await using server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        (request) => {
          const { socket, response } = Deno.upgradeWebSocket(request);
          socket.onopen = () => socket.send(opening);
          return response;
        },
      );
      const address = { server: `http://127.0.0.1:${server.addr.port}`, room: "r" };
      const first = Promise.withResolvers<RelayInput>();
      const port = connectRelay(address, null, first.resolve);
      assertEquals((await first.promise).type, "unreachable");
      await port.close();
    },
  });
}
