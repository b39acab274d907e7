/**
 * What happens in one simulated conversation, drawn from its seed before it begins: what each side says when, and which
 * faults come. So that a fault can be left out, and the rest stays.
 */
import { Dice } from "../../helpers/mutants.ts";

export type Side = 0 | 1;

/** One thing that goes wrong. */
export type Fault =
  /** A connection breaks; each side notices after its time. */
  | { readonly type: "cut"; readonly side: Side; readonly client: number; readonly relay: number }
  /** The relay is killed and comes back. */
  | { readonly type: "relay"; readonly down: number }
  /** A client is killed, and started again. */
  | { readonly type: "kill"; readonly side: Side; readonly down: number; readonly relay: number }
  /** A computer sleeps: nothing runs, and its clocks are late. */
  | { readonly type: "sleep"; readonly side: Side; readonly asleep: number }
  /** Nothing more can be written, for a while. */
  | { readonly type: "full"; readonly side: Side; readonly during: number }
  /** Single messages are lost, damaged, repeated or late, one in `once` each. */
  | {
    readonly type: "noise";
    readonly kind: "drop" | "damage" | "repeat" | "late";
    readonly once: number;
    readonly during: number;
  };

export interface Saying {
  readonly at: number;
  readonly lines: number;
}

/** One of the two. */
export interface Part {
  /** Whether a disk keeps what is unacknowledged. */
  readonly hasStore: boolean;
  /** How many bytes each byte on the disk counts for. */
  readonly weight: number;
  /** When the client is started, in milliseconds. */
  readonly comes: number;
  readonly sayings: readonly Saying[];
  /** When it says goodbye. */
  readonly finishes: number;
}

export interface Scenario {
  readonly seed: number;
  /** Milliseconds of one way, on average. */
  readonly latency: number;
  readonly parts: readonly [Part, Part];
  readonly faults: readonly { readonly at: number; readonly fault: Fault }[];
  /** When the last fault is over, and everything was said. */
  readonly calm: number;
}

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ 0x5ca1ab1e);
  const length = dice.pick([20_000, 60_000, 200_000, 600_000]);
  const parts: [Part, Part] = [drawPart(dice, length), drawPart(dice, length)];
  // Most come while something is said, or right after: elsewhere they find little to break.
  const busy = parts.flatMap(({ sayings, finishes }) => [...sayings.map(({ at }) => at), finishes]);
  const faults = Array.from({ length: dice.below(9) }, () => ({
    at: dice.below(3) === 0
      ? dice.below(length)
      : Math.max(0, dice.pick(busy) + dice.pick([-300, 0, 0, 3_000]) + dice.below(600)),
    fault: drawFault(dice),
  }));
  const ends = faults.map(({ at, fault }) => at + durationOf(fault));
  const said = parts.map(({ finishes }) => finishes);
  const latency = dice.pick([1, 20, 100, 400]);
  return { seed, latency, parts, faults, calm: Math.max(length, ...ends, ...said) };
}

function drawPart(dice: Dice, length: number): Part {
  const sayings = Array.from({ length: dice.below(7) }, () => ({
    at: dice.below(length),
    lines: dice.below(16) === 0 ? 1 + dice.below(120) : 1 + dice.below(3),
  }));
  const last = Math.max(0, ...sayings.map(({ at }) => at));
  return {
    hasStore: dice.below(4) > 0,
    weight: dice.pick([1, 1, 2_000, 40_000]),
    comes: dice.pick([0, 0, dice.below(length)]),
    sayings,
    finishes: last + 1 + dice.below(dice.pick([10, length])),
  };
}

function drawFault(dice: Dice): Fault {
  const side = dice.below(2) as Side;
  switch (dice.below(14)) {
    case 0:
    case 1:
      return { type: "cut", side, client: dice.below(50), relay: dice.below(50) };
    case 2:
    case 3:
      return { type: "cut", side, client: dice.below(13_000), relay: dice.below(13_000) };
    case 4:
      return { type: "relay", down: dice.pick([10, 1000, 20_000]) };
    case 5:
    case 6:
    case 7: {
      const down = dice.pick([5, 1000, 30_000, 200_000]);
      return { type: "kill", side, down, relay: dice.pick([1, 10, dice.below(13_000)]) };
    }
    case 8:
      return { type: "sleep", side, asleep: dice.pick([100, 5_000, 40_000, 400_000]) };
    case 9:
      return { type: "full", side, during: dice.pick([50, 1000, 30_000]) };
    default: {
      const kind = dice.pick(["drop", "damage", "repeat", "late"] as const);
      return {
        type: "noise",
        kind,
        once: dice.pick([2, 5, 20]),
        during: dice.pick([500, 10_000, 60_000]),
      };
    }
  }
}

function durationOf(fault: Fault): number {
  switch (fault.type) {
    case "cut":
      return Math.max(fault.client, fault.relay);
    case "relay":
    case "kill":
      return fault.down;
    case "sleep":
      return fault.asleep;
    case "full":
    case "noise":
      return fault.during;
  }
}
