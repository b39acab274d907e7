/**
 * The textbook's relay: rooms of two, and a table from what one sends to what the other receives. It looks events up
 * in the table as everybody does.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";

/** An object, so it has more names in it than these. */
const TABLE: Record<string, string> = {
  ELGAMAL_PK: "ELGAMAL_PK_BC",
  DEFF_HELLMAN_PK: "DEFF_HELLMAN_PK_BC",
  message: "received_message",
};

/** Starts one. */
export async function startTextbookRelay(): Promise<{ url: string; close(): Promise<void> }> {
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  const members: Socket[] = [];
  io.on("connection", (socket) => {
    members.push(socket);
    socket.onAny((event: string, payload: unknown) => {
      const name = TABLE[event];
      if (!name) return;
      for (const other of members) if (other !== socket) other.emit(name, payload);
    });
    if (members.length === 2) io.emit("KEY_EXCHANGE", "room");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => io.close() };
}
