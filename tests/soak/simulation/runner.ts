/**
 * Runs simulated conversations, many at a time: each goes on by one event, and then the event loop turns once for all
 * of them, which does whatever their promises wait for. No world sees another, so each is what its seed makes it.
 */
import { setImmediate } from "node:timers";
import { World } from "./world.ts";

/** Worlds that share the turns of the event loop. */
const SIDE_BY_SIDE = 64;

/** A conversation in which something happened that must not. */
export interface Failure {
  readonly seed: number;
  readonly message: string;
  /** Faults that are enough for it, by their index; the others were left out. */
  readonly faults: readonly number[];
}

/** What came of a run. */
export interface Report {
  readonly conversations: number;
  /** How many events of each kind were shown. */
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
}

/**
 * Runs the conversations of the seeds from `first` on, up to the first that fail.
 *
 * @param most how many may fail before it ends
 */
export async function simulate(first: number, count: number, most = 1): Promise<Report> {
  const counts = new Map<string, number>();
  const faults = new Map<string, number>();
  const failed: World[] = [];
  let next = first;
  let done = 0;
  let worlds: World[] = [];
  while (failed.length < most) {
    while (worlds.length < SIDE_BY_SIDE && next < first + count) worlds.push(new World(next++));
    if (worlds.length === 0) break;
    const going: World[] = [];
    for (const world of worlds) {
      if (world.step()) {
        going.push(world);
        continue;
      }
      done++;
      if (world.violation !== null) failed.push(world);
      for (const [type, seen] of world.oracle.counts) {
        counts.set(type, (counts.get(type) ?? 0) + seen);
      }
      for (const { fault: { type } } of world.scenario.faults) {
        faults.set(type, (faults.get(type) ?? 0) + 1);
      }
    }
    worlds = going;
    await turn();
  }
  const failures: Failure[] = [];
  for (const world of failed) failures.push(await shrink(world));
  return { conversations: done, counts, faults, failures };
}

/** Lets the event loop turn, behind everything that promises hold. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function replay(
  seed: number,
  without: ReadonlySet<number> = new Set(),
  log: ((line: string) => void) | null = null,
): Promise<World> {
  const world = new World(seed, without);
  world.log = log;
  while (world.step()) await turn();
  return world;
}

/** Leaves out every fault without which it still fails. */
async function shrink({ scenario: { seed, faults }, violation }: World): Promise<Failure> {
  const without = new Set<number>();
  let { message } = violation!;
  for (const i of faults.keys()) {
    const { violation } = await replay(seed, new Set([...without, i]));
    if (violation === null) continue;
    without.add(i);
    ({ message } = violation);
  }
  return { seed, message, faults: [...faults.keys()].filter((i) => !without.has(i)) };
}

/** A failure as a line to print. */
export function failureLine({ seed, message, faults }: Failure): string {
  const kept = faults.length > 0 ? ` --faults ${faults.join(",")}` : " --faults none";
  return `seed ${seed}: ${message} (deno task simulate --replay ${seed}${kept})`;
}
