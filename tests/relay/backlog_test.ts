import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { Backlog } from "../../lib/relay/backlog.ts";

Deno.test("Backlog counts each packet from its creation until the flush after the next", () => {
  const connection = new EventEmitter();
  const backlog = new Backlog(connection);
  const empty = backlog.bytes;
  connection.emit("packetCreate", {});
  const overhead = backlog.bytes;
  connection.emit("packetCreate", { data: "four" });
  connection.emit("packetCreate", { data: new Uint8Array(10) });
  const queued = backlog.bytes;
  connection.emit("flush");
  const writing = backlog.bytes;
  connection.emit("flush");
  assertEquals(
    [empty, queued, writing, backlog.bytes],
    [0, 3 * overhead + 14, 3 * overhead + 14, 0],
  );
});
