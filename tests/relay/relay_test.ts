import { Buffer } from "node:buffer";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { ParleyError } from "../../lib/errors.ts";
import {
  KEY_EXCHANGE,
  PEER_LEFT,
  RELAY_ERROR,
  RELAYED,
  type RelayedEvent,
} from "../../lib/relay/wire_events.ts";
import { inTime } from "../helpers/deadline.ts";
import { granted } from "../helpers/permissions.ts";
import { type Ear, nextRefusal, type RelayWorld, relayWorld } from "../helpers/relay_world.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const ignore = !granted("net");
const EVENTS = Object.keys(RELAYED) as RelayedEvent[];

function test(name: string, fn: (world: RelayWorld) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using world = await relayWorld();
      await fn(world);
    },
  });
}

/** Two clients in one room. */
async function pair({ connect }: RelayWorld): Promise<[Ear, Ear]> {
  return [await connect({ room: "r" }), await connect({ room: "r" })];
}

/** What a client makes of bytes: Socket.IO hands them over as a Buffer or an ArrayBuffer. */
function bytesOf(value: unknown): number[] {
  return [...new Uint8Array(value as Uint8Array)];
}

test("startRelay() emits KEY_EXCHANGE with one argument to both, when the second has come", async (world) => {
  const a = await world.connect({ room: "r" });
  assertEquals(a.heard.map(([event]) => event), ["connect"]);
  const b = await world.connect({ room: "r" });
  assertEquals(await a.next(KEY_EXCHANGE), "r");
  assertEquals(await b.next(KEY_EXCHANGE), "r");
  assertEquals(a.heard.find(([event]) => event === KEY_EXCHANGE)!.length, 2);
});

test("startRelay() puts clients that name no room into the default room", async (world) => {
  const a = await world.connect();
  const b = await world.connect();
  assertEquals([await a.next(KEY_EXCHANGE), await b.next(KEY_EXCHANGE)], ["lobby", "lobby"]);
});

test("startRelay() hands each event to the other under its name, and never back", async (world) => {
  const [a, b] = await pair(world);
  for (const event of EVENTS) {
    a.socket.emit(event, Uint8Array.of(1, 2, 3));
    assertEquals(bytesOf(await b.next(RELAYED[event])), [1, 2, 3]);
    b.socket.emit(event, "text stays text");
    assertEquals(await a.next(RELAYED[event]), "text stays text");
  }
  const relayed = (ear: typeof a) =>
    ear.heard.filter(([event]) => event !== "connect" && event !== KEY_EXCHANGE).length;
  assertEquals([relayed(a), relayed(b)], [EVENTS.length, EVENTS.length]);
});

test("startRelay() takes bytes in frames and as Socket.IO's, and hands on what each receiver knows", async (world) => {
  const a = await world.connect({ room: "r", seat: "A".repeat(43) });
  const classic = await world.connect({ room: "r" });
  await Promise.all([a.next(KEY_EXCHANGE), classic.next(KEY_EXCHANGE)]);
  // Up to each width of a WebSocket's length, through a parser that takes no binary events, and one that takes no frames.
  for (const length of [0, 124, 125, 65_534, 65_535]) {
    const payload = seededRandom("frames")(length);
    for (const event of EVENTS) {
      a.socket.emit(event, payload);
      assertEquals(bytesOf(await classic.next(RELAYED[event])), [...payload]);
      classic.socket.emit(event, payload);
      assertEquals(bytesOf(await a.next(RELAYED[event])), [...payload]);
    }
  }
  for (const frame of ["", "\0", "\x05x"]) {
    a.socket.io.engine.write(Buffer.from(frame));
    assertEquals(await nextRefusal(a), "bad-payload");
  }
});

test("startRelay() keeps rooms apart", async (world) => {
  const [a, b] = [await world.connect({ room: "r" }), await world.connect({ room: "r" })];
  const [c, d] = [await world.connect({ room: "s" }), await world.connect({ room: "s" })];
  a.socket.emit("message", "for b");
  assertEquals(await b.next("received_message"), "for b");
  c.socket.emit("message", "for d");
  assertEquals(await d.next("received_message"), "for d");
  assertEquals(c.heard.filter(([event]) => event === "received_message"), []);
});

test("startRelay() refuses a third client with room-full, and disconnects it", async (world) => {
  const a = await world.connect({ room: "r" });
  await world.connect({ room: "r" });
  const third = await world.connect({ room: "r" });
  assertEquals(await nextRefusal(third), "room-full");
  await third.next("disconnect");
  assertEquals(a.heard.filter(([event]) => event === PEER_LEFT), []);
});

test("startRelay() refuses a room's name that is none", async (world) => {
  for (const room of ["", "a b", "\u202e", 7, {}, ["r"], "x".repeat(65)]) {
    const client = await world.connect({ room });
    assertEquals(await nextRefusal(client), "bad-room");
    await client.next("disconnect");
  }
});

test("startRelay() notifies the client that stays, and begins anew with the next one", async (world) => {
  const [a, b] = await pair(world);
  await a.next(KEY_EXCHANGE);
  b.socket.disconnect();
  await a.next(PEER_LEFT);
  const c = await world.connect({ room: "r" });
  await Promise.all([a.next(KEY_EXCHANGE), c.next(KEY_EXCHANGE)]);
});

test("startRelay() refuses what is not one payload of text or bytes, and goes on", async (world) => {
  const [a, b] = await pair(world);
  const bad: unknown[][] = [[], [7], [null], [{}], [["x"]], [true], ["x", "y"], [{ a: "x" }]];
  for (const event of EVENTS) {
    for (const args of bad) {
      a.socket.emit(event, ...args);
      assertEquals(await nextRefusal(a), "bad-payload");
    }
  }
  a.socket.emit("no such event", "x");
  assertEquals(await nextRefusal(a), "bad-payload");
  a.socket.emit("__proto__", "x");
  assertEquals(await nextRefusal(a), "bad-payload");
  a.socket.emit("message", "still here");
  assertEquals(await b.next("received_message"), "still here");
});

test("startRelay() holds payloads to its limit, to the byte", async () => {
  await using world = await relayWorld({ maxPayloadBytes: 20_000 });
  const [a, b] = await pair(world);
  a.socket.emit("message", new Uint8Array(20_000));
  assertEquals(bytesOf(await b.next("received_message")).length, 20_000);
  a.socket.emit("message", new Uint8Array(20_001));
  assertEquals(await nextRefusal(a), "payload-too-large");
  a.socket.emit("message", "é".repeat(10_001));
  assertEquals(await nextRefusal(a), "payload-too-large");
});

test("startRelay() refuses a limit under which nobody can talk", async () => {
  const { startRelay } = await import("../../lib/relay/relay.ts");
  await assertRejects(() => startRelay({ port: 0, maxPayloadBytes: 16_383 }), RangeError);
});

test("startRelay() takes payloads up to its limit also where Engine.IO's own would be less", async () => {
  await using world = await relayWorld({ maxPayloadBytes: 2_000_000 });
  const [a, b] = await pair(world);
  a.socket.emit("message", new Uint8Array(2_000_000));
  assertEquals(bytesOf(await b.next("received_message")).length, 2_000_000);
  // JSON writes a quotation mark as two characters.
  const quotes = '"'.repeat(2_000_000);
  a.socket.emit("message", quotes);
  assertEquals(await b.next("received_message") === quotes, true);
});

test("startRelay() reports no-peer to a client that is alone", async (world) => {
  const a = await world.connect({ room: "r" });
  a.socket.emit("message", "hello?");
  assertEquals(await nextRefusal(a), "no-peer");
});

test("startRelay() relays 200 random byte strings at each event unchanged", async (world) => {
  const [a, b] = await pair(world);
  const random = seededRandom("relay");
  for (const event of EVENTS) {
    const sent = Array.from({ length: 200 }, () => random(random(1)[0]!));
    for (const payload of sent) a.socket.emit(event, payload);
    for (const payload of sent) {
      assertEquals(bytesOf(await b.next(RELAYED[event])), [...payload]);
    }
  }
  assertEquals(a.heard.filter(([event]) => event === RELAY_ERROR), []);
});

test("startRelay() survives random bytes instead of Engine.IO, and serves the others", async (world) => {
  const { hostname, port } = new URL(world.url);
  const random = seededRandom("raw");
  for (let i = 0; i < 100; i++) {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(random(1 + random(1)[0]!));
    // Whatever the answer is, the connection ends.
    await connection.closeWrite();
    await new Response(connection.readable).arrayBuffer().catch(() => {});
  }
  const [a, b] = await pair(world);
  await Promise.all([a.next(KEY_EXCHANGE), b.next(KEY_EXCHANGE)]);
});

test("startRelay() says in one line that a port is in use", async (world) => {
  const { startRelay } = await import("../../lib/relay/relay.ts");
  const port = Number(new URL(world.url).port);
  const error = await assertRejects(() => startRelay({ port }));
  assertInstanceOf(error, ParleyError);
  assertEquals([error.code, error.exitCode], ["cannot-listen", 1]);
  assert(!error.message.includes("\n"));
});

test("startRelay() says what it is to a browser", async ({ url }) => {
  const response = await fetch(url);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(
    await response.text(),
    "parley relay: connect with `deno task client --server URL`\n",
  );
});

test("startRelay() hands out no program of Socket.IO's", async ({ url }) => {
  const response = await fetch(`${url}/socket.io/socket.io.js`);
  await response.body?.cancel();
  assertEquals(response.status, 400);
});

test("startRelay(): a relay that closes parts nobody, and waits for no connection", async (world) => {
  const { startRelay } = await import("../../lib/relay/relay.ts");
  const log: string[] = [];
  const relay = await startRelay({ port: 0, log: (_level, message) => log.push(message) });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: relay.port });
  await connection.write(utf8("GET / HTTP/1.1\r\nHost: half a request\r\n"));
  const a = await world.connect({ room: "r" }, { url: relay.url });
  await inTime("the relay's end", relay.close());
  await a.next("disconnect");
  assertEquals(log.slice(-2), ["joined", "closed"]);
});
