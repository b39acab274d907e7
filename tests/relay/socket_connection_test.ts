import { assertEquals } from "@std/assert";
import { KEY_EXCHANGE, PEER_LEFT } from "../../lib/relay/wire_events.ts";
import { Member } from "../../lib/relay/socket_connection.ts";

/** A member on a connection in memory; `ended` says how that was ended. */
function memberOn(transport: "websocket" | "polling", secret: string | null = "A") {
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
  type RelaySocket = ConstructorParameters<typeof Member>[0];
  const member = new Member(
    socket as unknown as RelaySocket,
    "r",
    secret,
    (_level, message) => log!.push(message),
  );
  /** Lets a packet wait that counts as so many bytes: 256 of them are for itself. */
  const queue = (bytes: number) =>
    listeners.get("packetCreate")!({ data: { byteLength: bytes - 256 } });
  return { member, sent: sent!, ended: ended!, log: log!, acknowledgements, queue };
}

Deno.test("Member.begin() cuts off who leaves more than 1000 key exchanges unanswered", () => {
  const { member, sent, ended, log, acknowledgements } = memberOn("websocket");
  for (let i = 0; i < 1000; i++) member.begin();
  assertEquals([sent.length, ended], [1000, []]);
  acknowledgements[0]!();
  member.begin();
  assertEquals(ended, []);
  member.begin();
  assertEquals([ended, log], [["terminated"], ["never acknowledges"]]);
});

Deno.test("Member.begin() asks a client without a secret for no answer", () => {
  const { member, sent, acknowledgements } = memberOn("websocket", null);
  member.begin();
  assertEquals([sent, acknowledgements, member.isStale], [[KEY_EXCHANGE], [], false]);
});

Deno.test("Member cuts off a client for which more than 32 MiB wait", () => {
  const { member, ended, log, queue } = memberOn("websocket");
  queue(32 * 1024 * 1024);
  member.hand("received_message", "x");
  assertEquals(ended, []);
  queue(256);
  member.hand("received_message", "x");
  assertEquals([ended, log], [["terminated"], ["too slow"]]);
});

Deno.test("Member.cut() ends any transport without waiting, and says nothing more", () => {
  for (
    const [transport, expected] of [
      ["websocket", "terminated"],
      ["polling", "closed, discarding: true"],
    ] as const
  ) {
    const { member, sent, ended } = memberOn(transport);
    member.cut();
    member.tell(PEER_LEFT);
    assertEquals([sent, ended], [[], [expected]]);
  }
});
