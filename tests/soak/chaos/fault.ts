/**
 * What can go wrong, as data: drawn before a run, and the same for the same seed.
 *
 * @module
 */

/** The two sides. */
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
export type Incident =
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

/** Something that happens to a line. */
export type LineFault = Impairment | Incident;

/** A process is killed with SIGKILL, and started again after so many milliseconds. */
export interface Kill {
  /** What it is. */
  readonly kind: "kill";
  /** The process that is killed. */
  readonly target: "relay" | Side;
  /** How long it stays away, in milliseconds. */
  readonly pause: number;
}

/** One entry of a schedule: what happens, and when, in milliseconds from the beginning of the faults. */
export type Scheduled =
  | { readonly at: number; readonly kill: Kill }
  | { readonly at: number; readonly side: Side; readonly fault: LineFault };

/** The kinds of faults of a line, in the order of the report. */
export const FAULT_KINDS = [
  "delay",
  "throttle",
  "freeze",
  "cut",
  "silence",
  "half-close",
  "refuse",
  "duplicate",
  "corrupt",
] as const satisfies readonly LineFault["kind"][];

/** One of them. */
export type FaultKind = LineFault["kind"];
