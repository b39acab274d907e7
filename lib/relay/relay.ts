/**
 * The relay: Socket.IO on node:http. It puts two clients into a room, tells them to begin, and hands what one
 * says to the other. It looks at the size and the type of a payload, never at its content; it imports no
 * cryptography and holds no key.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { ParleyError } from "../errors.ts";
import {
  DEFAULT_ROOM,
  isRoomName,
  KEY_EXCHANGE,
  PEER_LEFT,
  type Refusal,
  type RefusalCode,
  RELAY_ERROR,
  RELAYED,
  ROOM_NAME_RULE,
} from "./events.ts";
import type { Log } from "./log.ts";
import { Rooms } from "./rooms.ts";

/** How a relay is started. */
export interface RelayOptions {
  /** The address to listen on. */
  readonly host: string;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Most bytes of one payload. */
  readonly maxPayloadBytes: number;
  /** Receives what happens: names of events, sizes and rooms, never content. */
  readonly log: Log;
}

/** A relay that is listening. */
export interface Relay {
  /** Where clients reach it. */
  readonly url: string;
  /** The real port. */
  readonly port: number;
  /** Disconnects everybody and stops listening. */
  close(): Promise<void>;
}

/** What a transport frame may hold beside the payload: event name, framing, base64 where there is no binary. */
const FRAME_OVERHEAD_BYTES = 64 * 1024;

/** How often the relay looks whether a silent client is still there, and how long it waits, in milliseconds. */
const HEARTBEAT = { pingInterval: 10_000, pingTimeout: 20_000 };

/**
 * Starts a relay.
 *
 * @throws {ParleyError} `cannot-listen` when the address can't be had
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { log, maxPayloadBytes } = options;
  const http = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    response.end("parley relay: connect with `deno task client --server URL`\n");
  });
  const io = new Server(http, {
    ...HEARTBEAT,
    serveClient: false,
    maxHttpBufferSize: 2 * maxPayloadBytes + FRAME_OVERHEAD_BYTES,
  });
  const rooms = new Rooms<Socket>();
  io.on("connection", (socket) => seat(socket, rooms, options));
  await listen(http, options);
  const { port } = http.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  log("info", "listening", { url });
  return { url, port, close: () => close(io, http, log) };
}

function listen(http: HttpServer, { host, port }: RelayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    http.listen(port, host, () => resolve());
  });
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): ParleyError {
  const where = `${host}:${port}`;
  const reason = error.code === "EADDRINUSE"
    ? `port ${port} is in use. Stop what listens there, or choose another with --port`
    : error.code === "EACCES"
    ? `this user may not listen on port ${port}. Choose one above 1023 with --port`
    : `${error.message}. Choose another address with --host`;
  return new ParleyError("cannot-listen", `cannot listen on ${where}: ${reason}`);
}

async function close(io: Server, http: HttpServer, log: Log): Promise<void> {
  // Before the sockets: closing them first would leave a window for reconnections.
  http.closeIdleConnections?.();
  await io.close();
  http.closeAllConnections?.();
  log("info", "closed", {});
}

/** Gives a new connection its seat, or tells it why there is none. */
function seat(socket: Socket, rooms: Rooms<Socket>, options: RelayOptions): void {
  const { log } = options;
  const room = socket.handshake.auth?.room ?? DEFAULT_ROOM;
  if (!isRoomName(room)) return turnAway(socket, "bad-room", `a room's name is ${ROOM_NAME_RULE}`);
  if (!rooms.join(room, socket)) {
    log("info", "room full", { room });
    return turnAway(socket, "room-full", `room ${room} is full: two people are in it already`);
  }
  log("info", "joined", { room, members: rooms.members(room).length });
  socket.on("disconnect", (reason) => {
    log("info", "left", { room, reason });
    for (const other of rooms.leave(room, socket)) other.emit(PEER_LEFT);
  });
  socket.onAny((event: string, ...args: unknown[]) => {
    relay(socket, rooms.peerOf(room, socket), event, args, options);
  });
  if (rooms.isComplete(room)) {
    log("info", "key exchange", { room });
    for (const member of rooms.members(room)) member.emit(KEY_EXCHANGE, room);
  }
}

/** Hands one event to the other one in the room. */
function relay(
  socket: Socket,
  peer: Socket | undefined,
  event: string,
  args: unknown[],
  { log, maxPayloadBytes }: RelayOptions,
): void {
  if (!Object.hasOwn(RELAYED, event)) {
    return refuse(socket, log, "bad-payload", "this relay knows no such event");
  }
  // A client that asks for an acknowledgement gets none: only the other side can say what has arrived.
  const payloads = args.filter((arg) => typeof arg !== "function");
  const [payload] = payloads;
  const size = payloadSize(payload);
  if (payloads.length !== 1 || size === null) {
    return refuse(socket, log, "bad-payload", `${event} takes one payload, text or bytes`);
  }
  if (size > maxPayloadBytes) {
    const message = `a payload of ${size} bytes is over this relay's limit of ${maxPayloadBytes}`;
    return refuse(socket, log, "payload-too-large", message);
  }
  if (peer === undefined) {
    return refuse(socket, log, "no-peer", "nobody else is in the room");
  }
  log("debug", "relayed", { event, bytes: size });
  log("trace", "payload", { event, base64: () => toBase64(payload) });
  peer.emit(RELAYED[event as keyof typeof RELAYED], payload);
}

const encoder = new TextEncoder();

/** The size in bytes of what may be relayed; `null` for what may not. */
function payloadSize(payload: unknown): number | null {
  if (typeof payload === "string") return encoder.encode(payload).length;
  if (payload instanceof Uint8Array) return payload.byteLength;
  return null;
}

function toBase64(payload: unknown): string {
  return Buffer.from(payload as string | Uint8Array).toString("base64");
}

function refuse(socket: Socket, log: Log, code: RefusalCode, message: string): void {
  log("debug", "refused", { code });
  socket.emit(RELAY_ERROR, { code, message } satisfies Refusal);
}

function turnAway(socket: Socket, code: RefusalCode, message: string): void {
  socket.emit(RELAY_ERROR, { code, message } satisfies Refusal);
  socket.disconnect(true);
}
