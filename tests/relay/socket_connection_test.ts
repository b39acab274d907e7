import { assertEquals } from "@std/assert";
import { KEY_EXCHANGE, PEER_LEFT, RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { SocketConnection } from "../../lib/relay/socket_connection.ts";

/** A connection over a socket in memory; `ended` says how that was ended. */
function connectionOn(transport: "websocket" | "polling", secret: string | null = "A") {
  const [sent, ended, log]: string[][] = [[], [], []];
  const acknowledgements: (() => void)[] = [];
  const terminate = () => ended!.push("terminated");
  const listeners = new Map<string, (packet: unknown) => void>();
  const socket = {
    emit(event: string, ...args: unknown[]) {
      sent!.push(event);
      const last = args.at(-1);
      if (typeof last === "function") acknowledgements.push(last as () => void);
    },
    conn: {
      on: (event: string, listener: (packet: unknown) => void) => listeners.set(event, listener),
      close: (discard: boolean) => ended!.push(`closed, discarding: ${discard}`),
      transport: transport === "websocket" ? { socket: { terminate } } : {},
    },
  };
  type RelaySocket = ConstructorParameters<typeof SocketConnection>[0];
  const connection = new SocketConnection(
    socket as unknown as RelaySocket,
    "r",
    secret,
    { payloadBytes: 20_000 },
    (_level, message) => log!.push(message),
  );
  /** Lets a packet wait that counts as so many bytes: 256 of them are for itself. */
  const queue = (bytes: number) =>
    listeners.get("packetCreate")!({ data: { byteLength: bytes - 256 } });
  return { connection, sent: sent!, ended: ended!, log: log!, acknowledgements, queue };
}

Deno.test("SocketConnection.begin() cuts off a client that leaves more than 1000 key exchanges unanswered", () => {
  const { connection, sent, ended, log, acknowledgements } = connectionOn("websocket");
  for (let i = 0; i < 1000; i++) connection.begin();
  assertEquals([sent.length, ended], [1000, []]);
  acknowledgements[0]!();
  connection.begin();
  assertEquals(ended, []);
  connection.begin();
  assertEquals([ended, log], [["terminated"], ["never acknowledges"]]);
});

Deno.test("SocketConnection.begin() asks a client without a secret for no answer", () => {
  const { connection, sent, acknowledgements } = connectionOn("websocket", null);
  connection.begin();
  assertEquals([sent, acknowledgements, connection.isStale], [[KEY_EXCHANGE], [], false]);
});

Deno.test("SocketConnection cuts off a client for which more than 32 MiB wait", () => {
  const { connection, ended, log, queue } = connectionOn("websocket");
  queue(32 * 1024 * 1024);
  connection.hand("message", "x");
  assertEquals(ended, []);
  queue(256);
  connection.hand("message", "x");
  assertEquals([ended, log], [["terminated"], ["too slow"]]);
});

Deno.test("SocketConnection.cut() ends any transport without waiting, and says nothing more", () => {
  for (
    const [transport, expected] of [
      ["websocket", "terminated"],
      ["polling", "closed, discarding: true"],
    ] as const
  ) {
    const { connection, sent, ended } = connectionOn(transport);
    connection.cut();
    connection.notify(PEER_LEFT);
    assertEquals([sent, ended], [[], [expected]]);
  }
});

Deno.test("SocketConnection.refuse() tells the client, and the log", () => {
  const { connection, sent, log } = connectionOn("websocket");
  connection.refuse({ code: "no-peer", message: "no" });
  assertEquals([sent, log], [[RELAY_ERROR], ["refused"]]);
});
