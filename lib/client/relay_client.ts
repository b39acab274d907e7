/**
 * The client's connection to the relay: Socket.IO in, plain inputs out.
 *
 * @module
 */
import { io, type Socket } from "socket.io-client";
import { UnreachableError } from "../errors.ts";
import { KEY_EXCHANGE, PEER_LEFT, type Refusal, RELAY_ERROR, RELAYED } from "../relay/events.ts";
import { isFinal, type RelayAddress, type RelayInput, type RelayPort } from "./relay_port.ts";

/** How long one attempt to connect may take, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/** How long a relay that no longer answers can hold up leaving, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/** The longest pause between two attempts to reconnect, in milliseconds; they begin at half a second. */
const LONGEST_PAUSE = 5_000;

/**
 * Connects. The first connection has one attempt; one that breaks later is tried again until `close`.
 *
 * @param address the relay and the room
 * @param onInput called for everything that happens, in order
 */
export function connectRelay(
  address: RelayAddress,
  onInput: (input: RelayInput) => void,
): RelayPort {
  const socket = io(address.server, {
    auth: { room: address.room },
    // One transport: it either works or the relay can't be reached, and no upgrade races the handshake.
    transports: ["websocket"],
    timeout: CONNECT_TIMEOUT,
    reconnectionDelay: 500,
    reconnectionDelayMax: LONGEST_PAUSE,
    forceNew: true,
  });
  let connectedOnce = false;
  let refused = false;
  socket.on("connect", () => {
    connectedOnce = true;
    onInput({ type: "connected" });
  });
  socket.on("connect_error", () => {
    if (connectedOnce) return;
    socket.disconnect();
    onInput({ type: "unreachable", error: unreachable(address.server) });
  });
  socket.on("disconnect", () => {
    if (!refused) onInput({ type: "disconnected" });
  });
  socket.on(RELAY_ERROR, (refusal: unknown) => {
    const known = parseRefusal(refusal);
    if (isFinal(known)) {
      refused = true;
      socket.disconnect();
    }
    onInput({ type: "refusal", refusal: known });
  });
  socket.on(KEY_EXCHANGE, () => onInput({ type: "key-exchange", acknowledge: () => {} }));
  socket.on(PEER_LEFT, () => onInput({ type: "relay-peer-left" }));
  forward(socket, onInput);
  return {
    emit: (event, payload) => void socket.emit(event, payload),
    renew: () => void socket.io.engine?.close(),
    close: () => closeSocket(socket),
  };
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

/** Hands on the four relayed events, whatever they carry. */
function forward(socket: Socket, onInput: (input: RelayInput) => void): void {
  for (const event of Object.values(RELAYED)) {
    socket.on(event, (payload: unknown) => onInput({ type: "received", event, payload }));
  }
}

/** A refusal from the network, which may be anything. */
function parseRefusal(value: unknown): Refusal {
  const { code, message } = (value ?? {}) as Record<string, unknown>;
  const codes: readonly string[] = [
    "room-full",
    "bad-room",
    "bad-payload",
    "payload-too-large",
    "no-peer",
  ];
  if (typeof code === "string" && codes.includes(code) && typeof message === "string") {
    return { code, message: message.slice(0, 200) } as Refusal;
  }
  return { code: "bad-payload", message: "the relay refused something and did not say what" };
}

function unreachable(server: string): UnreachableError {
  return new UnreachableError(
    `cannot reach a relay at ${server}. Start one with \`deno task server\`, ` +
      "or name another with --server URL",
  );
}
