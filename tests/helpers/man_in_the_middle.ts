/**
 * A relay that lies: it answers each client with keys of its own, and hands on what it reads.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Socket } from "socket.io";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import {
  advance,
  newSession,
  type Outgoing,
  type Session,
  type SessionInput,
} from "../../lib/protocol/session.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { type ClientEvent, KEY_EXCHANGE, PEER_LEFT, RELAYED } from "../../lib/relay/events.ts";
import { newResume } from "../../lib/protocol/signal.ts";

/** The lying relay. */
export interface ManInTheMiddle extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** What it has read. */
  readonly read: string[];
}

/** One of its two conversations: it plays the absent person to the one who is there. */
class Leg {
  readonly #socket: Socket;
  readonly #onText: (text: string) => void;
  readonly #onEnd: () => void;
  readonly #secured = Promise.withResolvers<void>();
  #session: Session;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    socket: Socket,
    code: string | null,
    onText: (text: string) => void,
    onEnd: () => void,
  ) {
    this.#socket = socket;
    this.#onText = onText;
    this.#onEnd = onEnd;
    const identity = SigningKey.generate(GROUP, systemRandom);
    this.#session = newSession({ identity, name: "you know who", deniable: false, code });
    for (const [sent, received] of Object.entries(RELAYED)) {
      socket.on(sent, (payload: unknown) => {
        this.take({ type: "receive", event: received, payload });
        this.take({ type: "idle" });
      });
    }
  }

  take(input: SessionInput): void {
    this.#turn = this.#turn.then(() => this.#step(input));
  }

  /** Sends something as soon as its session is secure. */
  send(input: Outgoing): void {
    void this.#secured.promise.then(() => this.take(input));
  }

  /** Says that the other one has left, behind everything that is still to be handed on. */
  part(): void {
    this.#turn = this.#turn.then(() => void this.#socket.emit(PEER_LEFT));
  }

  async #step(input: SessionInput): Promise<void> {
    const environment = { random: systemRandom, kem: mlKem768, now: Date.now };
    const { session, effects } = await advance(this.#session, input, environment);
    this.#session = session;
    for (const effect of effects) {
      if (effect.type === "secure") {
        this.take({ type: "signal", signal: newResume(systemRandom) });
        this.#secured.resolve();
      }
      if (effect.type === "emit") {
        this.#socket.emit(RELAYED[effect.event as ClientEvent], effect.payload);
      } else if (effect.type === "message") this.#onText(effect.text);
      else if (effect.type === "peer-finished") this.#onEnd();
    }
  }
}

/** Starts one. Clients with an invite code meet a guess at it that is wrong. */
export async function manInTheMiddle(): Promise<ManInTheMiddle> {
  const { Server } = await import("socket.io");
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  const read: string[] = [];
  const sockets: Socket[] = [];
  io.on("connection", (socket) => {
    sockets.push(socket);
    if (sockets.length < 2) return;
    const isInvited = String(socket.handshake.auth.room).startsWith("invite-");
    const guess = isInvited ? "1-a-wild-guess" : null;
    const legs: Leg[] = sockets.slice(0, 2).map((socket, i) =>
      new Leg(socket, guess, (text) => {
        read.push(text);
        legs[1 - i]!.send({ type: "say", texts: [text] });
      }, () => legs[1 - i]!.send({ type: "finish" }))
    );
    for (const [i, leg] of legs.entries()) {
      leg.take({ type: "start" });
      sockets[i]!.on("disconnect", () => legs[1 - i]!.part());
      sockets[i]!.emit(KEY_EXCHANGE, "r");
    }
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    read,
    [Symbol.asyncDispose]: async () => {
      await io.close();
    },
  };
}
