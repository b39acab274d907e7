/**
 * A relay that does whatever it likes, at random: it drops, repeats, reorders, reflects, tampers, and mixes in
 * the messages of another session. Whatever it does, each reader sees a beginning of what the other one said.
 */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import type { Session } from "../../lib/protocol/session.ts";
import {
  effectsOf,
  type Name,
  NAMES,
  otherThan,
  type Parcel,
  securedPair,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import { Dice, spoil } from "../helpers/mutants.ts";

/** Fewer than a session keeps for their turn. */
const MAX_UNDERWAY = 40;

/** What the relay and the two people may do next. */
type Act =
  | "say"
  | "deliver"
  | "overtake"
  | "drop"
  | "repeat"
  | "reflect"
  | "tamper"
  | "mix"
  | "idle";

/** A conversation under attack. */
class Attack {
  readonly dice: Dice;
  readonly world: SessionPair;
  /** What another session's people sent. */
  readonly foreign: readonly Parcel[];
  readonly said: Record<Name, string[]> = { alice: [], bob: [] };
  /** Everything that was ever on the way. */
  readonly seen: Parcel[] = [];
  readonly counts = new Map<Act, number>();

  constructor(seed: number, world: SessionPair, foreign: readonly Parcel[]) {
    this.dice = new Dice(seed);
    this.world = world;
    this.foreign = foreign;
    world.relay = (parcel) => {
      this.seen.push(parcel);
      return [parcel];
    };
  }

  /** Something happens. What can't happen now is passed over. */
  async step(acts: readonly Act[]): Promise<void> {
    const act = this.dice.pick(acts);
    const name = this.dice.pick(NAMES);
    const queue = this.world.inbound[name];
    this.counts.set(act, (this.counts.get(act) ?? 0) + 1);
    switch (act) {
      case "say":
        return await this.#say(name);
      case "idle":
        return void await this.world.input(name, { type: "idle" });
      case "deliver":
        if (queue.length > 0) await this.world.deliver(name);
        return;
      case "overtake":
        if (queue.length > 0) await this.world.deliver(name, this.dice.below(queue.length));
        return;
      case "drop":
        if (queue.length > 0) queue.splice(this.dice.below(queue.length), 1);
        return;
      case "repeat":
        return await this.#inject(
          name,
          this.#old((parcel) => parcel.to === name && !queue.includes(parcel)),
        );
      case "reflect":
        return await this.#inject(name, this.#old((parcel) => parcel.from === name));
      case "tamper":
        return await this.#inject(name, this.#tampered(this.#old(() => true)));
      case "mix":
        return await this.#inject(name, this.dice.pick(this.foreign));
    }
  }

  async #say(name: Name): Promise<void> {
    if (this.world.inbound[otherThan(name)].length > MAX_UNDERWAY) return;
    const texts = Array.from(
      { length: 1 + this.dice.below(3) },
      (_, i) => `${name} ${this.said[name].length + i}`,
    );
    this.said[name].push(...texts);
    await this.world.say(name, ...texts);
  }

  /** Something that crossed the relay before. */
  #old(wanted: (parcel: Parcel) => boolean): Parcel | undefined {
    const candidates = this.seen.filter(wanted);
    return candidates.length === 0 ? undefined : this.dice.pick(candidates);
  }

  #tampered(parcel: Parcel | undefined): Parcel | undefined {
    if (parcel === undefined) return undefined;
    const payload = spoil(parcel.payload as Uint8Array<ArrayBuffer>, this.dice);
    // Damage that damages nothing would be a genuine message, come early.
    const same = this.seen.some((other) => String(other.payload) === String(payload));
    return same ? undefined : { ...parcel, payload };
  }

  /** Hands over what can't be accepted: one `refused`, and the session is the very same. */
  async #inject(name: Name, parcel: Parcel | undefined): Promise<void> {
    if (parcel === undefined) return;
    const before: Session = this.world.sessions[name];
    const effects = await this.world.receive(name, parcel.event, parcel.payload);
    assertEquals(typesOf(effects), ["refused"]);
    assert(this.world.sessions[name] === before);
  }

  /** Each has been shown a beginning of what the other said, and nothing has failed. */
  check(): void {
    for (const name of NAMES) {
      const shown = this.world.textsShownTo(name);
      assertEquals(shown, this.said[otherThan(name)].slice(0, shown.length));
      assertEquals(effectsOf(this.world.effects[name], "failed"), []);
      const delivered = effectsOf(this.world.effects[name], "delivered").map(({ count }) => count);
      assertEquals(delivered, delivered.toSorted((a, b) => a - b));
      assert((delivered.at(-1) ?? 0) <= this.world.textsShownTo(otherThan(name)).length);
    }
  }
}

/** Messages of another session between the same two people. */
async function foreignParcels(): Promise<Parcel[]> {
  const other = SessionPair.of(
    { alice: { deniable: true }, bob: { deniable: true } },
    "elsewhere",
  );
  await other.meet();
  const parcels = other.posted.filter(({ event }) => event === "received_message");
  for (const name of NAMES) await other.say(name, "elsewhere");
  parcels.push(...other.inbound.alice, ...other.inbound.bob);
  return parcels;
}

const HARMLESS: readonly Act[] = [
  "say",
  "say",
  "deliver",
  "deliver",
  "overtake",
  "repeat",
  "reflect",
  "tamper",
  "mix",
  "idle",
];

heavyTest(
  "a relay that repeats, reorders, reflects, tampers and mixes changes nothing of what is read",
  async () => {
    const world = await securedPair({ deniable: true }, "attacked");
    const attack = new Attack(1, world, await foreignParcels());
    for (let i = 0; i < 300; i++) {
      await attack.step(HARMLESS);
      attack.check();
    }
    assertEquals(attack.counts.size, new Set(HARMLESS).size);
    await world.settle();
    for (const name of NAMES) {
      assertEquals(world.textsShownTo(name), attack.said[otherThan(name)]);
      assert(attack.said[name].length > 20);
      const { delivered, own } = world.sessions[name].channel!;
      assertEquals(delivered, own.next);
    }
  },
);

heavyTest(
  "a relay that drops messages, too, leaves a prefix of what was said, and no more is acknowledged",
  async () => {
    const world = await securedPair({ deniable: true }, "robbed");
    const attack = new Attack(2, world, await foreignParcels());
    for (let i = 0; i < 120; i++) {
      await attack.step([...HARMLESS, "drop"]);
      attack.check();
    }
    await world.settle();
    attack.check();
    for (const name of NAMES) {
      const read = world.textsShownTo(otherThan(name)).length;
      assert(read < attack.said[name].length, "something was dropped");
    }
  },
);
