/**
 * A relay that lies to real clients: it answers each with keys of its own, and hands on what it reads.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Socket } from "socket.io";
import { Party } from "../../lab/harness/party.ts";
import { Watch } from "../../lab/harness/watch.ts";
import {
  KEY_EXCHANGE,
  NEW_ROOM,
  PEER_LEFT,
  RELAY_ROOM,
  RELAYED,
  type RelayedEvent,
} from "../../lib/relay/wire_events.ts";

/** The lying relay. */
export interface ManInTheMiddle extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** What it has read. */
  readonly read: string[];
}

/** Starts one. Clients with an invite code meet a guess at it that is wrong. */
export async function manInTheMiddle(): Promise<ManInTheMiddle> {
  const { Server } = await import("socket.io");
  const { RELAY_PARSER } = await import("../../lib/relay/frame_parser.ts");
  const http = createServer();
  const io = new Server(http, { serveClient: false, parser: RELAY_PARSER });
  const read: string[] = [];
  const sockets: Socket[] = [];
  io.on("connection", (socket) => {
    sockets.push(socket);
    if (socket.handshake.auth.room === NEW_ROOM) socket.emit(RELAY_ROOM, "invite-1");
    if (sockets.length < 2) return;
    const isInvited = String(socket.handshake.auth.room).startsWith("invite");
    const code = isInvited ? "1-a-wild-guess" : null;
    const legs = sockets.slice(0, 2).map((socket, i): Party =>
      new Party(
        { emit: (event, payload) => void socket.emit(RELAYED[event as RelayedEvent], payload) },
        {
          code,
          onEffect: (effect) => {
            const other = legs[1 - i]!;
            if (effect.type === "message") {
              read.push(effect.text);
              other.say(effect.text);
            } else if (effect.type === "peer-finished") other.finish();
          },
        },
        new Watch(),
      )
    );
    for (const [i, leg] of legs.entries()) {
      const [socket, other] = [sockets[i]!, sockets[1 - i]!];
      socket.onAny((event: RelayedEvent, payload) => leg.hear(RELAYED[event], payload));
      // The other client learns of the end behind everything that is still to be handed on.
      const part = () => void other.emit(PEER_LEFT);
      socket.on("disconnect", () => {
        legs[1 - i]!.post({ type: "change", change: (session) => (part(), session) });
      });
      leg.hear(KEY_EXCHANGE, "r");
      socket.emit(KEY_EXCHANGE, "r");
    }
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    read,
    [Symbol.asyncDispose]: async () => {
      await io.close();
    },
  };
}
