/**
 * A client's Socket.IO connection, as the relay uses it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Socket } from "socket.io";
import { Backlog } from "./backlog.ts";
import { frameOf, webSocketHeader } from "./frames.ts";
import {
  isAllottedRoom,
  KEY_EXCHANGE,
  type Refusal,
  RELAY_ERROR,
  RELAY_LIMITS,
  RELAY_ROOM,
  RELAYED,
  type RelayedEvent,
  type RelayLimits,
} from "./wire_events.ts";
import type { Log } from "./log.ts";
import type { Connection } from "./seat_table.ts";

/**
 * Most bytes that wait for one client. 32 MiB are a second of a fast network, and half a minute of a slow one; a client
 * that is further behind loses the connection, comes back, and gets end to end what it missed.
 */
export const MAX_BACKLOG_BYTES = 32 * 1024 * 1024;

/**
 * Most `KEY_EXCHANGE`s without an answer. A live client answers each at once; for one that never does,
 * every one costs memory.
 */
const MAX_UNANSWERED = 1000;

/** One Socket.IO connection: what is sent over it, and how much of that waits. */
export class SocketConnection implements Connection {
  /** The room that it wants to be in. */
  readonly room: string;
  /** The secret of its seat; `null` for a client of the original protocol. */
  readonly secret: string | null;
  readonly #socket: Socket;
  readonly #limits: RelayLimits;
  readonly #log: Log;
  readonly #backlog: Backlog;
  #encounter = 0;
  #unanswered = 0;
  #stale = false;
  #isCut = false;
  /** Whether it has sent a message in this encounter. */
  hasSpoken = false;

  /** A client that has just connected. */
  constructor(socket: Socket, room: string, secret: string | null, limits: RelayLimits, log: Log) {
    this.#socket = socket;
    this.room = room;
    this.secret = secret;
    this.#limits = limits;
    this.#log = log;
    this.#backlog = new Backlog(socket.conn);
  }

  /**
   * Whether what comes from this client now was sent before it knew of the present encounter. Somebody else may be
   * on the other seat since, or the same with other keys.
   */
  get isStale(): boolean {
    return this.#stale;
  }

  /** It has a seat. A client of the original protocol hears nothing of that. */
  seated(): void {
    if (this.secret === null) return;
    this.#emit(RELAY_LIMITS, this.#limits);
    if (isAllottedRoom(this.room)) this.#emit(RELAY_ROOM, this.room);
  }

  /** Starts the key exchange, and with it an encounter. */
  begin(): void {
    this.hasSpoken = false;
    if (this.secret === null) return this.#emit(KEY_EXCHANGE, this.room);
    const encounter = ++this.#encounter;
    this.#stale = true;
    this.#unanswered++;
    this.#emit(KEY_EXCHANGE, this.room, () => {
      this.#unanswered--;
      if (encounter === this.#encounter) this.#stale = false;
    });
    if (this.#unanswered > MAX_UNANSWERED) this.#cutOff("never acknowledges");
  }

  /** Reports that the peer has gone. */
  notify(event: Parameters<Connection["notify"]>[0]): void {
    this.#emit(event);
  }

  /** Relays what the peer sent. */
  hand(event: RelayedEvent, payload: string | Uint8Array): void {
    if (this.secret === null || typeof payload === "string") {
      return this.#emit(RELAYED[event], payload);
    }
    this.#send(() => this.#writeFrame(event, payload));
  }

  /** Reports that something is refused. */
  refuse(refusal: Refusal): void {
    this.#log("debug", "refused", { code: refusal.code });
    this.#emit(RELAY_ERROR, refusal);
  }

  /** Ends the connection at once, whatever still waits: a goodbye would wait behind it. */
  cut(): void {
    this.#isCut = true;
    const { conn } = this.#socket;
    const { socket } = conn.transport as unknown as { socket?: { terminate?: () => void } };
    if (socket?.terminate === undefined) conn.close(true);
    else socket.terminate();
  }

  /** One write takes header and frame to the socket, where a WebSocket is below; Engine.IO alone would make two of it. */
  #writeFrame(event: RelayedEvent, payload: Uint8Array): void {
    const header = webSocketHeader(1 + payload.length);
    const whole = frameOf(event, payload, header.length);
    whole.set(header);
    // Socket.IO's adapters use this option; its types leave it out.
    const options: object = { wsPreEncodedFrame: [whole] };
    this.#socket.conn.write(Buffer.from(whole.buffer, header.length), options);
  }

  #emit(event: string, ...args: unknown[]): void {
    this.#send(() => this.#socket.emit(event, ...args));
  }

  #send(write: () => void): void {
    if (this.#isCut) return;
    write();
    if (this.#backlog.bytes > MAX_BACKLOG_BYTES) this.#cutOff("too slow");
  }

  #cutOff(why: string): void {
    this.#log("info", why, { bytes: this.#backlog.bytes });
    this.cut();
  }
}
