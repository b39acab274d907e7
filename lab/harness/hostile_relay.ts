/**
 * The hostile relay: real Socket.IO on a free port. It has no limits and no scruples; what it does in a room, an
 * attack decides.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { RELAY_PARSER } from "../../lib/relay/frame_parser.ts";
import { allottedRoom } from "../../lib/relay/wire_events.ts";
import { Room } from "./room.ts";
import type { Watch } from "./watch.ts";

/** One relay for the whole lab. */
export interface HostileRelay {
  /** Makes an empty room. */
  room(): Room;
  /** Disconnects everybody and stops listening. */
  close(): Promise<void>;
}

/** Starts one on a port that the system chooses. */
export async function startHostileRelay(watch: Watch): Promise<HostileRelay> {
  const http = createServer();
  const io = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: 1e8,
    parser: RELAY_PARSER,
  });
  const rooms = new Map<string, Room>();
  io.on("connection", (socket) => {
    const room = rooms.get(String(socket.handshake.auth.room));
    if (room === undefined) socket.disconnect(true);
    else room.seat(socket);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    room() {
      // A name that clients do not hash.
      const room = new Room(`http://127.0.0.1:${port}`, allottedRoom(rooms.size + 1), watch);
      rooms.set(room.name, room);
      return room;
    },
    close: () => io.close(),
  };
}
