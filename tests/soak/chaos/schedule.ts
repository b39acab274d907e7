/**
 * When what goes wrong: drawn from the seed before anything runs, so that the same seed does the same again.
 *
 * Time goes in rounds. Each begins with a burst, in which processes are killed and connections broken; the rest is
 * calmer, so that work gets done. What only slows things down comes at any time.
 */
import { createHash } from "node:crypto";
import { Chance } from "./chance.ts";

export const SIDES = ["alice", "bob"] as const;

/** One of the two, and the line between its client and the relay. */
export type Side = typeof SIDES[number];

/** The other one. */
export function otherSide(side: Side): Side {
  return side === "alice" ? "bob" : "alice";
}

/** Which way bytes go: `up` is from the client to the relay. */
export type Direction = "up" | "down";

/** A condition that lasts for a while on one line, in one direction. Times in milliseconds. */
export type Impairment =
  /** Bytes take this long, and up to `jitter` longer; they stay in order. */
  | {
    readonly kind: "delay";
    readonly direction: Direction;
    readonly latency: number;
    readonly jitter: number;
    readonly lasts: number;
  }
  /** No more than so many bytes in a second. */
  | {
    readonly kind: "throttle";
    readonly direction: Direction;
    readonly bytesPerSecond: number;
    readonly lasts: number;
  }
  /** Nothing passes for a while. */
  | { readonly kind: "freeze"; readonly direction: Direction; readonly lasts: number };

/** What happens to one line at one moment. */
type Incident =
  /** Every connection ends at once, with whatever was on its way. */
  | { readonly kind: "cut" }
  /** Nothing passes on the connections that are there, ever, and both ends take them for whole: half-open. */
  | { readonly kind: "silence" }
  /** One direction ends, the other goes on. */
  | { readonly kind: "half-close"; readonly direction: Direction }
  /** What connects is thrown out at once, for so many milliseconds; what is connected stays. */
  | { readonly kind: "refuse"; readonly lasts: number }
  /** A second connection says again what the first said first, and is gone after so many milliseconds. */
  | { readonly kind: "duplicate"; readonly lasts: number }
  /** So many bytes on, a byte has these bits changed. */
  | {
    readonly kind: "corrupt";
    readonly direction: Direction;
    readonly skip: number;
    readonly mask: number;
  };

export type LineFault = Impairment | Incident;

/** A process is killed with SIGKILL, and started again after so many milliseconds. */
export interface Kill {
  readonly kind: "kill";
  readonly target: "relay" | Side;
  readonly pause: number;
}

/** One entry of a schedule: what happens, and when, in milliseconds from the beginning of the faults. */
export type Scheduled =
  | { readonly at: number; readonly kill: Kill }
  | { readonly at: number; readonly side: Side; readonly fault: LineFault };

export type FaultKind = LineFault["kind"];

/** Milliseconds of one round. */
const ROUND = 20_000;

/** Milliseconds at the beginning of each round in which faults come in a burst. */
const BURST = 6_000;

/** Kills in a minute: more than 50 in five. */
const KILLS = 11;

/** Faults of the lines in a minute, by kind. Some will find no connection, so there are more than 100 of all. */
const RATES = {
  "delay": 48,
  "throttle": 34,
  "freeze": 38,
  "cut": 9,
  "silence": 0.8,
  "half-close": 3,
  "refuse": 3,
  "duplicate": 12,
  "corrupt": 6,
} as const satisfies Record<FaultKind, number>;

/** In the order of the report. */
export const FAULT_KINDS = Object.keys(RATES) as FaultKind[];

/** Those that keep a connection away for long, which come in bursts only. */
const BURST_ONLY: readonly FaultKind[] = ["half-close", "refuse", "corrupt"];

/** Draws a schedule. @param duration milliseconds in which everything begins and ends */
export function drawSchedule(seed: number, duration: number): Scheduled[] {
  const minutes = duration / 60_000;
  const entries = drawKills(seed, duration, Math.ceil(KILLS * minutes));
  for (const kind of FAULT_KINDS) {
    const chance = new Chance(`${seed}: ${kind}`);
    for (let left = Math.ceil(RATES[kind] * minutes); left > 0; left--) {
      const at = drawTime(chance, duration, BURST_ONLY.includes(kind));
      const fault = clipped(drawFault(chance, kind), duration - at);
      entries.push({ at, side: chance.pick(SIDES), fault });
    }
  }
  return entries.sort((a, b) => a.at - b.at);
}

/** Kills, of each of the three in turn in a drawn order, so that every one of them is killed about as often. */
function drawKills(seed: number, duration: number, count: number): Scheduled[] {
  const chance = new Chance(`${seed}: kill`);
  const kills: Scheduled[] = [];
  let bag: Kill["target"][] = [];
  while (kills.length < count) {
    if (bag.length === 0) bag = ["relay", ...SIDES];
    const [target] = bag.splice(chance.between(0, bag.length - 1), 1);
    const kill: Kill = { kind: "kill", target: target!, pause: chance.between(0, 1_200) };
    kills.push({ at: drawTime(chance, duration, true), kill });
  }
  return kills;
}

/** A moment; with `inBurst`, one in the first part of a round. */
function drawTime(chance: Chance, duration: number, inBurst: boolean): number {
  if (!inBurst) return chance.between(0, duration - 1);
  const round = chance.between(0, Math.max(0, Math.ceil(duration / ROUND) - 1)) * ROUND;
  return round + chance.between(0, Math.min(BURST, duration - round) - 1);
}

/** What is over by the end. */
function clipped(fault: LineFault, left: number): LineFault {
  return "lasts" in fault ? { ...fault, lasts: Math.min(fault.lasts, left) } : fault;
}

function drawFault(chance: Chance, kind: FaultKind): LineFault {
  const direction = chance.pick<Direction>(["up", "down"]);
  switch (kind) {
    case "delay": {
      const latency = chance.between(5, 250);
      const jitter = chance.between(0, latency);
      return { kind, direction, latency, jitter, lasts: chance.between(500, 4_000) };
    }
    case "throttle": {
      const bytesPerSecond = chance.pick([2_000, 10_000, 50_000, 200_000]);
      return { kind, direction, bytesPerSecond, lasts: chance.between(500, 3_000) };
    }
    case "freeze":
      // Too short for the heartbeat to notice.
      return { kind, direction, lasts: chance.between(50, 1_500) };
    case "cut":
    case "silence":
      return { kind };
    case "half-close":
      return { kind, direction };
    case "refuse":
      return { kind, lasts: chance.between(200, 2_000) };
    case "duplicate":
      return { kind, lasts: chance.between(50, 1_500) };
    case "corrupt":
      // Anywhere in what a few dozen messages take, each of which is padded.
      return { kind, direction, skip: chance.between(0, 20_000), mask: chance.between(1, 255) };
  }
}

/** A name for a schedule: the same schedule has the same one, on every machine. */
export function hashOf(schedule: readonly Scheduled[]): string {
  return createHash("sha256").update(JSON.stringify(schedule)).digest("hex").slice(0, 16);
}

/** One line about an entry. */
export function describe(entry: Scheduled): string {
  const at = `${(entry.at / 1000).toFixed(2).padStart(7)} s`;
  if ("kill" in entry) return `${at}  kill -9 ${entry.kill.target}, back ${entry.kill.pause} ms on`;
  const { kind, ...rest } = entry.fault;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return `${at}  ${[`${entry.side}: ${kind}`, ...details].join(", ")}`;
}
