/**
 * What every row of the benchmark is made of: rounds in which ours and the peer take turns, and their medians.
 *
 * @module
 */

/** What a row found. */
export interface Measured {
  /** Ours, in `unit`: the median of the rounds. */
  readonly ours: number;
  /** The peer's; `null` where there is none, or none to compare with. */
  readonly peer: number | null;
  /** The median of ours / peer, round by round. */
  readonly ratio: number | null;
  /** What both are counted in, such as `ms`. */
  readonly unit: string;
  /** What else was seen, such as the most memory. */
  readonly notes?: readonly string[];
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds that `run` takes. */
export async function milliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/**
 * How long a round of something short lasts, in milliseconds: on a busy machine the system favours whoever has just
 * slept, for some milliseconds, so both sides have to work for longer than that.
 */
export const ROUND = 150;

/** Milliseconds that one `run` takes, of as many as a round holds. */
export async function meanMilliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  let times = 0;
  do {
    await run();
    times++;
  } while (performance.now() - start < ROUND);
  return (performance.now() - start) / times;
}

/**
 * Lets ours and the peer take turns, so that whatever else the machine does touches both alike.
 *
 * @param ours measures one round; so does `peer`, unless it is `null`: nobody is there
 */
export async function takeTurns(
  unit: string,
  rounds: number,
  ours: () => Promise<number>,
  peer: (() => Promise<number>) | null,
): Promise<Measured> {
  const [own, other]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    own.push(await ours());
    if (peer !== null) other.push(await peer());
  }
  if (peer === null) return { ours: median(own), peer: null, ratio: null, unit };
  const ratio = median(own.map((value, round) => value / other[round]!));
  return { ours: median(own), peer: median(other), ratio, unit };
}

/** The textbook's square-and-multiply, with V8's own `%`: what a row about powers is compared with. */
export function naivePower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}
