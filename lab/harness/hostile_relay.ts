/**
 * The hostile relay: real Socket.IO on a free port. It has no limits and no scruples; what it does in a room, an
 * attack decides.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { Room } from "./room.ts";
import type { Watch } from "./watch.ts";

/** One relay for the whole lab. */
export class HostileRelay implements AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  readonly #io: Server;
  readonly #rooms: Map<string, Room>;
  readonly #watch: Watch;

  private constructor(url: string, io: Server, rooms: Map<string, Room>, watch: Watch) {
    this.url = url;
    this.#io = io;
    this.#rooms = rooms;
    this.#watch = watch;
  }

  /** Starts it on a port that the system chooses. */
  static async start(watch: Watch): Promise<HostileRelay> {
    const http = createServer();
    const io = new Server(http, { serveClient: false, maxHttpBufferSize: 1e8 });
    const rooms = new Map<string, Room>();
    io.on("connection", (socket) => {
      const room = rooms.get(String(socket.handshake.auth.room));
      if (room === undefined) socket.disconnect(true);
      else room.seat(socket);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    return new HostileRelay(`http://127.0.0.1:${port}`, io, rooms, watch);
  }

  /** An empty room. */
  room(name = `room-${this.#rooms.size + 1}`): Room {
    const room = new Room(name, this.#watch);
    this.#rooms.set(name, room);
    return room;
  }

  /** Disconnects everybody and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#io.close();
  }
}
