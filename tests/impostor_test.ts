/**
 * A whole client against a peer that does one thing wrong: exit code 3, one line that names the check,
 * and nothing sent after it.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Bytes, copyBytes } from "../lib/crypto/bytes.ts";
import { SigningKey } from "../lib/crypto/elgamal.ts";
import { mlKem768 } from "../lib/crypto/kem.ts";
import { systemRandom } from "../lib/crypto/random.ts";
import { advance, newSession, type Session, type SessionInput } from "../lib/protocol/session.ts";
import { GROUP } from "../lib/protocol/wire.ts";
import {
  KEY_EXCHANGE,
  PEER_LEFT,
  type PeerEvent,
  type RelayedEvent,
} from "../lib/relay/wire_events.ts";
import { startClient } from "./helpers/clients.ts";
import { granted } from "./helpers/permissions.ts";
import { newResume } from "../lib/protocol/signal.ts";
import { seededRandom } from "./helpers/seeded_random.ts";
import { type Ear, relayWorld } from "./helpers/relay_world.ts";

/** What an impostor sends instead of what an honest client would. */
type Tamper = (event: RelayedEvent, payload: Bytes) => Bytes;

/** A client that is honest but for `tamper`. */
class Impostor {
  /** What the relay handed on since the last time that `tamper` changed something. */
  heardSince: string[] = [];
  /** Resolves when the relay says that the other side has left. */
  readonly left: Promise<void>;
  /** Resolves when its `resume` is on its way, which comes first in a session. */
  readonly resumed: Promise<void>;
  readonly #resumed = Promise.withResolvers<void>();
  readonly #socket: Ear["socket"];
  readonly #tamper: Tamper;
  #session: Session;
  #turn: Promise<void> = Promise.resolve();

  constructor({ socket }: Ear, tamper: Tamper) {
    this.#socket = socket;
    this.#tamper = tamper;
    const identity = SigningKey.generate(GROUP, systemRandom);
    this.#session = newSession({ identity, name: "Mallory", deniable: false, code: null });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.left = promise;
    this.resumed = this.#resumed.promise;
    socket.onAny((event: string, payload: unknown) => {
      if (event === PEER_LEFT) return resolve();
      this.heardSince.push(event);
      if (event === KEY_EXCHANGE) this.take({ type: "start" });
      else this.take({ type: "receive", event: event as PeerEvent, payload });
      if (event === "received_message") this.take({ type: "idle" });
    });
  }

  take(input: SessionInput): void {
    this.#turn = this.#turn.then(() => this.#step(input));
  }

  async #step(input: SessionInput): Promise<void> {
    const environment = { random: systemRandom, kem: mlKem768, now: Date.now };
    const { session, effects } = await advance(this.#session, input, environment);
    this.#session = session;
    for (const effect of effects) {
      if (effect.type === "secure") {
        this.take({ type: "send", items: [newResume(systemRandom)] });
        this.#resumed.resolve();
      }
      if (effect.type !== "emit") continue;
      const sent = this.#tamper(effect.event, effect.payload);
      if (sent !== effect.payload) this.heardSince = [];
      this.#socket.emit(effect.event, sent);
    }
  }
}

function flip(bytes: Bytes, at: number): Bytes {
  const flipped = copyBytes(bytes);
  flipped[at]! ^= 1;
  return flipped;
}

/** One for each message; tests/protocol/handshake_test.ts goes through the checks one by one. */
const WRONG: [what: string, code: string, tamper: Tamper][] = [
  [
    "bytes that are no hello",
    "malformed",
    (event, payload) => event === "ELGAMAL_PK" ? payload.slice(1) : payload,
  ],
  [
    "a wrong signature",
    "bad-signature",
    (event, payload) => event === "DEFF_HELLMAN_PK" ? flip(payload, payload.length - 268) : payload,
  ],
  [
    "a wrong key confirmation",
    "bad-confirmation",
    (event, payload) => event === "SECURE" ? flip(payload, payload.length - 1) : payload,
  ],
];

for (const [what, code, tamper] of WRONG) {
  Deno.test({
    name: `deno task client --json refuses ${what}: ${code}, exit 3, nothing sent`,
    ignore: !granted("net"),
    async fn() {
      await using world = await relayWorld();
      const impostor = new Impostor(await world.connect(), tamper);
      await using client = startClient("--server", world.url, "--json");
      await client.write("a line that must never leave\n");
      const { code: exit, stdout, stderr } = await client.ended();
      assertEquals([exit, stderr], [3, ""]);
      const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
      assertEquals([last.event, last.code], ["error", code]);
      await impostor.left;
      // What was on its way when the client decided may still have come; a message may not.
      assertEquals(impostor.heardSince.includes("received_message"), false);
    },
  });
}

Deno.test({
  name: "deno task client says in one line what it refuses, and prints nothing else",
  ignore: !granted("net"),
  async fn() {
    await using world = await relayWorld();
    new Impostor(await world.connect(), WRONG[0]![2]);
    await using client = startClient("--server", world.url);
    const { code: exit, stdout, stderr } = await client.ended();
    assertEquals([exit, stdout], [3, ""], stderr);
    const [waiting, refused, ...more] = stderr.trimEnd().split("\n");
    assertStringIncludes(waiting!, "parley: waiting in room lobby");
    assertMatch(refused!, /^parley: .{20,}/);
    assertEquals(more, []);
  },
});

Deno.test({
  name: "deno task client refuses a few random byte strings as messages, and goes on",
  ignore: !granted("net"),
  async fn() {
    await using world = await relayWorld();
    const ear = await world.connect();
    const peer = new Impostor(ear, (_event, payload) => payload);
    await using client = startClient("--server", world.url, "--json");
    const random = seededRandom("garbage");
    await peer.resumed;
    for (let i = 0; i < 15; i++) ear.socket.emit("message", random(random(1)[0]! * 8));
    const said = { text: "", time: 0, seen: 0 };
    peer.take({
      type: "send",
      items: [{ ...said, type: "text", text: "still here" }, { ...said, type: "end" }],
    });
    const { code, stdout } = await client.finish();
    const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const refused = events.filter(({ event }) => event === "refused");
    assertEquals(refused.length, 15);
    assertEquals(events.filter(({ event }) => event === "message").map(({ text }) => text), [
      "still here",
    ]);
    assertEquals(code, 0);
  },
});
