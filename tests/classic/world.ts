/**
 * The suite `classic` in memory: randomness that gives chosen numbers, recorded conversations, and two sessions that
 * talk to each other.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fromHex } from "../../lib/crypto/bytes.ts";
import { bitLength, i2osp } from "../../lib/crypto/integers.ts";
import type { Random } from "../../lib/crypto/random.ts";
import { ClassicSigningKey } from "../../lib/classic/elgamal.ts";
import type { ClassicGroup } from "../../lib/classic/group.ts";
import {
  advanceClassic,
  type ClassicEffect,
  type ClassicEnvironment,
  type ClassicInput,
  type ClassicSession,
  newClassicSession,
} from "../../lib/classic/session.ts";
import { type PeerEvent, RELAYED } from "../../lib/relay/wire_events.ts";
import { EPOCH, tickingClock } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import recorded from "../vectors/classic.json" with { type: "json" };

/** A prime of 65 bits, (q - 1) / 2 prime too: fast, and large enough to be a group. */
export const SMALL_GROUP: ClassicGroup = {
  q: BigInt(recorded.conversations[1]!.q),
  a: BigInt(recorded.conversations[1]!.a),
};

/** A conversation of the Python client, as tests/vectors/generate_classic.py wrote it down. */
export type Recorded = typeof recorded.conversations[number];

/** All of them; the first is in the default group. */
export const RECORDED: readonly Recorded[] = recorded.conversations;

/** The group of a recorded conversation. */
export function groupOf({ q, a }: Recorded): ClassicGroup {
  return { q: BigInt(q), a: BigInt(a) };
}

/**
 * Randomness that makes lib/ draw these: a number in [1, q - 1) where it wants one, bytes where it wants an IV. It is
 * spent after the last.
 */
export function drawing({ q }: ClassicGroup, ...draws: (bigint | string)[]): Random {
  const left = [...draws];
  const bits = bitLength(q - 1n) + 128;
  return (length) => {
    const draw = left.shift();
    assert(draw !== undefined, "nothing more was to be drawn");
    if (typeof draw === "bigint") return i2osp(draw - 1n << BigInt((8 - bits % 8) % 8), length);
    assertEquals(draw.length, 2 * length);
    return fromHex(draw);
  };
}

/** What a session takes from outside. */
export function environmentOf(seed: string): ClassicEnvironment {
  return { random: seededRandom(`classic ${seed}`), now: tickingClock() };
}

/** The instant of the first message of either. */
export const FIRST_TIME = EPOCH;

/** The text that an effect sends as `event`. */
export function sent(effects: readonly ClassicEffect[], event: keyof typeof RELAYED): string[] {
  return effects.flatMap((effect) =>
    effect.type === "emit" && effect.event === event ? [effect.payload] : []
  );
}

/** Effects by their types; of a step and of what is sent, which. */
export function outline(effects: readonly ClassicEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.type === "step") return effect.step;
    if (effect.type === "emit") return `emit ${effect.event}`;
    if (effect.type === "failed" || effect.type === "refused") {
      return `${effect.type} ${effect.error.code}`;
    }
    return effect.type;
  });
}

/** One side, with all that it did. */
export class Player {
  /** Where it stands. */
  session: ClassicSession;
  /** All its effects. */
  readonly effects: ClassicEffect[] = [];
  readonly #environment: ClassicEnvironment;

  /** Somebody with a key of its own. */
  constructor(
    name: string,
    group: ClassicGroup = SMALL_GROUP,
    environment: ClassicEnvironment = environmentOf(name),
  ) {
    const signingKey = ClassicSigningKey.generate(group, seededRandom(`key of ${name}`));
    this.session = newClassicSession(signingKey);
    this.#environment = environment;
  }

  /** Takes an input. */
  async take(input: ClassicInput): Promise<readonly ClassicEffect[]> {
    const { session, effects } = await advanceClassic(this.session, input, this.#environment);
    this.session = session;
    this.effects.push(...effects);
    return effects;
  }

  /** Receives something. */
  receive(event: PeerEvent, payload: unknown): Promise<readonly ClassicEffect[]> {
    return this.take({ type: "receive", event, payload });
  }

  /** The texts that it was shown. */
  get heard(): string[] {
    return this.effects.flatMap((effect) => effect.type === "message" ? [effect.text] : []);
  }
}

/** Both start, and all is delivered, in the order in which it was sent. */
export async function meet(alice: Player, bob: Player): Promise<void> {
  const underway: { to: Player; event: PeerEvent; payload: string }[] = [];
  const post = (to: Player, effects: readonly ClassicEffect[]) => {
    for (const effect of effects) {
      if (effect.type !== "emit") continue;
      underway.push({ to, event: RELAYED[effect.event], payload: effect.payload });
    }
  };
  post(bob, await alice.take({ type: "start" }));
  post(alice, await bob.take({ type: "start" }));
  for (let next = underway.shift(); next !== undefined; next = underway.shift()) {
    post(next.to === alice ? bob : alice, await next.to.receive(next.event, next.payload));
  }
}

/** Two who have just finished their handshake. */
export async function opened(
  group: ClassicGroup = SMALL_GROUP,
): Promise<{ alice: Player; bob: Player }> {
  const [alice, bob] = [new Player("alice", group), new Player("bob", group)];
  await meet(alice, bob);
  assertEquals([alice.session.phase, bob.session.phase], ["open", "open"]);
  return { alice, bob };
}
