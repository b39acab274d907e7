/**
 * The client's connection over real sockets: what it does when the relay, the network or its seat is gone.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Socket } from "socket.io";
import { assert, assertEquals } from "@std/assert";
import type { Link, RelayInput } from "../../lib/conversation/link.ts";
import { KEY_EXCHANGE, RELAY_ERROR, RELAY_LIMITS } from "../../lib/relay/wire_events.ts";
import type { Relay } from "../../lib/relay/relay.ts";
import { canRun, granted } from "../helpers/permissions.ts";
import { start, startRelayProcess } from "../helpers/processes.ts";
import { relayWorld } from "../helpers/relay_world.ts";
import { startTcpProxy } from "../helpers/tcp_proxy.ts";

const ignore = !granted("net");

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

type Input<T extends RelayInput["type"]> = Extract<RelayInput, { type: T }>;

/** A client without a conversation behind it. */
class Client implements AsyncDisposable {
  readonly inputs: RelayInput[] = [];
  readonly #unclaimed: RelayInput[] = [];
  readonly #waiting: { type: string; resolve: (input: RelayInput) => void }[] = [];
  #port: Link | undefined;

  static async connect(url: string, letter: string | null): Promise<Client> {
    const { connectRelay } = await import("../../lib/conversation/socket_link.ts");
    const client = new Client();
    const seat = letter === null ? null : letter.repeat(43);
    client.#port = connectRelay({ server: url, room: "r" }, seat, (input) => client.#take(input));
    return client;
  }

  #take(input: RelayInput): void {
    this.inputs.push(input);
    const at = this.#waiting.findIndex(({ type }) => type === input.type);
    if (at < 0) this.#unclaimed.push(input);
    else this.#waiting.splice(at, 1)[0]!.resolve(input);
  }

  /** The next input of a type that nobody has waited for yet. */
  next<T extends RelayInput["type"]>(type: T): Promise<Input<T>> {
    const at = this.#unclaimed.findIndex((input) => input.type === type);
    if (at >= 0) return Promise.resolve(this.#unclaimed.splice(at, 1)[0] as Input<T>);
    return new Promise((resolve) =>
      this.#waiting.push({ type, resolve: resolve as (input: RelayInput) => void })
    );
  }

  /** Takes the next KEY_EXCHANGE, as a conversation does. */
  async meet(): Promise<void> {
    (await this.next("key-exchange")).acknowledge();
  }

  say(text: string): void {
    this.#port!.emit("message", text);
  }

  async hear(): Promise<unknown> {
    return (await this.next("received")).payload;
  }

  get types(): string[] {
    return this.inputs.map(({ type }) => type);
  }

  renew(): void {
    this.#port!.renew();
  }

  close(): Promise<void> {
    return this.#port!.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A relay that a test restarts. */
class Restarting implements AsyncDisposable {
  readonly log: string[] = [];
  #relay: Relay | undefined;
  #port = 0;

  async start(): Promise<void> {
    const { startRelay } = await import("../../lib/relay/relay.ts");
    this.#relay = await startRelay({
      host: "127.0.0.1",
      port: this.#port,
      maxPayloadBytes: 1024 * 1024,
      awaySeconds: 120,
      after: () => () => {},
      log: (_level, message) => this.log.push(message),
    });
    this.#port = this.#relay.port;
  }

  async stop(): Promise<void> {
    await this.#relay?.close();
    this.#relay = undefined;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** A server that says what no relay says. */
async function falseRelay(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string }> {
  const { Server } = await import("socket.io");
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  io.on("connection", onConnection);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => io.close() };
}

test("connectRelay() brings both back to a relay that was restarted, and nothing of before with them", async () => {
  await using relay = new Restarting();
  await relay.start();
  await using a = await Client.connect(relay.url, "A");
  await using b = await Client.connect(relay.url, "B");
  await Promise.all([a.meet(), b.meet()]);
  await relay.stop();
  await Promise.all([a.next("disconnected"), b.next("disconnected")]);
  a.say("into the void");
  await relay.start();
  await Promise.all([a.meet(), b.meet()]);
  a.say("here again");
  assertEquals(await b.hear(), "here again");
  const once = ["connected", "limits", "key-exchange"];
  assertEquals(a.types, [...once, "disconnected", ...once]);
  // Not even to be dropped there.
  assertEquals(relay.log.filter((message) => /stale|nobody/.test(message)), []);
});

test("connectRelay() distinguishes a goodbye from a broken connection", async () => {
  await using world = await relayWorld();
  await using network = startTcpProxy(world.url);
  await using a = await Client.connect(world.url, "A");
  await using b = await Client.connect(network.url, "B");
  await Promise.all([a.meet(), b.meet()]);
  network.cut();
  await a.next("relay-peer-away");
  await Promise.all([a.meet(), b.meet()]);
  await b.close();
  await a.next("relay-peer-left");
  assertEquals(b.inputs.at(-1)!.type, "key-exchange");
});

test("connectRelay() without a seat: nothing is kept, nothing is awaited", async () => {
  await using world = await relayWorld();
  await using network = startTcpProxy(world.url);
  await using a = await Client.connect(world.url, null);
  await using b = await Client.connect(network.url, null);
  await a.next("connected");
  (await a.next("key-exchange")).acknowledge();
  await b.next("key-exchange");
  b.say("not acknowledged");
  assertEquals(await a.hear(), "not acknowledged");
  network.cut();
  await a.next("relay-peer-left");
  await a.next("key-exchange");
});

test("connectRelay() does not answer a KEY_EXCHANGE of an earlier connection on the next", async () => {
  await using relay = new Restarting();
  await relay.start();
  await using a = await Client.connect(relay.url, "A");
  await using b = await Client.connect(relay.url, "B");
  const first = await a.next("key-exchange");
  await b.meet();
  await relay.stop();
  await a.next("disconnected");
  await relay.start();
  const second = await a.next("key-exchange");
  await b.meet();
  // Both relays have counted from zero, so these would look alike.
  first.acknowledge();
  a.say("of the first encounter");
  second.acknowledge();
  a.say("of the second");
  assertEquals(await b.hear(), "of the second");
  assertEquals(relay.log.filter((message) => message === "stale").length, 1);
});

test("connectRelay() has one attempt at first, and keeps trying when its seat was taken since", async () => {
  await using before = await relayWorld();
  await using after = await relayWorld();
  await using network = startTcpProxy(before.url);
  await using a = await Client.connect(network.url, "A");
  await a.next("connected");
  const strangers = [await after.connect({ room: "r" }), await after.connect({ room: "r" })];
  await using third = await Client.connect(after.url, "C");
  const final = await third.next("refusal");
  assertEquals([final.final, final.refusal.code], [true, "room-full"]);
  network.leadTo(after.url);
  network.cut();
  const refusal = await a.next("refusal");
  assertEquals([refusal.final, refusal.refusal.code], [false, "room-full"]);
  const full = () => after.log.filter((line) => line.endsWith(" room full")).length;
  const seen = full();
  while (full() < seen + 2) await new Promise((resolve) => setTimeout(resolve, 50));
  strangers[0]!.socket.disconnect();
  await strangers[1]!.next("PEER_LEFT");
  await a.meet();
  a.say("in again");
  assertEquals(await strangers[1]!.next("received_message"), "in again");
  assertEquals(a.types, [
    "connected",
    "limits",
    "disconnected",
    "connected",
    "refusal",
    "disconnected",
    "connected",
    "limits",
    "key-exchange",
  ]);
  assertEquals(third.types, ["connected", "refusal"]);
});

test("connectRelay() renews a connection when it is asked to, keeps its seat, and meets again", async () => {
  await using world = await relayWorld();
  await using a = await Client.connect(world.url, "A");
  await using b = await Client.connect(world.url, "B");
  await Promise.all([a.meet(), b.meet()]);
  a.renew();
  await b.next("relay-peer-away");
  await Promise.all([a.meet(), b.meet()]);
  a.say("in a fresh session");
  assertEquals(await b.hear(), "in a fresh session");
  const once = ["connected", "limits", "key-exchange"];
  assertEquals(a.types.slice(0, 7), [...once, "disconnected", ...once]);
});

test("connectRelay() does not believe a relay that calls the room full after somebody was met there", async () => {
  await using relay = await falseRelay((socket) => {
    socket.emit(KEY_EXCHANGE, "r");
    socket.emit(RELAY_ERROR, { code: "room-full", message: "or so it says" });
  });
  await using a = await Client.connect(relay.url, "A");
  await a.next("key-exchange");
  assertEquals((await a.next("refusal")).final, false);
});

test("connectRelay() gets in, in the end, where nobody is left", async () => {
  await using before = await relayWorld();
  await using after = await relayWorld();
  await using network = startTcpProxy(before.url);
  await using a = await Client.connect(network.url, "A");
  await a.next("connected");
  const strangers = [await after.connect({ room: "r" }), await after.connect({ room: "r" })];
  network.leadTo(after.url);
  network.cut();
  await a.next("refusal");
  await a.next("connected");
  for (const { socket } of strangers) socket.disconnect();
  await a.next("connected");
  assertEquals(a.types.filter((type) => type === "refusal").length, 1);
});

test("connectRelay() reports the relay's limit, and with which a payload was refused", async () => {
  await using world = await relayWorld({ maxPayloadBytes: 20_000 });
  await using a = await Client.connect(world.url, "A");
  assertEquals((await a.next("limits")).payloadBytes, 20_000);
  a.say("x".repeat(20_001));
  const { refusal: { code, limit } } = await a.next("refusal");
  assertEquals([code, limit], ["payload-too-large", 20_000]);
});

for (const limits of [null, {}, { payloadBytes: "20000" }, { payloadBytes: -1 }]) {
  test(`connectRelay() takes ${JSON.stringify(limits)} for a limit that lets nothing pass`, async () => {
    await using relay = await falseRelay((socket) => socket.emit(RELAY_LIMITS, limits));
    await using a = await Client.connect(relay.url, "A");
    assertEquals((await a.next("limits")).payloadBytes, 0);
  });
}

test("connectRelay() waits as long as a busy relay asks for, and comes back by itself", async () => {
  let connections = 0;
  await using relay = await falseRelay((socket) => {
    if (connections++ > 0) return socket.emit(RELAY_LIMITS, { payloadBytes: 20_000 });
    socket.emit(RELAY_ERROR, { code: "too-many-rooms", message: "x", limit: 7, retrySeconds: 0 });
    socket.disconnect(true);
  });
  await using a = await Client.connect(relay.url, "A");
  const { refusal, final } = await a.next("refusal");
  assertEquals([refusal.code, refusal.limit, final], ["too-many-rooms", 7, false]);
  await a.next("limits");
  assertEquals(a.types, ["connected", "refusal", "disconnected", "connected", "limits"]);
  assertEquals(connections, 2);
});

test("connectRelay() leaves a relay that ends before it has ended, and finds the next one", async () => {
  await using relay = new Restarting();
  await relay.start();
  await using a = await Client.connect(relay.url, "A");
  await a.next("limits");
  const { io } = await import("socket.io-client");
  const classic = io(relay.url, { auth: { room: "r" }, transports: ["websocket"] });
  await a.meet();
  await relay.stop();
  await a.next("disconnected");
  classic.close();
  // It went by itself: the relay had its seat kept, and did not cut it.
  assertEquals(relay.log.slice(-2), ["away", "closed"]);
  await relay.start();
  assertEquals((await a.next("limits")).type, "limits");
});

test("connectRelay() treats a bad seat as final", async () => {
  await using world = await relayWorld();
  await using a = await Client.connect(world.url, "!");
  const { final, refusal } = await a.next("refusal");
  assertEquals([final, refusal.code], [true, "bad-seat"]);
});

test("connectRelay() notices that the network is gone, and finds its seat through the next", async () => {
  await using world = await relayWorld({ heartbeat: { pingInterval: 200, pingTimeout: 1_500 } });
  await using network = startTcpProxy(world.url);
  await using a = await Client.connect(world.url, "A");
  await using b = await Client.connect(network.url, "B");
  await Promise.all([a.meet(), b.meet()]);
  network.freeze();
  await b.next("disconnected");
  network.thaw();
  await Promise.all([a.meet(), b.meet()]);
  b.say("through the next network");
  assertEquals(await a.hear(), "through the next network");
  assert(!a.types.includes("relay-peer-left"));
});

test("connectRelay() reports a relay that was never there once, and gives up", async () => {
  const relay = new Restarting();
  await relay.start();
  await relay.stop();
  await using a = await Client.connect(relay.url, "A");
  await a.next("unreachable");
  assertEquals(a.types, ["unreachable"]);
});

test("connectRelay() stops trying when it is closed", async () => {
  const relay = new Restarting();
  await relay.start();
  await using a = await Client.connect(relay.url, "A");
  await a.next("connected");
  await relay.stop();
  await a.next("disconnected");
  await a.close();
  assertEquals(a.types, ["connected", "limits", "disconnected"]);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    name: `deno task server: both clients come back to a relay that ${signal} ended`,
    ignore: !canRun,
    async fn() {
      await using first = await startRelayProcess();
      const { url } = first;
      await using a = await Client.connect(url, "A");
      await using b = await Client.connect(url, "B");
      await Promise.all([a.meet(), b.meet()]);
      first.process.kill(signal);
      await Promise.all([a.next("disconnected"), b.next("disconnected")]);
      await first.process.ended();
      await using second = start("server", "--port", new URL(url).port);
      await second.lines.next();
      await Promise.all([a.meet(), b.meet()]);
      a.say("still there?");
      assertEquals(await b.hear(), "still there?");
    },
  });
}
