/**
 * A real relay on a free port and real Socket.IO clients, in the test's own process.
 *
 * @module
 */
import type { Socket } from "socket.io-client";
import { KEY_EXCHANGE, RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import type { RelayOptions } from "../../lib/relay/relay.ts";
import { inTime } from "./deadline.ts";
import type { After } from "../../lib/timer.ts";

/** Everything a socket has heard, in order. */
export interface Ear {
  /** The connection. */
  readonly socket: Socket;
  /** Events and their arguments. */
  readonly heard: [event: string, ...args: unknown[]][];
  /** Resolves with the first argument of the next `event` that nobody has waited for yet. */
  next(event: string): Promise<unknown>;
}

/** How a client connects. */
export interface ConnectOptions {
  /** Another way than straight to the relay. */
  readonly url?: string;
  /** Whether it answers a KEY_EXCHANGE that asks for it, as parley's client does. @default true */
  readonly acknowledges?: boolean;
}

/** A relay and whoever connects to it. */
export interface RelayWorld extends AsyncDisposable {
  /** Where the relay listens. */
  readonly url: string;
  /** Its log, at the loudest level. */
  readonly log: string[];
  /** Connects without waiting for anything. */
  connect(auth?: Record<string, unknown>, options?: ConnectOptions): Promise<Ear>;
}

/** A clock that a test moves. */
export class FakeClock {
  readonly #timers = new Set<{ milliseconds: number; callback: () => void }>();

  /** The times that run, in milliseconds. */
  get running(): number[] {
    return [...this.#timers].map(({ milliseconds }) => milliseconds);
  }

  /** Calls back when the test says so. */
  readonly after: After = (milliseconds, callback) => {
    const timer = { milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Lets every time run out. */
  fire(): void {
    for (const timer of [...this.#timers]) {
      if (this.#timers.delete(timer)) timer.callback();
    }
  }
}

/** Starts a relay. Sockets are imported late: without permissions the test that wants them is ignored. */
export async function relayWorld(options: Partial<RelayOptions> = {}): Promise<RelayWorld> {
  const { startRelay } = await import("../../lib/relay/relay.ts");
  const { lineLog } = await import("../../lib/relay/log.ts");
  const { CLIENT_PARSER } = await import("../../lib/relay/frame_parser.ts");
  const { io } = await import("socket.io-client");
  const log: string[] = [];
  const relay = await startRelay({
    host: "127.0.0.1",
    port: 0,
    maxPayloadBytes: 1024 * 1024,
    awaySeconds: 120,
    after: new FakeClock().after,
    log: lineLog("trace", (line) => log.push(line), Date.now),
    ...options,
  });
  const sockets: Socket[] = [];
  return {
    url: relay.url,
    log,
    async connect(auth = {}, { url = relay.url, acknowledges = true } = {}) {
      const options = { auth, transports: ["websocket"], reconnection: false };
      const socket = io(url, "seat" in auth ? { ...options, parser: CLIENT_PARSER } : options);
      sockets.push(socket);
      // Right behind the connection it may come, so the listener is there before.
      if (acknowledges) socket.on(KEY_EXCHANGE, (_room, acknowledge) => acknowledge?.());
      const ear = listen(socket);
      await ear.next("connect");
      return ear;
    },
    async [Symbol.asyncDispose]() {
      const engines = sockets.map(({ io }) => io.engine).filter((engine) => engine !== undefined);
      const closed = engines.filter(({ readyState }) => readyState !== "closed")
        .map((engine) => new Promise((done) => engine.once("close", done)));
      for (const socket of sockets) socket.disconnect();
      await Promise.all(closed);
      await relay.close();
    },
  };
}

function listen(socket: Socket): Ear {
  const heard: Ear["heard"] = [];
  const unclaimed: Ear["heard"] = [];
  const waiting: { event: string; resolve: (value: unknown) => void }[] = [];
  const hear = (event: string, ...args: unknown[]) => {
    heard.push([event, ...args]);
    const at = waiting.findIndex((waiter) => waiter.event === event);
    if (at < 0) unclaimed.push([event, ...args]);
    else waiting.splice(at, 1)[0]!.resolve(args[0]);
  };
  socket.on("connect", () => hear("connect"));
  socket.on("disconnect", (reason) => hear("disconnect", reason));
  socket.onAny(hear);
  return {
    socket,
    heard,
    next(event) {
      const at = unclaimed.findIndex(([name]) => name === event);
      if (at >= 0) return Promise.resolve(unclaimed.splice(at, 1)[0]![1]);
      const next = new Promise((resolve) => waiting.push({ event, resolve }));
      return inTime(`event ${event}`, next);
    },
  };
}

/** The code of the next refusal. */
export async function nextRefusal(ear: Ear): Promise<string> {
  return ((await ear.next(RELAY_ERROR)) as { code: string }).code;
}
