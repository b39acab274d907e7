/**
 * An attacker who speaks `parley-1`: lib's own session, with a hook in front of everything that it sends, and with
 * its whole state in the open. It sits at the relay as a peer, or in the relay itself as one half of a man in the
 * middle.
 *
 * @module
 */
import { InputQueue } from "../../lib/conversation/queue.ts";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import {
  advance,
  newSession,
  type OwnStatement,
  type Session,
  type SessionEffect,
  type SessionInput,
} from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import {
  KEY_EXCHANGE,
  PEER_LEFT,
  type PeerEvent,
  RELAYED,
  type RelayedEvent,
} from "../../lib/relay/wire_events.ts";
import type { Port } from "./connection.ts";
import type { Watch } from "./watch.ts";

/** What is sent instead of what an honest client would send; nothing for `null`. */
export type Tamper = (
  event: RelayedEvent,
  payload: Bytes,
  party: Party,
) => Bytes | null | Promise<Bytes | null>;

/** How an attacker differs from an ordinary client. */
export interface PartyOptions extends Partial<HandshakeOptions> {
  /** The hook. */
  readonly tamper?: Tamper;
  /** Takes each effect of its session. */
  readonly onEffect?: (effect: SessionEffect) => void;
}

/** What an attacker takes in its turn: what a session takes, and changes of its own state. */
type Input = SessionInput | {
  readonly type: "change";
  readonly change: (session: Session) => Session;
};

const PEER_EVENTS: readonly string[] = Object.values(RELAYED);

/** One attacker. */
export class Party {
  readonly identity: SigningKey;
  /** Everything that its session did. */
  readonly effects: SessionEffect[] = [];
  /** Takes every event that comes, too. */
  overhear: (event: string, payload: unknown) => void = () => {};
  /** Its session: every secret is there to see. */
  session: Session;
  readonly #queue: InputQueue<Input>;
  readonly #secured = Promise.withResolvers<void>();

  /** An attacker with a way to its victim. */
  constructor(readonly port: Port, readonly options: PartyOptions, readonly watch: Watch) {
    const { tamper: _, onEffect: __, ...changes } = options;
    this.identity = changes.identity ?? SigningKey.generate(GROUP, systemRandom);
    const handshake = { name: "Mallory", deniable: false, code: null, ...changes };
    this.session = newSession({ ...handshake, identity: this.identity });
    this.#queue = new InputQueue<Input>({
      take: (input) => this.#step(input),
      idle: () => this.#step({ type: "idle" }),
      broken: (cause) => watch.fail(cause),
    });
  }

  /** Takes what the relay delivers. */
  hear(event: string, payload: unknown): void {
    this.overhear(event, payload);
    if (event === KEY_EXCHANGE) this.post({ type: "start" });
    else if (event === PEER_LEFT) this.post({ type: "peer-left" });
    else if (PEER_EVENTS.includes(event)) {
      this.post({ type: "receive", event: event as PeerEvent, payload });
    }
  }

  /** Queues an input. */
  post(input: Input): void {
    this.#queue.post(input);
  }

  /** Says lines, as soon as its session is secure. */
  say(...texts: string[]): void {
    this.#state(...texts.map((text) => ({ type: "text", text } as const)));
  }

  /** Says goodbye, as soon as its session is secure. */
  finish(): void {
    this.#state({ type: "end", text: "" });
  }

  /** States something as soon as its session is secure, in one bundle. */
  #state(...statements: Pick<OwnStatement, "type" | "text">[]): void {
    void this.#secured.promise.then(() => {
      const seen = this.session.channel?.peer.next ?? 0;
      const items = statements.map((statement) => ({ ...statement, time: Date.now(), seen }));
      this.post({ type: "send", items });
    });
  }

  /** What it has read. */
  get texts(): string[] {
    return this.effects.flatMap((effect) => effect.type === "message" ? [effect.text] : []);
  }

  /** Whether its session stands. */
  get secure(): boolean {
    return this.session.phase === "secure";
  }

  async #step(input: Input): Promise<void> {
    if (input.type === "change") {
      this.session = input.change(this.session);
      return;
    }
    const environment = { random: systemRandom, kem: mlKem768, now: Date.now };
    const { session, effects } = await advance(this.session, input, environment);
    this.session = session;
    for (const effect of effects) {
      this.effects.push(effect);
      this.options.onEffect?.(effect);
      if (effect.type === "secure") {
        // Now, as parley does: behind a message that waits already it would begin another chain.
        await this.#step({ type: "send", items: [newResume(systemRandom)] });
        this.#secured.resolve();
      }
      if (effect.type !== "emit") continue;
      const { event, payload } = effect;
      const sent = this.options.tamper ? await this.options.tamper(event, payload, this) : payload;
      if (sent !== null) this.port.emit(event, sent);
    }
    this.watch.notify();
  }
}
