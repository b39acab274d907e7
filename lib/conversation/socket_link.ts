/**
 * The client's connection to the relay: Socket.IO in, plain inputs out.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { io, NodeWebSocket, type Socket } from "socket.io-client";
import { UnreachableError } from "../errors.ts";
import { CLIENT_PARSER } from "../relay/frame_parser.ts";
import {
  isAllottedRoom,
  KEY_EXCHANGE,
  NEW_ROOM,
  PEER_AWAY,
  PEER_LEFT,
  type Refusal,
  RELAY_DRAIN,
  RELAY_ERROR,
  RELAY_LIMITS,
  RELAY_ROOM,
  RELAYED,
  type RelayLimits,
} from "../relay/wire_events.ts";
import { isOpening } from "./relay_opening.ts";
import {
  isRefusalCode,
  isRefusedSeat,
  type Link,
  type RelayAddress,
  type RelayInput,
  retryPause,
} from "./link.ts";

/** Bytes that the socket may hold for frames of files: a text that is typed meanwhile goes behind them. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;

/** How often to look whether there is room again, in milliseconds. */
const POLL = 2;

/** How long one attempt to connect may take, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/** How long a relay that no longer answers can hold up leaving, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/** The first pause before connecting again, in milliseconds: a relay that restarts is back in about a second. */
const FIRST_PAUSE = 500;

/** The longest pause, in milliseconds; each is twice the one before. */
const LONGEST_PAUSE = 5_000;

/** The share of a pause that chance adds or takes, so that not all clients of a relay come back at one time. */
const JITTER = 0.5;

/**
 * How long after connecting a relay that turned us away before has to do so again, in milliseconds. It says no at
 * once and says yes by saying nothing.
 */
const DOUBT = 1_000;

/**
 * Connects. The first connection has one attempt; one that breaks later is tried again until `close`.
 *
 * @param address the relay and the room
 * @param seat the secret of our seat ({@link isSeat}), the same at each connection; `null` asks the relay to keep none
 * @param onInput called for everything that happens, in order
 * @param onRoom called with the room that the relay has allotted, once, where the address names {@link NEW_ROOM}
 */
export function connectRelay(
  address: RelayAddress,
  seat: string | null,
  onInput: (input: RelayInput) => void,
  onRoom: (room: string) => void = () => {},
): Link {
  return new SocketLink(address, seat, onInput, onRoom);
}

/** A packet of Engine.IO. */
type Packet = Parameters<NodeWebSocket["onPacket"]>[0];

/**
 * The WebSocket below Socket.IO. Deno's own, which leaves 40 ms between the header and the body of a frame of a kilobyte
 * or more (Nagle), is not it.
 */
class RelayWebSocket extends NodeWebSocket {
  override createSocket(
    ...[uri, protocols, options]: Parameters<NodeWebSocket["createSocket"]>
  ): ReturnType<NodeWebSocket["createSocket"]> {
    const changes = { generateMask: noMask, perMessageDeflate: false };
    const url = new URL(uri);
    if (url.protocol !== "wss:") {
      return super.createSocket(uri, protocols, { ...options, ...changes });
    }
    // Deno's `node:https` asks for permission to read the system's authorities, and its `node:tls` does not.
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const servername = isIP(host) === 0 ? host : undefined;
    const createConnection = () => connectTls({ host, port: Number(url.port || 443), servername });
    return super.createSocket(uri.replace("wss:", "ws:"), protocols, {
      ...options,
      ...changes,
      agent: undefined,
      createConnection,
    });
  }

  /**
   * A check that Engine.IO does not make: where the packet that opens a connection is damaged, or a relay sends something
   * else, its client throws in a place where nobody catches, and the process ends. Here the connection breaks instead,
   * as connections do.
   */
  override onPacket(packet: Packet): void {
    if (packet.type !== "open" || isOpening(packet.data)) return super.onPacket(packet);
    this.onError("the relay opened with no packet of Engine.IO", null);
  }
}

/**
 * Leaves a frame's mask at zero, which costs nothing; with any other, client and relay would each spend three times the
 * time on a byte. Masks keep a web page from writing what a proxy takes for HTTP (RFC 6455, 10.3); what we send is
 * ciphertext.
 */
function noMask(): void {}

/** The connection, and the ones after it. */
class SocketLink implements Link {
  readonly #server: string;
  readonly #onInput: (input: RelayInput) => void;
  readonly #socket: Socket;
  /** How often it has connected. */
  #count = 0;
  /** Whether the last report was that there is a connection. */
  #isReported = false;
  /** Whether the relay had no seat for us when we came back. */
  #isRefusedSeat = false;
  /** Whether the relay has let us meet a peer: then we had a seat, whatever it says now. */
  #hasMet = false;
  /** Nothing more is reported. */
  #isOver = false;
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    { server, room }: RelayAddress,
    seat: string | null,
    onInput: (input: RelayInput) => void,
    onRoom: (room: string) => void,
  ) {
    this.#server = server;
    this.#onInput = onInput;
    this.#socket = io(server, {
      auth: seat === null ? { room } : { room, seat },
      // One transport: it either works or the relay can't be reached, and no upgrade races the handshake.
      transports: [RelayWebSocket],
      parser: CLIENT_PARSER,
      timeout: CONNECT_TIMEOUT,
      reconnectionDelay: FIRST_PAUSE,
      reconnectionDelayMax: LONGEST_PAUSE,
      randomizationFactor: JITTER,
      forceNew: true,
    });
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.on("disconnect", () => this.#disconnected());
    this.#socket.on(RELAY_ERROR, (refusal: unknown) => this.#refused(parseRefusal(refusal)));
    this.#socket.on(RELAY_LIMITS, (limits: unknown) => {
      this.#report({ type: "limits", ...parseLimits(limits) });
    });
    let isAsking = room === NEW_ROOM;
    this.#socket.on(RELAY_ROOM, (allotted: unknown) => {
      if (!isAsking || !isAllottedRoom(allotted)) return;
      isAsking = false;
      // The next connection is to lead there, too.
      this.#socket.auth = { room: allotted, seat };
      onRoom(allotted);
    });
    this.#socket.on(KEY_EXCHANGE, (...args: unknown[]) => {
      this.#hasMet = true;
      this.#report({ type: "key-exchange", acknowledge: this.#acknowledgement(args.at(-1)) });
    });
    this.#socket.on(RELAY_DRAIN, () => this.renew());
    this.#socket.on(PEER_AWAY, () => this.#report({ type: "relay-peer-away" }));
    this.#socket.on(PEER_LEFT, () => this.#report({ type: "relay-peer-left" }));
    for (const event of Object.values(RELAYED)) {
      this.#socket.on(event, (payload) => this.#report({ type: "received", event, payload }));
    }
  }

  emit(event: keyof typeof RELAYED, payload: Uint8Array | string): void {
    // Socket.IO would keep it, and put it in front of the next encounter.
    if (this.#socket.connected) this.#socket.emit(event, payload);
  }

  async room(): Promise<void> {
    // A WebSocket has no event for it.
    while (this.#waiting > MAX_WAITING_BYTES) await new Promise((go) => setTimeout(go, POLL));
  }

  /** Bytes that the socket has not written yet. */
  get #waiting(): number {
    const { transport } = this.#socket.io.engine ?? {};
    const { ws } = (transport ?? {}) as { ws?: { readonly bufferedAmount: number } };
    return this.#socket.connected ? ws?.bufferedAmount ?? 0 : 0;
  }

  renew(): void {
    this.#socket.io.engine?.close();
  }

  close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    return closeSocket(this.#socket);
  }

  #connected(): void {
    this.#count++;
    if (this.#isRefusedSeat) this.#after(DOUBT, () => this.#seated());
    else this.#seated();
  }

  /** There is a connection, and nothing against us. */
  #seated(): void {
    clearTimeout(this.#timer);
    if (this.#isReported || this.#isOver) return;
    this.#isReported = true;
    this.#isRefusedSeat = false;
    this.#pause = FIRST_PAUSE;
    this.#onInput({ type: "connected" });
  }

  /** Reports what the relay says only to a connection that has a seat. */
  #report(input: RelayInput): void {
    this.#seated();
    if (!this.#isOver) this.#onInput(input);
  }

  #failed(error: Error): void {
    if (this.#isOver) return;
    if (this.#count > 0) return this.#ensureAnother();
    this.#end();
    this.#onInput({ type: "unreachable", error: unreachable(this.#server, error) });
  }

  #disconnected(): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    if (this.#isReported) this.#onInput({ type: "disconnected" });
    this.#isReported = false;
    this.#ensureAnother();
  }

  /** Socket.IO connects again by itself, except where the relay has closed on purpose. */
  #ensureAnother(): void {
    if (this.#socket.active) return;
    this.#after(this.#pause, () => this.#socket.connect());
    this.#pause = Math.max(this.#pause, Math.min(2 * this.#pause, LONGEST_PAUSE));
  }

  #refused(refusal: Refusal): void {
    if (!isRefusedSeat(refusal)) return this.#report({ type: "refusal", refusal, final: false });
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    const retry = retryPause(refusal);
    this.#pause = retry ?? this.#pause;
    // Somebody sits there since the relay has forgotten us, and may leave again.
    const mayComeBack = refusal.code === "room-full" && (this.#count > 1 || this.#hasMet);
    const final = retry === null && !mayComeBack;
    if (final) this.#end();
    else if (this.#isRefusedSeat) return;
    this.#isRefusedSeat = true;
    this.#onInput({ type: "refusal", refusal, final });
  }

  #end(): void {
    this.#isOver = true;
    this.#socket.disconnect();
  }

  /**
   * Answers a `KEY_EXCHANGE`, on the connection that it came by: a relay that has restarted counts from the
   * beginning, and would take the answer for another.
   */
  #acknowledgement(answer: unknown): () => void {
    if (typeof answer !== "function") return () => {};
    const { id } = this.#socket;
    return () => {
      if (this.#socket.connected && this.#socket.id === id) answer();
    };
  }

  /** One clock is enough: it runs for a connection that is in doubt, or for one that is to come. */
  #after(milliseconds: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, milliseconds);
  }
}

/**
 * Disconnects behind what is still being written: the engine closes after it has drained, and a process
 * that exits before that would take the last receipt with it.
 */
function closeSocket(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { engine } = socket.io;
  if (!socket.connected || engine === undefined) resolve();
  else engine.once("close", () => resolve());
  socket.disconnect();
  const timer = setTimeout(resolve, CLOSE_TIMEOUT);
  return promise.finally(() => clearTimeout(timer));
}

/** A refusal from the network, which may be anything. */
function parseRefusal(value: unknown): Refusal {
  const { code, message, limit, retrySeconds } = (value ?? {}) as Record<string, unknown>;
  if (isRefusalCode(code) && typeof message === "string") {
    return {
      code,
      message: message.slice(0, 200),
      ...(isCount(limit) ? { limit } : {}),
      ...(isCount(retrySeconds) ? { retrySeconds } : {}),
    };
  }
  return { code: "bad-payload", message: "the relay refused something and did not say what" };
}

/** RelayLimits from the network, which may be anything: what is no number lets nothing pass. */
function parseLimits(value: unknown): RelayLimits {
  const { payloadBytes } = (value ?? {}) as Record<string, unknown>;
  return { payloadBytes: isCount(payloadBytes) ? payloadBytes : 0 };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function unreachable(server: string, error: Error): UnreachableError {
  // Engine.IO's own message says no more than that there was an error.
  const { message } = (error as { description?: { message?: string } }).description ?? error;
  return new UnreachableError(
    `cannot reach a relay at ${server} (${message}). Start one with \`deno task server\`, ` +
      "or name another with --server URL",
  );
}
