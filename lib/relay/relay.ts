/**
 * The relay: Socket.IO on node:http. It seats two clients in a room, starts their key exchange, and passes what one
 * sends to the other. It looks at the size and the type of a payload, never at its content; it imports no
 * cryptography and holds no key.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomInt } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server, Socket } from "socket.io";
import { ParleyError } from "../errors.ts";
import { type After, systemClock } from "../timer.ts";
import {
  DEFAULT_AWAY_SECONDS,
  DEFAULT_MAX_PAYLOAD_BYTES,
  DEFAULT_PORT,
  DEFAULT_ROOM,
  isRoomName,
  isSeat,
  MIN_PAYLOAD_BYTES,
  NEW_ROOM,
  type Refusal,
  type RefusalCode,
  RELAY_DRAIN,
  RELAY_ERROR,
  RELAYED,
  type RelayedEvent,
  ROOM_NAME_RULE,
  SEAT_RULE,
} from "./wire_events.ts";
import type { Log } from "./log.ts";
import { SeatTable } from "./seat_table.ts";
import { SocketConnection } from "./socket_connection.ts";

/** Options of {@link startRelay}. */
export interface RelayOptions {
  /** The address to listen on. */
  readonly host: string;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Most bytes of one payload; at least {@link MIN_PAYLOAD_BYTES}. */
  readonly maxPayloadBytes: number;
  /** For how long the seat of a client that lost the connection is kept, in seconds; 0 keeps none. */
  readonly awaySeconds: number;
  /** How often the relay looks for silent clients. @default {@link HEARTBEAT} */
  readonly heartbeat?: Heartbeat;
  /** Its clock. */
  readonly after: After;
  /** Draws an integer from 0 to under its argument, for rooms' numbers. @default the system's generator */
  readonly random?: (bound: number) => number;
  /** The log: names of events, sizes and rooms, never content. */
  readonly log: Log;
}

/** A relay that is listening. */
export interface Relay {
  /** The address for clients. */
  readonly url: string;
  /** The real port. */
  readonly port: number;
  /** Sends everybody to another relay, or to the next one here, and stops listening. */
  close(): Promise<void>;
}

/** How long a relay that ends waits for its clients to go, in milliseconds: as long as the way to the farthest and back. */
const DRAIN_MILLISECONDS = 500;

/** What a transport frame may hold beside the payload: event name, framing, base64 where there is no binary. */
const FRAME_OVERHEAD_BYTES = 64 * 1024;

/** The timing by which a dead connection is noticed, in milliseconds. */
export interface Heartbeat {
  /** How long after an answer the relay asks again whether the client is there. */
  readonly pingInterval: number;
  /** How long it waits for the answer. */
  readonly pingTimeout: number;
}

/**
 * A cable that is pulled out closes nothing, so both sides count. The relay gives up `pingTimeout` after its
 * question, and asks `pingInterval` after the last answer; the client, which gets both numbers, gives up when no
 * question has come for their sum: 13 seconds at the latest. Eight of them are for a network that is alive but
 * stands still for a while, as a telephone's does between two cells. A question every five seconds costs some
 * hundred bytes a minute.
 */
export const HEARTBEAT: Heartbeat = { pingInterval: 5_000, pingTimeout: 8_000 };

/** Socket.IO's name for a connection that the client itself has ended. */
const SAID_GOODBYE = "client namespace disconnect";

/** Socket.IO's name for a connection that ends because the relay does. */
const SHUTTING_DOWN = "server shutting down";

/** A relay for this machine alone, with real timers and no log. */
const RELAY_DEFAULTS: RelayOptions = {
  host: "127.0.0.1",
  port: DEFAULT_PORT,
  maxPayloadBytes: DEFAULT_MAX_PAYLOAD_BYTES,
  awaySeconds: DEFAULT_AWAY_SECONDS,
  after: systemClock.after,
  log: () => {},
};

/**
 * Starts a relay.
 *
 * @param changes what differs from a silent relay for this machine alone, at the protocol's port
 * @throws {ParleyError} `cannot-listen` when the address can't be had
 * @throws {RangeError} when `maxPayloadBytes` is under {@link MIN_PAYLOAD_BYTES}
 */
export async function startRelay(changes: Partial<RelayOptions> = {}): Promise<Relay> {
  const options = { ...RELAY_DEFAULTS, ...changes };
  const { log, maxPayloadBytes } = options;
  if (maxPayloadBytes < MIN_PAYLOAD_BYTES) {
    throw new RangeError(`Cannot start a relay: maxPayloadBytes is under ${MIN_PAYLOAD_BYTES}`);
  }
  // Only now: loading it takes permission to read the environment, which a program without a relay can do without.
  const { Server } = await import("socket.io");
  const { RELAY_PARSER } = await import("./frame_parser.ts");
  const http = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    response.end("parley relay: connect with `deno task client --server URL`\n");
  });
  let isClosing = false;
  const io = new Server(http, {
    ...HEARTBEAT,
    ...options.heartbeat,
    serveClient: false,
    parser: RELAY_PARSER,
    allowRequest: (_request, decide) => decide(null, !isClosing),
    maxHttpBufferSize: 2 * maxPayloadBytes + FRAME_OVERHEAD_BYTES,
  });
  const seats = new SeatTable(options);
  io.on("connection", (socket) => admit(socket, seats, options));
  await listen(http, options);
  const { port } = http.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  log("info", "listening", { url });
  const close = async () => {
    isClosing = true;
    await drain(io);
    await closeAll(io, http, seats, log);
  };
  return { url, port, close };
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

/** Lets clients with a seat go by themselves, for a moment. */
async function drain(io: Server): Promise<void> {
  const sockets = [...io.sockets.sockets.values()].filter(({ handshake }) => handshake.auth.seat);
  const gone = sockets.map((socket) => new Promise((gone) => socket.once("disconnect", gone)));
  for (const socket of sockets) socket.emit(RELAY_DRAIN);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const stop = systemClock.after(DRAIN_MILLISECONDS, resolve);
  await Promise.race([late, Promise.all(gone)]);
  stop();
}

async function closeAll(io: Server, http: HttpServer, seats: SeatTable, log: Log): Promise<void> {
  // Clients are told why before their connections end; then no half of a request keeps the relay from closing.
  const closed = io.close();
  http.closeAllConnections();
  await closed;
  seats.close();
  log("info", "closed", {});
}

/** Assigns a new connection its seat, or refuses it and says why. */
function admit(socket: Socket, seats: SeatTable, options: RelayOptions): void {
  const auth = (socket.handshake.auth ?? {}) as Record<string, unknown>;
  const { seat } = auth;
  const named = auth.room ?? DEFAULT_ROOM;
  const reject = (code: RefusalCode, message: string) => {
    socket.emit(RELAY_ERROR, { code, message } satisfies Refusal);
    socket.disconnect(true);
  };
  if (!isRoomName(named)) return reject("bad-room", `a room's name is ${ROOM_NAME_RULE}`);
  if (seat !== undefined && !isSeat(seat)) return reject("bad-seat", `a seat is ${SEAT_RULE}`);
  const { log, maxPayloadBytes: payloadBytes, random = (bound: number) => randomInt(bound) } =
    options;
  const room = named === NEW_ROOM && seat !== undefined ? seats.allot(random) : named;
  const connection = new SocketConnection(socket, room, seat ?? null, { payloadBytes }, log);
  if (!seats.assign(connection)) {
    const why = seats.isHolding(room)
      ? `for up to ${options.awaySeconds} seconds a seat is kept for somebody who lost the connection`
      : "two people are in it already";
    return reject("room-full", `the room is full: ${why}`);
  }
  socket.on("disconnect", (reason) => {
    if (reason === SHUTTING_DOWN) return;
    options.log("debug", "disconnected", { reason });
    seats.part(connection, reason === SAID_GOODBYE);
  });
  socket.onAny((event: string, ...args: unknown[]) => {
    relay(connection, seats.peerOf(connection) as SocketConnection | null, event, args, options);
  });
}

/** Passes one event to the peer. */
function relay(
  connection: SocketConnection,
  peer: SocketConnection | null,
  event: string,
  args: unknown[],
  { log, maxPayloadBytes }: RelayOptions,
): void {
  if (connection.isStale) return log("debug", "stale", { event });
  const refuse = (code: RefusalCode, message: string, limit?: number) =>
    connection.refuse({ code, message, limit });
  if (!Object.hasOwn(RELAYED, event)) {
    return refuse("bad-payload", "this relay knows no such event");
  }
  // A client that asks for an acknowledgement gets none: only the other side can say what has arrived.
  const payloads = args.filter((arg) => typeof arg !== "function");
  const [payload] = payloads;
  const size = payloadSize(payload);
  if (payloads.length !== 1 || size === null) {
    return refuse("bad-payload", `${event} takes one payload, text or bytes`);
  }
  if (size > maxPayloadBytes) {
    const message = `a payload of ${size} bytes is over this relay's limit of ${maxPayloadBytes}`;
    return refuse("payload-too-large", message, maxPayloadBytes);
  }
  if (peer === null) {
    // A client with a seat is notified of every connection of its peer, and sends again what did not arrive.
    if (connection.secret !== null) return log("debug", "nobody there", { event });
    return refuse("no-peer", "nobody else is in the room");
  }
  log("debug", "relayed", { event, bytes: size });
  log("trace", "payload", { event, base64: () => toBase64(payload) });
  if (event === "message") connection.hasSpoken = true;
  peer.hand(event as RelayedEvent, payload as string | Uint8Array);
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
