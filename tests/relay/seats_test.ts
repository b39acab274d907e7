/**
 * Seats over real sockets: which client gets its seat back, and what of an earlier encounter never arrives.
 */
import { assert, assertEquals } from "@std/assert";
import {
  KEY_EXCHANGE,
  PEER_AWAY,
  PEER_LEFT,
  RELAY_ERROR,
  RELAY_LIMITS,
  RELAY_ROOM,
} from "../../lib/relay/wire_events.ts";
import { granted } from "../helpers/permissions.ts";
import { type Ear, FakeClock, nextRefusal, relayWorld } from "../helpers/relay_world.ts";
import { startTcpProxy } from "../helpers/tcp_proxy.ts";

const ignore = !granted("net");

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** What a client with this letter for a secret shows. */
const own = (letter: string) => ({ room: "r", seat: letter.repeat(43) });

/** What answers each KEY_EXCHANGE that somebody has heard. */
function acknowledgementsOf({ heard }: Ear): (() => void)[] {
  return heard.filter(([event]) => event === KEY_EXCHANGE).map(([, , answer]) =>
    answer as () => void
  );
}

/** The connection breaks: no goodbye. */
function breakOff({ socket }: Ear): void {
  socket.io.engine.close();
}

test("startRelay() holds the seat of a lost connection for its owner", async () => {
  const clock = new FakeClock();
  await using world = await relayWorld({ awaySeconds: 7, after: clock.after });
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  breakOff(b);
  await a.next(PEER_AWAY);
  assertEquals(clock.running, [7000]);
  for (const auth of [own("C"), { room: "r" }]) {
    const stranger = await world.connect(auth);
    const { code, message } = await stranger.next(RELAY_ERROR) as Record<string, string>;
    assertEquals(code, "room-full");
    assert(message!.includes("kept for somebody"));
    await stranger.next("disconnect");
  }
  const back = await world.connect(own("B"));
  await Promise.all([a.next(KEY_EXCHANGE), back.next(KEY_EXCHANGE)]);
  assertEquals(clock.running, []);
  assertEquals(a.heard.map(([event]) => event), [
    "connect",
    RELAY_LIMITS,
    KEY_EXCHANGE,
    PEER_AWAY,
    KEY_EXCHANGE,
  ]);
});

test("startRelay() says its limits to a client with a seat, before anything else, and to no other", async () => {
  await using world = await relayWorld({ maxPayloadBytes: 20_000 });
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"));
  const full = await world.connect(own("C"));
  await Promise.all([a.next(KEY_EXCHANGE), b.next(KEY_EXCHANGE), full.next("disconnect")]);
  for (const { heard } of [a, b]) {
    assertEquals(heard.slice(0, 2), [["connect"], [RELAY_LIMITS, { payloadBytes: 20_000 }]]);
  }
  a.socket.emit("message", new Uint8Array(20_001));
  assertEquals((await a.next(RELAY_ERROR) as { limit: number }).limit, 20_000);
  const classic = await world.connect({ room: "other" });
  classic.socket.emit("message", "too early");
  await classic.next(RELAY_ERROR);
  for (const { heard } of [full, classic]) {
    assertEquals(heard.filter(([event]) => event === RELAY_LIMITS), []);
  }
});

test("startRelay() allots a room's number, and a stranger's dropped connection does not close that room", async () => {
  await using world = await relayWorld({ random: () => 6 });
  const a = await world.connect({ room: "invite", seat: "A".repeat(43) });
  assertEquals(await a.next(RELAY_ROOM), "invite-7");
  assertEquals(a.heard.map(([event]) => event), ["connect", RELAY_LIMITS, RELAY_ROOM]);
  const room = { room: "invite-7" };
  const stranger = await world.connect({ ...room, seat: "M".repeat(43) });
  await stranger.next(KEY_EXCHANGE);
  stranger.socket.emit("message", "let me in");
  breakOff(stranger);
  await a.next(PEER_LEFT);
  const b = await world.connect({ ...room, seat: "B".repeat(43) });
  await b.next(KEY_EXCHANGE);
  a.socket.emit("message", "hello");
  await b.next("received_message");
  b.socket.emit("message", "hello");
  await a.next("received_message");
  breakOff(b);
  await a.next(PEER_AWAY);
  const late = await world.connect({ ...room, seat: "M".repeat(43) });
  assertEquals(await nextRefusal(late), "room-full");
  // Without a seat it is a room's name as any other.
  const classic = await world.connect({ room: "invite" });
  const other = await world.connect({ room: "invite" });
  assertEquals(await classic.next(KEY_EXCHANGE), "invite");
  assertEquals(other.heard.filter(([event]) => event === RELAY_ROOM), []);
});

test("startRelay() frees the seat after a goodbye, of a client without a secret, and every one with 0", async () => {
  await using world = await relayWorld();
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  b.socket.disconnect();
  await a.next(PEER_LEFT);
  const classic = await world.connect({ room: "r" });
  await a.next(KEY_EXCHANGE);
  breakOff(classic);
  await a.next(PEER_LEFT);
  await using strict = await relayWorld({ awaySeconds: 0 });
  const c = await strict.connect(own("C"));
  const d = await strict.connect(own("D"));
  await c.next(KEY_EXCHANGE);
  breakOff(d);
  await c.next(PEER_LEFT);
  assertEquals([a, c].flatMap(({ heard }) => heard).filter(([event]) => event === PEER_AWAY), []);
});

test("startRelay() lets an owner take over from a connection that still looks alive", async () => {
  await using world = await relayWorld();
  await using network = startTcpProxy(world.url);
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"), { url: network.url });
  await a.next(KEY_EXCHANGE);
  await b.next(KEY_EXCHANGE);
  network.freeze();
  const again = await world.connect(own("B"));
  await a.next(PEER_AWAY);
  await again.next(KEY_EXCHANGE);
  await a.next(KEY_EXCHANGE);
  again.socket.emit("message", "from the new connection");
  assertEquals(await a.next("received_message"), "from the new connection");
  assertEquals(a.heard.filter(([event]) => event === PEER_LEFT), []);
});

test("startRelay() refuses a seat that is none, and keeps what is one out of its log", async () => {
  await using world = await relayWorld();
  for (const seat of ["", "a".repeat(42), `${"a".repeat(42)}=`, null, 7, {}, ["a".repeat(43)]]) {
    const client = await world.connect({ room: "r", seat });
    assertEquals(await nextRefusal(client), "bad-seat");
    await client.next("disconnect");
  }
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  a.socket.emit("message", "x");
  await b.next("received_message");
  breakOff(b);
  await a.next(PEER_AWAY);
  await (await world.connect(own("B"))).next(KEY_EXCHANGE);
  assert(world.log.some((line) => line.includes(" trace payload")));
  for (const letter of ["A", "B"]) {
    assertEquals(world.log.filter((line) => line.includes(letter.repeat(4))), []);
  }
});

test("startRelay() drops what a client sends before it has acknowledged the newest KEY_EXCHANGE", async () => {
  await using world = await relayWorld();
  const a = await world.connect(own("A"), { acknowledges: false });
  const acknowledge = (index: number) => acknowledgementsOf(a)[index]!();
  let b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  a.socket.emit("message", "too early");
  acknowledge(0);
  a.socket.emit("message", "first encounter");
  assertEquals(await b.next("received_message"), "first encounter");
  breakOff(b);
  await a.next(PEER_AWAY);
  b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  a.socket.emit("ELGAMAL_PK", "stale");
  a.socket.emit("no such event", "is not even refused");
  acknowledge(1);
  a.socket.emit("message", "second encounter");
  assertEquals(await b.next("received_message"), "second encounter");
  assertEquals(b.heard.slice(1).map(([event]) => event), [
    RELAY_LIMITS,
    KEY_EXCHANGE,
    "received_message",
  ]);
  assertEquals(a.heard.filter(([event]) => event === RELAY_ERROR), []);
  assertEquals(world.log.filter((line) => / debug stale /.test(line)).length, 3);
});

test("startRelay() waits for the newest acknowledgement where an older one comes late", async () => {
  await using world = await relayWorld();
  const a = await world.connect(own("A"), { acknowledges: false });
  const acknowledge = (index: number) => acknowledgementsOf(a)[index]!();
  const b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  breakOff(b);
  await a.next(PEER_AWAY);
  const back = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  acknowledge(0);
  a.socket.emit("message", "of the first encounter");
  acknowledge(1);
  a.socket.emit("message", "heard");
  assertEquals(await back.next("received_message"), "heard");
});

test("startRelay() says nothing to a client with a seat that speaks to nobody, and drops it", async () => {
  await using world = await relayWorld();
  const a = await world.connect(own("A"));
  a.socket.emit("message", "to nobody");
  a.socket.emit("message", 7);
  assertEquals(await nextRefusal(a), "bad-payload");
  assertEquals(a.heard.filter(([event]) => event === RELAY_ERROR).length, 1);
  const b = await world.connect(own("B"));
  await a.next(KEY_EXCHANGE);
  a.socket.emit("message", "to somebody");
  assertEquals(await b.next("received_message"), "to somebody");
});

test("startRelay() gives KEY_EXCHANGE to a client without a seat as ever, and never holds it back", async () => {
  await using world = await relayWorld();
  const classic = await world.connect({ room: "r" });
  const own_ = await world.connect(own("A"));
  await classic.next(KEY_EXCHANGE);
  classic.socket.emit("message", "at once");
  assertEquals(await own_.next("received_message"), "at once");
  const shapes = [classic, own_].map(({ heard }) =>
    heard.find(([event]) => event === KEY_EXCHANGE)!.slice(1).map((argument) => typeof argument)
  );
  assertEquals(shapes, [["string"], ["string", "function"]]);
});

test("startRelay() notices a client whose network is gone though nothing was closed", async () => {
  await using world = await relayWorld({ heartbeat: { pingInterval: 200, pingTimeout: 1_500 } });
  await using network = startTcpProxy(world.url);
  const a = await world.connect(own("A"));
  const b = await world.connect(own("B"), { url: network.url });
  await a.next(KEY_EXCHANGE);
  network.freeze();
  await a.next(PEER_AWAY);
  assertEquals(await b.next("disconnect"), "ping timeout");
});

test("HEARTBEAT notices it within 13 seconds", async () => {
  const { HEARTBEAT } = await import("../../lib/relay/relay.ts");
  assertEquals(HEARTBEAT, { pingInterval: 5_000, pingTimeout: 8_000 });
});

test("startRelay() cuts off a client that reads nothing, and bounds what waits for it", async () => {
  await using world = await relayWorld();
  const flood = await world.connect({ room: "r" });
  using deaf = await connectDeaf(world.url, own("D"));
  await flood.next(KEY_EXCHANGE);
  const chunk = new Uint8Array(1024 * 1024);
  let isCut = false;
  const cut = flood.next(PEER_AWAY).then(() => isCut = true);
  let sent = 0;
  while (!isCut && sent < 200) {
    await new Promise<void>((resolve) => {
      flood.socket.io.engine.once("drain", () => resolve());
      flood.socket.emit("message", chunk);
    });
    sent++;
    // The relay's turn.
    await new Promise((resolve) => setTimeout(resolve));
  }
  await cut;
  const line = world.log.find((line) => line.includes(" info too slow "));
  const bytes = Number(line?.match(/bytes=(\d+)/)?.[1]);
  assert(bytes > 32 * 1024 ** 2 && bytes < 34 * 1024 ** 2, line);
  assert(deaf !== null);
});

/** A client of Engine.IO that connects and then never reads again. */
async function connectDeaf(url: string, auth: Record<string, string>): Promise<Deno.Conn> {
  const { hostname, port, host } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const request = [
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "\r\n",
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  await connection.read(new Uint8Array(1024));
  const packet = new TextEncoder().encode(`40${JSON.stringify(auth)}`);
  // A text frame, masked with zeros.
  await connection.write(Uint8Array.of(0x81, 0x80 | packet.length, 0, 0, 0, 0, ...packet));
  return connection;
}
