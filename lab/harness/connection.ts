/**
 * A bare connection to a relay, for textbook clients and for attackers.
 *
 * @module
 */
import { io } from "socket.io-client";
import type { Place } from "./room.ts";

/** A way to the relay. */
export interface Port {
  /** Sends one event. */
  emit(event: string, payload: unknown): void;
}

/** A connection that can be closed. */
export interface Connection extends Port {
  /** Whether it still stands. */
  readonly connected: boolean;
  /** Disconnects; resolves when the socket is gone. */
  close(): Promise<void>;
}

/**
 * Connects.
 *
 * @param onEvent is given every event and its first argument; `disconnect` among them
 */
export async function connect(
  { url, name }: Place,
  onEvent: (event: string, payload: unknown) => void,
): Promise<Connection> {
  const socket = io(url, {
    auth: { room: name },
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on("connect", resolve);
  socket.on("connect_error", reject);
  socket.on("disconnect", (reason) => onEvent("disconnect", reason));
  socket.onAny(onEvent);
  await promise;
  return {
    emit: (event, payload) => void socket.emit(event, payload),
    get connected() {
      return socket.connected;
    },
    async close() {
      const { engine } = socket.io;
      const closed = engine === undefined || engine.readyState === "closed"
        ? Promise.resolve()
        : new Promise<void>((done) => engine.once("close", () => done()));
      socket.disconnect();
      await closed;
    },
  };
}
